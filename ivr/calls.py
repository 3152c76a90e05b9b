"""Carries a call on: steps the engine, does what it says, keeps the position, and sets the clock for what comes later."""

from dataclasses import dataclass, replace
from functools import partial

import structlog

from core.errors import UnavailableError
from core.ids import ContactId
from ivr.editions import Editions
from ivr.engine import step
from ivr.inquiries import NOT_YET, Inquiries
from ivr.lanes import Lanes, Work
from ivr.model import (
    Broke,
    Inquiry,
    InquiryAnswered,
    InquiryName,
    IvrAction,
    IvrEvent,
    Phase,
    Placed,
    Position,
    Resumed,
    Stranded,
    Tell,
    WaitedOn,
)
from ivr.records import Records
from ivr.ringing_back import WaitOf
from ivr.store import Positions
from storage.database import DatabaseUnavailableError
from telephony.errors import LegGoneError, SwitchUnavailableError
from telephony.model import Said
from telephony.ports import Performs
from telephony.timers import TimerHandle, Timers

log = structlog.get_logger()

MOST_FAULTS = 3
"""After so many faults in a call no flow is tried any more."""


@dataclass(frozen=True)
class Patience:
    """How long things may take, in seconds: a promise, the music between two updates, and until a new attempt."""

    promise: float = 5.0
    between_updates: float = 75.0
    retry: float = 2.0


class Calls:
    """Calls that have begun. Its methods run in the lane of the call."""

    def __init__(
        self,
        *,
        editions: Editions,
        switch: Performs,
        positions: Positions,
        inquiries: Inquiries,
        records: Records,
        lanes: Lanes,
        timers: Timers,
        patience: Patience,
        wait_of: WaitOf,
    ) -> None:
        self._editions = editions
        self.switch = switch
        self._positions = positions
        self._inquiries = inquiries
        self._records = records
        self._lanes = lanes
        self._timers = timers
        self.patience = patience
        self._wait_of = wait_of
        self._clock = records.clock
        self._updates: dict[ContactId, TimerHandle] = {}

    async def go_on(self, position: Position, event: IvrEvent) -> None:
        """Take an event of a call, and go on until the caller has to do something."""
        position = await self._foreseeing(position, event)
        book, position, opened = self._editions.open_at(position, event)
        following: IvrEvent | None = opened
        while following is not None:
            try:
                position, actions = step(book, position, following)
                following = await self._carry_out(position, actions)
            except Exception as error:
                log.exception("ivr.fault", contact=position.contact, kind=type(error).__name__, exc_info=False)
                following = self._after_fault(position, following)
        await self._positions.put(
            position
        )  # once: what lies between was answered at once, and nobody could go on with it
        self._set_update(position)

    async def _foreseeing(self, position: Position, event: IvrEvent) -> Position:
        """Look up what is foreseen of a wait, when something may be said about it now."""
        if position.phase is not Phase.WAITING or not isinstance(event, Placed | WaitedOn | Said):
            return position
        try:
            foreseen = await self._wait_of(position.contact)
        except UnavailableError:
            foreseen = None  # then the caller hears what is known without it
        return position if foreseen == position.foreseen else replace(position, foreseen=foreseen)

    async def forget(self, position: Position) -> None:
        """Let go of a call that has ended."""
        self._stop_update(position.contact)
        self._inquiries.forget(position.contact)
        await self._positions.forget(position)

    def later(self, key: str, seconds: float, work: Work) -> TimerHandle:
        """Have work done in a lane after a time."""
        return self._timers.call_later(seconds, lambda: self._lanes.post(key, work))

    def _after_fault(self, position: Position, failed: IvrEvent | None) -> IvrEvent | None:
        """Go to a human; when that fails too, keep the caller with music; and try that again if even that fails."""
        if isinstance(failed, Stranded):
            self._later_event(position, Stranded(), seconds=self.patience.retry)
            return None
        if isinstance(failed, Broke) or position.faults >= MOST_FAULTS:
            self._enter_line_later(Inquiry(name=InquiryName.REQUEST_HUMAN, position=position, queue=position.queue))
            return Stranded()
        return Broke()

    async def _carry_out(self, position: Position, actions: tuple[IvrAction, ...]) -> InquiryAnswered | None:
        """Do what the caller hears first, then what others are told, then what has to be found out."""
        if not await self._perform(position, actions):
            return None
        for tell in actions:
            if isinstance(tell, Tell):
                await self._tell(position, tell)
        inquiry = next((action for action in actions if isinstance(action, Inquiry)), None)
        return await self._inquire(inquiry) if inquiry else None

    async def _perform(self, position: Position, actions: tuple[IvrAction, ...]) -> bool:
        try:
            for action in actions:
                if not isinstance(action, Tell | Inquiry):
                    await self.switch.perform(action)
        except LegGoneError:
            return False  # its end is on the way to us
        except SwitchUnavailableError:
            log.warning("ivr.switch_unavailable", contact=position.contact)
            self._later_event(position, Resumed(), seconds=self.patience.retry)
            return False
        return True

    async def _tell(self, position: Position, tell: Tell) -> None:
        try:
            await self._records.told(position, tell)
        except DatabaseUnavailableError:
            log.warning("ivr.not_told", contact=position.contact, what=tell.what, kind=tell.kind)

    async def _inquire(self, inquiry: Inquiry) -> InquiryAnswered | None:
        answered = await self._inquiries.answer(inquiry)
        if answered is None:
            late = InquiryAnswered(turn=inquiry.turn, result="failed")
            self._later_event(inquiry.position, late, seconds=self.patience.promise)
        elif answered.result == NOT_YET:
            self._enter_line_later(inquiry)
        return answered

    # --- later ------------------------------------------------------------------------------------------------------

    def _later_event(self, position: Position, event: IvrEvent, *, seconds: float) -> None:
        self.later(position.leg, seconds, partial(self._if_alive, position.contact, event))

    async def _if_alive(self, contact: ContactId, event: IvrEvent) -> None:
        position = await self._positions.get(contact)
        if position is not None:
            await self.go_on(position, event)

    def _enter_line_later(self, inquiry: Inquiry) -> None:
        self.later(inquiry.position.leg, self.patience.retry, partial(self._enter_line, inquiry))

    async def _enter_line(self, inquiry: Inquiry) -> None:
        """Enter the line once the database is back; the caller hears music meanwhile, and loses no time by it."""
        position = await self._positions.get(inquiry.position.contact)
        if position is None or not position.in_line:
            return
        try:
            if position.rung:
                await self._records.confirm(position)
            else:
                await self._records.request_human(position, queue=position.queue)
        except Exception as error:  # whatever it is, the caller still waits
            log.warning("ivr.line_not_entered", contact=position.contact, kind=type(error).__name__)
            self._enter_line_later(inquiry)

    def _set_update(self, position: Position) -> None:
        waits = position.phase is Phase.WAITING
        if not waits:
            self._stop_update(position.contact)
        elif position.contact not in self._updates and self._positions.is_own(position.contact):
            work = partial(self._update, position.contact)
            self._updates[position.contact] = self.later(position.leg, self.patience.between_updates, work)

    async def _update(self, contact: ContactId) -> None:
        self._updates.pop(contact, None)
        await self._if_alive(contact, WaitedOn(at=self._clock.now()))

    def _stop_update(self, contact: ContactId) -> None:
        if (timer := self._updates.pop(contact, None)) is not None:
            timer.cancel()
