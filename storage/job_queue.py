"""The only file that imports RQ. A job wakes something up; it never is the only place where something is known.

RQ can lose a job when a worker is killed, so whatever is due stands in SQL with its time, and the sweeper wakes it
again: every function here must bear being run twice. A job is a name and ids as JSON. What runs is looked up in a
table that the worker was started with, never imported by a name that stood in Redis: whoever can write there could
otherwise run any function of this machine (``os.system`` too, JSON serializer or not).
"""

import asyncio
import logging
import re
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from core.errors import KundcenterError
from storage.redis import LiveStoreUnavailableError, for_jobs
from storage.repeated_lines import Repeated, SeldomTheSame

JobFunction = Callable[..., Awaitable[object]]
"""An async service method that takes ids."""

DEFAULT_QUEUE = "work"
PENDING_SECONDS = 30
"""A wake that waits this long may be asked for again: its worker may have died with it in hand."""

JOB_SECONDS = 60
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_.:-]{1,80}")  # digits alone could be somebody's number
_log = structlog.get_logger()
_rq_log = logging.getLogger("rq.worker")


class JobNotAllowedError(KundcenterError):
    """A job names something that this worker does not run."""


class JobArgumentError(KundcenterError):
    """A job may hold a name such as ``callbacks.ring`` and ids, and nothing else."""


class JobQueue:
    """Where to ask that something be looked at soon."""

    def __init__(self, url: str, *, queue: str = DEFAULT_QUEUE) -> None:
        self._client = for_jobs(url)
        self._queue = Queue(queue, connection=self._client, serializer=JSONSerializer)

    async def wake(self, name: str, *ids: str, job_id: str = "") -> bool:
        """Ask a worker to run the function of this name with these ids; ``False`` when that is asked for already.

        ``job_id`` tells when two wakes are the same; without it, name and ids do. A wake that has begun to run no
        longer counts, so a change that comes meanwhile is looked at again. Raises :class:`JobArgumentError` and
        :class:`~storage.redis.LiveStoreUnavailableError`; after the latter the sweeper finds what is due.
        """
        if not _NAME.fullmatch(name) or not all(_ID.fullmatch(one) for one in ids):
            raise JobArgumentError(name if _NAME.fullmatch(name) else "")
        try:
            return await asyncio.to_thread(self._put, name, ids, job_id or ":".join((name, *ids)))
        except (RedisError, OSError) as error:
            raise LiveStoreUnavailableError(type(error).__name__) from error

    def _put(self, name: str, ids: tuple[str, ...], job_id: str) -> bool:
        # Not RQ's own unique ids: those are taken until a job has ended, so that a wake during the run is lost,
        # and one whose worker was killed keeps its id for good.
        pending = _pending_key(self._queue.name, job_id)
        if not self._client.set(pending, "1", nx=True, ex=PENDING_SECONDS):
            return False
        self._queue.enqueue_call(
            name, args=ids, meta={"pending": pending}, description=name, timeout=JOB_SECONDS, result_ttl=0,
            failure_ttl=3600,
        )  # fmt: skip
        return True

    async def waiting(self) -> int:
        """Return how many jobs wait for a worker."""
        try:
            return await asyncio.to_thread(lambda: self._queue.count)
        except (RedisError, OSError) as error:
            raise LiveStoreUnavailableError(type(error).__name__) from error

    async def close(self) -> None:
        """Let the connection go."""
        await asyncio.to_thread(self._client.close)


async def run_worker(
    url: str,
    *,
    functions: Mapping[str, JobFunction],
    queue: str = DEFAULT_QUEUE,
    stop: asyncio.Event | None = None,
) -> None:
    """Run the jobs of one queue, on the loop that this is awaited in, until ``stop`` is set or it is cancelled.

    One queue per worker: RQ loses a job when a worker of two is killed between taking and starting it.
    """
    unwanted = threading.Event()
    job_class = _job_class(dict(functions), asyncio.get_running_loop())
    waiter = asyncio.create_task(_tell_when(stop or asyncio.Event(), unwanted))
    seldom, repeated = SeldomTheSame(), Repeated()
    _rq_log.addFilter(seldom)
    try:
        while not unwanted.is_set():
            # RQ's loop blocks, so it has a thread of its own; the functions run here, beside their connections.
            lost = await asyncio.to_thread(_work, url, queue, job_class, unwanted)
            if lost and repeated.is_due(lost, at=time.monotonic()):
                _log.warning("jobs_wait_for_redis", queue=queue, error=lost)
            if not unwanted.is_set():
                await asyncio.sleep(0.5)
    finally:
        unwanted.set()
        waiter.cancel()
        _rq_log.removeFilter(seldom)


async def _tell_when(stop: asyncio.Event, unwanted: threading.Event) -> None:
    await stop.wait()
    unwanted.set()


def _work(url: str, queue: str, job_class: type[Job], unwanted: threading.Event) -> str:
    """Run jobs until unwanted (``""``), or until Redis is lost, and return by which error."""
    client = for_jobs(url)
    try:
        worker = _Worker(
            [queue],
            connection=client,
            serializer=JSONSerializer,
            job_class=job_class,
            worker_ttl=16,  # RQ waits for 15 s less than this: it looks every second whether it still is wanted
            log_job_description=False,
        )
        worker.unwanted = unwanted
        worker.work(logging_level="WARNING")
    except (RedisError, OSError) as error:
        return type(error).__name__
    finally:
        client.close()
    return ""


def _pending_key(queue: str, job_id: str) -> str:
    return f"kc:wake:{queue}:{job_id}"


class _NoAlarm(BaseDeathPenalty):
    """RQ's own time limit is a signal, which only a main thread may have; ours is on the future."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class _Worker(SimpleWorker):
    death_penalty_class = _NoAlarm
    max_connection_wait_time = 1.0  # RQ's own pauses grow to a minute
    unwanted: threading.Event

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        if pipeline is None and self.unwanted.is_set():
            raise StopRequested
        super().heartbeat(timeout, pipeline)

    def subscribe(self) -> None:
        """Take no commands from Redis."""

    def _install_signal_handlers(self) -> None:
        """Whoever started us hears the signals."""


def _job_class(functions: Mapping[str, JobFunction], loop: asyncio.AbstractEventLoop) -> type[Job]:
    class AllowedJob(Job):
        """A job whose name is looked up in a table; everything in it that RQ would import by name is dropped."""

        def restore(self, raw_data: Any) -> None:
            super().restore(raw_data)
            self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
            self.webhooks = []

        @property
        def func(self) -> Any:
            return functions.get(self.func_name or "")

        def _execute(self) -> None:
            function = functions.get(self.func_name or "")
            if function is None or self.kwargs or not all(isinstance(one, str) for one in self.args):
                _log.error("job_refused", job=self.id)
                raise JobNotAllowedError
            self._let_it_be_asked_for_again()
            _on_loop(function, tuple(self.args), loop)

        def _let_it_be_asked_for_again(self) -> None:
            pending = str(self.meta.get("pending", ""))
            if pending.startswith("kc:wake:"):
                self.connection.delete(pending)

    return AllowedJob


def _on_loop(function: JobFunction, ids: tuple[str, ...], loop: asyncio.AbstractEventLoop) -> None:
    async def limited() -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await function(*ids)

    asyncio.run_coroutine_threadsafe(limited(), loop).result(JOB_SECONDS + 5)
