"""How a meeting is closed: with its documentation in the citizen's hand, or with the reason why not (N7, R66, R67).

What is said in a meeting and may matter for a decision is written down at once, with when and by whom (FL 27 §). So a row
is never changed: a correction is another edition, and those before it stay.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from contacts.model import Channel, TalkEnd
from contacts.text import one_line, several_lines
from core.ids import AgentId, ContactId
from meetings import documenting_store
from meetings.changing import Changing
from meetings.documentation import Document, Handed, incomplete
from meetings.errors import MeetingChangedError, MeetingOverError, TooEarlyError
from meetings.events import DocumentHandedOver, MeetingDone
from meetings.hours import local_day
from meetings.model import Meeting, MeetingId, State
from storage.database import Transaction

TEXT, AGREED, NEXT_STEP, REASON = 8_000, 4_000, 1_000, 400
"""So many characters are kept at most."""


class Written(Protocol):
    """What somebody wrote at the end of a meeting. ``how`` is a word of :class:`~meetings.documentation.Handed`."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def agreed(self) -> str: ...  # noqa: D102
    @property
    def next_step(self) -> str: ...  # noqa: D102
    @property
    def how(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


class Documenting:
    """The documentation of meetings."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings

    async def close(self, meeting: str, written: Written, *, by: AgentId, expected: int | None = None) -> Meeting:
        """Close a meeting that has begun, all in one transaction; the same words said twice close it once.

        Raises :class:`DocumentMissingError` without a text or a reason for having none, :class:`NextStepMissingError`,
        :class:`TooEarlyError`, :class:`MeetingOverError`, :class:`MeetingChangedError` and :class:`MeetingNotFoundError`.
        """
        document = self._document(MeetingId(meeting), written, by)
        async with self._meetings.database.transaction() as tx:
            # The version is looked at later: whoever says the same again says it of the version before.
            row, page = await self._meetings.open_to_change(tx, document.meeting)
            before = await self.of(tx, meeting)
            if row.state is State.DONE and before is not None and before.says_the_same(document):
                return row
            if expected not in (None, row.version):
                raise MeetingChangedError
            if row.state is not State.BOOKED:
                raise MeetingOverError
            if document.made_at < row.starts_at:
                raise TooEarlyError
            await self._add(tx, row, document)
            done = await self._meetings.end(tx, row, State.DONE, page=page)
            contact = await self._count(tx, row, by)
            has_document = document.how is not Handed.NONE
            now = document.made_at
            await tx.record(
                MeetingDone(occurred_at=now, meeting=row.meeting, contact=contact, has_document=has_document)
            )
            await self._tell_of(tx, document)
        return done

    async def correct(self, meeting: str, written: Written, *, by: AgentId) -> Document:
        """Add an edition to a meeting that is closed; the same words said twice are one. Raises as :meth:`close`."""
        document = self._document(MeetingId(meeting), written, by)
        async with self._meetings.database.transaction() as tx:
            row, _ = await self._meetings.open_to_change(tx, document.meeting)
            before = await self.of(tx, meeting)
            if row.state is not State.DONE or before is None:
                raise MeetingOverError
            if before.says_the_same(document):
                return before
            document = replace(document, edition=before.edition + 1)
            await self._add(tx, row, document)
            await self._tell_of(tx, document)
        return document

    def draft(self, kind: str) -> str:
        """Return what to write about, a line for each point on the agenda of a type; nothing for one without an agenda."""
        about = self._meetings.policy.about.get(kind)
        return "\n\n".join(f"{line}: " for line in about.agenda) if about else ""

    async def of(self, tx: Transaction, meeting: str) -> Document | None:
        """Return the newest edition; ``None`` while nothing is written down."""
        editions = await self.editions(tx, meeting)
        return editions[-1] if editions else None

    async def editions(self, tx: Transaction, meeting: str) -> Sequence[Document]:
        """Return every edition, the first one first."""
        return await documenting_store.of(tx, MeetingId(meeting))

    def _document(self, meeting: MeetingId, written: Written, by: AgentId) -> Document:
        document = Document(
            meeting=meeting,
            edition=1,
            text=several_lines(written.text, most=TEXT),
            agreed=several_lines(written.agreed, most=AGREED),
            next_step=several_lines(written.next_step, most=NEXT_STEP),
            how=Handed(written.how),
            reason=one_line(written.reason, most=REASON),
            made_by=by,
            made_at=self._meetings.clock.now(),
        )
        missing = incomplete(document)
        if missing is not None:
            raise missing
        return document

    async def _add(self, tx: Transaction, row: Meeting, document: Document) -> None:
        days_after = (local_day(document.made_at) - local_day(row.starts_at)).days
        await documenting_store.add(tx, document, days_after=days_after)

    async def _count(self, tx: Transaction, row: Meeting, by: AgentId) -> ContactId:
        """Have the ledger count the conversation: a meeting that took place is a contact that was answered."""
        contacts, contact = self._meetings.contacts, ContactId(self._meetings.new_id("con"))
        await contacts.open(tx, contact=contact, channel=Channel.MEETING, at=row.starts_at)
        await contacts.connected(tx, contact, by)
        await contacts.talk_ended(tx, contact, TalkEnd.AGENT)
        await contacts.close(tx, contact)
        return contact

    async def _tell_of(self, tx: Transaction, document: Document) -> None:
        if document.how is Handed.DIGITAL:
            at, edition = document.made_at, document.edition
            await tx.record(DocumentHandedOver(occurred_at=at, meeting=document.meeting, edition=edition))
