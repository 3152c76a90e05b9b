"""How often a connection to SQLite asks its thread, and that nothing is lost by asking it seldom."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from storage import inbox
from storage.database import Database, DatabaseUnavailableError, Transaction
from storage.schema import metadata
from storage.sqlite_connection import SqliteConnection
from tests.fakes.clock import START
from tests.running import eventually

MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/kc.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the threads are asked from now on."""
    asked: list[int] = []
    real = SqliteConnection._execute

    async def counted(self, work, *arguments, **options):
        asked.append(1)
        return await real(self, work, *arguments, **options)

    monkeypatch.setattr(SqliteConnection, "_execute", counted)
    return asked


async def keys(database: Database) -> set[str]:
    async with database.reading() as tx:
        return set((await tx.execute(select(inbox.inbox.c.key))).scalars())


async def note_three(tx: Transaction) -> None:
    for key in "abc":
        await inbox.first_time(tx, key, now=START)


async def test_a_statement_and_its_rows_are_one_way_to_the_thread(database: Database, asked: list[int]) -> None:
    async with database.transaction() as tx:
        await note_three(tx)
    assert len(asked) == 5, "BEGIN, three statements, COMMIT"


async def test_a_short_transaction_asks_the_thread_only_to_begin_and_to_commit(
    database: Database, asked: list[int]
) -> None:
    async with database.transaction(short=True) as tx:
        await note_three(tx)
    assert len(asked) == 2
    assert await keys(database) == {"a", "b", "c"}


async def test_a_short_look_asks_the_thread_nothing_and_waits_for_no_writer(
    database: Database, asked: list[int]
) -> None:
    async with database.transaction() as writer:
        await note_three(writer)
        await keys(database)  # a second connection is open
        asked.clear()
        async with database.reading(short=True) as tx:
            assert (await tx.execute(select(inbox.inbox.c.key))).all() == []
        assert asked == []
    assert await keys(database) == {"a", "b", "c"}


async def test_after_a_short_look_that_failed_the_connection_goes_on_as_before(
    database: Database, asked: list[int]
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.reading(short=True) as tx:
            await tx.execute(select(inbox.inbox.c.key))
            raise ZeroDivisionError
    asked.clear()
    async with database.transaction() as tx:
        await note_three(tx)
    assert len(asked) == 5


async def test_a_short_transaction_that_fails_leaves_nothing_and_the_connection_goes_on_as_before(
    database: Database, asked: list[int]
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(short=True) as tx:
            await note_three(tx)
            raise ZeroDivisionError
    assert await keys(database) == set()
    asked.clear()
    async with database.transaction() as tx:
        await note_three(tx)
    assert len(asked) == 5, "the thread is asked again"


async def test_a_wrong_statement_in_a_short_transaction_is_told_as_from_the_thread(database: Database) -> None:
    with pytest.raises(DatabaseUnavailableError):
        async with database.transaction(short=True) as tx:
            await tx.execute(text("SELECT nothing FROM nowhere"))
    assert await keys(database) == set()


@pytest.mark.parametrize("short", [False, True])
async def test_an_answer_of_many_rows_is_read_to_its_end(database: Database, short: bool) -> None:
    async with database.transaction(short=short) as tx:
        assert list((await tx.execute(text(MANY))).scalars()) == list(range(1, 1001))
        streamed = await tx.connection.stream(text(MANY))
        assert [row.i async for row in streamed] == list(range(1, 1001))


async def test_an_answer_that_is_left_in_the_middle_holds_nothing_up(database: Database) -> None:
    async with database.transaction() as tx:
        streamed = await tx.connection.stream(text(MANY))
        assert (await streamed.fetchone()).i == 1
        await streamed.close()
        await tx.execute(insert(inbox.inbox), [{"key": key, "seen_at": START} for key in "ab"])
    assert await keys(database) == {"a", "b"}


async def test_whoever_is_cancelled_while_it_waits_for_the_lock_holds_nobody_up_afterwards(
    database: Database, tmp_path: Path, asked: list[int]
) -> None:
    await note(database, "before")
    with contextlib.closing(sqlite3.connect(tmp_path / "kc.db", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        asked.clear()
        waiting = asyncio.create_task(note(database, "never"))
        await eventually(lambda: asked, within=2, what="the thread waits for the lock")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        another.execute("COMMIT")
    await note(database, "after")
    assert await keys(database) == {"before", "after"}


async def note(database: Database, key: str) -> None:
    async with database.transaction(short=True) as tx:
        await inbox.first_time(tx, key, now=START)
