"""Runs the whole system on one machine: the live store, the switch and our four processes, and restarts what dies.

A call survives the death of any process of ours but the switch itself: the controller that comes back adopts it.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import structlog

from app.present import remembered
from app.settings import ROOT, Settings, SwitchKind
from app.switch_process import run_asterisk
from core.errors import ConfigurationError
from storage.database import Database
from storage.migrate import upgrade
from storage.redis import EmbeddedStore

PROCESSES = ("switch", "web", "worker", "sweeper")
_READY_SECONDS = 60.0
_PATIENCE_SECONDS = 10.0
_PORT_SECONDS = 3.0
_PR_SET_PDEATHSIG = 1

log = structlog.get_logger()
Say = Callable[[str], None]


class AlreadyRunningError(ConfigurationError):
    """Another run uses this state folder."""


class PortTakenError(ConfigurationError):
    """Another program has a port that we need."""


async def run(settings: Settings, say: Say, *, welcome: str = "") -> None:
    """Run everything until this process is told to stop (SIGINT, SIGTERM); ``say`` tells a person how it goes."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        stack.enter_context(_alone(settings.state_dir))
        await _web_port_is_free(settings)
        stack.enter_context(remembered(settings))
        await stack.enter_async_context(_live_store(settings))
        environment = _environment(settings)
        await _upgrade(settings)
        if settings.switch is SwitchKind.ASTERISK and not settings.ari_url:
            await stack.enter_async_context(run_asterisk(settings, say))
        for name in PROCESSES:
            await stack.enter_async_context(_kept_alive(name, settings, environment))
        if await _until_ready(settings, stop):
            say(welcome or f"Kundcenter is ready: {settings.base_url}")
        else:
            say(f"Kundcenter is not ready yet; see {settings.state_dir / 'logs'} and `kundcenter doctor`.")
        await stop.wait()
        say("Stopping.")


@contextlib.contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunningError(f"Stop it first, or set KC_STATE_DIR to another folder ({state_dir}).") from error
        yield


async def _web_port_is_free(settings: Settings) -> None:
    """Wait a moment for a web process of ours that is about to end; raises :class:`PortTakenError`."""
    for left in reversed(range(int(_PORT_SECONDS / 0.2))):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind((settings.web_host, settings.web_port))
            except OSError as error:
                if left == 0:
                    raise PortTakenError(
                        f"Port {settings.web_port}, which the pages need, is used by another program, or is not ours to use. "
                        "Stop it, or choose another port (KC_WEB_PORT)."
                    ) from error
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _live_store(settings: Settings) -> AsyncIterator[None]:
    if settings.redis_url:
        yield
        return
    store = EmbeddedStore(settings.state_dir / "live")
    await asyncio.to_thread(store.start)
    stopping = asyncio.Event()
    keeper = asyncio.create_task(_keep_up(store, stopping))
    try:
        yield
    finally:
        stopping.set()
        await keeper  # not cancelled: a start that is under way comes to its end before the stop
        await asyncio.to_thread(store.stop)


async def _keep_up(store: EmbeddedStore, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            if await asyncio.to_thread(store.is_gone):
                log.error("the live store ended and is started again")
                await asyncio.to_thread(store.start)
        except Exception as error:
            log.error("the live store did not start", exc_info=error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 0.5)


def _environment(settings: Settings) -> Mapping[str, str]:
    """Return what the processes are started with: the same settings and the same secrets."""
    plain = {f"KC_{name.upper()}": str(value) for name, value in settings.model_dump(mode="json").items()}
    secret = {
        f"KC_{name.upper()}": value.get_secret_value()
        for name in type(settings).model_fields
        if hasattr(value := getattr(settings, name), "get_secret_value")
    }
    return {**os.environ, **plain, **secret, "PYTHONUNBUFFERED": "1"}


async def _upgrade(settings: Settings) -> None:
    database = Database(settings.sql_url, statement_seconds=60)
    try:
        await upgrade(database)
    finally:
        await database.close()


@asynccontextmanager
async def _kept_alive(name: str, settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[None]:
    keeper = _Keeper(name, settings.state_dir / "logs" / f"{name}.log", environment)
    task = asyncio.create_task(keeper.keep())
    try:
        yield
    finally:
        await keeper.stop()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class _Keeper:
    """Starts one process of ours again and again, at once the first time, then slower and slower."""

    def __init__(self, name: str, log_file: Path, environment: Mapping[str, str]) -> None:
        self._name = name
        self._log_file = log_file
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def keep(self) -> None:
        self._log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pause = 0.0
        while not self._stopping:
            await asyncio.sleep(pause)
            started = asyncio.get_running_loop().time()
            status = await self._run_once()
            lasted = asyncio.get_running_loop().time() - started
            pause = 0.1 if lasted > 10 else min(5.0, pause * 2 + 0.2)
            if not self._stopping:
                log.warning("a process ended and is started again", name=self._name, status=status)

    async def stop(self) -> None:
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            process.kill()

    async def _run_once(self) -> int:
        with self._log_file.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "app", self._name,
                cwd=ROOT, env=self._environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=output, stderr=output, preexec_fn=_child_of(os.getpid()),
            )  # fmt: skip
        fresh = self._log_file.with_suffix(".pid.new")
        fresh.write_text(str(self._process.pid))
        fresh.replace(self._log_file.with_suffix(".pid"))  # at once: nobody reads half a number
        return await self._process.wait()


def _child_of(parent: int) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        os.setsid()  # Ctrl-C reaches the supervisor only, which then stops everything in order
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


async def _until_ready(settings: Settings, stop: asyncio.Event) -> bool:
    address = f"http://{settings.web_host}:{settings.web_port}/health/ready"
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while asyncio.get_running_loop().time() < deadline and not stop.is_set():
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(address) as answer:
                    if answer.status == 200 and (await answer.json()).get("ready") is True:
                        return True
            await asyncio.sleep(0.2)
    return False
