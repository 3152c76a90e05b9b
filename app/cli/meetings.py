"""``kundcenter meetings``: which times are free at the offices, and what is booked. No person is named."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.looking import iso, json_of, with_rooms
from app.cli.meeting_guidance import guidance_commands
from app.cli.meeting_report import report
from app.cli.meeting_tasks import task_commands
from app.wiring import Rooms
from core.clock import STOCKHOLM
from core.ids import AgentId
from core.phone import grouped
from meetings.adapters import ics as calendar
from meetings.adapters import pdf as paper
from meetings.errors import TimeTakenError
from meetings.kallelse import as_json as as_json_text
from meetings.kallelse import as_text
from meetings.model import Choice, Free, Meeting, MeetingId, Wish
from meetings.register import Asker, Mode

meeting_commands = typer.Typer(no_args_is_help=True, help="Booked office meetings.")
meeting_commands.add_typer(task_commands, name="tasks")
meeting_commands.add_typer(guidance_commands, name="guidance")
meeting_commands.command()(report)

BY = "operator"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Type = Annotated[str, typer.Argument(help="A type of meeting_types.yaml, such as kundmote.")]
Id = Annotated[str, typer.Argument(help="The id of a meeting, such as mtg_….")]
Offices = Annotated[list[str] | None, typer.Option("--office", help="At this office; may be given again.")]
Office = Annotated[str, typer.Option("--office", help="At this office.")]
Postcode = Annotated[str, typer.Option(help="The offices nearest to this postcode first.")]
Language = Annotated[str, typer.Option(help="The citizen's language, such as ar; an interpreter is found if need be.")]
Needs = Annotated[list[str] | None, typer.Option("--need", help="Such as step_free; may be given again.")]
Given = Annotated[list[str] | None, typer.Option("--given", help="consent or checklist, where the type needs it.")]
OfMode = Annotated[Mode | None, typer.Option("--mode", help="Only in this way.")]
InMode = Annotated[Mode, typer.Option("--mode", help="In this way.")]
Who = Annotated[str, typer.Option("--handler", help="With this handler only.")]
By = Annotated[Asker, typer.Option("--asked-by", help="Who asks for it.")]
At = Annotated[str, typer.Option(help="When it begins: 2026-11-30T10:00 on the clock in Sweden, or with an offset.")]


@meeting_commands.command()
def free(
    meeting_type: Type,
    office: Offices = None,
    postcode: Postcode = "",
    language: Language = "sv",
    need: Needs = None,
    given: Given = None,
    mode: OfMode = None,
    handler: Who = "",
    asked_by: By = Asker.AGENT,
    most: Annotated[int, typer.Option(min=1, max=200, help="So many at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show the next free times: in person first, when everybody and everything of the meeting is there."""

    async def work(rooms: Rooms) -> None:
        offices = tuple(office or ()) or rooms.meetings.nearest(postcode)
        wish = _wish(meeting_type, language, need, given, handler, asked_by, mode=mode, offices=offices)
        found = await rooms.meetings.times(wish, most=most)
        if as_json:
            typer.echo(json_of([_time(one) for one in found]))
            return
        for one in found:
            typer.echo(_in_words(rooms, one))
        typer.echo(f"{len(found)} time{'' if len(found) == 1 else 's'}.")

    with_rooms(work)


@meeting_commands.command()
def book(
    meeting_type: Type,
    office: Office,
    at: At,
    mode: InMode = Mode.PHYSICAL,
    language: Language = "sv",
    need: Needs = None,
    given: Given = None,
    handler: Who = "",
    asked_by: By = Asker.AGENT,
    key: Annotated[str, typer.Option(help="Your own name for this request: the same key is the same meeting.")] = "",
    as_json: AsJson = False,
) -> None:
    """Book a time with all its parts, or none of them; exit 1 and show the next free ones when somebody was quicker."""

    async def work(rooms: Rooms) -> None:
        wish = _wish(meeting_type, language, need, given, handler, asked_by)
        await _or_others(
            rooms, lambda: rooms.meetings.book(wish, _choice(office, at, mode), by=BY, key=key), as_json=as_json
        )

    with_rooms(work)


@meeting_commands.command()
def show(meeting: Id, as_json: AsJson = False) -> None:
    """Show one meeting. Of a protected person's neither place nor people are shown."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.reading() as tx:
            _tell(await rooms.meetings.get(tx, MeetingId(meeting)), as_json=as_json)

    with_rooms(work)


@meeting_commands.command()
def move(meeting: Id, office: Office, at: At, mode: InMode = Mode.PHYSICAL, as_json: AsJson = False) -> None:
    """Give a meeting another time, place or way, all at once; exit 1 and show the next free ones when it is taken."""

    async def work(rooms: Rooms) -> None:
        choice = _choice(office, at, mode)
        await _or_others(rooms, lambda: rooms.meetings.move(MeetingId(meeting), choice, by=BY), as_json=as_json)

    with_rooms(work)


@meeting_commands.command()
def cancel(meeting: Id, as_json: AsJson = False) -> None:
    """Cancel a meeting and let others have its time; one that is over stays as it was."""

    async def work(rooms: Rooms) -> None:
        _tell(await rooms.meetings.cancel(MeetingId(meeting), by=BY), as_json=as_json)

    with_rooms(work)


@meeting_commands.command()
def missed(meeting: Id, as_json: AsJson = False) -> None:
    """Note that the citizen did not come."""

    async def work(rooms: Rooms) -> None:
        _tell(await rooms.meetings.missed(MeetingId(meeting)), as_json=as_json)

    with_rooms(work)


@meeting_commands.command()
def letter(
    meeting: Id,
    pdf: Annotated[Path | None, typer.Option(help="Write it into this file, as PDF.")] = None,
    ics: Annotated[Path | None, typer.Option(help="Write it into this file, as an entry of a calendar.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the kallelse as it was last written, or write it into a file. It names nobody but whom they meet."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.reading() as tx:
            row = await rooms.meetings.get(tx, MeetingId(meeting))
            made = await rooms.meetings.letters.newest(tx, row.meeting) or rooms.meetings.letters.compose(row)
        if pdf is not None:
            pdf.write_bytes(paper.letter(made))
        if ics is not None:
            ics.write_bytes(calendar.entry(made, stamp=rooms.clock.now()))
        if as_json:
            typer.echo(as_json_text(made))
        elif pdf is None and ics is None:
            typer.echo(as_text(made))

    with_rooms(work)


@meeting_commands.command()
def numbers(as_json: AsJson = False) -> None:
    """Show whom each direct number reaches; exit 1 when one does not come in to us, for then nobody is called to a meeting."""

    async def work(rooms: Rooms) -> None:
        register, routed = rooms.configuration.meetings, rooms.meetings.letters.routed()
        found: list[dict[str, Any]] = [
            {
                "handler": one.handler, "number": grouped(number), "routed": number in routed,
                "answers": [str(agent) for agent in register.who_answers([number])], "queue": one.queue,
            }
            for number, one in register.by_number.items()
        ]  # fmt: skip
        if as_json:
            typer.echo(json_of(found))
        for row in [] if as_json else found:
            to = ", ".join([*row["answers"], f"queue {row['queue']}"])
            typer.echo(
                f"{row['number']}  {row['handler']:12} {'to ' + to if row['routed'] else 'DOES NOT COME IN TO US'}"
            )
        if not all(row["routed"] for row in found):
            raise typer.Exit(1)

    with_rooms(work)


def as_dict(one: Meeting) -> dict[str, Any]:
    """Return what may be shown of a meeting to whoever may use commands, who is not cleared for protected persons."""
    place = {
        "office": one.office, "staff": list(one.parts.staff), "room": one.parts.room, "interpreter": one.parts.interpreter,
    }  # fmt: skip
    return {
        "meeting": one.meeting,
        "type": one.type,
        "state": one.state,
        "mode": one.mode,
        "starts_at": iso(one.starts_at),
        "ends_at": iso(one.ends_at),
        **({"place": "protected"} if one.is_protected else place),
        "language": one.language,
        "needs": sorted(one.needs),
        "contact": one.contact,
        "held_until": iso(one.held_until),
        "moves": one.sequence,
        "version": one.version,
    }


def _wish(
    meeting_type: str, language: str, needs: list[str] | None, given: list[str] | None, handler: str, asked_by: Asker,
    **more: Any,
) -> Wish:  # fmt: skip
    return Wish(
        type=meeting_type,
        language=language,
        needs=frozenset(needs or ()),
        given=frozenset(given or ()),
        handler=AgentId(handler) if handler else None,
        asked_by=asked_by,
        **more,
    )


def _choice(office: str, at: str, mode: Mode) -> Choice:
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise typer.BadParameter("write it as 2026-11-30T10:00", param_hint="--at") from None
    aware = when if when.tzinfo else when.replace(tzinfo=STOCKHOLM)
    return Choice(starts_at=aware.astimezone(UTC), office=office, mode=mode)


async def _or_others(rooms: Rooms, do: Callable[[], Awaitable[Meeting]], *, as_json: bool) -> None:
    """Do it and show the meeting, or show which times are free instead."""
    try:
        _tell(await do(), as_json=as_json)
    except TimeTakenError as error:
        if as_json:
            typer.echo(json_of({"taken": True, "alternatives": [_time(one) for one in error.alternatives]}))
        else:
            typer.echo("This time is no longer free, or is none that can be chosen. The next ones:")
            for one in error.alternatives:
                typer.echo(_in_words(rooms, one))
        raise typer.Exit(1) from None


def _time(one: Free) -> dict[str, Any]:
    return {"starts_at": iso(one.starts_at), "ends_at": iso(one.ends_at), "office": one.office, "mode": one.mode}


def _in_words(rooms: Rooms, one: Free) -> str:
    starts, ends = (at.astimezone(STOCKHOLM) for at in (one.starts_at, one.ends_at))
    name = rooms.meetings.register.offices[one.office].name
    return f"{starts:%a %Y-%m-%d %H:%M}-{ends:%H:%M}  {one.mode:<8}  {one.office:<14} {name}"


def _tell(one: Meeting, *, as_json: bool) -> None:
    told = as_dict(one)
    if as_json:
        typer.echo(json_of(told))
        return
    for name, value in told.items():
        if name in ("starts_at", "ends_at"):
            value = f"{datetime.fromisoformat(value).astimezone(STOCKHOLM):%a %Y-%m-%d %H:%M}"
        if isinstance(value, list):
            value = ", ".join(value)
        if value not in (None, "", 0):
            typer.echo(f"{name.replace('_', ' '):<12} {value}")
