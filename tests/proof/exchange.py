"""The telephones of a proof: the simulated exchange, watched by the harness, with its events taken to the routers."""

import asyncio
from collections.abc import Callable
from typing import Any

from core.ids import LegId
from telephony.model import Action, CallArrived, CallEvent, LegAnswered, LegEnded, LegsBridged
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone, Sound
from tests.proof.clock import FastClock, FastTimers
from tests.proof.history import History
from tests.proof.links import Links

NUMBER = "0771524524"


class Exchange:
    """Each event goes to one router, in order for each call. What was told to one that died is told to nobody."""

    def __init__(self, clock: FastClock, history: History, lose: Callable[[], bool]) -> None:
        self.links: Links
        self.contact_of: dict[LegId, str] = {}
        self.changed: dict[str, asyncio.Event] = {}
        self._agent_of: dict[LegId, str] = {}
        self._citizens: dict[LegId, str] = {}
        self.promised: dict[str, str] = {}
        """The contact of each number that is to be rung back."""
        self._clock, self._history, self._lose = clock, history, lose
        self._numbers = 0
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._arrived: dict[str, asyncio.Future[LegId]] = {}
        self._open_bridges: dict[LegId, dict[str, Any]] = {}
        self._take_over: asyncio.Task[None] | None = None
        self._again = False
        self.switch = LineSimulator(
            clock=clock, new_id=self._new_id, timers=FastTimers(clock.speed), on_sound=self._on_sound
        )

    def start(self) -> None:
        self._pump = asyncio.create_task(self._listen())
        self._compare = asyncio.create_task(self._count_legs())

    async def close(self) -> None:
        for task in (self._pump, self._compare, self._take_over, *self._lanes.values()):
            if task is not None:
                task.cancel()

    async def perform(self, action: Action) -> None:
        """What a router asks; instantly, and with the errors of the switch port."""
        await self.switch.perform(action)

    def phone(self, number: str) -> SimulatedPhone:
        self.changed.setdefault(number, asyncio.Event())
        return self.switch.phone(number)

    async def call_in(self, number: str, contact: str) -> tuple[SimulatedPhone, LegId]:
        """A citizen rings; return the telephone and the leg."""
        self.changed.setdefault(number, asyncio.Event())
        self._arrived[number] = arrived = asyncio.get_running_loop().create_future()
        phone = self.switch.call(NUMBER, caller=number)
        leg = await arrived
        self.contact_of[leg] = self._citizens[leg] = contact
        return phone, leg

    def promise(self, number: str, contact: str) -> tuple[SimulatedPhone, asyncio.Event]:
        """A citizen who is to be rung back on this number; return the telephone, and what tells that it does something."""
        phone = self.phone(number)
        self.promised[number] = contact
        return phone, self.changed[number]

    def trouble(self) -> None:
        """A controller is gone, or seems to be: another takes its place soon, and looks which legs are there."""
        self._again = True
        if self._take_over is None or self._take_over.done():
            self._take_over = asyncio.create_task(self._taken_over())

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _taken_over(self) -> None:
        while self._again:
            await asyncio.sleep(0.3)
            self._again = False
            await self._tell_living("adopt")

    async def _count_legs(self) -> None:
        """As the real switch does every few seconds: whatever was told, this is what is there."""
        while True:
            await asyncio.sleep(max(1.5, 5 / self._clock.speed))
            await self._tell_living("compare")

    async def _tell_living(self, do: str) -> None:
        legs = [
            [leg.leg, str(leg.role), leg.bridge, leg.answered]
            for leg in self.switch._exchange.legs.values()
            if leg.announced
        ]
        link = self.links.anybody(for_key="controller")
        answer = await self.links.ask(do, link=link, legs=legs, at=self._clock.elapsed())
        if answer.error is None and do == "adopt":
            self._again = True

    async def _listen(self) -> None:
        async for event in self.switch.events():
            match event:
                case CallArrived():
                    self._arrived.pop(event.caller).set_result(event.leg)
                case LegAnswered():
                    self._deliver(event, event.leg)
                case LegEnded():
                    self._ended(event.leg)
                    if not self._lose():
                        extra = {"contact": self._citizens[event.leg]} if event.leg in self._citizens else {}
                        self._deliver(event, event.leg, cause=str(event.cause), **extra)
                    else:
                        self._history.write("event_lost", leg=event.leg)
                case LegsBridged():
                    self._bridged(event)
                    self._deliver(event, event.legs[0], contact=event.bridge, other=event.legs[1])

    def _deliver(self, event: CallEvent, leg: LegId, **more: str) -> None:
        key = self.contact_of.get(leg) or leg
        before = self._lanes.get(key)
        self._lanes[key] = asyncio.create_task(self._after(before, key, type(event).__name__, leg, more))

    async def _after(
        self, before: asyncio.Task[None] | None, key: str, kind: str, leg: LegId, more: dict[str, str]
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        answer = await self.links.ask("event", link=self.links.anybody(for_key=key), kind=kind, leg=leg, **more)
        if answer.error is None:
            self.trouble()  # whoever heard it is gone, perhaps with what it should have done
        elif answer.error:
            self._history.write("event_failed", event=kind, leg=leg, error=answer.error)

    def _bridged(self, event: LegsBridged) -> None:
        citizen, agent = event.legs
        name = self._agent_of[agent]
        self._history.write("bridged", contact=self.contact_of.get(citizen, ""), agent=name, leg=agent)
        self._open_bridges[citizen] = self._open_bridges[agent] = {
            "contact": self.contact_of.get(citizen, ""),
            "leg": agent,
        }

    def _ended(self, leg: LegId) -> None:
        if leg in self._citizens:
            self._history.write("hung_up", contact=self._citizens[leg])
        bridge = self._open_bridges.pop(leg, None)
        if bridge is not None:
            self._history.write("unbridged", **bridge)
            for other, same in list(self._open_bridges.items()):
                if same is bridge:
                    del self._open_bridges[other]

    def _on_sound(self, number: str, _sound: Sound) -> None:
        phone = self.switch.phone(number)
        if "Contact" in phone.notes and phone.line is not None and phone.ringing:
            self.contact_of[leg_of(phone)] = phone.notes["Contact"]
            self._agent_of[leg_of(phone)] = number.removeprefix("agent-")
        elif number in self.promised and phone.line is not None and phone.ringing:
            self.contact_of[leg_of(phone)] = self.promised[number]
        if number in self.changed:
            self.changed[number].set()

    def _new_id(self, prefix: str) -> str:
        self._numbers += 1
        return f"{prefix}_in_{self._numbers:06d}"


def leg_of(phone: SimulatedPhone) -> LegId:
    """The leg that a telephone has in the exchange just now; ``""`` when it has none."""
    line: Any = phone.line
    return LegId(line._leg.leg) if line is not None else LegId("")
