"""``kundcenter meetings report``: how many meetings and how good, beside the same season before. No person is told of, or ranked."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.cli.looking import json_of, with_rooms
from app.wiring import Rooms

if TYPE_CHECKING:
    from meetings.quality import Figures, Offers
    from meetings.reporting import OfType, Report

console = Console(highlight=False)

First = Annotated[str, typer.Option("--from", help="The first Swedish day, such as 2026-03-01.")]
Until = Annotated[str, typer.Option("--to", help="The first day that is no longer in it, such as 2026-09-01.")]
BaseFirst = Annotated[str, typer.Option("--baseline-from", help="Of another earlier year: its first day.")]
BaseUntil = Annotated[str, typer.Option("--baseline-to", help="… and the first day that is no longer in it.")]

QUALITY = {
    "came": "came",
    "documented": "had the documentation",
    "documented_same_day": "… on the same day",
    "prepared": "had answered questions before",
    "followed_up": "answered afterwards, of those asked",
}


def report(
    first: First,
    until: Until,
    baseline_from: BaseFirst = "",
    baseline_to: BaseUntil = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show meetings of a period by type and office: count and quality, now and in the same season of the year before.

    A baseline of another season is refused. What fewer than five have held is told as a number only.
    """
    begins, ends = _day(first, "--from"), _day(until, "--to")
    baseline = None
    if baseline_from or baseline_to:
        baseline = (_day(baseline_from, "--baseline-from"), _day(baseline_to, "--baseline-to"))

    async def work(rooms: Rooms) -> None:
        found = await rooms.meetings.reports.report(begins, ends, baseline=baseline)
        if as_json:
            typer.echo(json_of(as_dict(found)))
        else:
            _show(found)

    with_rooms(work)


def as_dict(found: "Report") -> dict[str, Any]:
    """Return a report for JSON; days as 2026-03-01, shares from 0 to 1."""
    return {name: _days(value) if isinstance(value, dict) else value for name, value in asdict(found).items()}


def _days(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def _show(found: "Report") -> None:
    now, before = (f"{one.first} to {one.until}" for one in (found.period, found.baseline))
    for one in found.types:
        _show_type(one, now, before)
    _show_offers(found.offers, found.offers_before, now, before)
    if not found.is_over:
        typer.echo("The period is not over yet: it is not to be compared with a whole one.")
    if not found.is_kept:
        typer.echo("Of the baseline some is forgotten already (kept_days): the two are not to be compared.")


def _show_type(one: "OfType", now: str, before: str) -> None:
    table = Table("", now, before, title=one.label, title_justify="left")
    for name in ("held", "missed", "cancelled", "booked", "moves"):
        table.add_row(name, str(getattr(one.now, name)), str(getattr(one.before, name)))
    for name, words in QUALITY.items():
        table.add_row(words, _share(one.now, name), _share(one.before, name))
    for place in one.offices:
        where = place.office or "small offices together"
        table.add_row(f"held at {where}", str(place.now.held), str(place.before.held))
        table.add_row(
            "… documented on the same day", *(_share(of, "documented_same_day") for of in (place.now, place.before))
        )
    table.add_row("unclear in the guidance, answered", f"{one.unclear}, {one.unclear_answered}", "")
    console.print(table)
    for words in one.words:
        typer.echo(f"  “{words}”")


def _show_offers(now: "Offers", before: "Offers", period: str, baseline: str) -> None:
    table = Table("", period, baseline, title="Contact meetings to offer before day 90", title_justify="left")
    for name, words in {"given": "tasks", "told": "told", "said_yes": "said yes", "said_no": "said no"}.items():
        table.add_row(words, str(getattr(now, name)), str(getattr(before, name)))
    table.add_row("told before day 90", _part(now.told_before_day_90), _part(before.told_before_day_90))
    days = ("-" if one.median_days is None else f"{one.median_days:g}" for one in (now, before))
    table.add_row("days from the task to the offer (median)", *days)
    console.print(table)


def _share(of: "Figures", name: str) -> str:
    return _part(getattr(of.quality, name)) if of.quality else "too few held them"


def _part(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write it as 2026-03-01", param_hint=option) from None
