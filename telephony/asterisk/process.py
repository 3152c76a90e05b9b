"""Run a telephone switch as an ordinary user: start, wait until it takes calls, stop.

Whoever starts it is its parent, and it dies with that parent (never an orphan that holds the ports). So the
supervisor starts it, beside the controller: a controller may die and come back while calls stay up.
"""

import asyncio
import contextlib
import ctypes
import errno
import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import aiohttp
import structlog

from core.errors import UnavailableError
from telephony.asterisk.configuration import Configuration
from telephony.asterisk.home import AsteriskHome

_PR_SET_PDEATHSIG = 1
_SIP_QUESTION = (
    "OPTIONS sip:ready@{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{own};branch=z9hG4bK-ready-{own};rport\r\n"
    "Max-Forwards: 5\r\nFrom: <sip:ready@{host}>;tag=ready\r\nTo: <sip:ready@{host}>\r\n"
    "Call-ID: ready-{own}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)

_LONGEST_LOG_BYTES = 20_000_000

_log = structlog.get_logger()


class SwitchDidNotStartError(UnavailableError):
    """The telephone switch did not start."""


class AsteriskProcess:
    """A running switch. Make one with :func:`start`."""

    def __init__(self, process: asyncio.subprocess.Process, configuration: Configuration) -> None:
        self._process = process
        self.configuration = configuration

    @property
    def pid(self) -> int:
        """The operating system's number of the switch."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the switch is alive."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Wait until the switch has ended, for whatever reason, and return its exit status."""
        return await self._process.wait()

    async def stop(self, *, patience_seconds: float = 5.0) -> None:
        """End the switch and every call on it; kills it when it takes longer than ``patience_seconds``."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(patience_seconds):
                    await self._process.wait()
            except TimeoutError:
                self.kill()
                await self._process.wait()
        _log.info("switch_stopped", status=self._process.returncode)

    def kill(self) -> None:
        """End the switch at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


async def start(home: AsteriskHome, configuration: Configuration, *, ready_seconds: float = 30.0) -> AsteriskProcess:
    """Start a switch and return when ARI and SIP answer.

    Raises :class:`SwitchDidNotStartError` with the reason: a port that is taken, or the end of its log.
    """
    _refuse_taken_ports(configuration)
    output = configuration.log_folder / "asterisk.out"
    _begin_long_logs_anew(configuration.log_folder)
    arguments = [*home.asterisk, "-C", str(configuration.main_file), "-f", "-n"]
    with output.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=configuration.folder,
            preexec_fn=_become_a_child(os.getpid()),
        )
    running = AsteriskProcess(process, configuration)
    try:
        async with asyncio.timeout(ready_seconds):
            await _until_ready(running)
    except TimeoutError:
        await running.stop()
        raise SwitchDidNotStartError(f"It was not ready after {ready_seconds:.0f} s. {_last_words(output)}") from None
    except BaseException:
        await running.stop()
        raise
    _log.info("switch_started", pid=running.pid, version=home.version, sip_port=configuration.settings.sip_port)
    return running


def _become_a_child(parent: int) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        os.setsid()  # Ctrl-C in the terminal reaches the supervisor, which then stops the switch in order.
        os.umask(0o077)
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def _begin_long_logs_anew(folder: Path) -> None:
    for path in (*folder.glob("*.log"), *folder.glob("*.out")):
        if path.stat().st_size > _LONGEST_LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.old"))


def _refuse_taken_ports(configuration: Configuration) -> None:
    settings = configuration.settings
    wanted = (
        (socket.SOCK_DGRAM, settings.sip_host, settings.sip_port, "SIP"),
        (socket.SOCK_STREAM, "127.0.0.1", settings.http_port, "ARI"),
        (socket.SOCK_STREAM, "127.0.0.1", settings.ami_port, "AMI"),
    )
    for kind, host, port, purpose in wanted:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise SwitchDidNotStartError(
                        f"{host}, where {purpose} comes in, is no address of this machine."
                    ) from error
                raise SwitchDidNotStartError(
                    f"Port {port}, which {purpose} needs, is used by another program. Stop it, or choose another port."
                ) from error


async def _until_ready(running: AsteriskProcess) -> None:
    settings = running.configuration.settings
    address = f"http://127.0.0.1:{settings.http_port}/ari/asterisk/info?only=status"
    sign_in = aiohttp.encode_basic_auth(settings.ari_user, settings.ari_password)
    timeout = aiohttp.ClientTimeout(total=2)
    async with aiohttp.ClientSession(headers={"Authorization": sign_in}, timeout=timeout) as session:
        while not (await _answers(session, address) and await _sip_answers(settings.sip_host, settings.sip_port)):
            if not running.is_running:
                raise SwitchDidNotStartError(_last_words(running.configuration.log_folder / "asterisk.out"))
            await asyncio.sleep(0.05)


async def _answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _sip_answers(host: str, port: int) -> bool:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        asker.bind((host, 0))
        question = _SIP_QUESTION.format(host=host, port=port, own=asker.getsockname()[1])
        try:
            asker.sendto(question.encode(), (host, port))  # not by the loop: uvloop cannot
            async with asyncio.timeout(0.5):
                return bool(await loop.sock_recv(asker, 2048))
        except (OSError, TimeoutError):
            return False


def _last_words(output: Path) -> str:
    texts = [path.read_text("utf-8", "replace") for path in (output, output.with_name("messages.log")) if path.exists()]
    lines = [line for text in texts for line in text.splitlines() if "ERROR" in line or "error" in line]
    return f"Its log ({output.parent}) ends with: " + " | ".join(lines[-3:])
