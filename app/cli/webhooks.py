"""``kundcenter webhooks``: what other systems were told and were not, and telling them again."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from app.cli.looking import clock_time, iso, json_of, with_rooms
from app.wiring import Rooms
from core.clock import STOCKHOLM
from webhooks.model import Delivery, State

webhook_commands = typer.Typer(no_args_is_help=True, help="What other systems are told.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OfSystem = Annotated[str, typer.Option(help="Of this system only.")]


@webhook_commands.command(name="list")
def list_(
    system: OfSystem = "",
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    before: Annotated[str, typer.Option(help="The last delivery of the page before.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries, the newest first."""

    async def work(rooms: Rooms) -> None:
        found = await rooms.webhooks.listed(system=system, state=state, before=before, limit=limit)
        words = [*map(_in_words, found), f"{len(found)} in all."]
        typer.echo(json_of([as_dict(one) for one in found]) if as_json else "\n".join(words))

    with_rooms(work)


@webhook_commands.command()
def show(
    delivery: Annotated[str, typer.Argument(help="The id of a delivery, such as whd_….")], as_json: AsJson = False
) -> None:
    """Show one delivery, what was told, and what the receiver answered last."""

    async def work(rooms: Rooms) -> None:
        _print(await rooms.webhooks.get(delivery), as_json=as_json)

    with_rooms(work)


@webhook_commands.command()
def replay(
    delivery: Annotated[str, typer.Argument(help="The id of a delivery, such as whd_….")] = "",
    failed_since: Annotated[
        datetime | None, typer.Option(help="Instead: all that has failed and happened since then, in Swedish time.")
    ] = None,
    system: OfSystem = "",
    as_json: AsJson = False,
) -> None:
    """Have one delivery told again, or all that have failed since a time, under the same ids as before."""
    if bool(delivery) == (failed_since is not None):
        raise typer.BadParameter("Name one delivery, or --failed-since.")

    async def work(rooms: Rooms) -> None:
        if failed_since is None:
            _print(await rooms.webhooks.replay(delivery, system=system), as_json=as_json)
            return
        many = await rooms.webhooks.replay_failed(failed_since.replace(tzinfo=STOCKHOLM), system=system)
        typer.echo(json_of({"replayed": many}) if as_json else f"{many} will be told again.")

    with_rooms(work)


@webhook_commands.command()
def resume(
    system: Annotated[str, typer.Argument(help="Its name in KC_API_TOKENS.")],
    as_json: AsJson = False,
) -> None:
    """Tell a system again that had said (410) that it is gone."""

    async def work(rooms: Rooms) -> None:
        was_off = await rooms.webhooks.switch_on(system)
        since = (rooms.clock.now() - timedelta(days=1)).astimezone(STOCKHOLM)
        again = f"What it missed: kundcenter webhooks replay --failed-since {since:%Y-%m-%d} --system {system}"
        words = f"{system} is told again. {again}" if was_off else f"{system} had not said that it is gone."
        typer.echo(json_of({"system": system, "was_off": was_off}) if as_json else words)

    with_rooms(work)


def as_dict(one: Delivery) -> dict[str, Any]:
    """Return a delivery as JSON shows it: what was told is ids and names only."""
    return {
        "delivery": one.delivery,
        "system": one.system,
        "type": one.type,
        "state": one.state,
        "reason": one.reason,
        "attempts": one.attempts,
        "status": one.status,
        "answer": one.answer,
        "told": one.body,
        "created_at": iso(one.created_at),
        "tried_at": iso(one.tried_at),
        "next_at": iso(one.next_at),
        "ended_at": iso(one.ended_at),
    }


def _print(one: Delivery, *, as_json: bool) -> None:
    told = as_dict(one)
    if as_json:
        typer.echo(json_of(told))
        return
    for name, value in told.items():
        if value not in (None, "", 0):
            typer.echo(f"{name.replace('_', ' '):<11} {value}")


def _in_words(one: Delivery) -> str:
    came_of = one.status if one.status is not None else one.answer or "-"
    return (
        f"{clock_time(one.created_at)}  {one.delivery}  {one.system:<12}  {one.type:<16}  {one.state:<9}  "
        f"{one.attempts} attempts, the last: {came_of}"
    )
