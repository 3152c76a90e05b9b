"""The inside of the simulated exchange: legs, telephones and bridges, and the facts that come of them."""

from collections.abc import Callable
from datetime import datetime

from core.clock import Clock
from core.ids import LegId, NewId
from core.phone import parse_phone
from telephony import line
from telephony.errors import LegGoneError, LegNotAnsweredError
from telephony.line import Report
from telephony.model import (
    AnsweredBy,
    Bridge,
    CallArrived,
    CallEvent,
    EndCause,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegRole,
    LegsBridged,
    Ring,
    WhoAnswered,
)
from telephony.reports import event_of
from telephony.simulator.legs import SimulatedLeg
from telephony.simulator.phone import SimulatedPhone, Sound, SoundKind
from telephony.timers import Timers

WITHHOLD = "#31#"
"""What one dials before a number so that one's own is not shown (mobile telephones; 3GPP TS 22.030)."""


class Exchange:
    """Everything on the far side of the ``Switch`` port; each happening is handed to ``emit``."""

    def __init__(
        self,
        *,
        clock: Clock,
        new_id: NewId,
        timers: Callable[[], Timers],
        seconds_per_character: float,
        emit: Callable[[CallEvent], None],
        on_sound: Callable[[str, Sound], None] | None,
    ) -> None:
        self.legs: dict[LegId, SimulatedLeg] = {}
        self._phones: dict[str, SimulatedPhone] = {}
        self._clock = clock
        self._new_id = new_id
        self._timers = timers
        self._seconds_per_character = seconds_per_character
        self._emit = emit
        self._on_sound = on_sound

    def phone(self, number: str) -> SimulatedPhone:
        """Return the telephone with this number or endpoint; there is one from now on if there was none."""
        key = _same_number(number)
        if key not in self._phones:
            self._phones[key] = SimulatedPhone(number, on_sound=self._on_sound)
        return self._phones[key]

    def call_in(self, called: str, *, caller: str, display_name: str) -> SimulatedPhone:
        """Let a telephone ring us; one with its number withheld is a new one each time."""
        phone = self.phone(caller) if caller else SimulatedPhone("", on_sound=self._on_sound)
        if phone.in_call:
            raise ValueError("this telephone is in a call already")
        leg = self._new_leg(LegId(self._new_id("leg")), role=LegRole.CITIZEN, phone=phone)
        leg.called, leg.caller, leg.display_name = called.removeprefix(WITHHOLD), caller, display_name
        if called.startswith(WITHHOLD):
            leg.caller = ""
        return phone

    def announce(self, leg: SimulatedLeg) -> None:
        """Report the arrival of a call, once there is somebody to report it to."""
        leg.announced = True
        self._emit(
            CallArrived(
                occurred_at=self._now, leg=leg.leg, called=leg.called, caller=leg.caller, display_name=leg.display_name
            )
        )

    def find(self, leg: LegId) -> SimulatedLeg:
        """Return a living leg; raises :class:`LegGoneError`."""
        if leg not in self.legs:
            raise LegGoneError(leg)
        return self.legs[leg]

    def find_audible(self, leg: LegId) -> SimulatedLeg:
        """Return a living leg that something can be said on; raises :class:`LegNotAnsweredError` besides."""
        found = self.find(leg)
        if found.ring_timer is not None:
            raise LegNotAnsweredError(leg)
        return found

    def ring(self, action: Ring) -> None:
        """Ring a telephone; one that nobody has cannot be reached, one that is in a call is busy."""
        if action.leg in self.legs:
            return
        phone = self._phones.get(_same_number(action.target))
        if phone is None or phone.in_call:
            cause = EndCause.UNREACHABLE if phone is None else EndCause.BUSY
            self._emit(LegEnded(occurred_at=self._now, leg=action.leg, cause=cause))
            return
        leg = self._new_leg(action.leg, role=action.role, phone=phone)
        leg.announced, leg.listens = True, action.listen
        leg.ring_timer = self._timers().call_later(
            action.timeout_seconds, lambda: self.end(leg, EndCause.NO_ANSWER, by_us=False)
        )
        phone.ringing, phone.shown_number, phone.notes = True, action.shown_number, dict(action.notes)
        phone.notice(Sound(SoundKind.RINGING, action.shown_number))
        self._emit(LegRinging(occurred_at=self._now, leg=leg.leg))

    def answer(self, leg: SimulatedLeg) -> None:
        """Let the phone of this leg be in a call; without effect when it is already."""
        if leg.answered:
            return
        leg.answered, leg.phone.answered = True, True
        leg.phone.notice(Sound(SoundKind.ANSWERED))

    def taken(self, leg: SimulatedLeg) -> None:
        """Take note that the owner of a phone that rang has answered it."""
        if leg.ring_timer is not None:
            leg.ring_timer.cancel()
        leg.ring_timer, leg.phone.ringing = None, False
        self.answer(leg)
        self._emit(LegAnswered(occurred_at=self._now, leg=leg.leg))
        if leg.listens:
            by = AnsweredBy.MACHINE if leg.phone.is_machine else AnsweredBy.HUMAN
            self._emit(WhoAnswered(occurred_at=self._now, leg=leg.leg, by=by))

    def bridge(self, action: Bridge) -> None:
        """Connect two legs."""
        pair = [self.find_audible(leg) for leg in action.legs]
        for leg in pair:
            if leg.bridge != action.bridge:
                self.leave_bridge(leg)
            leg.on_hold = False
            leg.go_on(line.silence(leg.line))
            self.answer(leg)
            leg.bridge = action.bridge
        self._connect(pair)
        self._emit(LegsBridged(occurred_at=self._now, bridge=action.bridge, legs=action.legs))

    def reconnect(self, leg: SimulatedLeg) -> None:
        """Bring a leg that was put on hold back to its bridge."""
        leg.on_hold = False
        leg.go_on(line.silence(leg.line))
        self._connect(self._in_bridge(leg.bridge))

    def part(self, leg: SimulatedLeg) -> None:
        """Let this leg and its partner not hear each other; both stay in the bridge."""
        for each in self._in_bridge(leg.bridge):
            each.phone.connected_to = None
            if not each.on_hold:
                each.phone.notice(Sound(SoundKind.SILENCE))

    def leave_bridge(self, leg: SimulatedLeg) -> None:
        """Take the leg out; the other is left alone and silent, and the bridge is gone."""
        if not leg.bridge:
            return
        for each in self._in_bridge(leg.bridge):
            each.bridge, each.on_hold, each.phone.connected_to = "", False, None
            if each is not leg and each.line.music is None:
                each.phone.notice(Sound(SoundKind.SILENCE))

    def end(self, leg: SimulatedLeg, cause: EndCause, *, by_us: bool) -> None:
        """End a leg from either side."""
        if self.legs.pop(leg.leg, None) is None:
            return
        leg.ended()
        self.leave_bridge(leg)
        phone = leg.phone
        phone.line, phone.ringing, phone.connected_to, phone.ended = None, False, None, cause
        phone.notice(Sound(SoundKind.ENDED, cause))
        self._emit(LegEnded(occurred_at=self._now, leg=leg.leg, cause=cause, by_us=by_us))

    @property
    def _now(self) -> datetime:
        return self._clock.now()

    def _new_leg(self, leg_id: LegId, *, role: LegRole, phone: SimulatedPhone) -> SimulatedLeg:
        leg = SimulatedLeg(
            leg=leg_id,
            role=role,
            phone=phone,
            timers=self._timers(),
            seconds_per_character=self._seconds_per_character,
            report=self._report,
        )
        self.legs[leg_id] = leg
        phone.line, phone.answered, phone.ended = _LineOfPhone(self, leg), False, None
        return leg

    def _in_bridge(self, bridge: str) -> list[SimulatedLeg]:
        return [leg for leg in self.legs.values() if bridge and leg.bridge == bridge]

    def _connect(self, legs: list[SimulatedLeg]) -> None:
        if len(legs) < 2 or any(leg.on_hold for leg in legs):
            return
        for leg, other in zip(legs, reversed(legs), strict=True):
            leg.phone.connected_to = other.phone.number
            leg.phone.notice(Sound(SoundKind.CONNECTED, other.phone.number))

    def _report(self, leg: LegId, report: Report) -> None:
        self._emit(event_of(report, leg=leg, at=self._now))


class _LineOfPhone:
    """What a phone can do to its leg."""

    def __init__(self, exchange: Exchange, leg: SimulatedLeg) -> None:
        self._exchange = exchange
        self._leg = leg

    @property
    def asks(self) -> bool:
        return self._leg.asks

    def press(self, key: str) -> None:
        if self._leg.ring_timer is None:
            self._leg.press(key)

    def hang_up(self) -> None:
        cause = EndCause.NORMAL if self._leg.ring_timer is None else EndCause.REJECTED
        self._exchange.end(self._leg, cause, by_us=False)

    def answer(self) -> None:
        self._exchange.taken(self._leg)

    def reject(self, cause: EndCause) -> None:
        self._exchange.end(self._leg, cause, by_us=False)


def _same_number(number: str) -> str:
    parsed = parse_phone(number)
    return parsed.e164 if parsed is not None else number
