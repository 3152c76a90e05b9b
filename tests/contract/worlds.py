"""The two worlds in which a switch is tried: simulated telephones on virtual time, and real SIP telephones on a real Asterisk.

Both have words of 800 Hz (0.05 s a character), music of 300 Hz, and telephones whose owners hum at 440 Hz.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import struct
import time
import wave
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from core.ids import LegId
from core.language import Language
from telephony.asterisk.adapter import AsteriskSwitch
from telephony.asterisk.placing import Endpoints
from telephony.errors import SwitchTakenOverError
from telephony.model import (
    Answer,
    Ask,
    Bridge,
    CallArrived,
    CallEvent,
    Collect,
    EndCause,
    LegAnswered,
    LegRole,
    LegsBridged,
    Ring,
    SwitchConnected,
    Utterance,
)
from telephony.ports import Switch
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone, SoundKind
from telephony.simulator.virtual_time import VirtualTime
from tests.asterisk import TestSwitch
from tests.fakes.sip_phone import SipCall, SipPhone

NUMBER = "0771524524"
SECONDS_PER_CHARACTER = 0.05
PATIENCE = 4.0
"""Seconds that real telephones get besides: other programs use this machine too. Simulated ones keep to the second."""
WORDS, MUSIC, OTHER, NOTHING = "words", "music", "the other", "nothing"
E = TypeVar("E", bound=CallEvent)
_ids = itertools.count(1)


def new_leg() -> LegId:
    return LegId(f"leg_test{time.monotonic_ns()}{next(_ids)}")


def words(seconds: float) -> tuple[Utterance, ...]:
    return (Utterance("x" * round(seconds / SECONDS_PER_CHARACTER), Language.SWEDISH),)


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Controller:
    """Iterates the events of a switch, and waits for named ones."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.events: list[CallEvent] = []
        self.stepped_down = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            async for event in self.world.switch.events():
                self.events.append(event)
        except SwitchTakenOverError:
            self.stepped_down = True

    def of(self, kind: type[E], **fields: Any) -> list[E]:
        return [
            event
            for event in self.events
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items())
        ]

    async def sees(self, kind: type[E], *, within: float = 3.0, **fields: Any) -> E:
        """Wait until an event of this kind with these fields has come, and return the latest."""
        await self.world.until(lambda: bool(self.of(kind, **fields)), within=within, what=f"{kind.__name__} {fields}")
        return self.of(kind, **fields)[-1]

    async def die(self) -> None:
        """Stop as a process that is killed: nothing is said to the switch."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


class World:
    """What the tests of the contract use of either."""

    switch: Switch
    controller: Controller
    citizen = "citizen"
    """What a citizen's telephone is called by :meth:`rung`."""

    async def connect(self) -> Controller:
        """Begin to control the switch (anew)."""
        self.controller = Controller(self)
        await self.controller.sees(SwitchConnected)
        return self.controller

    async def connect_beside(self) -> Controller:
        """Begin to control the switch from a second process."""
        return await self.connect()

    async def until(self, condition: Callable[[], bool], *, within: float, what: str) -> None: ...
    async def open(self) -> None: ...
    async def passes(self, seconds: float) -> None: ...
    async def call(self, *, caller: str = "0701740605", display_name: str = "") -> Any: ...
    async def rung(self, agent: str = "agent-1") -> Any: ...
    async def close(self) -> None: ...

    async def arrives(self, **call: str) -> tuple[Any, LegId]:
        """Let a caller ring the national number; return the telephone and the leg."""
        before = len(self.controller.of(CallArrived))
        phone = await self.call(**call)
        await self.until(lambda: len(self.controller.of(CallArrived)) > before, within=3, what="CallArrived")
        return phone, self.controller.of(CallArrived)[-1].leg


# --- beginnings of stories ------------------------------------------------------------------------------------------


async def answered_caller(world, **call):
    phone, leg = await world.arrives(**call)
    await world.switch.perform(Answer(leg=leg))
    await phone.is_up()
    return phone, leg


async def answered_agent(world, target="agent-1"):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target=target))
    phone = await world.rung(target)
    phone.answer()
    await world.controller.sees(LegAnswered, leg=leg)
    return phone, leg


async def bridged(world):
    caller, citizen = await answered_caller(world)
    desk, agent = await answered_agent(world)
    await world.switch.perform(Bridge(bridge=f"bridge-{citizen}", legs=(citizen, agent)))
    await world.controller.sees(LegsBridged, bridge=f"bridge-{citizen}")
    caller.hum()
    desk.hum()
    return caller, citizen, desk, agent


async def ask(world, leg, seconds, **collect):
    settings = {"first_seconds": 0.5, "between_seconds": 0.5, **collect}
    await world.switch.perform(Ask(leg=leg, utterances=words(seconds), collect=Collect(**settings), ref="fråga"))


# --- simulated ----------------------------------------------------------------------------------------------------------


class SimulatedWorld(World):
    citizen = "+46701740699"

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.switch = self.simulator = LineSimulator(
            clock=self.time,
            new_id=lambda prefix: f"{prefix}_{next(_ids)}",
            timers=self.time,
            seconds_per_character=SECONDS_PER_CHARACTER,
        )
        for agent in ("agent-1", "agent-2", "+46701740699"):
            self.simulator.phone(agent)

    async def until(self, condition: Callable[[], bool], *, within: float, what: str) -> None:
        end = self.time.time() + within
        while True:
            for _ in range(5):  # let the controller's task take what has happened
                await asyncio.sleep(0)
            if condition():
                return
            if self.time.time() > end:
                raise TimeoutError(what)
            self.time.advance(0.01)

    async def passes(self, seconds: float) -> None:
        self.time.advance(seconds)
        await asyncio.sleep(0)

    async def call(self, *, caller: str = "0701740605", display_name: str = "") -> SimulatedHandset:
        return SimulatedHandset(self, self.simulator.call(NUMBER, caller=caller, display_name=display_name))

    async def rung(self, agent: str = "agent-1") -> SimulatedHandset:
        phone = self.simulator.phone(agent)
        await self.until(lambda: phone.ringing, within=2, what="rung")
        return SimulatedHandset(self, phone)

    async def close(self) -> None:
        await self.controller.die()


class SimulatedHandset:
    _KINDS = {
        WORDS: {SoundKind.SAID},
        MUSIC: {SoundKind.MUSIC},
        OTHER: {SoundKind.CONNECTED},
        NOTHING: {SoundKind.SILENCE, SoundKind.ANSWERED, SoundKind.ENDED, None},
    }
    _CAUSES = {486: EndCause.BUSY, 603: EndCause.REJECTED, 480: EndCause.NO_ANSWER}

    def __init__(self, world: SimulatedWorld, phone: SimulatedPhone) -> None:
        self.world, self.phone = world, phone
        self.press, self.answer, self.notes = phone.press, phone.answer, phone.notes
        self.shown_number = phone.shown_number

    async def hears(self, what: str, *, within: float = 2.0) -> None:
        await self.world.until(lambda: self.phone.hears in self._KINDS[what], within=within, what=f"hears {what}")

    async def hang_up(self) -> None:
        self.phone.hang_up()

    def reject(self, status: int) -> None:
        self.phone.reject(self._CAUSES[status])

    async def answer_as_person(self) -> None:
        self.phone.answer()

    async def answer_as_machine(self) -> None:
        self.phone.answer(as_machine=True)

    async def has_pressed_all(self) -> None:
        """Simulated keys take no time."""

    async def is_up(self) -> None:
        assert self.phone.answered

    async def is_over(self) -> None:
        await self.world.until(lambda: not self.phone.in_call, within=2, what="over")

    def hum(self) -> None:
        """A simulated call that is connected hears the other without that."""


# --- real ---------------------------------------------------------------------------------------------------------------


def write_tone(path: Path, *, hertz: int, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(9000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


class ToneVoice:
    """A voice that hums each text: as long as it has characters, made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.delay = 0.0

    def ready(self, utterance: Utterance) -> str | None:
        return None

    async def sound(self, utterance: Utterance) -> str:
        await asyncio.sleep(self.delay)
        path = self.folder / f"tone{len(utterance.text)}.wav"
        if not path.exists():
            write_tone(path, hertz=800, seconds=len(utterance.text) * SECONDS_PER_CHARACTER)
        return f"sound:{path.with_suffix('')}"


class AsteriskWorld(World):
    def __init__(self, asterisk: TestSwitch, folder: Path, agents: dict[str, int]) -> None:
        self.asterisk = asterisk
        self.voice = ToneVoice(folder)
        self.phone: SipPhone
        self.agents: dict[str, SipPhone] = {}
        self.base_url = asterisk.ari_url
        self._ports = agents
        self._others: list[AsteriskSwitch] = []
        self.switch = self.new_switch()

    def new_switch(self) -> AsteriskSwitch:
        settings = self.asterisk.settings
        return AsteriskSwitch(
            base_url=self.base_url,
            user=settings.ari_user,
            password=settings.ari_password,
            speech=self.voice,
            clock=RealClock(),
            endpoints=Endpoints(citizen="PJSIP/{target}@trunk", phones={"+46701740698": "agent-2"}),
        )

    async def connect_beside(self) -> Controller:
        self._others.append(self.switch)
        self.switch = self.new_switch()
        return await self.connect()

    async def open(self) -> None:
        self.phone = await SipPhone.open()
        self.agents = {name: await SipPhone.open(port=port) for name, port in self._ports.items()}

    async def until(self, condition: Callable[[], bool], *, within: float, what: str) -> None:
        end = time.monotonic() + within + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(what)
            await asyncio.sleep(0.005)

    async def passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def call(self, *, caller: str = "0701740605", display_name: str = "") -> SipHandset:
        at = ("127.0.0.1", self.asterisk.settings.sip_port)
        return SipHandset(self, await self.phone.call(NUMBER, at=at, caller=caller, display_name=display_name))

    async def rung(self, agent: str = "agent-1") -> SipHandset:
        return SipHandset(self, await self.agents[agent].rung(within=2 + PATIENCE))

    async def close(self) -> None:
        for phone in (self.phone, *self.agents.values()):
            await phone.close()
        await self.controller.die()
        for switch in (self.switch, *self._others):
            await switch.close()


class SipHandset:
    _PITCHES = {WORDS: 800, MUSIC: 300, OTHER: 440}

    def __init__(self, world: AsteriskWorld, call: SipCall) -> None:
        self.world, self.sip = world, call
        self.press, self.answer, self.reject, self.hum = call.press, call.answer, call.reject, call.talk

    @property
    def notes(self) -> dict[str, str]:
        headers = self.sip.invite.headers if self.sip.invite else []
        return {name[5:].capitalize(): value for name, value in headers if name.startswith("x-kc-")}

    @property
    def shown_number(self) -> str:
        return self.sip.header("from").partition("sip:")[2].partition("@")[0]

    async def hears(self, what: str, *, within: float = 2.0) -> None:
        if what == NOTHING:
            await self.sip.hears_silence(within=within, seconds=0.2)
            return
        sound = self.sip.sound
        sound.loud_in_row = 0
        await self.world.until(
            lambda: sound.loud_in_row >= 4 and abs(sound.pitch - self._PITCHES[what]) < 70,
            within=within,
            what=f"hears {what}, not {sound.pitch:.0f} Hz",
        )

    async def hang_up(self) -> None:
        await self.sip.hang_up()

    async def answer_as_person(self) -> None:
        """Greet for half a second, and then wait for whoever rings."""
        self.sip.answer()
        self.sip.talk()
        await asyncio.sleep(0.5)
        self.sip.be_quiet()

    async def answer_as_machine(self) -> None:
        """Talk without a pause."""
        self.sip.answer()
        self.sip.talk()

    async def has_pressed_all(self) -> None:
        """Real keys take 120 ms each, one after the other."""
        await self.world.until(lambda: not self.sip.sound.keys, within=10, what="all keys pressed")
        await asyncio.sleep(0.2)

    async def is_up(self) -> None:
        await self.sip.answered(within=1 + PATIENCE)

    async def is_over(self) -> None:
        await self.sip.over(within=2 + PATIENCE)
