"""``kundcenter emergency`` and ``kundcenter spare-message``: what is said to callers besides the flows, from now on."""

import contextlib
import getpass
from datetime import timedelta
from typing import Annotated

import typer

from app.cli.looking import json_of, with_rooms
from app.wiring import Rooms
from core.clock import STOCKHOLM
from core.errors import UnavailableError
from ivr.notices import Message, Notice, Place

emergency_commands = typer.Typer(
    no_args_is_help=True, help="A message that every new caller at an entry point hears first; then all is as usual."
)
spare_message_commands = typer.Typer(
    no_args_is_help=True, help="A message that callers hear before they wait in a queue, or for somebody with a skill."
)

Text = Annotated[str, typer.Option("--message", help="What is said, in Swedish.")]
English = Annotated[str, typer.Option("--message-en", help="The same in English, for those who speak it.")]
Wording = Annotated[str, typer.Option("--wording", help="The id of a ready-made text instead (notice_…).")]
Hours = Annotated[float, typer.Option("--hours", help="After how long it ends by itself.", min=0.1, max=72)]
EntryPoint = Annotated[str, typer.Option("--entry-point", help="Whose callers hear it (opening_hours.yaml).")]
Queue = Annotated[str, typer.Option("--queue", help="Before waiting in which queue (queues.yaml).")]
Skill = Annotated[str, typer.Option("--skill", help="Before waiting for somebody with which skill (skills.yaml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@emergency_commands.command("on")
def emergency_on(
    entry_point: EntryPoint,
    text: Text = "",
    text_en: English = "",
    wording: Wording = "",
    hours: Hours = 4,
    as_json: AsJson = False,
) -> None:
    """Have it said to every new caller."""
    message = Message(text=text, text_en=text_en, wording=wording)
    _put_up(Place.ENTRY_POINT, entry_point, message, hours, as_json=as_json)


@emergency_commands.command("off")
def emergency_off(entry_point: EntryPoint, as_json: AsJson = False) -> None:
    """Have it said no more."""
    _take_down(Place.ENTRY_POINT, entry_point, as_json=as_json)


@emergency_commands.command("show")
def emergency_show(as_json: AsJson = False) -> None:
    """Show what is said to callers at present: emergencies and spare messages."""
    _show(as_json=as_json)


@spare_message_commands.command("on")
def spare_message_on(
    queue: Queue = "",
    skill: Skill = "",
    text: Text = "",
    text_en: English = "",
    wording: Wording = "",
    hours: Hours = 4,
    as_json: AsJson = False,
) -> None:
    """Have it said to everybody before they wait in this queue, or for somebody with this skill."""
    _put_up(*_of(queue, skill), Message(text=text, text_en=text_en, wording=wording), hours, as_json=as_json)


@spare_message_commands.command("off")
def spare_message_off(queue: Queue = "", skill: Skill = "", as_json: AsJson = False) -> None:
    """Have it said no more."""
    _take_down(*_of(queue, skill), as_json=as_json)


def _of(queue: str, skill: str) -> tuple[Place, str]:
    if bool(queue) is bool(skill):
        raise typer.BadParameter("Name a --queue or a --skill, and not both.")
    return (Place.QUEUE, queue) if queue else (Place.SKILL, skill)


@spare_message_commands.command("show")
def spare_message_show(as_json: AsJson = False) -> None:
    """Show what is said to callers at present: emergencies and spare messages."""
    _show(as_json=as_json)


def _put_up(place: Place, name: str, message: Message, hours: float, *, as_json: bool) -> None:
    async def work(rooms: Rooms) -> None:
        async with rooms.database.transaction() as tx:
            notice = await rooms.notices.put_up(
                tx, place, name, message=message, by=_who(), lasts=timedelta(hours=hours)
            )
        await _tell_desks(rooms)
        if as_json:
            typer.echo(json_of(_as_dict(rooms, notice)))
            return
        typer.echo(f"Said from now on: {rooms.notices.text(notice)}")
        typer.echo(f"It ends by itself at {_clock(notice)}, unless you put it up again.")

    with_rooms(work)


def _take_down(place: Place, name: str, *, as_json: bool) -> None:
    async def work(rooms: Rooms) -> None:
        async with rooms.database.transaction() as tx:
            was_up = await rooms.notices.take_down(tx, place, name, by=_who())
        await _tell_desks(rooms)
        if as_json:
            typer.echo(json_of({"place": place, "name": name, "was_up": was_up}))
            return
        typer.echo("It is said no more." if was_up else "There was none.")

    with_rooms(work)


def _show(*, as_json: bool) -> None:
    async def work(rooms: Rooms) -> None:
        await rooms.notices.refresh()
        up = rooms.notices.up()
        if as_json:
            typer.echo(json_of([_as_dict(rooms, one) for one in up]))
            return
        for one in up:
            typer.echo(f"{one.place} {one.name}, by {one.put_up_by}, until {_clock(one)}: {rooms.notices.text(one)}")
        if not up:
            typer.echo("Nothing besides the flows is said.")

    with_rooms(work)


def _as_dict(rooms: Rooms, one: Notice) -> dict[str, str]:
    return {
        "place": one.place,
        "name": one.name,
        "text": rooms.notices.text(one),
        "put_up_by": one.put_up_by,
        "put_up_at": one.put_up_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
    }


async def _tell_desks(rooms: Rooms) -> None:
    with contextlib.suppress(UnavailableError):  # it is committed; desks see it within seconds all the same
        await rooms.desks_look_again()


def _who() -> str:
    return f"command line: {getpass.getuser()}"[:80]


def _clock(notice: Notice) -> str:
    return f"{notice.ends_at.astimezone(STOCKHOLM):%Y-%m-%d %H.%M}"
