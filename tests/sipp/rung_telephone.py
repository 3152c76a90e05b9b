"""A telephone that is SIPp and that we ring: a test takes the call or lets it be, presses its buttons, and hears.

    async with SippRungPhone(folder, port=trunk_port) as phone:
        call = await phone.rung(within=12)
        await call.answer()
        await call.press("1")
        await call.hang_up()

The same words as `tests.sipp.telephone`; one call after the other.
"""

import asyncio
import re
import socket
from pathlib import Path
from typing import Self

from tests.asterisk import free_port
from tests.fakes.sip_phone import until
from tests.needs import sipp
from tests.running import dies_with_us
from tests.sipp.ear import Ear
from tests.sipp.recordings import silence, spoken, write
from tests.sipp.sipp import SCENARIOS
from tests.sipp.telephone import Buttons, with_keys

_ANSWER, _GREET, _REJECT, _FIRST_KEY, _LISTENS = 5, 11, 12, 15, 8
_SILENCE_SECONDS = 60


class SippRungPhone:
    """It waits on a port of loopback until it is rung. What it writes is in ``folder``, a new one.

    ``greeting`` is what its machine says, in µ-law.
    """

    def __init__(self, folder: Path, *, port: int, greeting: bytes) -> None:
        self.folder, self.port, self.sound_port = folder, port, free_port(socket.SOCK_DGRAM)
        self.log = folder / "rung.log"
        self._calls: list[str] = []
        folder.mkdir(parents=True)
        write(folder / "silence.pcap", silence(seconds=_SILENCE_SECONDS))
        write(folder / "greeting.pcap", spoken(greeting))
        scenario = (SCENARIOS / "rung_telephone.xml").read_text("utf-8")
        (folder / "rung.xml").write_text(with_keys(scenario, folder, listens=_LISTENS), "utf-8")

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            str(sipp()), "-sf", "rung.xml", "-i", "127.0.0.1", "-p", str(self.port), "-mi", "127.0.0.1", "-mp",
            str(self.sound_port), "-nostdin", "-trace_logs", "-log_file", str(self.log), "-trace_err", "-error_file",
            f"{self.log}.errors",
            cwd=self.folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL, preexec_fn=dies_with_us,
        )  # fmt: skip
        self._ear = Ear(self.sound_port)
        self._ear.__enter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ear.__exit__()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def rung(self, *, within: float = 3.0) -> "SippRungCall":
        """Wait until it rings once more than before, and return the call."""
        await until(lambda: len(self.told("rung")) > len(self._calls), within=within, what=f"rung; {self.complaints()}")
        name = self.told("rung")[len(self._calls)]
        self._calls.append(name)
        return SippRungCall(self, name, self._ear)

    def told(self, what: str) -> list[str]:
        """Return of which calls SIPp has told this, in order."""
        if not self.log.exists():
            return []
        return re.findall(rf"{what} (\S+)", self.log.read_text("utf-8", "replace"))

    def complaints(self) -> str:
        """Return the end of what SIPp complains of."""
        file = Path(f"{self.log}.errors")
        ended = "" if self._process.returncode is None else f"SIPp has ended ({self._process.returncode}). "
        return ended + (file.read_text("utf-8", "replace")[-2000:] if file.exists() else "")


class SippRungCall(Buttons):
    """One call to it."""

    def __init__(self, phone: SippRungPhone, name: str, ear: Ear) -> None:
        super().__init__(name, phone.port, first_key=_FIRST_KEY)
        self._phone = phone
        self.sound = ear.sound

    async def answer(self) -> None:
        """Take the call, and say nothing."""
        self.push(_ANSWER)
        await self._has("answered")

    async def answer_as_machine(self) -> None:
        """Let a machine take the call and say its greeting."""
        await self.answer()
        self.push(_GREET)

    async def reject(self) -> None:
        """Let the network say that nobody answers."""
        self.push(_REJECT)
        await self._has("over")

    async def hang_up(self) -> None:
        """End it from this side, if the other has not."""
        if self.name not in self._phone.told("over"):
            self.push(self.hangs_up)
            await self._has("over")

    async def _has(self, what: str) -> None:
        phone = self._phone
        await until(lambda: self.name in phone.told(what), within=5, what=f"{what}; {phone.complaints()}")
