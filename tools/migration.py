"""Writes a migration from what the rooms' tables are now to what the migrations make: ``python -m tools.migration "why"``.

Read it before you commit it: a rename looks like a drop and an add.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from app.schema import every_table
from storage.database import Database
from storage.migrate import upgrade


async def write(message: str, number: str) -> None:
    """Bring an empty database to the newest schema and write the difference to the rooms' tables."""
    every_table()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/new.db")
        await upgrade(database)

        def revise(connection: Connection) -> None:
            config = Config()
            config.set_main_option("script_location", str(Path("storage/migrations")))
            config.attributes["connection"] = connection
            command.revision(config, message=message, autogenerate=True, rev_id=number)

        async with database.transaction() as tx:
            await tx.connection.run_sync(revise)
        await database.close()


def tidy(number: str) -> None:
    """Write what was written in the one format."""
    written = [str(path) for path in Path("storage/migrations/versions").glob(f"{number}_*.py")]
    for how in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([str(Path(sys.executable).parent / "ruff"), *how, *written], check=False)


if __name__ == "__main__":
    have = len(list(Path("storage/migrations/versions").glob("[0-9]*.py")))
    next_one = f"{have + 1:04d}"
    asyncio.run(write(sys.argv[1], next_one))
    tidy(next_one)
