"""The migrations make what the rooms declare, on both kinds of database."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from app.schema import every_table
from storage.database import Database
from storage.migrate import revisions, upgrade


async def _empty(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.connection.run_sync(lambda connection: every_table().drop_all(connection))
        await tx.execute(text("DROP TABLE IF EXISTS alembic_version"))


async def test_migrations_make_every_table_as_the_rooms_declare_it(database: Database) -> None:
    await _empty(database)
    await upgrade(database)

    def missing(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        # Tables that no room declares any more are not touched: data outlives code.
        return [change for change in compare_metadata(context, every_table()) if change[0] != "remove_table"]

    async with database.reading() as tx:
        assert await tx.connection.run_sync(missing) == []


async def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    await _empty(database)
    await upgrade(database)
    await upgrade(database)
    has, newest = await revisions(database)
    assert has == newest
    assert newest is not None


def test_migrations_are_one_line_without_branches() -> None:
    numbers = sorted(path.name[:4] for path in Path("storage/migrations/versions").glob("[0-9]*.py"))
    assert numbers == [f"{one:04d}" for one in range(1, len(numbers) + 1)]
