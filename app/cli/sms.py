"""``kundcenter sms``: send a text, see what became of it, and what was written. Numbers are hidden unless asked for."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from app.cli.looking import clock_time, iso, json_of, with_rooms
from app.wiring import Rooms
from core.language import Language
from core.phone import PhoneNumber, parse_phone
from sms.errors import NotANumberError, TextRefusedError, UnknownTextError
from sms.model import Message, Purpose, Refused
from sms.threads import Line, Thread

sms_commands = typer.Typer(no_args_is_help=True, help="Texts to citizens and from them.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Whole = Annotated[bool, typer.Option("--numbers", help="Show whole numbers.")]


@sms_commands.command()
def send(
    name: Annotated[str, typer.Argument(help="The name of a text in config/sms.yaml, such as help.")],
    to: Annotated[
        str,
        typer.Option(prompt="To which number", help="Asked for when not given, so that no list of commands has it."),
    ],
    language: Language = Language.SWEDISH,
    key: Annotated[str, typer.Option(help="Your own name for this text: there is one text of each.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send one of our texts to a number, at once, by the caps and rules that hold for every text."""

    async def work(rooms: Rooms) -> None:
        if not rooms.sms.stands_alone(name):
            raise UnknownTextError(name)
        number = _number(to)
        subject = f"command:{key or rooms.clock.now().isoformat()}"
        async with rooms.database.transaction() as tx:
            made = await rooms.sms.intend(
                tx, purpose=Purpose.FROM_AGENT, subject=subject, name=name, number=number, language=language
            )
        if isinstance(made, Refused):
            raise TextRefusedError(made)
        await rooms.sms.send(made.message)
        await _show(rooms, made.message, as_json=as_json, whole=False)

    with_rooms(work)


@sms_commands.command()
def show(
    message: Annotated[str, typer.Argument(help="The id of a text, such as sms_….")],
    numbers: Whole = False,
    as_json: AsJson = False,
) -> None:
    """Show one text and what became of it."""
    with_rooms(lambda rooms: _show(rooms, message, as_json=as_json, whole=numbers))


@sms_commands.command()
def threads(
    of: Annotated[str, typer.Argument(help="Show one thread: the id of a text of it, sent or received.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="Threads of the last so many days.")] = 7,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 50,
    numbers: Whole = False,
    as_json: AsJson = False,
) -> None:
    """List with whom something was written lately, the newest first; or show one thread, the oldest first."""

    async def work(rooms: Rooms) -> None:
        async with rooms.database.reading() as tx:
            if of:
                lines = await rooms.sms.thread(tx, await rooms.sms.number_of(tx, of), limit=limit)
                told, words = [_line(one) for one in lines], [_line_in_words(one) for one in lines]
            else:
                since = rooms.clock.now() - timedelta(days=days)
                found = await rooms.sms.threads(tx, since=since, limit=limit)
                ids = {one.number: (await rooms.sms.thread(tx, one.number, limit=1))[-1].id for one in found}
                told = [_thread(one, ids[one.number], whole=numbers) for one in found]
                words = [_thread_in_words(one, ids[one.number], whole=numbers) for one in found]
        typer.echo(json_of(told) if as_json else "\n".join([*words, f"{len(words)} in all."]))

    with_rooms(work)


async def _show(rooms: Rooms, message: str, *, as_json: bool, whole: bool) -> None:
    async with rooms.database.reading() as tx:
        told = as_dict(await rooms.sms.get(tx, message), whole=whole)
    if as_json:
        typer.echo(json_of(told))
        return
    for name, value in told.items():
        if value not in (None, "", 0):
            typer.echo(f"{name.replace('_', ' '):<14} {value}")


def as_dict(one: Message, *, whole: bool) -> dict[str, Any]:
    """Return what may be shown of a text; ``whole`` shows the whole number."""
    return {
        "message": one.message,
        "purpose": one.purpose,
        "number": _shown(one.number, whole=whole),
        "language": one.language,
        "text": one.text,
        "segments": one.segments,
        "state": one.state,
        "reason": one.reason,
        "provider": one.provider,
        "attempts": one.attempts,
        "contact": one.contact,
        "created_at": iso(one.created_at),
        "next_at": iso(one.next_at),
        "ended_at": iso(one.ended_at),
    }


def _thread(one: Thread, last: str, *, whole: bool) -> dict[str, Any]:
    shown = _shown(one.number, whole=whole)
    return {"number": shown, "texts": one.texts, "last_at": iso(one.last_at), "last": last}


def _thread_in_words(one: Thread, last: str, *, whole: bool) -> str:
    return f"{clock_time(one.last_at)}  {_shown(one.number, whole=whole)}  {one.texts:>4} texts, the last {last}"


def _line(one: Line) -> dict[str, Any]:
    return {"id": one.id, "at": iso(one.at), "ours": one.is_ours, "text": one.text, "state": one.state}


def _line_in_words(one: Line) -> str:
    text = " ".join(one.text.split())  # what citizens write was made harmless when it was kept, but for its lines
    return f"{clock_time(one.at)}  {'we  ' if one.is_ours else 'they'}  {one.state:<9}  {text}"


def _number(text: str) -> PhoneNumber:
    number = parse_phone(text)
    if number is None:
        raise NotANumberError
    return number


def _shown(number: PhoneNumber, *, whole: bool) -> str:
    return number.e164 if whole else number.masked
