"""Jobs on a real Valkey: what may run, what runs twice, and what a kill leaves behind."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from storage import job_queue
from storage.job_queue import JobArgumentError, JobFunction, JobQueue, run_worker
from storage.redis import EmbeddedStore, LiveStoreUnavailableError, for_jobs

ROOT = Path(__file__).resolve().parents[3]


async def until(condition: Callable[[], bool], *, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def working(url: str, functions: dict[str, JobFunction], queue: str = "work") -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(url, functions=functions, queue=queue, stop=stop))
    yield
    stop.set()
    await asyncio.wait_for(worker, 10)


@pytest.fixture
async def jobs(redis: object, valkey_url: str) -> AsyncIterator[JobQueue]:
    queue = JobQueue(valkey_url)
    yield queue
    await queue.close()


async def test_a_wake_runs_the_named_function_on_the_loop_of_its_services(jobs: JobQueue, valkey_url: str) -> None:
    ran: list[tuple[str, asyncio.AbstractEventLoop]] = []

    async def ring(callback: str) -> None:
        ran.append((callback, asyncio.get_running_loop()))

    async with working(valkey_url, {"callbacks.ring": ring}):
        assert await jobs.wake("callbacks.ring", "cbk_1")
        await until(lambda: bool(ran))
    assert ran == [("cbk_1", asyncio.get_running_loop())]


async def test_the_same_wake_is_queued_once_until_it_begins_to_run(jobs: JobQueue, valkey_url: str) -> None:
    begun, go_on, ran = asyncio.Event(), asyncio.Event(), []

    async def ring(callback: str) -> None:
        ran.append(callback)
        begun.set()
        await go_on.wait()

    assert await jobs.wake("callbacks.ring", "cbk_1")
    assert not await jobs.wake("callbacks.ring", "cbk_1")
    assert await jobs.wake("callbacks.ring", "cbk_2")
    assert await jobs.waiting() == 2
    async with working(valkey_url, {"callbacks.ring": ring}):
        await asyncio.wait_for(begun.wait(), 10)
        assert await jobs.wake("callbacks.ring", ran[0]), "a wake during the run must not be lost"
        go_on.set()
        await until(lambda: len(ran) == 3)
    assert sorted(ran) == sorted(["cbk_1", "cbk_2", ran[0]])


async def test_a_job_that_names_any_other_function_is_refused(jobs: JobQueue, valkey_url: str, tmp_path: Path) -> None:
    ran: list[str] = []

    async def ring(callback: str) -> None:
        ran.append(callback)

    hostile = Queue("work", connection=for_jobs(valkey_url), serializer=JSONSerializer)
    for name in ("os.system", "subprocess.getoutput", "storage.job_queue.run_worker"):
        hostile.enqueue_call(name, args=(f"touch {tmp_path}/owned",))
    sneaky = hostile.enqueue_call("callbacks.ring", args=("cbk_1",))
    hostile.connection.hset(
        sneaky.key, mapping={"success_callback_name": "os.abort", "failure_callback_name": "os.abort"}
    )
    async with working(valkey_url, {"callbacks.ring": ring}):
        await until(lambda: bool(ran))
    assert not (tmp_path / "owned").exists()
    assert ran == ["cbk_1"]


async def test_a_job_that_fails_does_not_stop_the_next(jobs: JobQueue, valkey_url: str) -> None:
    ran: list[str] = []

    async def ring(callback: str) -> None:
        if callback == "cbk_bad":
            raise LookupError
        ran.append(callback)

    await jobs.wake("callbacks.ring", "cbk_bad")
    await jobs.wake("callbacks.ring", "cbk_good")
    async with working(valkey_url, {"callbacks.ring": ring}):
        await until(lambda: ran == ["cbk_good"])
        assert await jobs.wake("callbacks.ring", "cbk_bad"), "a failed one can be woken again"


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("callbacks.ring", ("199006022397",)),  # could be a personnummer
        ("callbacks.ring", ("123456",)),  # could be a code
        ("callbacks.ring", ("a text of the caller",)),
        ("callbacks.ring", ("",)),
        ("ring", ()),
        ("os.system; rm", ()),
    ],
)
async def test_a_job_holds_ids_and_nothing_else(jobs: JobQueue, name: str, ids: tuple[str, ...]) -> None:
    with pytest.raises(JobArgumentError):
        await jobs.wake(name, *ids)


async def test_a_wake_without_redis_fails_with_our_error_at_once(tmp_path: Path) -> None:
    jobs = JobQueue(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(LiveStoreUnavailableError):
        await asyncio.wait_for(jobs.wake("callbacks.ring", "cbk_1"), 1)


WORKER = """
import asyncio, pathlib, sys
from storage import job_queue
url, folder, dies_when = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]

async def ring(callback):
    (folder / "in_hand").touch()
    await asyncio.sleep(60)

if dies_when == "before it starts":
    def prepare(self, job, remove_from_intermediate_queue=False):
        (folder / "in_hand").touch()
        import time; time.sleep(60)
    job_queue._Worker.prepare_job_execution = prepare

asyncio.run(job_queue.run_worker(url, functions={"callbacks.ring": ring}))
"""


@pytest.mark.parametrize("dies_when", ["before it starts", "while it runs"])
async def test_a_job_whose_worker_is_killed_is_done_when_the_sweeper_wakes_it_again(
    jobs: JobQueue, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_when: str
) -> None:
    monkeypatch.setattr(job_queue, "PENDING_SECONDS", 1)
    ran: list[str] = []

    async def ring(callback: str) -> None:
        ran.append(callback)

    await jobs.wake("callbacks.ring", "cbk_1")
    worker = subprocess.Popen([sys.executable, "-c", WORKER, valkey_url, str(tmp_path), dies_when], cwd=ROOT)
    await until((tmp_path / "in_hand").exists)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    async with working(valkey_url, {"callbacks.ring": ring}), asyncio.timeout(15):
        while not ran:  # as the sweeper does for what still is due in SQL
            await jobs.wake("callbacks.ring", "cbk_1")
            await asyncio.sleep(0.1)
    assert set(ran) == {"cbk_1"}


@pytest.fixture
def every_try(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The tries to reach Redis: RQ's own, before any log line is left out, and ours when RQ has given up."""
    tried: list[str] = []
    run = job_queue._work

    def work(*arguments: Any) -> str:
        if lost := run(*arguments):
            tried.append(lost)
        return lost

    monkeypatch.setattr(job_queue, "_work", work)

    def note(record: logging.LogRecord) -> bool:
        if "could not connect" in record.msg:
            tried.append(record.getMessage())
        return True

    logging.getLogger("rq.worker").addFilter(note)
    yield tried
    logging.getLogger("rq.worker").removeFilter(note)


async def test_a_worker_goes_on_after_redis_was_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, every_try: list[str]
) -> None:
    ran, tried = list[str](), every_try

    async def ring(callback: str) -> None:
        ran.append(callback)

    store = EmbeddedStore(tmp_path / "live")
    url = store.start()
    jobs = JobQueue(url)
    async with working(url, {"callbacks.ring": ring}):
        await jobs.wake("callbacks.ring", "cbk_1")
        await until(lambda: ran == ["cbk_1"])
        tried.clear()
        await asyncio.to_thread(store.stop)
        with pytest.raises(LiveStoreUnavailableError):
            await jobs.wake("callbacks.ring", "cbk_2")
        await until(lambda: len(tried) >= 3)
        rq_tried = any("could not connect" in one for one in tried)  # it may have given up instead, and we go on
        assert len([line for line in caplog.messages if "could not connect" in line]) == rq_tried, "told once"
        await asyncio.to_thread(store.start)
        await jobs.wake("callbacks.ring", "cbk_2")
        await until(lambda: ran == ["cbk_1", "cbk_2"], seconds=30)
    await jobs.close()
    await asyncio.to_thread(store.stop)


async def test_a_worker_stops_within_two_seconds_of_being_asked(jobs: JobQueue, valkey_url: str) -> None:
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(valkey_url, functions={}, stop=stop))
    await asyncio.sleep(0.2)
    stop.set()
    await asyncio.wait_for(worker, 3)
