"""The stores keep what they are given, on SQLite and on PostgreSQL alike."""

import asyncio
import gc
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from core.events import Event
from core.ids import ContactId
from core.language import Language
from storage import inbox, leases, outbox
from storage.database import Database, DatabaseUnavailableError
from storage.redis import EmbeddedStore, LiveStoreUnavailableError, live, our_errors

NOW = datetime(2026, 10, 25, 0, 30, 0, 123_456, tzinfo=UTC)  # the night when the clocks go back
HOLD = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class SomethingHappened(Event):
    contact: ContactId
    language: Language
    keys: tuple[str, ...] = ()


FACT = SomethingHappened(occurred_at=NOW, contact=ContactId("con_1"), language=Language.SWEDISH, keys=("å", "1"))


async def test_a_fact_comes_back_as_it_was(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.record(FACT)
    async with database.transaction() as tx:
        [stored] = await outbox.claim_overdue(tx, now=NOW + HOLD, older_than=timedelta(0), hold=HOLD)
    assert outbox.decode(SomethingHappened, stored.body) == FACT


async def test_a_fact_of_a_transaction_that_failed_was_never_there(database: Database) -> None:
    told: list[object] = []
    database.on_commit(told.append)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await tx.record(FACT)
            raise ZeroDivisionError
    async with database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(outbox.outbox))).scalar_one() == 0
    assert told == []


async def test_listeners_hear_of_facts_only_after_the_commit(database: Database) -> None:
    told: list[object] = []
    database.on_commit(lambda facts: told.extend(fact for _, fact in facts))
    async with database.transaction() as tx:
        await tx.record(FACT)
        assert told == []
    assert told == [FACT]


async def test_an_overdue_fact_is_claimed_by_one_at_a_time_until_it_is_done(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.record(FACT)

    async def claim(at: datetime) -> list[int]:
        async with database.transaction() as tx:
            rows = await outbox.claim_overdue(tx, now=at, older_than=timedelta(seconds=1), hold=HOLD)
            return [row.number for row in rows]

    assert await claim(NOW) == []
    [number] = await claim(NOW + timedelta(seconds=2))
    assert await claim(NOW + timedelta(seconds=3)) == []
    assert await claim(NOW + timedelta(seconds=20)) == [number]
    async with database.transaction() as tx:
        await outbox.mark_dispatched(tx, [number], now=NOW)
    assert await claim(NOW + timedelta(seconds=60)) == []


async def test_the_same_outside_event_is_new_only_once_even_in_parallel(database: Database) -> None:
    async def take() -> bool:
        async with database.transaction() as tx:
            return await inbox.first_time(tx, "twilio:SM1", now=NOW)

    assert sorted(await asyncio.gather(*(take() for _ in range(8)))) == [False] * 7 + [True]


async def test_a_lease_has_one_holder_and_its_number_grows_with_each(database: Database) -> None:
    async def take(holder: str, at: datetime) -> leases.Lease | None:
        async with database.transaction() as tx:
            return await leases.acquire(tx, "switch", holder=holder, now=at, hold=HOLD)

    first = await take("a", NOW)
    assert first is not None
    assert await take("b", NOW + timedelta(seconds=5)) is None
    again = await take("a", NOW + timedelta(seconds=5))
    assert again is not None
    assert again.fencing == first.fencing
    second = await take("b", NOW + timedelta(seconds=20))
    assert second is not None
    assert second.fencing == first.fencing + 1
    async with database.transaction() as tx:
        assert not await leases.is_current(tx, first)
        assert await leases.is_current(tx, second)
    third = await take("a", NOW + timedelta(seconds=40))
    assert third is not None
    assert third.fencing == second.fencing + 1


async def test_nobody_takes_a_lease_while_what_it_guards_is_being_written(database: Database) -> None:
    async with database.transaction() as tx:
        first = await leases.acquire(tx, "switch", holder="a", now=NOW, hold=HOLD)
        assert first is not None

    async def take() -> leases.Lease | None:
        async with database.transaction() as tx:
            return await leases.acquire(tx, "switch", holder="b", now=NOW + 2 * HOLD, hold=HOLD)

    async with database.transaction() as tx:
        assert await leases.is_current(tx, first), "it has run out, and nobody has taken it"
        taking = asyncio.create_task(take())
        _, waits = await asyncio.wait({taking}, timeout=0.2)
        assert waits, "the other waits until this is written"
    assert await taking is not None


async def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/kc.db")
    with pytest.raises(DatabaseUnavailableError):
        await database.ping()
    await database.close()


async def test_no_connection_is_left_open_by_whoever_still_had_it_when_the_database_was_closed(
    database: Database,
) -> None:
    """What is left open is a warning when it is collected, and warnings are errors."""

    holds = asyncio.Event()

    async def look() -> None:
        async with database.reading() as tx:
            await tx.execute(select(func.count()).select_from(outbox.outbox))
            holds.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(look())
    await holds.wait()
    await database.close()
    task.cancel()
    await asyncio.wait({task})
    del task
    gc.collect()


async def test_who_still_asks_after_the_close_is_told_so_and_opens_nothing(database: Database) -> None:
    await database.ping()
    await database.close()
    with pytest.raises(DatabaseUnavailableError):
        await database.ping()
    gc.collect()


async def test_a_connection_that_is_being_opened_during_the_close_is_closed_too(database: Database) -> None:
    async def look(at: Database) -> None:
        async with at.reading() as tx:
            await tx.execute(select(func.count()).select_from(outbox.outbox))

    for turns in range(12):  # wherever in its opening it is
        closed = Database(database.url)
        task = asyncio.create_task(look(closed))
        for _ in range(turns):
            await asyncio.sleep(0)
        await closed.close()
        await asyncio.wait({task})
        assert task.exception() is None or isinstance(task.exception(), DatabaseUnavailableError)
        del task
    gc.collect()


async def test_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"):
        async with database.transaction() as tx:
            await inbox.first_time(tx, "k", now=datetime(2026, 1, 1))


async def test_an_embedded_store_is_adopted_with_its_content_and_comes_back_after_a_stop(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "valkey")
    client: Redis = live(store.start())
    await client.set("k", "v")
    assert EmbeddedStore(tmp_path / "valkey").start() == store.url
    assert await client.get("k") == "v"
    store.stop()
    with pytest.raises(LiveStoreUnavailableError):
        async with our_errors():
            await client.get("k")
    store.start()
    assert await client.get("k") == "v"
    await client.aclose()
    store.stop()
