"""Shows the IVR the meetings of whoever calls, and has them booked, moved and cancelled: the only place that makes a wish
of a contact."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cases.errors import CasesUnavailableError
from cases.model import CannotSee
from core.clock import STOCKHOLM
from core.errors import UnavailableError
from core.ids import AgentId, ContactId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from identity.model import Assurance
from ivr.meeting_ports import Booked, How, Letter, Offered
from ivr.model import Time
from meetings import offer_store
from meetings.changing import wish_of
from meetings.errors import (
    HoldLapsedError,
    MeetingNotFoundError,
    MeetingOverError,
    MeetingRefusedError,
    TimeTakenError,
    UnknownMeetingTypeError,
    UnknownOfficeError,
)
from meetings.model import Choice, Free, Meeting, MeetingId, State, Wish
from meetings.offer_store import Offer
from meetings.part import AHEAD_DAYS
from meetings.register import Asker, Authority, Handler, MeetingType, Mode
from storage.audit import Reading, note_reading

if TYPE_CHECKING:
    from app.wiring import Rooms

__all__ = [
    "BY_TEXT",
    "Books",
    "Free",
    "KeptMeetings",
    "Meeting",
    "Offer",
    "State",
    "TimeTakenError",
    "Who",
    "by_phone",
    "refused",
]
CITIZEN = "citizen"
BY_TEXT = "text"
"""By whom a meeting is booked, moved or cancelled: who wrote is told by the answer to that, and not once more."""
HEARD = "kallelse_heard"
MODES = (Mode.PHYSICAL, Mode.PHONE)
"""How citizens book by themselves, in the order in which it is offered; with video somebody helps them."""
LOOKED_AT = 200
"""So many times are looked at to find few that lie apart."""


class NoMeetingsError(UnavailableError):
    """Such a meeting cannot be booked by oneself as things are configured."""


class NotShownError(UnavailableError):
    """Nobody has shown in this contact who they are."""


@dataclass(frozen=True, kw_only=True)
class Who:
    """Whose meetings are looked at, and in which contact; nobody whose identity is not shown."""

    person: PersonId
    subject: Subject
    contact: ContactId
    language: Language
    is_protected: bool


class Books:
    """What citizens may do with their own meetings, for the IVR and for texts alike."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def coming(self, who: Who) -> Sequence[Meeting]:
        """Return the booked meetings of a person that are not over, the soonest first."""
        async with self._rooms.database.reading() as tx:
            return await self._rooms.meetings.coming(tx, person=who.person)

    async def own(self, who: Who, meeting: str) -> Meeting | None:
        """Return a meeting of this person; ``None`` when it is another's, or not there."""
        async with self._rooms.database.reading() as tx:
            try:
                row = await self._rooms.meetings.get(tx, MeetingId(meeting))
            except MeetingNotFoundError:
                return None
        return row if row.person == who.person else None

    def nearest(self, postcode: str) -> str | None:
        """Return the office that is nearest to a postcode and has meetings about any matter."""
        kind, offices = self._kind(), self._rooms.meetings.register.offices
        return next((one for one in self._rooms.meetings.nearest(postcode) if offices[one].offers(kind)), None)

    async def times(self, who: Who, office: str, *, after: datetime | None = None) -> Sequence[Free]:
        """Return times at an office, all of one mode: in person where there are some, else by phone."""
        for mode in MODES:
            choice = Choice(starts_at=after, office=office, mode=mode) if after else None
            wish = replace(self.wish(who, office), mode=mode)
            with refused():
                found = await self._rooms.meetings.times(wish, most=LOOKED_AT, choice=choice)
            if found:
                return found
        return ()

    async def other_times(self, row: Meeting, *, after: datetime | None = None) -> Sequence[Free]:
        """Return times for a booked meeting, where and as it is, without the one that it has."""
        choice = Choice(starts_at=after, office=row.office, mode=row.mode) if after else None
        wish = replace(self._as_wished(row), offices=(row.office,), mode=row.mode)
        with refused():
            found = await self._rooms.meetings.times(wish, most=LOOKED_AT, choice=choice)
        return [one for one in found if one.starts_at != row.starts_at]

    async def book(self, who: Who, office: str, starts_at: datetime, *, by: str, key: str) -> Meeting:
        """Book one of the times at an office; the same key is the same meeting. Raises :class:`TimeTakenError`."""
        found = await self.times(who, office, after=starts_at)
        chosen = next((one for one in found if one.starts_at == starts_at), None)
        choice = chosen or Choice(starts_at=starts_at, office=office, mode=MODES[0])
        return await self._rooms.meetings.book(self.wish(who, office), choice, by=by, key=key)

    async def move(self, row: Meeting, starts_at: datetime, *, by: str) -> Meeting:
        """Give a meeting another time; it stands already when it has it. Raises as :meth:`Meetings.move`."""
        if row.starts_at == starts_at and row.state is State.BOOKED:
            return row
        with refused():
            choice = Choice(starts_at=starts_at, office=row.office, mode=row.mode)
            return await self._rooms.meetings.move(row.meeting, choice, by=by)

    def wish(self, who: Who, office: str) -> Wish:
        """Return what somebody wishes who books by themselves: a meeting about whatever it is."""
        return Wish(
            type=self._kind().type, person=who.person, contact=who.contact, language=who.language.value,
            offices=(office,), is_protected=who.is_protected,
        )  # fmt: skip

    def place(self, row: Meeting | Free) -> str:
        """Return where a meeting is, as it is said."""
        return self._rooms.meetings.register.offices[row.office].address

    async def remember(self, number: PhoneNumber, offer: Offer) -> None:
        """Keep what a number was offered last."""
        async with self._rooms.database.transaction() as tx:
            await offer_store.remember(tx, number, offer)

    async def offered(self, number: PhoneNumber) -> Offer | None:
        """Return what a number was offered last."""
        async with self._rooms.database.reading() as tx:
            return await offer_store.last(tx, number)

    def handler(self, row: Meeting) -> Handler | None:
        """Return who of us holds a meeting."""
        known = self._rooms.meetings.register.handlers
        ours = (known[one] for one in row.parts.staff if one in known)
        return next((one for one in ours if one.authority is Authority.FORSAKRINGSKASSAN), None)

    def _as_wished(self, row: Meeting) -> Wish:
        kind = self._rooms.meetings.register.types.get(row.type)
        if kind is None:
            raise NoMeetingsError
        return wish_of(row, kind)

    def _kind(self) -> MeetingType:
        today = self._rooms.clock.now().astimezone(STOCKHOLM).date()
        for kind in self._rooms.meetings.register.types.values():
            if kind.any_matter and kind.is_valid(on=today) and Asker.CITIZEN in kind.asked_by and not kind.needs:
                return kind
        raise NoMeetingsError


class KeptMeetings:
    """The room of meetings behind the port of the IVR."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._books = Books(rooms)

    async def coming(self, contact: ContactId) -> Sequence[Booked]:
        """Return the meetings that are booked and not over."""
        who = await self._who(contact)
        return [self._as_heard(row, who) for row in await self._books.coming(who)]

    async def nearest(self, postcode: str) -> str | None:
        """Return the office that is nearest to a postcode."""
        return self._books.nearest(postcode)

    async def times(self, contact: ContactId, *, office: str, language: Language, meeting: str = "") -> Offered | None:
        """Return times at an office, or to move a meeting to; whatever the caller held is let go of."""
        who = await self._who(contact, language)
        row = await self._books.own(who, meeting) if meeting else None
        if meeting and (row is None or row.state is not State.BOOKED):
            return None
        await self._let_go(who)
        found = await (self._books.other_times(row) if row else self._books.times(who, office))
        if not found:
            return Offered(times=())
        times = [Time(starts_at=one.starts_at, ends_at=one.ends_at) for one in found]
        is_protected = who.is_protected or (row is not None and row.is_protected)
        where = self._books.place(found[0])
        return Offered(times=times, how=How(found[0].mode), place=where, is_protected=is_protected)

    async def hold(self, contact: ContactId, *, office: str, language: Language, starts_at: datetime) -> Booked | None:
        """Keep a time for five minutes; ``None`` when somebody else was quicker."""
        who = await self._who(contact, language)
        found = await self._books.times(who, office, after=starts_at)
        chosen = next((one for one in found if one.starts_at == starts_at), None)
        if chosen is None:
            return await self._held_already(who, office, starts_at)
        try:
            with refused():
                row = await self._rooms.meetings.hold(self._books.wish(who, office), chosen, by=CITIZEN)
        except TimeTakenError:
            return None
        return self._as_heard(row, who)

    async def confirm(self, contact: ContactId, meeting: str) -> Booked | None:
        """Book what is kept; ``None`` when it is kept no more."""
        who = await self._who(contact)
        row = await self._books.own(who, meeting)
        if row is None:
            return None
        try:
            return self._as_heard(await self._rooms.meetings.confirm(row.meeting), who)
        except (HoldLapsedError, MeetingOverError):
            return None

    async def move(self, contact: ContactId, meeting: str, *, starts_at: datetime) -> Booked | None:
        """Give a meeting another time; ``None`` when somebody else was quicker."""
        who = await self._who(contact)
        row = await self._books.own(who, meeting)
        if row is None:
            raise MeetingNotFoundError(meeting)
        try:
            return self._as_heard(await self._books.move(row, starts_at, by=CITIZEN), who)
        except TimeTakenError:
            return None

    async def cancel(self, contact: ContactId, meeting: str) -> bool:
        """Let go of a meeting; ``False`` when there is no such meeting any more."""
        row = await self._books.own(await self._who(contact), meeting)
        if row is None or row.state is not State.BOOKED:
            return False
        over = await self._rooms.meetings.cancel(row.meeting, by=CITIZEN)
        return over.state is State.CANCELLED

    async def ask_afterwards(self, contact: ContactId, meeting: str) -> bool:
        """Keep that the caller may be asked some days after a meeting how it was."""
        row = await self._books.own(await self._who(contact), meeting)
        if row is None:
            return False
        try:
            await self._rooms.meetings.following.may_be_asked(row)
        except MeetingOverError:
            return False
        return True

    async def letter(self, contact: ContactId, meeting: str, language: Language) -> Letter | None:
        """Return what the letter says, and put into the trail of audit that it is heard, before it is (I-25)."""
        who = await self._who(contact)
        row = await self._books.own(who, meeting)
        about = self._rooms.meetings.policy.about.get(row.type) if row else None
        if row is None or about is None:
            return None
        async with self._rooms.database.transaction() as tx:
            reading = Reading(reader=AgentId(CITIZEN), what=HEARD, contact=contact, subject=who.subject)
            await note_reading(tx, reading, at=self._rooms.clock.now())
        handler = self._books.handler(row)
        return Letter(
            purpose=about.purpose[language],
            whom=handler.name if handler else "",
            questions=[one.asks[language] for one in about.questions],
            bring=about.bring.get(language, "") if row.mode is Mode.PHYSICAL else "",
        )

    async def _who(self, contact: ContactId, language: Language = Language.SWEDISH) -> Who:
        """Return whose meetings a caller may hear of: their own, who has shown in this very call who they are (I-21)."""
        async with self._rooms.database.reading(short=True) as tx:
            row = await self._rooms.contacts.get(tx, contact)
        if row.level < Assurance.CODE or row.person is None or not row.subject:
            raise NotShownError
        card = await self._rooms.cases.card(row.subject)
        if isinstance(card, CannotSee):
            raise CasesUnavailableError(card.reason)
        return Who(
            person=row.person, subject=row.subject, contact=contact, language=language, is_protected=card.protected
        )

    async def _held_already(self, who: Who, office: str, starts_at: datetime) -> Booked | None:
        """Return what the caller holds at this very time: a process that went on with the call asks for it again."""
        held = [row for row in await self._held(who) if row.office == office and row.starts_at == starts_at]
        return self._as_heard(held[0], who) if held else None

    async def _held(self, who: Who) -> Sequence[Meeting]:
        now = self._rooms.clock.now()
        async with self._rooms.database.reading() as tx:
            rows = await self._rooms.meetings.listed(tx, person=who.person, days=AHEAD_DAYS)
        return [
            row for row in rows if row.state is State.HELD and row.contact == who.contact and row.still_takes(now=now)
        ]

    async def _let_go(self, who: Who) -> None:
        for row in await self._held(who):
            await self._rooms.meetings.cancel(row.meeting, by=CITIZEN)

    def _as_heard(self, row: Meeting, who: Who) -> Booked:
        handler, is_protected = self._books.handler(row), who.is_protected or row.is_protected
        return Booked(
            meeting=row.meeting,
            time=Time(starts_at=row.starts_at, ends_at=row.ends_at),
            how=How(row.mode),
            minutes=(row.ends_at - row.starts_at) // timedelta(minutes=1),
            place="" if is_protected else self._books.place(row),
            direct=handler.number if handler else None,
            is_protected=is_protected,
        )


def by_phone(row: Meeting | Free) -> bool:
    """Tell whether we ring the citizen instead of meeting them."""
    return row.mode is Mode.PHONE


@contextmanager
def refused() -> Iterator[None]:
    """Have what the configuration does not allow just now be something that cannot be seen: a person sees to it."""
    try:
        yield
    except (MeetingRefusedError, UnknownMeetingTypeError, UnknownOfficeError) as error:
        raise NoMeetingsError from error
