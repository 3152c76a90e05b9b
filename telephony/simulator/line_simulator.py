"""The simulator as a ``Switch``: its telephones are objects, without audio and, if wished, without time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import assert_never

from core.clock import Clock
from core.ids import NewId
from telephony import line
from telephony.errors import LegNotAnsweredError, SwitchTakenOverError
from telephony.model import (
    Action,
    Answer,
    Ask,
    Bridge,
    CallEvent,
    HangUp,
    Hold,
    LegAdopted,
    LegsCounted,
    PutOnHold,
    Ring,
    Say,
    SwitchConnected,
    TakeOffHold,
)
from telephony.simulator.exchange import Exchange
from telephony.simulator.legs import SimulatedLeg
from telephony.simulator.phone import SimulatedPhone, Sound
from telephony.timers import Timers


class LineSimulator:
    """A telephone exchange in memory.

    With ``seconds_per_character=0`` prompts end at once; else each takes its length times this, on ``timers``: the
    running loop unless :class:`~telephony.simulator.virtual_time.VirtualTime` is handed in. A call that comes in
    while nobody iterates :meth:`events` rings until somebody does. ``on_sound`` is told whatever any phone notices.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        new_id: NewId,
        timers: Timers | None = None,
        seconds_per_character: float = 0.0,
        name: str = "simulator",
        on_sound: Callable[[str, Sound], None] | None = None,
    ) -> None:
        self._clock = clock
        self._name = name
        self._listener: asyncio.Queue[CallEvent | None] | None = None
        self._exchange = Exchange(
            clock=clock,
            new_id=new_id,
            timers=lambda: timers if timers is not None else asyncio.get_running_loop(),
            seconds_per_character=seconds_per_character,
            emit=self._emit,
            on_sound=on_sound,
        )

    # --- the world outside --------------------------------------------------------------------------------------------

    def phone(self, number: str) -> SimulatedPhone:
        """Return the telephone with this number or agent's endpoint, which from now on can be rung."""
        return self._exchange.phone(number)

    def call(self, called: str, *, caller: str = "", display_name: str = "") -> SimulatedPhone:
        """Let the telephone ``caller`` (``""``: one that withholds its number) ring one of our numbers, and return it.

        A telephone withholds it, too, when ``#31#`` is dialled before our number.
        """
        phone = self._exchange.call_in(called, caller=caller, display_name=display_name)
        self._announce()
        return phone

    # --- the Switch port ----------------------------------------------------------------------------------------------

    async def perform(self, action: Action) -> None:
        """Start an action. Raises as ``telephony.ports.Switch.perform`` says."""
        match action:
            case Ring():
                self._exchange.ring(action)
            case Bridge():
                self._exchange.bridge(action)
            case HangUp():
                if (leg := self._exchange.legs.get(action.leg)) is not None:
                    self._exchange.end(leg, action.cause, by_us=True)
            case Answer():
                self._answer(self._exchange.find(action.leg))
            case PutOnHold() | TakeOffHold():
                self._switch_hold(self._exchange.find_audible(action.leg), action)
            case Say() | Ask() | Hold():
                self._sound(self._exchange.find_audible(action.leg), action)
            case _:
                assert_never(action)

    async def ping(self) -> None:
        """Give a sign of life: it is there for as long as its process is."""

    async def events(self) -> AsyncIterator[CallEvent]:
        """Adopt what is there and yield what happens; an earlier iteration ends with ``SwitchTakenOverError``."""
        queue: asyncio.Queue[CallEvent | None] = asyncio.Queue()
        if self._listener is not None:
            self._listener.put_nowait(None)
        self._listener = queue
        legs = [leg for leg in self._exchange.legs.values() if leg.announced]
        for leg in legs:
            leg.forget_question()
        adopted = [self._adopted(leg) for leg in legs]
        self._announce()
        try:
            for event in adopted:
                yield event
            yield SwitchConnected(occurred_at=self._clock.now(), switch=self._name, legs=tuple(e.leg for e in adopted))
            while (happened := await queue.get()) is not None:
                yield happened
            raise SwitchTakenOverError
        finally:
            if self._listener is queue:
                self._listener = None

    def counted(self) -> LegsCounted:
        """Return what is here just now, as every switch tells every few seconds (:data:`~telephony.model.COUNTED_EVERY_SECONDS`)."""
        legs = {leg.leg: leg for leg in self._exchange.legs.values() if leg.announced}
        bridged = tuple(name for name, leg in legs.items() if leg.bridge)
        return LegsCounted(occurred_at=self._clock.now(), switch=self._name, legs=tuple(legs), bridged=bridged)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _emit(self, event: CallEvent) -> None:
        if self._listener is not None:
            self._listener.put_nowait(event)

    def _announce(self) -> None:
        if self._listener is None:
            return
        for leg in list(self._exchange.legs.values()):
            if not leg.announced:
                self._exchange.announce(leg)

    def _adopted(self, leg: SimulatedLeg) -> LegAdopted:
        return LegAdopted(
            occurred_at=self._clock.now(),
            leg=leg.leg,
            role=leg.role,
            called=leg.called,
            caller=leg.caller,
            display_name=leg.display_name,
            bridge=leg.bridge,
            answered=leg.answered,
        )

    def _answer(self, leg: SimulatedLeg) -> None:
        if leg.ring_timer is not None:
            raise LegNotAnsweredError(leg.leg)
        self._exchange.answer(leg)

    def _sound(self, leg: SimulatedLeg, action: Say | Ask | Hold) -> None:
        match action:
            case Say():
                leg.go_on(line.say(leg.line, action))
            case Ask():
                leg.go_on(line.ask(leg.line, action, now=leg.now))
            case Hold():
                if leg.bridge and action.spares_talk:
                    return
                self._exchange.leave_bridge(leg)
                leg.go_on(line.hold(leg.line, action))

    def _switch_hold(self, leg: SimulatedLeg, action: PutOnHold | TakeOffHold) -> None:
        if isinstance(action, TakeOffHold):
            self._exchange.reconnect(leg)
            return
        leg.on_hold = True
        self._exchange.part(leg)
        leg.go_on(line.hold(leg.line, Hold(leg=leg.leg)))
