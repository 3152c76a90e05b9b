"""``kundcenter meetings tasks``: to whom a contact meeting is to be offered before day 90, and what they said. No person is named."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.looking import iso, json_of, with_rooms
from app.wiring import Rooms
from core.ids import AgentId

if TYPE_CHECKING:
    from meetings.model import Task

task_commands = typer.Typer(no_args_is_help=True, help="Contact meetings to offer before day 90 of a sick leave.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Id = Annotated[str, typer.Argument(help="The id of a task, such as tsk_….")]


class Said(StrEnum):
    """What somebody answered; either is fine, and neither is final."""

    YES = "yes"
    NO = "no"


@task_commands.command("list")
def list_tasks(
    handler: Annotated[str, typer.Option(help="Those of this personal handler only.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also those that wait for their day, are answered or over.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is to be done, that first which is due first: 200 at most."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.reading() as tx:
            found = await rooms.meetings.tasks.listed(tx, handler=AgentId(handler) if handler else None, every=every)
        if as_json:
            typer.echo(json_of([as_dict(one) for one in found]))
            return
        for one in found:
            typer.echo(f"{one.task}  {one.state:<8} by {one.due_on}  day 90 is {one.day_90}  {one.handler or '-'}")
        in_time = sum(one.is_in_time for one in found)
        typer.echo(f"{len(found)} task{'' if len(found) == 1 else 's'}, {in_time} of them told before day 90.")

    with_rooms(work)


@task_commands.command()
def informed(task: Id, as_json: AsJson = False) -> None:
    """Note that somebody was told of their rights and possibilities, and offered a meeting."""
    _do(lambda rooms: rooms.meetings.tasks.informed(task), as_json=as_json)


@task_commands.command()
def answer(task: Id, said: Said, as_json: AsJson = False) -> None:
    """Keep that somebody wants a contact meeting, or does not; nothing follows on a no, and they may change their mind."""
    _do(lambda rooms: rooms.meetings.tasks.answered(task, wants=said is Said.YES), as_json=as_json)


@task_commands.command()
def end(task: Id, as_json: AsJson = False) -> None:
    """Note that there is nothing to offer any more, as when somebody is well again."""
    _do(lambda rooms: rooms.meetings.tasks.ended(task), as_json=as_json)


def as_dict(one: "Task") -> dict[str, Any]:
    """Return what may be shown of a task: the days and the handler, and nothing of whom it is about."""
    return {
        "task": one.task,
        "state": one.state,
        "handler": one.handler,
        "since_on": one.since_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "day_90": one.day_90.isoformat(),
        "day_180_self_employed": one.day_180.isoformat(),
        "informed_at": iso(one.informed_at),
        "told_before_day_90": one.is_in_time,
    }


def _do(do: Callable[[Rooms], Awaitable["Task"]], *, as_json: bool) -> None:
    async def work(rooms: Rooms) -> None:
        told = as_dict(await do(rooms))
        if as_json:
            typer.echo(json_of(told))
            return
        for name, value in told.items():
            if value is not None:
                typer.echo(f"{name.replace('_', ' '):<22} {value}")

    with_rooms(work)
