"""The audit of who read what: complete, in order, and impossible to change unseen."""

import asyncio

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from core.errors import KundcenterError
from core.ids import AgentId, ContactId, Subject
from storage.audit import GUARDS, Reading, audit, audit_head, first_break, note_reading
from storage.database import Database
from tests.fakes.clock import START

READING = Reading(reader=AgentId("asa"), what="contact_card", contact=ContactId("con_1"), subject=Subject("demo-01"))


async def read(database: Database, times: int = 1) -> None:
    for _ in range(times):
        async with database.transaction() as tx:
            await note_reading(tx, READING, at=START)


async def broken_at(database: Database) -> int | None:
    async with database.reading() as tx:
        return await first_break(tx)


async def without_guards(database: Database) -> None:
    """As somebody who owns the database could."""
    drop = (
        ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete")
        if database.is_sqlite
        else ("DROP TRIGGER audit_no_change ON audit",)
    )
    async with database.engine.begin() as connection:
        for statement in drop:
            await connection.execute(text(statement))


async def test_readings_at_the_same_time_make_one_chain(database: Database) -> None:
    assert await broken_at(database) is None
    await asyncio.gather(*(read(database, 5) for _ in range(5)))
    async with database.reading() as tx:
        rows = (await tx.execute(audit.select().order_by(audit.c.number))).all()
    assert [row.number for row in rows] == list(range(1, 26))
    assert await broken_at(database) is None


async def test_a_reading_that_is_rolled_back_leaves_no_gap(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            await note_reading(tx, READING, at=START)
            raise RuntimeError
    await read(database)
    assert await broken_at(database) is None


async def test_the_database_refuses_to_change_or_remove_a_row(database: Database) -> None:
    await read(database)
    for statement in (update(audit).values(reader="nobody"), delete(audit)):
        with pytest.raises((DBAPIError, KundcenterError)):
            async with database.transaction() as tx:
                await tx.execute(statement)
    assert set(GUARDS) == {"sqlite", "postgresql"}


@pytest.mark.parametrize(
    ("deed", "number"),
    [
        (update(audit).where(audit.c.number == 2).values(reader="nobody"), 2),  # somebody else's name
        (update(audit).where(audit.c.number == 2).values(subject="demo-09"), 2),  # somebody else's data
        (delete(audit).where(audit.c.number == 2), 2),  # one row torn out
        (delete(audit).where(audit.c.number == 3), 3),  # the last row torn out
        (update(audit_head).values(number=7), 4),  # the head says more than there is
    ],
)
async def test_a_row_that_was_tampered_with_is_found(database: Database, deed: object, number: int) -> None:
    await read(database, 3)
    await without_guards(database)
    async with database.transaction() as tx:
        await tx.execute(deed)  # type: ignore[arg-type]
    assert await broken_at(database) == number
