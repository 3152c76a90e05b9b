"""Whatever is held, booked, moved, cancelled and let lapse, by several at once, and wherever a process dies: nobody and
nothing is in two places, nothing is half booked, and every fact has its meeting."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.errors import KundcenterError
from core.ids import AgentId, PersonId
from meetings.model import Meeting, State, Wish
from meetings.service import Meetings
from meetings.store import meeting_diaries, meeting_quarters
from meetings.store import meetings as table
from storage.database import Database, Transaction
from storage.outbox import outbox
from tests.builders.meetings import meetings_over
from tests.builders.mortal_process import Killed, Steps
from tests.fakes.clock import START, CountingIds, HandClock
from tests.integration.meetings.books import all_of, faults

WISHES = (
    Wish(type="kundmote", offices=("norrby",)),
    Wish(type="kundmote", offices=("norrby",), handler=AgentId("lena")),
    Wish(type="kontaktmote", given=frozenset({"consent"})),
    Wish(type="personligt_mote", language="ar"),
    Wish(type="kundmote", handler=AgentId("petra")),
    Wish(type="kundmote", is_protected=True),
)


@contextmanager
def mortal(database: Database, steps: Steps) -> Iterator[None]:
    """Have every transaction be a step before its commit, one after it, and one at each statement that writes."""
    begin, execute = database.transaction, Transaction.execute

    @asynccontextmanager
    async def transaction(**how: Any) -> AsyncIterator[Transaction]:
        async with begin(**how) as tx:
            yield tx
            steps.take("before a commit")
        steps.take("after a commit")

    async def executed(self: Transaction, statement: Any, parameters: Any = None) -> Any:
        if not statement.is_select:
            steps.take(f"before {type(statement).__name__} {statement.table.name}")
        return await execute(self, statement, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "transaction", transaction)
        patch.setattr(Transaction, "execute", executed)
        yield


async def forget(database: Database) -> None:
    async with database.transaction() as tx:
        for one in (table, meeting_quarters, meeting_diaries, outbox):
            await tx.execute(delete(one))


async def facts_of(database: Database) -> list[str]:
    async with database.reading() as tx:
        return list((await tx.execute(select(outbox.c.name).order_by(outbox.c.number))).scalars())


async def test_wherever_a_process_dies_nothing_is_half_booked_and_the_next_one_goes_on(
    database: Database, clock: HandClock
) -> None:
    """A citizen holds a time, confirms it, moves it; whoever dies, begins again where they were."""
    wish = replace(WISHES[2], person=PersonId("per_1"))
    seen: list[str] = []
    for kill_at in range(100):
        steps = Steps(kill_at)
        clock.at = START
        try:
            with mortal(database, steps):
                await _a_life(_meetings(database, clock), wish)
        except Killed:
            assert await faults(database) == [], steps.killed_at
            clock.pass_time(seconds=1)
            await _a_life(_meetings(database, clock), wish)
        (booked,) = await all_of(database)
        assert (booked.state, booked.sequence) == (State.BOOKED, 1), steps.killed_at
        assert await faults(database) == [], steps.killed_at
        assert await facts_of(database) == ["MeetingBooked", "MeetingMoved"], steps.killed_at
        await forget(database)
        if not steps.dead.is_set():
            break
        seen.append(steps.killed_at)
    assert not steps.dead.is_set(), "there are more steps than were tried"
    assert len(seen) >= 15 and {"before a commit", "after a commit"} < set(seen), seen


async def _a_life(meetings: Meetings, wish: Wish) -> None:
    at = [one for one in await meetings.times(replace(wish, person=None), most=40) if one.office == "norrby"]
    held = await meetings.hold(wish, at[0], by="citizen", key="k")
    booked = await meetings.confirm(held.meeting)
    if booked.sequence == 0:
        await meetings.move(booked.meeting, at[-1], by="citizen")


def _meetings(database: Database, clock: HandClock) -> Meetings:
    return meetings_over(database, clock, CountingIds())


class Town:
    """A few processes of ours, and citizens who do this and that, some of it at the same time."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self.database, self.chance = database, chance
        self.clock, self.ids = HandClock(), CountingIds()
        self.processes = [meetings_over(database, self.clock, self.ids) for _ in range(2)]
        self.known: list[Meeting] = []

    async def act(self) -> None:
        """Have some do something at once."""
        deeds = [self.chance.choice(self._deeds())() for _ in range(self.chance.randint(1, 4))]
        for done in await asyncio.gather(*deeds, return_exceptions=True):
            if isinstance(done, Meeting):
                self.known.append(done)
            elif isinstance(done, BaseException) and not isinstance(done, KundcenterError):
                raise done
        self.clock.pass_time(minutes=self.chance.choice((0, 0, 1, 6)))

    def _deeds(self) -> list[Callable[[], Awaitable[Any]]]:
        deeds: list[Callable[[], Awaitable[Any]]] = [self._make, self._make, self._make, self._lapse]
        return deeds + ([self._move, self._confirm, self._cancel] if self.known else [])

    def _one(self) -> Meetings:
        return self.chance.choice(self.processes)

    async def _make(self) -> Meeting:
        meetings = self._one()
        person = PersonId(f"per_{self.chance.randint(1, 3)}") if self.chance.random() < 0.5 else None
        wish = replace(self.chance.choice(WISHES), person=person)
        at = self.chance.choice((await meetings.times(wish, most=4)) or [None])
        assert at is not None
        way = self.chance.choice((meetings.hold, meetings.book))
        return await way(wish, at, by="citizen", key=self.chance.choice(("", "", "k")))

    async def _move(self) -> Meeting:
        meetings, row = self._one(), self.chance.choice(self.known)
        times = await meetings.times(replace(self.chance.choice(WISHES[:2]), offices=()), most=6)
        return await meetings.move(row.meeting, self.chance.choice(times), by="citizen")

    async def _confirm(self) -> Meeting:
        return await self._one().confirm(self.chance.choice(self.known).meeting)

    async def _cancel(self) -> Meeting:
        return await self._one().cancel(self.chance.choice(self.known).meeting, by="citizen")

    async def _lapse(self) -> None:
        await self._one().lapse()


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_whoever_does_what_at_the_same_time_the_books_are_right(database: Database, seed: int) -> None:
    await forget(database)
    town = Town(database, random.Random(seed))
    for _ in range(12):
        await town.act()
        assert await faults(database) == []
    # What each process says is free is what one says that has just begun, and what lapsed is nobody's in the end.
    fresh = meetings_over(database, town.clock, town.ids)
    for meetings in town.processes:
        assert await meetings.times(WISHES[0], most=500) == await fresh.times(WISHES[0], most=500)
    town.clock.pass_time(minutes=6)
    await fresh.lapse()
    rows = await all_of(database)
    assert not [one for one in rows if one.state is State.HELD] and await faults(database) == []
    assert (await facts_of(database)).count("MeetingBooked") == len([one for one in rows if _was_booked(one)])


def _was_booked(row: Meeting) -> bool:
    """Tell whether a meeting was ever confirmed: a cancelled hold has had one version less."""
    return row.state in (State.BOOKED, State.MISSED) or (row.state is State.CANCELLED and row.version > 2)
