"""Answers what the flow asks about being rung back: on which number, when, and what became of the promise."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import structlog

from core.clock import Clock
from core.errors import ConflictError, NotFoundError, UnavailableError
from core.ids import ContactId
from core.phone import PhoneNumber, grouped, parse_phone
from ivr import promised
from ivr.editions import Editions
from ivr.errors import BeingRungError
from ivr.model import FoundTimes, Inquiry, InquiryAnswered, InquiryName, Line, Position, Time, Wait
from ivr.opening_hours import OpeningHours, is_open
from ivr.ports import Promise, Promises
from ivr.records import Records
from ivr.spoken import DigitGroups
from storage.database import DatabaseUnavailableError

log = structlog.get_logger()

WaitOf = Callable[[ContactId], Awaitable[Wait | None]]
"""Tells what is foreseen of the wait of somebody in the line; ``None`` for one who does not wait."""

PATIENCE_SECONDS = 1.0
"""Nobody is welcomed later than this because we look whether something is promised already."""

EMERGENCY = frozenset({"112", "911", "999", "90000"})
_SHORT = re.compile(r"[1-9][0-9]{2,5}")
"""No number of a subscriber in Sweden has so few digits, and none begins otherwise than with 0 (PTS numbering plan)."""


class RingingBack:
    """Answers inquiries. The number that a caller has keyed lives here, in memory, until the call ends; the code that
    proves us is read when it is said, and kept nowhere."""

    def __init__(
        self,
        *,
        promises: Promises,
        records: Records,
        clock: Clock,
        editions: Editions,
        wait_of: WaitOf,
        our_number: str,
    ) -> None:
        self._promises = promises
        self._records = records
        self._clock = clock
        self._editions = editions
        self._wait_of = wait_of
        self._our_number = our_number
        self._keyed: dict[ContactId, PhoneNumber] = {}

    def forget(self, contact: ContactId) -> None:
        """Let go of the number that a caller has keyed."""
        self._keyed.pop(contact, None)

    async def answer(self, inquiry: Inquiry) -> InquiryAnswered | None:
        """Return the answer to an inquiry; ``None`` when it comes later, as a fact of another room."""
        match inquiry.name:
            case InquiryName.CALLER_NUMBER | InquiryName.KEYED_NUMBER | InquiryName.NUMBER_BACK:
                return await self._of_numbers(inquiry)
            case InquiryName.SOONEST | InquiryName.TIMES | InquiryName.OTHER_TIMES:
                return await self._of_times(inquiry)
            case InquiryName.PROMISE_CALLBACK:
                return await self._request(inquiry)
            case _:
                return await self._of_promises(inquiry)

    # --- on which number ----------------------------------------------------------------------------------------------

    async def _of_numbers(self, inquiry: Inquiry) -> InquiryAnswered:
        contact = inquiry.position.contact
        if inquiry.name is InquiryName.CALLER_NUMBER:
            own = await self._number(contact, "caller")
            return _said(inquiry, "known", _number("number_own", own)) if own else _said(inquiry, "withheld")
        if inquiry.name is InquiryName.KEYED_NUMBER:
            return self._take_number(inquiry)
        keyed = self._keyed.get(contact)
        return _said(inquiry, "known", _number("number_back", keyed)) if keyed else _said(inquiry, "unknown")

    def _take_number(self, inquiry: Inquiry) -> InquiryAnswered:
        if inquiry.digits in EMERGENCY:
            return _said(inquiry, "emergency")
        if _SHORT.fullmatch(inquiry.digits):
            return _said(inquiry, "short")
        number = parse_phone(inquiry.digits)
        if number is None:
            return _said(inquiry, "not_valid")
        self._keyed[inquiry.position.contact] = number
        return _said(inquiry, "valid")

    async def _number(self, contact: ContactId, which: str) -> PhoneNumber | None:
        if which == "keyed":
            return self._keyed.get(contact)
        try:
            return parse_phone(await self._records.caller(contact))
        except DatabaseUnavailableError:
            return None

    # --- when ---------------------------------------------------------------------------------------------------------

    async def _of_times(self, inquiry: Inquiry) -> InquiryAnswered:
        now = self._clock.now()
        if inquiry.name is InquiryName.SOONEST:
            turn = await self._turn(inquiry.position)
            values = {"time": promised.between(turn, at=now)} if turn else {}
            return InquiryAnswered(turn=inquiry.turn, result="sure" if turn else "unsure", values=values)
        try:
            return await self._find_times(inquiry)
        except UnavailableError:
            return _said(inquiry, "none")

    async def _find_times(self, inquiry: Inquiry) -> InquiryAnswered:
        now, queue, present = self._clock.now(), inquiry.queue, None
        if inquiry.name is InquiryName.OTHER_TIMES:
            promise = await self._promises.open_for(inquiry.position.contact)
            if promise is None:
                return _said(inquiry, "gone")
            queue, present = promise.queue or queue, promise.slot
        every = [time for time in await self._promises.times(queue) if time != present]
        times = promised.worth_saying(every, at=now)
        found = FoundTimes(at=now, times=times)
        return InquiryAnswered(turn=inquiry.turn, result="found" if times else "none", found=found)

    async def _turn(self, position: Position) -> Time | None:
        if not position.in_line:
            return None
        try:
            wait = await self._wait_of(position.contact)
        except UnavailableError:
            return None
        return promised.foreseen_turn(wait, self._hours(position))

    def _hours(self, position: Position) -> OpeningHours:
        return self._editions.entry_point(position.entry).hours

    # --- the promise --------------------------------------------------------------------------------------------------

    async def _request(self, inquiry: Inquiry) -> InquiryAnswered | None:
        position = inquiry.position
        number = await self._number(position.contact, inquiry.number)
        if number is None:
            return _said(inquiry, "withheld" if inquiry.number == "caller" else "not_possible")
        told = None if position.slot else await self._turn(position)
        try:
            await self._records.request_callback(position, number=number, queue=inquiry.queue, told=told)
        except DatabaseUnavailableError:
            return _said(inquiry, "failed")
        return None  # the promise comes as a fact, after its row is committed (I-11)

    async def _of_promises(self, inquiry: Inquiry) -> InquiryAnswered:
        looks_first = inquiry.name is InquiryName.OPEN_PROMISE
        try:
            async with asyncio.timeout(PATIENCE_SECONDS if looks_first else None):
                return await self._look(inquiry)
        except (UnavailableError, TimeoutError) as error:
            log.warning("ivr.promise_unknown", contact=inquiry.position.contact, kind=type(error).__name__)
            return _said(inquiry, _UNAVAILABLE[inquiry.name])

    async def _look(self, inquiry: Inquiry) -> InquiryAnswered:
        contact, now = inquiry.position.contact, self._clock.now()
        if inquiry.name in (InquiryName.PROMISE, InquiryName.PROMISE_CODE):
            made = await self._promises.promised_to(contact)
            return self._told(inquiry, made) if made else _said(inquiry, "unknown")
        promise = await self._promises.open_for(contact)
        if promise is None:
            return _said(inquiry, "none" if inquiry.name is InquiryName.OPEN_PROMISE else "gone")
        if inquiry.name is InquiryName.OPEN_PROMISE:
            hours, caller = self._hours(inquiry.position), await self._number(contact, "caller")
            lines = promised.of_known(promise, hours, at=now, caller=caller)
            return _said(inquiry, "known" if is_open(hours, at=now) else "known_closed", *lines)
        return await self._change(inquiry, promise)

    async def _change(self, inquiry: Inquiry, promise: Promise) -> InquiryAnswered:
        match inquiry.name:
            case InquiryName.CANCEL_PROMISE:
                over = await self._promises.cancel(promise.callback)
                return _said(inquiry, "cancelled" if over else "gone")
            case InquiryName.MOVE_PROMISE:
                return await self._move(inquiry, promise)
            case _:
                return _said(inquiry, "kept")

    async def _move(self, inquiry: Inquiry, promise: Promise) -> InquiryAnswered:
        slot = inquiry.position.slot
        try:
            moved = await self._promises.move(promise.callback, slot.starts_at if slot else None)
        except BeingRungError:
            return _said(inquiry, "busy")
        except (ConflictError, NotFoundError):
            return _said(inquiry, "gone")
        if moved is None:
            return _said(inquiry, "taken")
        line = promised.of_time(moved, self._hours(inquiry.position), at=self._clock.now())
        return _said(inquiry, "moved", line)

    def _told(self, inquiry: Inquiry, promise: Promise) -> InquiryAnswered:
        if inquiry.name is InquiryName.PROMISE_CODE:
            lines = promised.of_code(promise)
        else:
            hours, now = self._hours(inquiry.position), self._clock.now()
            lines = promised.of_promise(promise, hours, at=now, our_number=self._our_number)
        return _said(inquiry, "told" if lines else "unknown", *lines)


_UNAVAILABLE = {
    InquiryName.PROMISE: "unknown",
    InquiryName.PROMISE_CODE: "unknown",
    InquiryName.OPEN_PROMISE: "none",
    InquiryName.KEEP_PROMISE: "kept",
    InquiryName.MOVE_PROMISE: "failed",
    InquiryName.CANCEL_PROMISE: "failed",
}
"""What is answered when nobody can look: a promise that is kept stands, whether we see it or not."""


def _number(wording: str, number: PhoneNumber) -> Line:
    return Line(wording=wording, values={"number": DigitGroups(grouped(number))})


def _said(inquiry: Inquiry, result: str, *lines: Line) -> InquiryAnswered:
    return InquiryAnswered(turn=inquiry.turn, result=result, lines=lines)
