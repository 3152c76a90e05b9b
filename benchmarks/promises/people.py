"""Citizens who ring a centre that is far too small for them, and agents who work as fast as people do."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.promises.centre import Centre
from core.ids import AgentId
from skills_routing.model import AgentState
from telephony.model import EndCause
from telephony.simulator.phone import SimulatedPhone

NATIONAL = "0771524524"
TALK, WRITING_UP = 300.0, 30.0
"""Seconds on average that a talk takes, and what an agent writes afterwards."""

IN_THE_MENU = (("Vill du tala med oss? Tryck", "4"), ("Vad gäller det?", "5"))
TO_BE_RUNG = (
    ("om du hellre vill bli uppringd", "1"),
    ("Ska vi ringa när det är din tur?", "1"),
    ("Ska vi ringa det numret?", "1"),
)
RUNG_FIRST = ("så kopplar vi dig", "1")
"""What is heard by whoever is rung before an agent is, and the key that they press."""


def number_of(index: int) -> str:
    """Return a mobile number of its own for each, spread as real ones are. It exists in an exchange in memory only."""
    return f"+4670{1_000 + index // 50:04d}{index % 50:03d}"


class Wish(StrEnum):
    """What a citizen does in the line."""

    RING_ME = "ring_me"
    WAIT = "wait"
    LOOK_UP = "look_up"


@dataclass
class Citizen:
    """One person with one telephone, and what became of the wish."""

    number: str
    arrives_at: float
    wish: Wish
    patience: float
    answers: float
    """The share of calls to them that they take."""

    chance: random.Random
    phone: SimulatedPhone | None = None
    calls: int = 0
    talks: int = 0
    rung: int = 0
    refused: bool = False
    _said: int = 0
    _steps: list[tuple[str, str]] = field(default_factory=list)
    _until: float | None = None
    _in_call: bool = False
    _was_connected: bool = False
    _promised: bool = False

    def act(self, centre: Centre) -> None:
        """Do what this person does in this second."""
        now = centre.time.time()
        phone = self.phone
        if phone is None:
            if now >= self.arrives_at:
                self._ring(centre)
            return
        if not phone.in_call:
            self._put_down(now)
            return
        if phone.ringing:
            self._be_rung(phone)
            return
        self._listen(phone)
        if phone.connected_to is not None and not self._was_connected:
            self._was_connected, self.talks = True, self.talks + 1
            self._until = now + self.chance.expovariate(1 / TALK)
        if self._until is not None and now >= self._until:
            phone.hang_up()

    def _ring(self, centre: Centre) -> None:
        self.phone = centre.switch.call(NATIONAL, caller=self.number)
        self.calls, self._in_call = self.calls + 1, True
        self._steps = list(IN_THE_MENU) + (list(TO_BE_RUNG) if self.wish is Wish.RING_ME else [])
        if self.wish is Wish.LOOK_UP:
            self._steps = [("Vill du ha information? Tryck", "3"), ("Våra öppettider: tryck", "6")]
        self._until = centre.time.time() + self.patience

    def _be_rung(self, phone: SimulatedPhone) -> None:
        if self._in_call:
            return
        self._in_call, self._was_connected, self.rung = True, False, self.rung + 1
        self._until, self._steps = None, [RUNG_FIRST]
        if self.chance.random() < self.answers:
            phone.answer()
        else:
            phone.reject(self.chance.choice((EndCause.BUSY, EndCause.REJECTED)))

    def _listen(self, phone: SimulatedPhone) -> None:
        heard = phone.heard
        for text in heard[self._said :]:
            self._promised = self._promised or text == "Vi ringer upp dig."
            if self._steps and self._steps[0][0] in text:
                phone.press(self._steps.pop(0)[1])
        self._said = len(heard)

    def _put_down(self, now: float) -> None:
        if not self._in_call:
            return
        self._in_call = False
        assert self.phone is not None
        self._listen(self.phone)
        satisfied = self._was_connected or self._promised or self.wish is Wish.LOOK_UP
        gave_up = self._until is not None and now >= self._until
        if self.rung == 0 and not satisfied and not gave_up:
            self.refused = True  # we ended it, without a talk, a promise or an answer
            print(f"refused, having heard: {self.phone.heard[-3:]}")


class Workers:
    """The agents: they take what rings, write up, and take the next."""

    def __init__(self, centre: Centre, chance: random.Random) -> None:
        self._centre, self._chance = centre, chance
        self._writes_until: dict[AgentId, float] = {}

    async def act(self) -> None:
        """Do what agents do in this second."""
        for agent, phone in self._centre.phones.items():
            if phone.ringing:
                phone.answer()
            elif not phone.in_call:
                await self._write_up(agent)

    async def _write_up(self, agent: AgentId) -> None:
        now, routing = self._centre.time.time(), self._centre.rooms.routing
        until = self._writes_until.get(agent)
        if until is not None and now < until:
            return
        desk = await routing.desk(agent)
        if desk.wrap_up and until is not None:
            del self._writes_until[agent]
            await routing.wrap_up(agent, contact=desk.wrap_up, code="finished")
        elif desk.wrap_up:
            self._writes_until[agent] = now + self._chance.expovariate(1 / WRITING_UP)
        elif desk.state is AgentState.NOT_READY:
            await routing.set_state(agent, state=AgentState.READY)
