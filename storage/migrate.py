"""Brings the database up to date. Each step is one transaction: killed half-way, it is as if it never began."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.database import Database


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database, *, to: str = "head") -> None:
    """Bring the database to the newest schema, or to an older step; does nothing when it is there already.

    Safe when two do it at once.
    """
    async with database.transaction() as tx:
        await tx.connection.run_sync(lambda connection: command.upgrade(_config(connection), to))


async def revisions(database: Database) -> tuple[str | None, str | None]:
    """Return the schema that the database has, and the newest that there is."""
    async with database.reading() as tx:
        present = await tx.connection.run_sync(
            lambda connection: MigrationContext.configure(connection).get_current_revision()
        )
    return present, ScriptDirectory.from_config(_config()).get_current_head()
