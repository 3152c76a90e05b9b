"""What a partner may read before a meeting: nothing that tells who it is, consented to, and signed by a person (N8, R68)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from contacts.text import several_lines
from core.ids import AgentId
from core.language import Language
from meetings import brief_store as store
from meetings.changing import Changing
from meetings.errors import (
    BriefConsentMissingError,
    BriefNotFoundError,
    BriefNotSignedError,
    NameNotKnownError,
    NoBriefBeforeError,
    StillIdentifiableError,
)
from meetings.events import BriefReleased
from meetings.identifying.gate import findings, redacted
from meetings.identifying.model import Known
from meetings.model import Brief, BriefState, ConsentKind, Meeting, MeetingId, State
from meetings.preparing import Preparing
from meetings.rules import has_brief
from storage.database import Transaction

LONGEST_BRIEF = 4000
"""Characters."""
NamesOf = Callable[[Meeting], Awaitable[frozenset[str]]]
"""Returns the names by which a citizen may be known; none when that cannot be told."""


async def _nobody(_: Meeting) -> frozenset[str]:
    return frozenset()


class Briefs:
    """The briefs of meetings. They leave by one way only: drafted, signed by a person, released, each checked again."""

    def __init__(self, meetings: Changing, preparing: Preparing) -> None:
        self._meetings = meetings
        self._preparing = preparing
        self.names_of: NamesOf = _nobody

    async def draft(self, meeting: str) -> Brief:
        """Write a brief of what the citizen has answered, without whatever may tell who it is.

        An earlier one that has not left is refused. Raises :class:`NoBriefBeforeError`,
        :class:`BriefConsentMissingError`, :class:`NameNotKnownError` and :class:`MeetingNotFoundError`.
        """
        async with self._meetings.database.reading() as tx:
            row = await self._meetings.get(tx, MeetingId(meeting))
        known = await self._known(row)
        async with self._meetings.database.transaction() as tx:
            row = await self._wanted(tx, MeetingId(meeting))
            written = await self._written(tx, row)
            brief = Brief(
                brief=self._meetings.new_id("brf"),
                meeting=row.meeting,
                text=redacted(written, known),
                found=tuple(sorted({one.kind.value for one in findings(written, known)})),
                state=BriefState.DRAFT,
                made_at=self._meetings.clock.now(),
            )
            await store.refuse(tx, row.meeting, states=(BriefState.DRAFT, BriefState.SIGNED))
            await store.add(tx, brief)
        return brief

    async def sign(self, brief: str, *, by: AgentId, text: str) -> Brief:
        """Keep the text that a person has read and answers for. The gate looks at it again, whoever wrote it.

        Raises :class:`StillIdentifiableError` with the places, :class:`BriefNotSignedError` when it has left or was
        refused, and what :meth:`draft` raises.
        """
        row, known = await self._of(brief)
        said = several_lines(text, most=LONGEST_BRIEF)
        self._refuse_what_tells(said, known)
        async with self._meetings.database.transaction() as tx:
            await self._wanted(tx, row.meeting)
            one = await self._open(tx, brief, states=(BriefState.DRAFT, BriefState.SIGNED))
            now = self._meetings.clock.now()
            signed = replace(one, text=said, state=BriefState.SIGNED, signed_by=str(by)[:60], signed_at=now)
            await store.change(tx, signed)
        return signed

    async def release(self, brief: str) -> Brief:
        """Let the partner read a brief, once it is consented to and signed, before the meeting.

        Raises :class:`BriefNotSignedError`, :class:`BriefConsentMissingError`, and what :meth:`sign` raises.
        """
        row, known = await self._of(brief)
        async with self._meetings.database.transaction() as tx:
            await self._wanted(tx, row.meeting)
            one = await self._open(tx, brief, states=(BriefState.SIGNED, BriefState.RELEASED))
            if one.state is BriefState.RELEASED:
                return one
            self._refuse_what_tells(one.text, known)
            released = replace(one, state=BriefState.RELEASED)
            await store.change(tx, released)
            now = self._meetings.clock.now()
            await tx.record(BriefReleased(occurred_at=now, meeting=row.meeting, brief=brief))
        return released

    async def newest(self, tx: Transaction, meeting: str) -> Brief | None:
        """Return the brief that was written last, whatever became of it."""
        return await store.newest(tx, MeetingId(meeting))

    async def read(self, tx: Transaction, meeting: MeetingId) -> Brief:
        """Return what the partner may read just now, and note when it was first read.

        Raises :class:`BriefNotFoundError` for all that is not released, or not consented to any more, or of a meeting
        that is over.
        """
        one = await store.newest(tx, meeting, to_change=True)
        if one is None or one.state is not BriefState.RELEASED:
            raise BriefNotFoundError
        try:
            await self._wanted(tx, meeting)
        except (NoBriefBeforeError, BriefConsentMissingError):
            raise BriefNotFoundError from None
        if one.read_at is None:
            one = replace(one, read_at=self._meetings.clock.now())
            await store.change(tx, one)
        return one

    async def refuse_unwanted(self, meeting: MeetingId) -> None:
        """Refuse for good what may leave no more: the meeting is off, or the consent was taken back."""
        async with self._meetings.database.transaction() as tx:
            try:
                await self._wanted(tx, meeting)
            except (NoBriefBeforeError, BriefConsentMissingError):
                await store.refuse(tx, meeting, states=tuple(BriefState))

    async def is_for(self, tx: Transaction, meeting: str) -> bool:
        """Tell whether a partner may ever read anything before this meeting."""
        row = await self._meetings.get(tx, MeetingId(meeting))
        return not row.is_protected and has_brief(self._meetings.register.types.get(row.type))

    async def consented(self, tx: Transaction, meeting: str) -> bool | None:
        """Return what the citizen has said about the brief; ``None`` when they were not asked."""
        said = (await self._preparing.consents(tx, MeetingId(meeting))).get(ConsentKind.BRIEF)
        return None if said is None else said.stands

    async def say(self, meeting: str, *, given: bool, by: str) -> None:
        """Keep what the citizen says about the brief. Raises :class:`NoBriefBeforeError`, :class:`MeetingOverError`."""
        async with self._meetings.database.transaction() as tx:
            if not await self.is_for(tx, meeting):
                raise NoBriefBeforeError
            row = await self._meetings.get(tx, MeetingId(meeting))
            await self._preparing.consent(tx, row, kind=ConsentKind.BRIEF, given=given, by=by)

    async def _of(self, brief: str) -> tuple[Meeting, Known]:
        async with self._meetings.database.reading() as tx:
            one = await store.find(tx, brief)
            if one is None:
                raise BriefNotFoundError
            row = await self._meetings.get(tx, one.meeting)
        return row, await self._known(row)

    async def _open(self, tx: Transaction, brief: str, *, states: Sequence[BriefState]) -> Brief:
        one = await store.find(tx, brief, to_change=True)
        if one is None or one.state not in states:
            raise BriefNotSignedError
        return one

    async def _wanted(self, tx: Transaction, meeting: MeetingId) -> Meeting:
        """Return the meeting, if somebody outside may read of it: its type has a brief, it is ahead, and with a yes.

        Of a person with a protected identity nothing leaves at all.
        """
        row = await self._meetings.get(tx, meeting)
        is_ahead = row.state is State.BOOKED and self._meetings.clock.now() < row.ends_at
        if not is_ahead or row.is_protected or not has_brief(self._meetings.register.types.get(row.type)):
            raise NoBriefBeforeError
        consent = (await self._preparing.consents(tx, meeting)).get(ConsentKind.BRIEF)
        if consent is None or not consent.stands:
            raise BriefConsentMissingError
        return row

    async def _written(self, tx: Transaction, row: Meeting) -> str:
        answers = await self._preparing.answers(tx, row.meeting)
        about = self._preparing.about(row)
        questions = about.questions if about else ()
        return "\n\n".join(
            f"{one.asks[Language.SWEDISH]}\n{answers.get(one.question, '')}".rstrip() for one in questions
        )

    async def _known(self, row: Meeting) -> Known:
        names = await self.names_of(row)
        if not names:
            raise NameNotKnownError
        register = self._meetings.register
        handlers = {one.name for one in register.handlers.values()}
        offices = {text for one in register.offices.values() for text in (one.name, one.address)}
        partners = {one.name for area in register.areas.values() for one in area.partners}
        return Known(
            names=names | handlers,
            places=frozenset(offices | partners),
            large_places=self._meetings.policy.large_places,
        )

    def _refuse_what_tells(self, text: str, known: Known) -> None:
        found = findings(text, known)
        if found:
            raise StillIdentifiableError([(one.kind.value, one.start, one.end) for one in found])
