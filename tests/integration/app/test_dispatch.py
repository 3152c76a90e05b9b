"""A committed fact is told: at once, in order, and again by somebody else when its teller was killed."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select

from app.dispatch import Dispatcher, Reaction
from core.events import Event
from core.ids import ContactId, LegId
from storage.database import Database
from storage.outbox import outbox

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    contact: ContactId
    number: int


@dataclass
class HandClock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class Witness:
    seen: list[int] = field(default_factory=list)
    failures: int = 0

    async def note(self, fact: Event) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        assert isinstance(fact, Happened)
        self.seen.append(fact.number)


def dispatcher(database: Database, *reactions: Reaction, clock: HandClock | None = None) -> Dispatcher:
    made = Dispatcher(database, clock or HandClock(), {Happened: reactions})
    database.on_commit(made.committed)
    return made


async def commit(database: Database, *numbers: int, contact: str = "con_a") -> None:
    for number in numbers:
        async with database.transaction() as tx:
            await tx.record(Happened(occurred_at=START, contact=ContactId(contact), number=number))


async def untold(database: Database) -> int:
    async with database.reading() as tx:
        return len((await tx.execute(select(outbox).where(outbox.c.dispatched_at.is_(None)))).all())


async def test_facts_of_a_contact_are_told_in_order_and_marked(database: Database) -> None:
    witness = Witness()
    told = dispatcher(database, witness.note)
    await commit(database, *range(20))
    await told.settled()
    assert witness.seen == list(range(20))
    assert await untold(database) == 0


async def test_a_slow_reaction_holds_up_its_own_contact_only(database: Database) -> None:
    gate, seen = asyncio.Event(), []

    async def slow_for_a(fact: Event) -> None:
        assert isinstance(fact, Happened)
        if fact.contact == "con_a":
            await gate.wait()
        seen.append(fact.number)

    told = dispatcher(database, slow_for_a)
    await commit(database, 1, contact="con_a")
    await commit(database, 2, contact="con_b")
    async with asyncio.timeout(5):
        while seen != [2]:
            await asyncio.sleep(0)
    gate.set()
    await told.settled()
    assert seen == [2, 1]


async def test_what_failed_is_told_again_by_the_sweeper(database: Database) -> None:
    witness, clock = Witness(failures=1), HandClock()
    told = dispatcher(database, witness.note, clock=clock)
    await commit(database, 7)
    await told.settled()
    assert witness.seen == []
    assert await untold(database) == 1
    clock.at += timedelta(seconds=10)
    assert await told.run_overdue() == 1
    await told.settled()
    assert witness.seen == [7]
    assert await untold(database) == 0


async def test_what_a_killed_process_left_is_told_by_another(database: Database) -> None:
    await commit(database, 1, 2)  # nobody listens: as if killed right after the commit
    witness, clock = Witness(), HandClock(START + timedelta(seconds=10))
    other = dispatcher(database, witness.note, clock=clock)
    assert await other.run_overdue() == 2
    await other.settled()
    assert sorted(witness.seen) == [1, 2]
    assert await other.run_overdue() == 0


async def test_a_fact_that_nobody_reacts_to_any_more_is_laid_aside(database: Database) -> None:
    await commit(database, 1)
    lone = Dispatcher(database, HandClock(START + timedelta(seconds=10)), {})
    await lone.run_overdue()
    await lone.settled()
    assert await untold(database) == 0


@dataclass(frozen=True, kw_only=True)
class Rang(Event):
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class Opened(Event):
    contact: ContactId
    leg: LegId


async def test_what_is_logged_about_a_leg_is_logged_under_its_contact(database: Database) -> None:
    seen: list[dict[str, object]] = []

    async def log(_fact: Event) -> None:
        seen.append(dict(structlog.contextvars.get_contextvars()))

    told = Dispatcher(database, HandClock(), {Rang: [log], Opened: [log]})
    leg, other = LegId("leg_1"), LegId("leg_2")
    for event in (
        Rang(occurred_at=START, leg=leg),
        Opened(occurred_at=START, contact=ContactId("con_a"), leg=leg),
        Rang(occurred_at=START, leg=leg),
        Rang(occurred_at=START, leg=other),
    ):
        await told.tell(event)
        await told.settled()
    assert [one.get("contact") for one in seen] == [None, "con_a", "con_a", None]
    assert [one["leg"] for one in seen] == [leg, leg, leg, other]
