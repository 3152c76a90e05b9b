"""``kundcenter ledger``: proves that every contact has its one outcome, and that they add up."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.present import present_settings
from app.system import SystemClock
from contacts.ledger import Finding, Tally, inspect
from contacts.service import Contacts
from core.clock import STOCKHOLM
from core.errors import ConfigurationError
from storage.database import Database, DatabaseUnavailableError

ledger_commands = typer.Typer(no_args_is_help=True, help="Every contact and its one outcome.")

console = Console(highlight=False)


@ledger_commands.callback()
def ledger() -> None:
    """Look into the ledger. Nothing here changes anything."""


@ledger_commands.command()
def check(
    since: Annotated[
        str, typer.Option(help="First Swedish day, such as 2026-11-01; empty means from the beginning.")
    ] = "",
    until: Annotated[str, typer.Option(help="First Swedish day that is not counted; empty means until now.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count the contacts offered and their outcomes independently, and look for what is wrong. Exit 1 if anything is."""
    now = SystemClock().now()
    start, end = _instant(since, datetime(2000, 1, 1, tzinfo=UTC)), _instant(until, now + timedelta(days=1))
    try:
        tally, findings = asyncio.run(examine(present_settings().sql_url, start=start, end=end, now=now))
    except DatabaseUnavailableError:
        raise DatabaseUnavailableError(
            "Is there a system here (KC_STATE_DIR, KC_DATABASE_URL)? kundcenter doctor says what is missing."
        ) from None
    holds = tally.holds and not findings
    if as_json:
        typer.echo(json.dumps(_as_dict(tally, findings, holds), ensure_ascii=False, indent=2))
    else:
        _show(tally, findings, holds)
    if not holds:
        raise typer.Exit(1)


async def examine(url: str, *, start: datetime, end: datetime, now: datetime) -> tuple[Tally, Sequence[Finding]]:
    """Return the count and what is wrong, of contacts that arrived in ``[start, end)``."""
    database = Database(url, statement_seconds=60)
    try:
        async with database.reading() as tx:
            tally = await Contacts(database=database, clock=SystemClock()).tally(tx, start, end)
            return tally, await inspect(tx, start=start, end=end, now=now)
    finally:
        await database.close()


def _instant(day: str, otherwise: datetime) -> datetime:
    if not day:
        return otherwise
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=STOCKHOLM).astimezone(UTC)
    except ValueError:
        raise ConfigurationError("a day is written as 2026-11-01") from None


def _as_dict(tally: Tally, findings: Sequence[Finding], holds: bool) -> dict[str, Any]:
    return {
        "holds": holds,
        "offered": tally.offered,
        "outcomes": dict(tally.outcomes),
        "open": tally.open,
        "findings": [{"contact": finding.contact, "what": finding.what} for finding in findings],
    }


def _show(tally: Tally, findings: Sequence[Finding], holds: bool) -> None:
    table = Table(show_header=False, box=None)
    for outcome, number in tally.outcomes.items():
        table.add_row(outcome, str(number))
    table.add_row("open", str(tally.open))
    table.add_row("sum", str(sum(tally.outcomes.values()) + tally.open))
    table.add_row("offered", str(tally.offered))
    console.print(table)
    for finding in findings:
        console.print(f"{finding.contact}: {finding.what}", markup=False)
    console.print("The books balance." if holds else "The books do NOT balance.", markup=False)
