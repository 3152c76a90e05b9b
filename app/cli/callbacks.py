"""``kundcenter callbacks``: what is promised, what became of it, and what is due. No number and no code is shown whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from app import ring_backs
from app.callbacks_api import links_of
from app.cli.looking import clock_time, iso, json_of, with_rooms
from app.wiring import Rooms
from callbacks.errors import CallbackOverError
from callbacks.events import CallbackDue, CallbackGivenUp
from callbacks.model import OPEN, Attempt, Callback, CallbackState, Period
from callbacks.ringing_hours import is_open, next_open
from core.events import Event
from core.ids import CallbackId

callback_commands = typer.Typer(no_args_is_help=True, help="Promises to ring back.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
States = Annotated[list[CallbackState] | None, typer.Option("--state", help="In this state; may be given again.")]


@callback_commands.command("list")
def list_(
    state: States = None,
    queue: Annotated[str, typer.Option(help="Of one queue only.")] = "",
    follow_up: Annotated[
        bool, typer.Option("--follow-up", help="Those that were given up and nobody has seen to.")
    ] = False,
    after: Annotated[str, typer.Option(help="Go on after this promise.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """Show promises, those who have waited longest first: the open ones, or those in the states that are named."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.reading() as tx:
            found: Sequence[Callback] = (
                (await rooms.callbacks.follow_ups(tx))[:limit]
                if follow_up
                else await rooms.callbacks.listed(
                    tx, states=state or OPEN, queue=queue, limit=limit, after=CallbackId(after) if after else None
                )
            )
        if as_json:
            typer.echo(json_of([as_dict(one) for one in found]))
            return
        for one in found:
            typer.echo(in_words(one))
        typer.echo(f"{len(found)} promise{'' if len(found) == 1 else 's'}.")

    with_rooms(work)


@callback_commands.command()
def show(
    callback: Annotated[str, typer.Argument(help="The id of a promise, such as cbk_….")], as_json: AsJson = False
) -> None:
    """Show one promise and its attempts."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.reading() as tx:
            one = await rooms.callbacks.get(tx, CallbackId(callback))
            attempts = await rooms.callbacks.attempts_of(tx, one.callback)
        told = as_dict(one) | {"attempts_made": [_attempt(attempt) for attempt in attempts]}
        if as_json:
            typer.echo(json_of(told))
            return
        for name, value in told.items():
            if name != "attempts_made" and value not in (None, "", 0):
                typer.echo(f"{name.replace('_', ' '):<20} {_clock(one, name, value)}")
        for attempt in attempts:
            typer.echo(
                f"attempt {attempt.number:<12} {clock_time(attempt.started_at)} {attempt.state} {attempt.reason}".rstrip()
            )

    with_rooms(work)


@callback_commands.command()
def link(
    callback: Annotated[str, typer.Argument(help="The id of a promise, such as cbk_….")], as_json: AsJson = False
) -> None:
    """Print the address at which the citizen moves or cancels a promise. Whoever has it can: give it to nobody else."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.reading() as tx:
            one = await rooms.callbacks.get(tx, CallbackId(callback))
        if not one.is_open:
            raise CallbackOverError(one.callback)
        address = links_of(rooms).to(one.callback)
        typer.echo(json_of({"callback": one.callback, "address": address}) if as_json else address)

    with_rooms(work)


@callback_commands.command()
def run(as_json: AsJson = False) -> None:
    """Bring what is due now into the line, as the sweeper does every second, and say what was done."""

    async def work(rooms: Rooms) -> None:
        done: list[Event] = []
        rooms.database.on_commit(lambda facts: done.extend(fact for _, fact in facts))
        released = await ring_backs.release_stale(rooms)
        while await rooms.callbacks.due():
            pass
        brought = [fact for fact in done if isinstance(fact, CallbackDue)]
        given_up = [fact for fact in done if isinstance(fact, CallbackGivenUp)]
        if as_json:
            typer.echo(json_of(_done(brought, given_up, released)))
            return
        for due in brought:
            typer.echo(f"{due.callback}  {due.queue:<20} waits since {clock_time(due.first_requested_at)}: in the line")
        for over in given_up:
            typer.echo(f"{over.callback}  given up: {over.reason}")
        typer.echo(
            f"{len(brought)} in the line now, {len(given_up)} given up, {released} that nobody finished put back."
        )
        hours, now = rooms.configuration.callbacks.hours, rooms.clock.now()
        if not is_open(hours, at=now):
            typer.echo(
                f"Nobody is rung at this hour; whatever is due waits until {clock_time(next_open(hours, at=now))}."
            )

    with_rooms(work)


def as_dict(one: Callback) -> dict[str, Any]:
    """Return what may be shown of a promise."""
    return {
        "callback": one.callback,
        "state": one.state,
        "wish": one.wish,
        "queue": one.queue,
        "language": one.language,
        "reason": one.reason,
        "number": one.number.masked,
        "contact": one.contact,
        "first_requested_at": iso(one.first_requested_at),
        "promised_at": iso(one.promised_at),
        "slot": _period(one.slot),
        "told": _period(one.told),
        "next_at": iso(one.next_at),
        "attempts": one.attempts,
        "bound_to": one.bound_to,
        "deputy": one.deputy,
        "taken_by": one.taken_by if one.is_open else None,
        "talked_at": iso(one.talked_at),
        "ended_at": iso(one.ended_at),
        "last_reason": one.last_reason,
        "followed_up_at": iso(one.followed_up_at),
    }


def in_words(one: Callback) -> str:
    """Return a promise as one line."""
    when = f", next {clock_time(one.next_at)}" if one.next_at else ""
    return (
        f"{one.callback}  {one.state:<9} {one.queue:<20} {one.number.masked}  since {clock_time(one.first_requested_at)}"
        f"{when}, attempts {one.attempts}"
    )


def _done(brought: Sequence[CallbackDue], given_up: Sequence[CallbackGivenUp], released: int) -> dict[str, Any]:
    return {
        "in_line": [fact.callback for fact in brought],
        "given_up": [fact.callback for fact in given_up],
        "put_back": released,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "state": attempt.state,
        "reason": attempt.reason,
        "started_at": iso(attempt.started_at),
        "ended_at": iso(attempt.ended_at),
    }


def _clock(one: Callback, name: str, value: Any) -> str:
    at = getattr(one, name)
    if isinstance(at, datetime):
        return clock_time(at)
    return f"{clock_time(at.starts_at)} to {clock_time(at.ends_at)}" if isinstance(at, Period) else str(value)


def _period(period: Period | None) -> dict[str, str] | None:
    return {"starts_at": period.starts_at.isoformat(), "ends_at": period.ends_at.isoformat()} if period else None
