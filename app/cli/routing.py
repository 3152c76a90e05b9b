"""``kundcenter routing``: says why a contact went where it went, or why it still waits."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from app.cli.looking import clock_time, iso
from app.present import present_settings
from app.safety import complete
from app.settings import Settings
from app.system import SystemClock
from app.wiring import rooms_of
from core.ids import ContactId
from dashboard.api.explanations import explanation_view
from dashboard.api.waits import AccuracyView, accuracy_view
from skills_routing.arrivals.written_store import WrittenCount, read_written
from skills_routing.explain.explaining import Explanation
from skills_routing.forecast.accuracy_store import read_accuracy
from skills_routing.forecast.site_store import FEWEST_AGENTS, SiteWaits, read_site_waits
from storage.database import Database, DatabaseUnavailableError, Transaction

routing_commands = typer.Typer(no_args_is_help=True, help="Which agent gets which contact, and why.")

console = Console(highlight=False)


@routing_commands.callback()
def routing() -> None:
    """Look into routing. Nothing here changes who gets whom."""


@routing_commands.command()
def explain(
    contact: Annotated[str, typer.Argument(help="The id of a contact, such as con_….")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say in Swedish why a contact went where it went, or why it still waits."""
    explanation = asyncio.run(explained(complete(present_settings()), ContactId(contact)))
    if as_json:
        typer.echo(explanation_view(explanation).model_dump_json(indent=2))
        return
    for sentence in explanation.sentences:
        console.print(sentence, markup=False, soft_wrap=True)


@routing_commands.command()
def accuracy(
    days: Annotated[int, typer.Option(min=1, max=31, help="Of so many days back.")] = 7,
    queue: Annotated[str, typer.Option(help="Of one queue only; empty means all.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how good what callers were told of their waits was: share inside the range, error against app_queue's."""
    found = asyncio.run(measured(present_settings().sql_url, days=days, queue=queue))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    for sentence in accuracy_in_words(found):
        console.print(sentence, markup=False, soft_wrap=True)


@routing_commands.command()
def sites(
    days: Annotated[int, typer.Option(min=1, max=31, help="Of so many days back.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how long those waited whom each site answered. Sites with few agents are counted together."""
    found = asyncio.run(of_sites(present_settings().sql_url, days=days))
    if as_json:
        typer.echo(json.dumps([vars(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        name = one.site or f"Sites with fewer than {FEWEST_AGENTS} agents"
        console.print(
            f"{name}: {one.served} served, mean wait {one.mean:.0f} s, nine of ten within {one.p90:.0f} s.",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    if not found:
        console.print("Nobody was served in that time.")


@routing_commands.command()
def written(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say how many have written and wait for an agent, in each queue, and how many are being answered."""
    found = asyncio.run(written_now(present_settings().sql_url))
    if as_json:
        rows = [vars(one) | {"waiting_since": iso(one.waiting_since)} for one in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in found:
        since = f", the first since {clock_time(one.waiting_since)}" if one.waiting_since else ""
        console.print(
            f"{one.queue}: {one.waiting} have written and wait{since}; {one.at_hand} are being answered.",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    if not found:
        console.print("Nobody has written who waits or is being answered.")


async def written_now(url: str) -> tuple[WrittenCount, ...]:
    """Return the written contacts that this database knows of."""
    async with _reading(url) as tx:
        return await read_written(tx)


async def of_sites(url: str, *, days: int) -> tuple[SiteWaits, ...]:
    """Return the waits by site that this database knows of."""
    now = SystemClock().now()
    async with _reading(url) as tx:
        return await read_site_waits(tx, start=now - timedelta(days=days), end=now)


async def measured(url: str, *, days: int, queue: str) -> AccuracyView:
    """Return how good the forecasts were that this database knows of."""
    now = SystemClock().now()
    async with _reading(url) as tx:
        found = await read_accuracy(tx, start=now - timedelta(days=days), end=now, queue=queue)
    return accuracy_view(found, days=days, queue=queue)


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[Transaction]:
    database = Database(url, statement_seconds=60)
    try:
        async with database.reading() as tx:
            yield tx
    except DatabaseUnavailableError:
        raise DatabaseUnavailableError(
            "Is there a system here (KC_STATE_DIR, KC_DATABASE_URL)? kundcenter doctor says what is missing."
        ) from None
    finally:
        await database.close()


def accuracy_in_words(found: AccuracyView) -> list[str]:
    """Return the figures as sentences; what has nothing to measure by is left out."""
    promised = f"{found.promised} promises to ring back stood in the line besides, and are not counted here."
    if not found.foreseen:
        return ["Nobody has waited in that time.", *([promised] if found.promised else [])]
    sentences = [
        f"{found.foreseen} callers waited: {found.served} were served, {found.gave_up} gave up first, "
        f"{found.still_waiting} still wait.",
        f"{found.told} were told a time; {found.silent} ({found.silent_share:.0%}) were told none, because nobody was sure.",
    ]
    if found.spoken:
        sentences.append(
            f"A range was said {found.spoken} times: {found.spoken_served} times to somebody who was served, "
            f"{found.spoken_gave_up} who gave up, {found.spoken_waiting} who still wait."
        )
    if found.inside is not None:
        sentences.append(f"{found.inside:.0%} of the {found.spoken_served} came true.")
    sentences += _errors("what was behind each range", found.error, found.app_queue_error, found.compared)
    sentences += _errors("the first forecast", found.first_error, found.first_app_queue_error, found.first_compared)
    if found.outlasted:
        sentences.append(f"{found.outlasted} times somebody gave up who had waited longer than they were told.")
    return [*sentences, *([promised] if found.promised else [])]


def _errors(what: str, ours: float | None, theirs: float | None, compared: int) -> list[str]:
    if ours is None or theirs is None:
        return []
    ratio = f" ({ours / theirs:.2f} of it)" if theirs else ""
    return [
        f"On average {what} was {ours:.0f} s from the truth, app_queue's average would have been "
        f"{theirs:.0f} s{ratio}, over the same {compared}."
    ]


async def explained(settings: Settings, contact: ContactId) -> Explanation:
    """Return the explanation of a contact of the running system."""
    async with rooms_of(settings) as rooms:
        return await rooms.routing.explain(contact)
