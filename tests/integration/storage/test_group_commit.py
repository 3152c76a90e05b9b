"""Works that come together are committed together, and one that fails takes no other with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from storage.database import Database, DatabaseUnavailableError, Transaction
from storage.group_commit import GroupCommit
from storage.inbox import first_time, inbox

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def note(key: str):
    async def work(tx: Transaction) -> str:
        await first_time(tx, key, now=NOW)
        return key

    return work


async def fail(tx: Transaction) -> str:
    await first_time(tx, "never", now=NOW)
    raise ZeroDivisionError


async def kept(database: Database) -> int:
    async with database.reading() as tx:
        return int((await tx.execute(select(func.count()).select_from(inbox))).scalar_one())


@pytest.fixture
def transactions(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    began: list[int] = []
    real = database.transaction

    def counted(*, short: bool):
        began.append(1)
        return real(short=short)

    monkeypatch.setattr(database, "transaction", counted)
    return began


async def test_a_hundred_works_at_once_take_a_few_transactions_and_each_gets_its_own_result(
    database: Database, transactions: list[int]
) -> None:
    group = GroupCommit(database)
    results = await asyncio.gather(*(group.run(note(f"key-{number}")) for number in range(100)))
    assert results == [f"key-{number}" for number in range(100)]
    assert await kept(database) == 100
    assert len(transactions) <= 4


async def test_one_that_fails_is_told_so_and_takes_no_other_with_it(database: Database) -> None:
    group = GroupCommit(database)
    first, wrong, last = await asyncio.gather(
        group.run(note("a")), group.run(fail), group.run(note("b")), return_exceptions=True
    )
    assert (first, last) == ("a", "b")
    assert isinstance(wrong, ZeroDivisionError)
    assert await kept(database) == 2


async def test_a_database_that_does_not_answer_is_not_asked_once_more_for_each(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    @asynccontextmanager
    async def silent(*, short: bool) -> AsyncIterator[Transaction]:
        asked.append(1)
        raise DatabaseUnavailableError
        yield

    monkeypatch.setattr(database, "transaction", silent)
    group = GroupCommit(database)
    results = await asyncio.gather(*(group.run(note("a")) for _ in range(50)), return_exceptions=True)
    assert all(isinstance(one, DatabaseUnavailableError) for one in results)
    assert len(results) == 50
    assert len(asked) == 2


async def test_one_whose_rows_somebody_holds_fails_alone_and_those_before_it_are_kept(database: Database) -> None:
    async def held(_tx: Transaction) -> None:
        raise DatabaseUnavailableError

    group = GroupCommit(database)
    first, wrong, last = await asyncio.gather(
        group.run(note("a")), group.run(held), group.run(note("b")), return_exceptions=True
    )
    assert first == "a"
    assert isinstance(wrong, DatabaseUnavailableError)
    assert isinstance(last, DatabaseUnavailableError), "to be tried again, as whoever asked does"
    assert await kept(database) == 1


async def test_when_the_process_ends_nobody_waits_for_ever(database: Database) -> None:
    class EndError(BaseException):
        pass

    async def ends(_tx: Transaction) -> None:
        later.append(asyncio.ensure_future(group.run(note("later"))))
        await asyncio.sleep(0)
        raise EndError

    later: list[asyncio.Future[str]] = []
    group = GroupCommit(database)
    results = await asyncio.gather(group.run(note("a")), group.run(ends), return_exceptions=True)
    assert [type(one) for one in (*results, *await asyncio.gather(*later, return_exceptions=True))] == [EndError] * 3
    assert await kept(database) == 0
    assert await group.run(note("b")) == "b"


async def test_whoever_gives_up_waiting_harms_nobody(database: Database) -> None:
    group = GroupCommit(database)
    impatient = asyncio.create_task(group.run(note("a")))
    patient = asyncio.create_task(group.run(note("b")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "b"
    assert await group.run(note("c")) == "c"


async def test_what_is_returned_is_committed(database: Database) -> None:
    group = GroupCommit(database)
    await group.run(note("a"))
    assert await kept(database) == 1
