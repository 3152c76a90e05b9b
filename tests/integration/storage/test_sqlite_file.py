"""What befalls the one file of an SQLite database, and the threads that work on it."""

import asyncio
import gc
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from storage import inbox
from storage.database import Database, DatabaseUnavailableError
from storage.schema import metadata
from tests.fakes.clock import START


async def opened(path: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    return database


async def note(database: Database, key: str) -> None:
    async with database.transaction() as tx:
        await inbox.first_time(tx, key, now=START)


async def test_nothing_is_promised_into_a_file_that_was_moved_away(tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "kc.db", tmp_path / "elsewhere.db"
    database = await opened(file)
    await note(database, "before")
    file.rename(elsewhere)
    for _ in range(3):
        with pytest.raises(DatabaseUnavailableError):
            await note(database, "meanwhile")
    assert not file.exists(), "an empty one in its place would look like a database without a past"
    elsewhere.rename(file)
    await note(database, "after")
    async with database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(inbox.inbox))).scalar_one() == 2
    await database.close()


async def test_a_file_that_takes_the_place_of_ours_is_left_alone(tmp_path: Path) -> None:
    database = await opened(tmp_path / "kc.db")
    other = await opened(tmp_path / "other.db")
    await other.close()
    (tmp_path / "other.db").rename(tmp_path / "kc.db")
    with pytest.raises(DatabaseUnavailableError):
        await note(database, "into another's book")
    await database.close()
    anew = Database(f"sqlite+aiosqlite:///{tmp_path}/kc.db")
    async with anew.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(inbox.inbox))).scalar_one() == 0
    await anew.close()


SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 800000) SELECT count(*) FROM n"


def test_after_the_close_no_thread_is_left_also_of_those_who_were_cancelled(tmp_path: Path) -> None:
    async def life() -> None:
        database = await opened(tmp_path / "kc.db")

        async def ask() -> None:
            async with database.reading() as tx:
                await tx.execute(text(SLOW))

        tasks = [asyncio.create_task(ask()) for _ in range(4)]
        while database.engine.pool.checkedout() < 4:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()

    assert left_by(life()) == []


def test_after_the_close_no_connection_is_left_also_of_those_who_were_in_the_middle(tmp_path: Path) -> None:
    async def life() -> None:
        database = await opened(tmp_path / "kc.db")
        inside, go_on = asyncio.Event(), asyncio.Event()

        async def ask() -> None:
            async with database.reading() as tx:
                await tx.execute(text("SELECT 1"))
                inside.set()
                await go_on.wait()

        task = asyncio.create_task(ask())
        await inside.wait()
        await database.close()
        go_on.set()
        await asyncio.gather(task, return_exceptions=True)

    assert left_by(life()) == []
    gc.collect()  # a connection that was forgotten complains now, and pytest fails


def left_by(life: Coroutine[Any, Any, None]) -> list[str]:
    """Return the threads that are left when a loop has lived this to its end."""
    before = set(threading.enumerate())
    asyncio.run(life)
    return [thread.name for thread in set(threading.enumerate()) - before]
