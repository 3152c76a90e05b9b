"""A real Asterisk for tests: on free loopback ports, in a temp folder, with everything it says kept for reading."""

import random
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cache_folder import chosen_cache
from telephony.asterisk.configuration import Configuration, write_configuration
from telephony.asterisk.home import AsteriskHome
from telephony.asterisk.install import AsteriskNotAvailableError, find_or_fetch
from telephony.asterisk.process import AsteriskProcess, SwitchDidNotStartError, start
from telephony.asterisk.settings import AsteriskSettings
from telephony.asterisk.sounds import prepare_sounds
from telephony.asterisk.speech import Speech
from tests.needs import missing


@dataclass
class TestSwitch:
    __test__ = False
    home: AsteriskHome
    configuration: Configuration
    process: AsteriskProcess

    @property
    def settings(self) -> AsteriskSettings:
        return self.configuration.settings

    @property
    def ari_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.http_port}"

    def logged(self) -> str:
        return "\n".join(
            path.read_text("utf-8", "replace")
            for path in sorted(self.configuration.log_folder.iterdir())
            if path.is_file()
        )

    async def restart(self) -> None:
        """Kill it as a power cut would, and start it anew on the same ports."""
        self.process.kill()
        await self.process.wait()
        self.process = await start(self.home, self.configuration)


_PORTS = range(10_000, 20_000, 4)
"""Below those that the kernel gives away by itself, so that nobody comes by one by chance. Each comes with the next three."""
_kept_ports: list[socket.socket] = []


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """Return a port that is free and stays ours as long as this process lives: other processes that test ask here, too."""
    for port in random.sample(_PORTS, len(_PORTS)):
        mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            mark.bind(f"\0kundcenter-test-port-{port}")  # a name without a file: it is gone when we are
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            mark.close()
            continue
        _kept_ports.append(mark)
        return port
    raise OSError("no port is free for a test")


def free_settings(folder: Path, **changes: Any) -> AsteriskSettings:
    """Settings with free ports, random secrets and folders below ``folder``; any field can be changed."""
    values: dict[str, Any] = {
        "ari_password": secrets.token_urlsafe(24),
        "ami_password": secrets.token_urlsafe(24),
        "sounds": folder / "sounds",
        "music": folder / "music",
        "spool": folder / "stranded",
        "sip_port": free_port(socket.SOCK_DGRAM),
        "http_port": free_port(),
        "ami_port": free_port(),
        "rtp_ports": (20000, 31999),  # shared by all switches on this machine: a taken port is passed over
    }
    return AsteriskSettings(**{**values, **changes})


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def speech_for_tests(home: AsteriskHome, folder: Path) -> Speech:
    """A synthesiser that keeps what is the same in every test between sessions."""
    kept = chosen_cache() / "test-speech"
    return Speech(
        home,
        recordings=folder / "recordings",
        cache=kept,
        personal=folder / "personal",
        clock=RealClock(),
        key=b"test",
    )


async def start_asterisk(folder: Path, **changes: Any) -> TestSwitch:
    """Fetch if need be, configure and start. Stop with ``await switch.process.stop()``."""
    try:
        home = find_or_fetch(chosen_cache())
    except AsteriskNotAvailableError as error:
        missing(str(error))
    for attempt in range(3):  # another test may take a free port before the switch does
        configuration = write_configuration(home, folder, free_settings(folder, **changes))
        await prepare_sounds(home, speech_for_tests(home, folder), configuration.settings)
        try:
            return TestSwitch(home, configuration, await start(home, configuration))
        except SwitchDidNotStartError:
            if attempt == 2:
                raise
    raise AssertionError("not reached")
