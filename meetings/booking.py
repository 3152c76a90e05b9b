"""How a time is held, confirmed and booked: with all its parts in one transaction, or not at all (I-15)."""

from dataclasses import replace
from hashlib import sha256

from meetings import store
from meetings.errors import HoldLapsedError, MeetingOverError, TimeTakenError
from meetings.events import MeetingBooked
from meetings.model import Choice, Meeting, MeetingId, State, Wish
from meetings.part import Part
from meetings.search import candidates
from storage.database import Transaction

ALTERNATIVES = 3


class Booking(Part):
    """How meetings come to be."""

    async def hold(self, wish: Wish, choice: Choice, *, by: str, key: str = "") -> Meeting:
        """Hold a time for five minutes, with everybody and everything that it needs.

        The same ``key`` of the same asker is the same meeting. Raises :class:`TimeTakenError` with alternatives,
        :class:`MeetingRefusedError`, :class:`UnknownMeetingTypeError` and :class:`UnknownOfficeError`.
        """
        return await self._make(wish, choice, by=by, key=key, to_book=False)

    async def book(self, wish: Wish, choice: Choice, *, by: str, key: str = "") -> Meeting:
        """Hold a time and confirm it, in one go; as :meth:`hold`."""
        return await self._make(wish, choice, by=by, key=key, to_book=True)

    async def confirm(self, meeting: MeetingId) -> Meeting:
        """Book what is held; what is booked stays so. Raises :class:`MeetingNotFoundError`, :class:`HoldLapsedError`
        and :class:`MeetingOverError`."""
        async with self.database.transaction() as tx:
            pages = await self._open_diaries(tx, [], {(await self._find(tx, meeting)).office})
            row = await self._find(tx, meeting, to_change=True)
            if row.state is State.LAPSED:
                raise HoldLapsedError
            if row.state is State.HELD:
                return await self._book(tx, row, page=pages[row.office])
        if row.state is not State.BOOKED:
            raise MeetingOverError
        return row

    async def lapse(self) -> int:
        """Let others have what was held and never confirmed; return how many there were. For the sweeper."""
        now, number = self.clock.now(), 0
        async with self.database.reading() as tx:
            offices = sorted({office for _, office in await store.lapsed(tx, now=now)})
        for office in offices:
            async with self.database.transaction() as tx:
                pages = await store.turn_page(tx, [office])
                for row in await store.lapsed_at(tx, [office], now=now):
                    await self._lapse(tx, row, page=pages[office])
                    number += 1
        return number

    async def _make(self, wish: Wish, choice: Choice, *, by: str, key: str, to_book: bool) -> Meeting:
        kind = self._wanted(wish, choice)
        meeting = named(by, key) if key else MeetingId(self.new_id("mtg"))
        names = candidates(self.register, kind, wish, choice)
        try:
            async with self.database.transaction() as tx:
                pages = await self._open_diaries(tx, names, [choice.office])
                known = await store.find(tx, meeting, to_change=True) if key else None
                if known is not None:
                    return known
                parts = await self._choose(tx, wish, choice, names)
                row = self._new(meeting, wish, choice, parts, by=by)
                await self._take(tx, row)
                await store.add(tx, row, page=pages[row.office])
                return await self._book(tx, row, page=pages[row.office]) if to_book else row
        except TimeTakenError:
            raise await self._taken(wish, choice) from None

    async def _book(self, tx: Transaction, row: Meeting, *, page: int) -> Meeting:
        booked = replace(row, state=State.BOOKED, held_until=None, version=row.version + 1)
        await store.change(tx, booked, page=page)
        if row.contact is not None and await self.contacts.find(tx, row.contact) is not None:
            await self.contacts.meeting_booked(tx, row.contact, row.meeting)
        await tx.record(MeetingBooked(occurred_at=self.clock.now(), meeting=row.meeting, contact=row.contact))
        return booked

    async def _taken(self, wish: Wish, choice: Choice) -> TimeTakenError:
        """Return the error with what can be had instead: from the chosen time on, at the chosen office first."""
        here = await self.times(replace(wish, offices=(choice.office,)), most=ALTERNATIVES, choice=choice)
        if len(here) == ALTERNATIVES:
            return TimeTakenError(here)
        return TimeTakenError(await self.times(wish, most=ALTERNATIVES, choice=choice))


def named(by: str, key: str) -> MeetingId:
    """Return the meeting that a request is, whenever it comes: the key may tell something, so its hash."""
    return MeetingId(f"mtg_{sha256(f'{by}|{key}'.encode()).hexdigest()[:32]}")
