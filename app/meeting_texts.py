"""What is written about meetings as texts: that one is booked, moved or cancelled, and reminders. When and where, never why.

A reminder is a text that waits: it is meant on the day of the booking and sent when it is due, unless the meeting was moved
or cancelled meanwhile, or the number is no longer theirs. So there is one and only one of each, and none after a
cancellation (I-16).
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from app.booked_meetings import BY_TEXT, by_phone
from app.promises import after_missed_meeting
from cases.errors import CasesUnavailableError
from cases.model import CannotSee
from core.clock import STOCKHOLM
from core.errors import ConflictError
from core.ids import Subject
from core.language import Language
from core.phone import PhoneNumber, grouped, parse_phone
from identity.binding import Binding
from meetings.errors import UnknownOfficeError
from meetings.kallelse import Kallelse, Method, handler_of, language_of
from meetings.model import Free, Meeting, MeetingId, State
from meetings.register import Mode, Register
from sms.answers import Phrase, Value
from sms.model import Message, Purpose
from sms.wording import LONGEST_PLACE, PLACES, in_words

if TYPE_CHECKING:
    from app.wiring import Rooms
    from meetings.events import DocumentHandedOver, MeetingBooked, MeetingCancelled, MeetingMissed, MeetingMoved
    from storage.database import Transaction

log = structlog.get_logger()

Told = Callable[..., Awaitable[dict[str, str]]]
STALE = timedelta(days=1)
"""That we will ring is told within a day, or not at all."""
PURPOSES = frozenset({Purpose.MEETING, Purpose.REMINDER})
KNOWN_IN_CALL = 2
"""From this level on somebody has shown who they are, so the telephone that they ring from is theirs (I-21)."""
_BOOKED, _MOVED, _CANCELLED, _REMINDER = "booked", "moved", "cancelled", "reminder"
_MISSED, _DOCUMENT = "missed", "document"
_WHILE = {
    _BOOKED: State.BOOKED, _MOVED: State.BOOKED, _REMINDER: State.BOOKED, _CANCELLED: State.CANCELLED,
    _MISSED: State.MISSED, _DOCUMENT: State.DONE,
}  # fmt: skip
"""Text → the state of the meeting in which it is of use."""


async def booked(rooms: "Rooms", fact: "MeetingBooked") -> None:
    """Call to a meeting that was booked: the letter, the text that confirms it, and the reminders."""
    await _call(rooms, fact.meeting, _BOOKED)


async def moved(rooms: "Rooms", fact: "MeetingMoved") -> None:
    """Call to a meeting that has another time; what was to remind of the old one is no longer of use."""
    await _call(rooms, fact.meeting, _MOVED, by=fact.by)


async def cancelled(rooms: "Rooms", fact: "MeetingCancelled") -> None:
    """Say that a meeting is not to be."""
    made = await rooms.meetings.letters.make(fact.meeting, method=Method.CANCEL)
    if made is not None and fact.by != BY_TEXT:
        async with rooms.database.transaction() as tx:
            await _write(rooms, tx, await rooms.meetings.get(tx, fact.meeting), _CANCELLED, made)


async def document(rooms: "Rooms", fact: "DocumentHandedOver") -> None:
    """Say that what was written down at the end of a meeting can be read: the receipt (R66), one for each edition."""
    async with rooms.database.transaction() as tx:
        row = await rooms.meetings.get(tx, fact.meeting)
        number = await number_of(rooms, tx, row)
        if number is None or not rooms.meetings.policy.digital_receipt:
            return
        language, on = language_of(row), row.starts_at.astimezone(STOCKHOLM).date()
        await rooms.sms.intend(
            tx,
            purpose=Purpose.MEETING,
            subject=f"{_DOCUMENT}:{row.meeting}:{row.sequence}:{fact.edition}",
            name="meeting_document",
            number=number,
            language=language,
            contact=row.contact,
            values=in_words({"date": on}, language, names=lambda _: None),
        )


async def _call(rooms: "Rooms", meeting: MeetingId, name: str, *, by: str = "") -> None:
    made = await rooms.meetings.letters.make(meeting)
    if made is None:  # it is over already
        return
    async with rooms.database.transaction() as tx:
        row = await rooms.meetings.get(tx, meeting)
        if (by or row.by) != BY_TEXT:  # who wrote is answered
            await _write(rooms, tx, row, name, made)
        for before in rooms.meetings.policy.reminders:
            await _write(rooms, tx, row, _REMINDER, made, before=before)


async def _write(
    rooms: "Rooms", tx: "Transaction", row: Meeting, name: str, made: Kallelse, *, before: timedelta | None = None
) -> None:
    number = await number_of(rooms, tx, row)
    now = rooms.clock.now()
    due_at = row.starts_at - before if before else now
    if number is None or row.sequence != made.sequence - (name == _CANCELLED) or due_at < now:
        return  # what would remind of a meeting that was booked a moment ago is said in the confirmation
    about = f"{name}:{row.meeting}:{row.sequence}"
    by_phone = name == _BOOKED and row.mode is Mode.PHONE
    await rooms.sms.intend(
        tx,
        purpose=Purpose.REMINDER if before else Purpose.MEETING,
        subject=f"{about}:{before // timedelta(hours=1)}" if before else about,
        name=f"meeting_{name}_phone" if by_phone else f"meeting_{name}",
        number=number,
        language=made.language,
        contact=row.contact,
        values=values_of(rooms, row),
        not_before=due_at,
        expires_at=row.starts_at,
    )


async def missed(rooms: "Rooms", fact: "MeetingMissed", *, told: Told) -> None:
    """Promise to ring whoever did not come to a meeting, and write to them that we will, once: nobody has to begin anew.

    ``told`` returns what a text tells of a promise.
    """
    async with rooms.database.reading() as tx:
        row = await rooms.meetings.get(tx, fact.meeting)
        who = await rooms.contacts.find(tx, row.contact) if row.contact else None
        number = await number_of(rooms, tx, row)
    to_ring, language = number or parse_phone(who.caller if who else ""), language_of(row)
    if to_ring is None:
        log.warning("somebody who did not come to a meeting has no number to be rung on", meeting=row.meeting)
        return
    request = after_missed_meeting(
        row if who else replace(row, contact=None), rooms.configuration.meetings, number=to_ring, language=language
    )
    try:
        made = await rooms.callbacks.by_system(request)
    except ConflictError as error:
        log.warning("somebody who did not come to a meeting is not rung", meeting=row.meeting, why=type(error).__name__)
        return
    async with rooms.database.transaction() as tx:
        await rooms.sms.intend(
            tx, purpose=Purpose.MEETING, subject=f"{_MISSED}:{row.meeting}:{row.sequence}", name="meeting_missed",
            number=number, language=language, contact=row.contact, expires_at=rooms.clock.now() + STALE,
            values=await told(rooms, tx, made.promise, language),
        )  # fmt: skip


def values_of(rooms: "Rooms", row: Meeting) -> dict[str, str]:
    """Return what a text says of a meeting: the day, the hour, the place and the direct number.

    Raises :class:`NoDirectNumberError`.
    """
    language, at = language_of(row), row.starts_at.astimezone(STOCKHOLM)
    direct = grouped(handler_of(row, rooms.configuration.meetings).number)
    values: dict[str, Value] = {
        "date": at.date(),
        "at": f"{at:%H.%M}",
        "place": _place(rooms, row, language),
        "direct": direct,
    }
    return in_words(values, language, names=lambda _: None)


def short_place(register: Register, row: Meeting | Free) -> str:
    """Return where a meeting is as a text has room for it, or the name of the phrase that says how one meets.

    Raises :class:`UnknownOfficeError` for an office that is no longer in the register.
    """
    if row.mode is not Mode.PHYSICAL:
        return "place_phone" if by_phone(row) else "place_video"
    office = register.offices.get(row.office)
    if office is None:
        raise UnknownOfficeError
    named = (f"{office.name}, {office.address}", office.address, office.name)
    return next((one for one in named if len(one) <= LONGEST_PLACE), office.address[:LONGEST_PLACE])


def _place(rooms: "Rooms", row: Meeting, language: Language) -> str:
    place = short_place(rooms.configuration.meetings, row)
    return rooms.sms.lines([Phrase(place, {})], language, names=lambda _: None) if place in PLACES else place


async def number_of(rooms: "Rooms", tx: "Transaction", row: Meeting) -> PhoneNumber | None:
    """Return to which number texts about a meeting may go: one that is theirs alone, or from which they have rung us and
    shown who they are. ``None`` when there is none, and for whoever has a protected identity.

    Raises :class:`~cases.errors.CasesUnavailableError` when nobody can tell whether they have.
    """
    if row.is_protected:
        return None
    who = await rooms.contacts.find(tx, row.contact) if row.contact else None
    bound = await rooms.bindings.of_person(tx, row.person) if row.person else ()
    subject = bound[0].subject if bound else who.subject if who else None
    if subject is not None and await _is_protected(rooms, subject):
        return None
    for one in bound:
        if one.number.is_swedish_mobile and isinstance(await rooms.bindings.owner(tx, one.number), Binding):
            return one.number
    rang_from = parse_phone(who.caller) if who and who.level >= KNOWN_IN_CALL and who.person == row.person else None
    return rang_from if rang_from is not None and rang_from.is_swedish_mobile else None


async def _is_protected(rooms: "Rooms", subject: Subject) -> bool:
    card = await rooms.cases.card(subject)
    if isinstance(card, CannotSee):
        raise CasesUnavailableError(card.reason)
    return card.protected


async def still_wanted(rooms: "Rooms", message: Message) -> bool:
    """Tell, just before it is sent, whether a text about a meeting still is of use, and still goes to whom it is for.

    While nobody can tell whether they are protected it is not sent: it says where they will be.
    """
    _purpose, name, *about = message.key.split(":")
    if len(about) < 2:
        return True  # it is about no time: a receipt, a question
    meeting, sequence = about[:2]
    async with rooms.database.reading() as tx:
        row = await rooms.meetings.get(tx, MeetingId(meeting))
        if row.state is not _WHILE.get(name, row.state) or str(row.sequence) != sequence:
            return False
        try:
            return await number_of(rooms, tx, row) == message.number
        except CasesUnavailableError:
            return False
