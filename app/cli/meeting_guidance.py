"""``kundcenter meetings guidance``: what is unclear in the guidance, and what its owner answers. Who asked is kept nowhere."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.looking import clock_time, iso, json_of, with_rooms
from app.wiring import Rooms

if TYPE_CHECKING:
    from meetings.model import GuidanceQuestion

guidance_commands = typer.Typer(no_args_is_help=True, help="What is unclear in the guidance on meetings.")

ROLE = "operator"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@guidance_commands.command("list")
def list_questions(
    answered: Annotated[bool, typer.Option("--answered", help="Those that have an answer, the newest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits for an answer, the oldest first."""

    async def work(rooms: Rooms) -> None:
        guidance = rooms.meetings.guidance
        async with rooms.database.reading() as tx:
            found = await (guidance.answered(tx) if answered else guidance.waiting(tx))
        if as_json:
            typer.echo(json_of([as_dict(one) for one in found]))
            return
        for one in found:
            _show(one)
        typer.echo(f"{len(found)} question{'' if len(found) == 1 else 's'}.")

    with_rooms(work)


@guidance_commands.command()
def answer(
    question: Annotated[str, typer.Argument(help="The id of a question, such as gui_….")],
    text: Annotated[str, typer.Argument(help="The answer, for everybody who meets citizens.")],
    as_json: AsJson = False,
) -> None:
    """Answer a question; every agent reads it at the desk. Another answer takes the place of the one before."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.transaction() as tx:
            row = await rooms.meetings.guidance.answer(tx, question, text, role=ROLE)
        if as_json:
            typer.echo(json_of(as_dict(row)))
        else:
            _show(row)

    with_rooms(work)


def as_dict(one: "GuidanceQuestion") -> dict[str, Any]:
    """Return a question and its answer for JSON."""
    return {**asdict(one), "asked_at": iso(one.asked_at), "answered_at": iso(one.answered_at)}


def _show(one: "GuidanceQuestion") -> None:
    typer.echo(f"{one.question}  {clock_time(one.asked_at)}  {one.type}  to {one.owner}")
    typer.echo(f"  ? {one.text}")
    if one.answered_at:
        typer.echo(f"  = {one.answer}  ({clock_time(one.answered_at)}, {one.answered_by})")
