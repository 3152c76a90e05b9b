"""What Asterisk tells, turned into what the legs make of it and into our own events."""

import asyncio
from collections.abc import Callable
from typing import assert_never

import structlog

from core.clock import Clock
from core.ids import LegId
from telephony import line
from telephony.asterisk import listening
from telephony.asterisk.adoption import Found
from telephony.asterisk.calls import Calls
from telephony.asterisk.causes import SOUND_STAYED_AWAY, end_cause
from telephony.asterisk.legs import AsteriskLeg
from telephony.asterisk.translate import (
    AriEvent,
    Channel,
    Entered,
    HangingUp,
    Key,
    Left,
    Played,
    Replaced,
    Rings,
)
from telephony.errors import SwitchTakenOverError
from telephony.model import (
    AnsweredBy,
    CallArrived,
    CallEvent,
    HangUp,
    LegAdopted,
    LegAnswered,
    LegRinging,
    LegRole,
    WhoAnswered,
)

_log = structlog.get_logger()


class Incoming:
    """Takes one event after the other, in the order in which they come."""

    def __init__(self, *, calls: Calls, clock: Clock, emit: Callable[[CallEvent], None]) -> None:
        self._calls = calls
        self._clock = clock
        self._emit = emit

    def take(self, event: AriEvent) -> None:
        """Take one event; raises :class:`SwitchTakenOverError` when another controller has taken the application."""
        happened = self._calls.reading.note(event.told_at, now=asyncio.get_running_loop().time())
        match event:
            case Replaced():
                raise SwitchTakenOverError
            case Entered():
                self._enter(event.channel)
            case _:
                leg = self._calls.legs.get(event.leg)
                if leg is not None:
                    self._happen(leg, event, at=happened)

    def adopt(self, found: Found, role: LegRole) -> LegAdopted:
        """Know of a leg that was there before us."""
        channel = found.channel
        leg = self._calls.add(channel.leg, role=role, placed=channel.placed, answered=channel.up)
        leg.adopted, leg.bridge, leg.on_hold = True, found.bridge, found.on_hold
        if found.on_hold:
            leg.line = line.Line(music=line.Music())
        return LegAdopted(
            occurred_at=self._clock.now(),
            leg=channel.leg,
            role=role,
            called=channel.called,
            # On a leg that we placed Asterisk shows our own number as the caller's.
            caller="" if channel.placed else channel.caller,
            display_name="" if channel.placed else channel.display_name,
            bridge=found.bridge,
            answered=channel.up,
        )

    def _happen(self, leg: AsteriskLeg, event: Rings | Key | HangingUp | Left | Played, *, at: float) -> None:
        match event:
            case Rings():
                self._ring(leg)
            case Key():
                leg.pressed(event.key, at=at)
            case HangingUp(by_switch=True):
                self._give_up(leg)
            case HangingUp():
                leg.leaving, leg.cause_code = True, event.cause
            case Left():
                self._calls.end(leg, end_cause(event.cause or leg.cause_code))
            case Played():
                if event.failed and not leg.leaving:
                    _log.error("prompt_failed", leg=leg.leg)
                leg.played(event.playback)
            case _:
                assert_never(event)

    @staticmethod
    def _give_up(leg: AsteriskLeg) -> None:
        """Take note that the switch ends a leg. When nobody asked for it, its sound has stayed away (rtp_timeout).

        The end itself is told without a cause first: without this it would look as if somebody had hung up. After
        the far side's own hanging up the switch also says this, and then it means nothing.
        """
        if leg.hung_up is None and not leg.leaving:
            leg.leaving, leg.cause_code = True, SOUND_STAYED_AWAY

    def _ring(self, leg: AsteriskLeg) -> None:
        if leg.placed and not leg.ringing:
            leg.ringing = True
            self._emit(LegRinging(occurred_at=self._clock.now(), leg=leg.leg))

    def _enter(self, channel: Channel) -> None:
        if listening.is_new_ear(channel.arguments):
            self._calls.background.run(self._calls.attend(channel.leg), leg=channel.leg)
        elif (heard := listening.heard_by(channel.leg, channel.arguments)) is not None:
            self._tell_who(channel.leg, *heard)
        else:
            self._enter_leg(channel)

    def _tell_who(self, ear: LegId, leg: LegId, by: AnsweredBy) -> None:
        self._calls.background.run(self._calls.hang_up(HangUp(leg=ear)), leg=ear)
        known = self._calls.legs.get(leg)
        if known is not None and not known.leaving:
            self._emit(WhoAnswered(occurred_at=self._clock.now(), leg=leg, by=by))

    def _enter_leg(self, channel: Channel) -> None:
        if channel.role is None:
            _log.error("leg_without_role", leg=channel.leg)
            self._calls.background.run(self._calls.hang_up(HangUp(leg=channel.leg)), leg=channel.leg)
            return
        leg = self._calls.legs.get(channel.leg)
        if leg is not None and (leg.answered or not leg.placed):
            return  # adopted a moment ago; whoever does not know it takes LegAdopted for its arrival
        if leg is None:
            leg = self._calls.add(channel.leg, role=channel.role, placed=channel.placed, answered=channel.up)
        if leg.placed:
            leg.answered = True
            self._emit(LegAnswered(occurred_at=self._clock.now(), leg=channel.leg))
            if leg.listens:
                self._calls.background.run(self._calls.listen(leg), leg=leg.leg)
        else:
            self._arrive(channel)

    def _arrive(self, channel: Channel) -> None:
        self._emit(
            CallArrived(
                occurred_at=self._clock.now(),
                leg=channel.leg,
                called=channel.called,
                caller=channel.caller,
                display_name=channel.display_name,
            )
        )
