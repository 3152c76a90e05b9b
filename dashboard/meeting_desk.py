"""Meetings as agents work with them: booked for whom they talk with, and held, moved and closed by whoever holds them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from contacts.model import Contact
from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, ContactId
from dashboard import meeting_showing
from dashboard.errors import NeedsClearanceError, NotAllowedError, PersonUnavailableError
from dashboard.meeting_ports import HELD, Asked, At, Documents, Free, Meeting, Meetings, Written
from dashboard.meeting_views import (
    MeetingCardView,
    MeetingChoicesView,
    MeetingDayView,
    MeetingInvitationView,
    MeetingTimeView,
    MeetingView,
)
from dashboard.promise_desk import Person, at_hand
from dashboard.views import ChoiceView
from skills_routing.service import Routing
from storage.audit import Reading, note_reading
from storage.database import Database, Transaction

LOOKED_AT = 200
"""So many free times are looked at, of which a few of several days are shown."""


class Prepared(Protocol):
    """What there is for a meeting beforehand: the kallelse in words, the questions, what was answered, and whether a receipt can go out."""

    async def kallelse(self, tx: Transaction, row: Meeting) -> str:
        """Return the newest kallelse in words; ``""`` while there is none."""
        ...

    async def answers(self, tx: Transaction, row: Meeting) -> Mapping[str, str]:
        """Return each question of the kallelse, in words, with what was answered; ``""`` while nothing is."""
        ...

    async def takes_receipt(self, tx: Transaction, row: Meeting) -> bool:
        """Tell whether a text can tell the citizen that the documentation is there."""
        ...


class MeetingDesk:
    """What agents do with meetings. ``handler_of`` returns as which handler an agent meets citizens; ``None`` for most."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        routing: Routing,
        contacts: Contacts,
        meetings: Meetings,
        documents: Documents,
        prepared: Prepared,
        person: Person,
        handler_of: Callable[[AgentId], AgentId | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._routing = routing
        self._contacts = contacts
        self._meetings = meetings
        self._documents = documents
        self._prepared = prepared
        self._person = person
        self._handler_of = handler_of

    async def day(self, agent: AgentId) -> MeetingDayView:
        """Return whom an agent meets, after noting that they have read it. A protected meeting is shown to the cleared only."""
        handler = self._handler_of(agent)
        if handler is None:
            return MeetingDayView(holds_meetings=False, to_close=[], today=[], coming=[])
        is_cleared = await self._is_cleared(agent)
        async with self._database.transaction() as tx:
            await note_reading(tx, Reading(reader=agent, what="meeting_list"), at=self._clock.now())
            rows = await self._meetings.of_handler(tx, handler)
        shown = [self._shown(row, agent) for row in rows if is_cleared or not row.is_protected]
        return meeting_showing.day(shown, now=self._clock.now())

    async def card(self, agent: AgentId, meeting: str) -> MeetingCardView:
        """Return everything about a meeting that whoever holds it needs, after noting that they have read it (I-25)."""
        async with self._database.transaction() as tx:
            row = await self._note(tx, agent, "meeting_card", meeting)
            contact = await self._contacts.find(tx, row.contact) if row.contact else None
            kallelse = await self._prepared.kallelse(tx, row)
            answers = await self._prepared.answers(tx, row)
            takes_receipt = await self._prepared.takes_receipt(tx, row)
            document = await self._documents.of(tx, meeting)
        person, unavailable = await self._person(
            contact.subject if contact else None, cleared=await self._is_cleared(agent)
        )
        return MeetingCardView(
            shown=self._shown(row, agent),
            person=person,
            person_unavailable=unavailable,
            kallelse=kallelse,
            answers=meeting_showing.answers(answers),
            draft=self._documents.draft(row.type),
            document=meeting_showing.document(document, names=await self._names() if document else {}),
            separately=self._meetings.about(row).separately,
            takes_receipt=takes_receipt,
        )

    async def choices(self, agent: AgentId, contact: ContactId) -> MeetingChoicesView:
        """Return what can be booked for whom an agent has at hand, and what they have booked, after noting that it was read."""
        await self._require_at_hand(agent, contact)
        is_cleared = await self._is_cleared(agent)
        async with self._database.transaction() as tx:
            row = await self._contacts.get(tx, contact)
            reading = Reading(reader=agent, what="meeting_list", contact=contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())
            booked = await self._meetings.of_citizen(tx, contact=contact, person=row.person)
        return MeetingChoicesView(
            types=[meeting_showing.kind(one) for one in self._meetings.kinds()],
            offices=[ChoiceView(id=one.office, label=one.name) for one in self._meetings.offices()],
            languages=list(self._meetings.languages()),
            needs=list(self._meetings.needs()),
            booked=[self._shown(one, agent) for one in booked if is_cleared or not one.is_protected],
            is_known=row.person is not None,
            holds_meetings=self._handler_of(agent) is not None,
        )

    async def times(
        self, agent: AgentId, contact: ContactId, asked: Asked, *, with_me: bool = False
    ) -> list[MeetingTimeView]:
        """Return free times of several days for whom an agent has at hand.

        Raises as the room does that keeps meetings, when such a meeting cannot be had for that.
        """
        wish = await self._asked(agent, contact, asked, with_me=with_me)
        return self._times(await self._meetings.times(wish, most=LOOKED_AT))

    async def hold(
        self, agent: AgentId, contact: ContactId, asked: Asked, at: At, *, key: str, with_me: bool = False
    ) -> MeetingView:
        """Keep a time for five minutes for whom an agent has at hand, after noting who did; the same ``key`` is the same meeting."""
        wish = await self._asked(agent, contact, asked, with_me=with_me)
        async with self._database.transaction() as tx:
            row = await self._contacts.get(tx, contact)
            reading = Reading(reader=agent, what="meeting_book", contact=contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())
        held = await self._meetings.hold(wish, at, by=_by(agent), key=f"{contact}:{key}")
        return self._shown(held, agent)

    async def invite(
        self, agent: AgentId, contact: ContactId, asked: Asked, *, key: str, with_me: bool = False
    ) -> MeetingInvitationView:
        """Return the link by which whom an agent has at hand books for themselves, after noting who made it."""
        wish = await self._asked(agent, contact, asked, with_me=with_me)
        async with self._database.transaction() as tx:
            row = await self._contacts.get(tx, contact)
            reading = Reading(reader=agent, what="meeting_invite", contact=contact, subject=row.subject)
            await note_reading(tx, reading, at=self._clock.now())
        link, expires_at = await self._meetings.invite(wish, by=_by(agent), key=f"{contact}:{key}")
        return MeetingInvitationView(link=link, expires_at=expires_at)

    async def confirm(self, agent: AgentId, meeting: str) -> MeetingView:
        """Book what this agent keeps for somebody."""
        async with self._database.reading() as tx:
            row = await self._meetings.get(tx, meeting)
        if row.by != _by(agent):
            raise NotAllowedError
        return self._shown(await self._meetings.confirm(meeting), agent)

    async def times_to_move(self, agent: AgentId, meeting: str) -> list[MeetingTimeView]:
        """Return the times to which a meeting can be moved."""
        async with self._database.reading() as tx:
            await self._require(agent, await self._meetings.get(tx, meeting))
        return self._times(await self._meetings.times_to_move(meeting, most=LOOKED_AT))

    async def move(self, agent: AgentId, meeting: str, at: At, *, expected: int) -> MeetingView:
        """Give a meeting another time, after noting who did."""
        async with self._database.transaction() as tx:
            await self._note(tx, agent, "meeting_move", meeting)
        return self._shown(await self._meetings.move(meeting, at, by=_by(agent), expected=expected), agent)

    async def cancel(self, agent: AgentId, meeting: str, *, expected: int | None = None) -> None:
        """Note who cancels a meeting, or lets go of a time that they keep, and then do it."""
        async with self._database.transaction() as tx:
            row = await self._meetings.get(tx, meeting)
            if row.state != HELD or row.by != _by(agent):
                await self._note(tx, agent, "meeting_cancel", meeting)
        await self._meetings.cancel(meeting, by=_by(agent), expected=expected)

    async def missed(self, agent: AgentId, meeting: str) -> None:
        """Note that the citizen did not come, and who says so; they are rung up instead."""
        async with self._database.transaction() as tx:
            await self._note(tx, agent, "meeting_missed", meeting, own=True)
        await self._meetings.missed(meeting)

    async def close(self, agent: AgentId, meeting: str, written: Written, *, expected: int | None = None) -> None:
        """Close a meeting with its documentation, or a reason for having none (N7); the row says who wrote it (FL 27 §)."""
        async with self._database.transaction() as tx:
            await self._note(tx, agent, "meeting_document", meeting, own=True)
        await self._documents.close(meeting, written, by=agent, expected=expected)

    async def correct(self, agent: AgentId, meeting: str, written: Written) -> None:
        """Add an edition of what was written down; those before it stay."""
        async with self._database.transaction() as tx:
            await self._note(tx, agent, "meeting_document", meeting, own=True)
        await self._documents.correct(meeting, written, by=agent)

    async def times_separately(self, agent: AgentId, meeting: str) -> list[MeetingTimeView]:
        """Return times of the separate meeting in which a decision is discussed (R73)."""
        async with self._database.reading() as tx:
            await self._require(agent, await self._meetings.get(tx, meeting), own=True)
        return self._times(await self._meetings.times_separately(meeting))

    async def book_separately(self, agent: AgentId, meeting: str, at: At, *, key: str) -> MeetingView:
        """Book the separate meeting in which a decision is discussed, after noting who did."""
        async with self._database.transaction() as tx:
            await self._note(tx, agent, "meeting_book", meeting, own=True)
        made = await self._meetings.book_separately(meeting, at, by=_by(agent), key=f"{meeting}:{key}")
        return self._shown(made, agent)

    async def _asked(self, agent: AgentId, contact: ContactId, asked: Asked, *, with_me: bool) -> Asked:
        """Return what is asked for with who it is for. Whose place must be kept secret is met by the cleared only (I-27)."""
        await self._require_at_hand(agent, contact)
        async with self._database.reading() as tx:
            row = await self._contacts.get(tx, contact)
        is_protected = await self._is_protected(row)
        if is_protected and not await self._is_cleared(agent):
            raise NeedsClearanceError
        handler = self._handler_of(agent) if with_me else None
        return replace(asked, person=row.person, contact=contact, handler=handler, is_protected=is_protected)

    async def _is_protected(self, row: Contact) -> bool:
        person, unavailable = await self._person(row.subject)
        if unavailable:
            raise PersonUnavailableError
        return person is not None and person.protected

    async def note(self, agent: AgentId, what: str, meeting: str) -> None:
        """Have the chain tell that whoever holds a meeting sees or changes something about it; raises :class:`NotAllowedError`."""
        async with self._database.transaction() as tx:
            await self._note(tx, agent, what, meeting, own=True)

    async def _note(self, tx: Transaction, agent: AgentId, what: str, meeting: str, *, own: bool = False) -> Meeting:
        """Have the chain tell which agent sees or changes a meeting; raises :class:`NotAllowedError`."""
        row = await self._meetings.get(tx, meeting)
        await self._require(agent, row, own=own)
        contact = await self._contacts.find(tx, row.contact) if row.contact else None
        subject = contact.subject if contact else None
        await note_reading(
            tx, Reading(reader=agent, what=what, contact=row.contact, subject=subject), at=self._clock.now()
        )
        return row

    async def _require(self, agent: AgentId, row: Meeting, *, own: bool = False) -> None:
        """Refuse whoever neither holds a meeting nor has its citizen at hand; a protected one all but the cleared."""
        is_theirs = self._is_own(row, agent) or (not own and await self._has_at_hand(agent, row))
        if not is_theirs or (row.is_protected and not await self._is_cleared(agent)):
            raise NotAllowedError

    async def _has_at_hand(self, agent: AgentId, row: Meeting) -> bool:
        contacts = at_hand(await self._routing.desk(agent))
        if row.contact in contacts:
            return True
        async with self._database.reading() as tx:
            rows = [await self._contacts.find(tx, one) for one in contacts]
        return row.person is not None and any(one is not None and one.person == row.person for one in rows)

    async def _require_at_hand(self, agent: AgentId, contact: ContactId) -> None:
        if contact not in at_hand(await self._routing.desk(agent)):
            raise NotAllowedError

    async def _is_cleared(self, agent: AgentId) -> bool:
        return await self._routing.staffing.is_cleared(agent)

    def _is_own(self, row: Meeting, agent: AgentId) -> bool:
        return self._handler_of(agent) in row.parts.staff

    async def _names(self) -> Mapping[str, str]:
        return {one.agent.id: one.agent.name for one in await self._routing.staffing.everybody()}

    def _shown(self, row: Meeting, agent: AgentId) -> MeetingView:
        now: datetime = self._clock.now()
        return meeting_showing.meeting(row, self._meetings.about(row), is_own=self._is_own(row, agent), now=now)

    def _times(self, found: Sequence[Free]) -> list[MeetingTimeView]:
        names: Mapping[str, str] = {one.office: one.name for one in self._meetings.offices()}
        return meeting_showing.times(found, names)


def _by(agent: AgentId) -> str:
    return f"agent:{agent}"
