"""Shows the IVR the promises that the callbacks room keeps, as far as a caller may hear of them; and ``doctor`` their caps."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from app.system import SystemClock, new_id
from callbacks.caps import in_words, looks_like_fraud
from callbacks.errors import CallbackBusyError, SlotTakenError
from callbacks.model import Callback, Period, Policy
from callbacks.requesting import Request
from callbacks.ringing_hours import next_open
from callbacks.service import Callbacks
from contacts.model import Channel, Contact
from contacts.service import Contacts
from core.clock import STOCKHOLM
from core.ids import CallbackId, ContactId
from core.language import Language
from core.phone import PhoneNumber
from ivr.errors import BeingRungError
from ivr.events import CallbackRequested
from ivr.model import Time
from ivr.ports import Promise
from storage.database import Database

if TYPE_CHECKING:
    from meetings.model import Meeting
    from meetings.register import Register

CITIZEN = "citizen"
TAIL = 2
"""So many digits of a number tell its owner which one it is, and nobody else anything."""


class KeptPromises:
    """The callbacks room behind the port of the IVR. ``how_often`` tells how often we try to reach somebody."""

    def __init__(self, callbacks: Callbacks, *, how_often: Callable[[], int]) -> None:
        self._callbacks = callbacks
        self._how_often = how_often

    async def open_for(self, contact: ContactId) -> Promise | None:
        """Return the open promise of whoever this contact is, without its code: a number proves nobody."""
        row = await self._callbacks.open_of_contact(contact)
        return self._as_heard(row) if row else None

    async def promised_to(self, contact: ContactId) -> Promise | None:
        """Return the promise that this contact got; with its code if it was made in this very call."""
        row = await self._callbacks.promised_to(contact)
        if row is None:
            return None
        return self._as_heard(row, proof=row.proof if row.contact == contact else "")

    async def times(self, queue: str) -> Sequence[Time]:
        """Return the times that can be chosen in a queue."""
        return [_time(period) for period in await self._callbacks.times(queue=queue)]

    async def move(self, callback: CallbackId, starts_at: datetime | None) -> Promise | None:
        """Give a promise another time, or its place; ``None`` when somebody else was quicker.

        Raises :class:`BeingRungError` while they are being rung.
        """
        try:
            return self._as_heard(await self._callbacks.move(callback, slot_at=starts_at, by=CITIZEN))
        except SlotTakenError:
            return None
        except CallbackBusyError as error:
            raise BeingRungError from error

    async def cancel(self, callback: CallbackId) -> bool:
        """Let go of a promise; ``False`` when it was over already."""
        return await self._callbacks.cancel(callback, by=CITIZEN)

    def _as_heard(self, row: Callback, *, proof: str = "") -> Promise:
        return Promise(
            callback=row.callback,
            queue=row.queue,
            slot=_time(row.slot) if row.slot else None,
            told=_time(row.told) if row.told else None,
            proof=proof,
            attempts=self._how_often(),
            number_tail=row.number.e164[-TAIL:],
        )


def when(promise: Callback, policy: Policy, *, now: datetime) -> tuple[str, Mapping[str, date | str]]:
    """Return by which phrase a text says when we ring, with its values: between two times that were chosen or told, from
    when citizens may be rung, or in turn. Pure."""
    told = promise.slot or promise.told
    if told is not None and told.ends_at > now:
        starts, ends = told.starts_at.astimezone(STOCKHOLM), told.ends_at.astimezone(STOCKHOLM)
        return "when_time", {"date": starts.date(), "starts": f"{starts:%H.%M}", "ends": f"{ends:%H.%M}"}
    opens_at = next_open(policy.hours, at=now)
    if opens_at > now:
        opens = opens_at.astimezone(STOCKHOLM)
        return "when_open", {"date": opens.date(), "starts": f"{opens:%H.%M}"}
    return "when_turn", {}


def instead_of_writing(row: Contact) -> Request:
    """Return the wish of whoever has written to be rung, in the queue in which an agent has read it."""
    return Request(
        system="written", key=row.contact, queue=row.queue, language=row.language, reason="sms", number=row.caller,
        channel=Channel.SMS, takes_place=True,
    )  # fmt: skip


def after_missed_meeting(row: "Meeting", register: "Register", *, number: PhoneNumber, language: Language) -> Request:
    """Return the wish to ring whoever did not come to a meeting: their handler does, or the deputy, to find a new time."""
    handler = next((register.handlers[one] for one in row.parts.staff if one in register.handlers), None)
    first, second, *_ = (*(register.who_answers([handler.number]) if handler else ()), None, None)
    return Request(
        system="meetings", key=row.meeting, queue=handler.queue if handler else "allmant", language=language,
        reason="missed_meeting", number=number.e164, contact=row.contact, channel=Channel.MEETING,
        bound_to=first, deputy=second,
    )  # fmt: skip


def told(fact: CallbackRequested) -> Period | None:
    """Return between when and when the caller will hear that we ring, if they asked for no time of their own."""
    if fact.told_from is None or fact.told_until is None:
        return None
    return Period(fact.told_from, fact.told_until)


def _time(period: Period) -> Time:
    return Time(starts_at=period.starts_at, ends_at=period.ends_at)


async def state_of_caps(database: Database, policy: Policy) -> tuple[str, bool]:
    """Return in words how near the caps on promises are, and whether it looks as if somebody ran up our bills."""
    clock = SystemClock()
    contacts = Contacts(database=database, clock=clock)
    promises = Callbacks(database=database, clock=clock, new_id=new_id, contacts=contacts, policy=policy)
    async with database.reading(short=True) as tx:
        used = await promises.caps_used(tx)
    return in_words(used), looks_like_fraud(used)
