"""How a booked meeting gets another time, is no longer wanted, or was missed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.ids import AgentId, PersonId
from meetings import store
from meetings.booking import Booking
from meetings.errors import MeetingChangedError, MeetingOverError, TimeTakenError, TooEarlyError
from meetings.events import MeetingCancelled, MeetingMissed, MeetingMoved
from meetings.hours import Window, local_day
from meetings.model import TAKES_TIME, Choice, Meeting, MeetingId, State, Wish
from meetings.part import AHEAD_DAYS
from meetings.register import MeetingType
from meetings.search import candidates
from storage.database import Transaction


class Changing(Booking):
    """What happens to meetings that are there."""

    async def move(self, meeting: MeetingId, choice: Choice, *, by: str, expected: int | None = None) -> Meeting:
        """Give a booked meeting another time, place or mode: in one transaction, never none and never two (I-15).

        Whoever was to hold it still does where that can be. ``expected`` is the version that was looked at. Raises
        :class:`TimeTakenError` with alternatives, :class:`MeetingOverError`, :class:`MeetingChangedError`,
        :class:`MeetingNotFoundError`, :class:`MeetingRefusedError` and :class:`UnknownOfficeError`.
        """
        async with self.database.reading() as tx:
            before = await self._find(tx, meeting)
        wish = wish_of(before, self._kind(Wish(type=before.type)))
        names = candidates(self.register, self._wanted(wish, choice), wish, choice)
        try:
            async with self.database.transaction() as tx:
                pages = await self._open_diaries(tx, names, [before.office, choice.office])
                row = await self._to_change(tx, meeting, before.office, expected)
                if row.state is not State.BOOKED:
                    raise MeetingOverError
                parts = await self._choose(tx, wish, choice, names, moved=row)
                moved = self._moved(row, self._new(meeting, wish, choice, parts, by=row.by))
                await store.give_back(tx, meeting)
                await self._take(tx, moved)
                await store.change(tx, moved, page=pages[moved.office])
                await tx.record(_fact(moved, self.clock.now(), by))
                return moved
        except TimeTakenError:
            raise await self._taken(wish, choice) from None

    async def cancel(self, meeting: MeetingId, *, by: str, expected: int | None = None) -> Meeting:
        """Note that a meeting is no longer wanted, and let others have its time; one that is over stays as it was.

        Raises :class:`MeetingNotFoundError` and :class:`MeetingChangedError`.
        """
        async with self.database.transaction() as tx:
            row, page = await self.open_to_change(tx, meeting, expected)
            if row.state not in TAKES_TIME:
                return row
            over = await self.end(tx, row, State.CANCELLED, page=page)
            if row.state is State.BOOKED:
                now = self.clock.now()
                if row.contact is not None and await self.contacts.find(tx, row.contact) is not None:
                    await self.contacts.meeting_cancelled(tx, row.contact, meeting)
                await tx.record(MeetingCancelled(occurred_at=now, meeting=meeting, contact=row.contact, by=by[:60]))
        return over

    async def missed(self, meeting: MeetingId) -> Meeting:
        """Note that the citizen did not come; said twice it is noted once.

        Raises :class:`MeetingNotFoundError`, :class:`MeetingOverError`, and :class:`TooEarlyError` before it has begun.
        """
        async with self.database.transaction() as tx:
            row, page = await self.open_to_change(tx, meeting)
            if row.state is State.MISSED:
                return row
            if row.state is not State.BOOKED:
                raise MeetingOverError
            if self.clock.now() < row.starts_at:
                raise TooEarlyError
            over = await self.end(tx, row, State.MISSED, page=page)
            await tx.record(MeetingMissed(occurred_at=self.clock.now(), meeting=meeting, contact=row.contact))
        return over

    async def listed(
        self, tx: Transaction, *, office: str = "", person: PersonId | None = None, days: int = 7
    ) -> Sequence[Meeting]:
        """Return the meetings of today and the days ahead, at an office or of a person or all, in order; 200 at most."""
        window = Window(local_day(self.clock.now()), days)
        return await store.listed(tx, office=office, person=person, since=window.begins, until=window.ends)

    async def coming(
        self,
        tx: Transaction,
        *,
        person: PersonId | None = None,
        handler: AgentId | None = None,
        office: str = "",
        days: int = AHEAD_DAYS,
    ) -> Sequence[Meeting]:
        """Return the booked meetings that are not over yet: of a person, a handler or at an office, in order; 200 at most.

        This is what a citizen may be told of; :meth:`listed` shows what lapsed and was cancelled, too.
        """
        now = self.clock.now()
        window = Window(local_day(now), days)
        found = await store.listed(
            tx,
            office=office,
            person=person,
            handler=handler,
            state=State.BOOKED,
            since=window.begins,
            until=window.ends,
        )
        return [row for row in found if row.ends_at > now]

    @staticmethod
    def _moved(row: Meeting, new: Meeting) -> Meeting:
        return replace(
            new, state=State.BOOKED, held_until=None, made_at=row.made_at, version=row.version + 1,
            sequence=row.sequence + 1,
        )  # fmt: skip

    async def open_to_change(
        self, tx: Transaction, meeting: MeetingId, expected: int | None = None
    ) -> tuple[Meeting, int]:
        """Return a meeting that nobody else changes until the transaction ends, and the page of its office's diary.

        For the parts of this room. Raises :class:`MeetingChangedError` when it is not the ``expected`` version.
        """
        office = (await self._find(tx, meeting)).office
        pages = await self._open_diaries(tx, [], [office])
        row = await self._to_change(tx, meeting, office, expected)
        return row, pages[office]

    async def _to_change(self, tx: Transaction, meeting: MeetingId, office: str, expected: int | None) -> Meeting:
        row = await self._find(tx, meeting, to_change=True)
        if row.office != office or expected not in (None, row.version):
            raise MeetingChangedError
        return row

    async def end(self, tx: Transaction, row: Meeting, state: State, *, page: int) -> Meeting:
        """End a meeting that is open to be changed, and let others have its parts. For the parts of this room."""
        now = self.clock.now()
        over = replace(row, state=state, held_until=None, ended_at=now, version=row.version + 1)
        await store.give_back(tx, row.meeting)
        await store.change(tx, over, page=page)
        return over


def _fact(row: Meeting, now: datetime, by: str) -> MeetingMoved:
    return MeetingMoved(occurred_at=now, meeting=row.meeting, contact=row.contact, sequence=row.sequence, by=by[:60])


def wish_of(row: Meeting, kind: MeetingType) -> Wish:
    """Return what was wished when a meeting was booked: its rules were kept then, and are not asked again."""
    plain = ("type", "asked_by", "matter", "person", "contact", "language", "needs", "handler", "is_protected")
    return Wish(**{name: getattr(row, name) for name in plain}, given=kind.needs)
