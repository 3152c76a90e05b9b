"""A telephone that is SIPp: a test dials with it, presses its buttons one by one, and hears what comes back.

    phone = SippPhone(folder)
    call = await phone.call("0771524524", at=("127.0.0.1", sip_port), caller="0701740605")
    await call.answered(within=5)
    await call.press("1")
    await call.hears_sound(within=2)
    await call.hang_up()

The same words as `tests.fakes.sip_phone`, but for ``press``, which returns when the keys have been pressed. Each call is
a process of SIPp that tells ``telephone.xml``; its buttons are pressed by a request within the call, from beside.
"""

import asyncio
import contextlib
import itertools
import shutil
import socket
import time
from pathlib import Path

from tests.asterisk import free_port
from tests.fakes.sip_phone import until
from tests.fakes.sip_sound import KEYS, Sound
from tests.needs import in_ci, missing, sipp
from tests.patience import at_most
from tests.running import dies_with_us
from tests.sipp.ear import Ear, may_listen
from tests.sipp.recordings import KEY_SECONDS, one_key, speech, write
from tests.sipp.sipp import SCENARIOS

_PLACES = 60
"""How many keys can be pressed in one call: SIPp reads no scenario of more than 64 KiB."""

_LISTENS, _SPEAK, _FIRST_KEY = 6, 9, 10
_SPEECH_SECONDS = 10
_numbers = itertools.count(1)


def can_be_had() -> bool:
    """Whether this machine has SIPp, and lets us hear and it speak; in continuous integration it must."""
    found = shutil.which("sipp") is not None and may_listen()
    if not found and in_ci():
        missing("SIPp, or the right to open raw sockets (as root: apt install sip-tester)")
    return found


class SippPhone:
    """A telephone on two free ports of loopback, for one call at a time. What it writes is in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.sound_port = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
        if not folder.exists():
            _set_up(folder)

    async def call(self, number: str, *, at: tuple[str, int], caller: str, display_name: str = "") -> "SippCall":
        """Place a call; ``caller`` and ``display_name`` go into the From header as they are."""
        call = SippCall(self, f"telephone-{next(_numbers)}-{time.monotonic_ns()}")
        quoted = display_name.replace("\\", "\\\\").replace('"', '\\"')
        await call.begin(
            str(sipp()), f"{at[0]}:{at[1]}", "-sf", "telephone.xml", "-s", number, "-cid_str", call.name, "-m", "1",
            "-i", "127.0.0.1", "-p", str(self.port), "-mi", "127.0.0.1", "-mp", str(self.sound_port), "-nostdin",
            "-trace_logs", "-log_file", str(call.log), "-trace_err", "-error_file", f"{call.log}.errors",
            "-key", "caller", caller or "anonymous", "-key", "display_name", quoted,
        )  # fmt: skip
        return call


class Buttons:
    """The buttons of a telephone during one call, which SIPp knows by the call's id, and what is heard meanwhile.

    ``first_key`` is the place of the first key in the scenario; to hang up is what follows the last.
    """

    sound: Sound

    def __init__(self, name: str, port: int, *, first_key: int) -> None:
        self.name, self.first_key = name, first_key
        self.hangs_up = first_key + _PLACES * len(KEYS)
        self._port, self._pressed, self._pressed_at = port, 0, 0.0

    @property
    def packets(self) -> int:
        return self.sound.packets

    async def press(self, keys: str) -> None:
        """Press these keys, each for 100 ms, as quickly as a switch can tell them apart."""
        assert self._pressed + len(keys) <= _PLACES
        for key in keys:
            await asyncio.sleep(max(0.0, self._pressed_at + KEY_SECONDS - time.monotonic()))
            self._pressed_at = time.monotonic()
            self.push(self.first_key + self._pressed * len(KEYS) + KEYS.index(key))
            self._pressed += 1

    async def hears_sound(self, *, within: float = 3.0, packets: int = 5) -> None:
        """Wait until this many loud packets came in a row from now on."""
        self.sound.loud_in_row = 0
        await until(lambda: self.sound.loud_in_row >= packets, within=within, what="sound")

    async def hears_silence(self, *, within: float = 3.0, seconds: float = 0.3) -> None:
        """Wait until nothing loud came for this long, counted from now."""
        since = time.monotonic()
        await until(
            lambda: time.monotonic() - max(self.sound.last_loud_at, since) > seconds, within=within, what="silence"
        )

    def push(self, button: int) -> None:
        """Tell SIPp which message of its scenario comes next. Each request differs: one that is repeated is left out."""
        request = (
            f"INFO sip:telephone@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{next(_numbers)}\r\n"
            f"From: <sip:finger@127.0.0.1>;tag=finger\r\nTo: <sip:telephone@127.0.0.1>\r\nCall-ID: {self.name}\r\n"
            f"CSeq: 1 INFO\r\nX-Button: {button}\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(request.encode(), ("127.0.0.1", self._port))


class SippCall(Buttons):
    """One call: ``ended`` is set when it is over for the telephone, ``packets`` of sound have come so far."""

    def __init__(self, phone: SippPhone, name: str) -> None:
        super().__init__(name, phone.port, first_key=_FIRST_KEY)
        self.phone = phone
        self.log = phone.folder / f"{name}.log"
        self.ended = asyncio.Event()
        self.status = 0
        self._ear = Ear(phone.sound_port)
        self.sound: Sound = self._ear.sound

    async def begin(self, *command: str) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *command, cwd=self.phone.folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL, preexec_fn=dies_with_us,
        )  # fmt: skip
        self._life = asyncio.create_task(self._live())

    async def answered(self, *, within: float = 5.0) -> None:
        await until(self._is_up, within=within, what=f"answered; {self._complaints()}")

    def talk(self) -> None:
        """Speak for ten seconds, or until a key is pressed."""
        self.push(_SPEAK)

    async def hang_up(self) -> None:
        """End it from our side; a switch that is gone does not answer, and then the telephone is unplugged."""
        with contextlib.suppress(TimeoutError):
            if not self.ended.is_set():
                await self.answered(within=1)
                self.push(self.hangs_up)
                await asyncio.wait_for(self.ended.wait(), at_most(3))
        if not self.ended.is_set():
            self._process.kill()
        await self._life

    def _is_up(self) -> bool:
        return self.log.exists() and "answered" in self.log.read_text("utf-8")

    async def _live(self) -> None:
        with self._ear:
            self.status = await self._process.wait()
        self.ended.set()

    def _complaints(self) -> str:
        file = Path(f"{self.log}.errors")
        return file.read_text("utf-8", "replace")[-2000:] if file.exists() else ""


def _set_up(folder: Path) -> None:
    """Write the scenario, with its keys, and what they and the person sound like."""
    folder.mkdir(parents=True)
    write(folder / "speech.pcap", speech(seconds=_SPEECH_SECONDS))
    scenario = (SCENARIOS / "telephone.xml").read_text("utf-8")
    (folder / "telephone.xml").write_text(with_keys(scenario, folder, listens=_LISTENS), "utf-8")


def with_keys(scenario: str, folder: Path, *, listens: int) -> str:
    """Return the scenario with every key at every place, each of which goes back to the message that ``listens``."""
    parts = []
    for place in range(_PLACES):
        for number, key in enumerate(KEYS):
            name = f"{place}-{number}"
            write(folder / name, one_key(key, place=place))
            parts.append(f'<nop><action><exec play_pcap_audio="{name}"/><jump value="{listens}"/></action></nop>')
    assert scenario.count("<!-- keys -->") == 1
    return scenario.replace("<!-- keys -->", "\n".join(parts))
