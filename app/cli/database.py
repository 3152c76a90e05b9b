"""``kundcenter db``: the SQL database."""

import asyncio
import json
from typing import Annotated

import typer

from app.present import present_settings
from app.safety import complete
from storage.database import Database
from storage.migrate import revisions
from storage.migrate import upgrade as upgrade_database

database_commands = typer.Typer(no_args_is_help=True)


@database_commands.command()
def upgrade(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Bring the database to the newest schema."""
    settings = complete(present_settings())
    before, after = asyncio.run(_upgrade(settings.sql_url))
    if as_json:
        typer.echo(json.dumps({"before": before, "after": after}))
    else:
        typer.echo(
            f"The database is at {after}"
            + (", as it was." if before == after else f"; it was at {before or 'nothing'}.")
        )


async def _upgrade(url: str) -> tuple[str | None, str | None]:
    database = Database(url, statement_seconds=60)
    try:
        before, _ = await revisions(database)
        await upgrade_database(database)
        after, _ = await revisions(database)
    finally:
        await database.close()
    return before, after
