"""``kundcenter phone``: a telephone in the terminal. The whole call flow behind it, on a switch without audio."""

import asyncio
import contextlib
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import create_async_engine

from app import schema
from app.cli.terminal import Keyboard, Screen
from app.demo import give_codes
from app.logs import set_up_logs
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.system import SystemClock, new_id
from app.wiring import Rooms, rooms_of
from contacts.events import ContactEnded
from contacts.model import Outcome
from core.clock import STOCKHOLM
from core.events import Event
from storage.redis import EmbeddedStore
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone, SoundKind

HANG_UP = "q"
CALLER = "+46701740699"
_PAUSE_SECONDS = 0.7
"""A little longer than the silence in which an answer counts as heard, so that what follows it is shown, too."""
_LAST_PAUSE_SECONDS = 2.0
"""How long nothing more has to be said after the last of the keys that were given beforehand, before we hang up."""

_PATIENCE_SECONDS = 8.0
_A_DAY_SECONDS = 86_400.0
_OUTCOME_SECONDS = 5.0


def phone(
    keys: Annotated[list[str] | None, typer.Argument(help="What to press, one after the other; else it asks.")] = None,
    caller: Annotated[str, typer.Option(help="The number that you ring from; empty is withheld.")] = CALLER,
    pace: Annotated[float, typer.Option(help="Seconds that each letter takes to be said; 0 is at once.")] = 0.0,
) -> None:
    """Ring the national number from this terminal: type digits, read what is said. Needs no telephone switch.

    It is a world of its own with the demo persons, forgotten at the end: type keys and Enter, or q to hang up.
    """
    set_up_logs("phone", "ERROR")
    asyncio.run(_ring(keys, caller, pace))


async def _ring(keys: list[str] | None, caller: str, pace: float) -> None:
    typer.echo("One moment: a world of its own is made, with invented persons.")
    screen = Screen()
    switch = LineSimulator(clock=SystemClock(), new_id=new_id, seconds_per_character=pace, on_sound=screen.notice)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kundcenter-phone-"))
        rooms = await stack.enter_async_context(_world(Path(folder), switch))
        _show_persons(rooms)
        ended = _outcome_of(rooms)
        pump = asyncio.create_task(_take_events(rooms, switch))
        line = switch.call(rooms.settings.national_number, caller=caller)
        try:
            await _talk(line, keys, screen)
        finally:
            line.hang_up()
            await _show_outcome(ended)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await rooms.call_flow.close()


async def _talk(line: SimulatedPhone, keys: list[str] | None, screen: Screen) -> None:
    await _answered(line, since=0)
    if keys is None:
        with Keyboard(sys.stdin.fileno()).open() as keyboard:
            await _type(line, keyboard, screen)
        return
    for key in keys:
        typer.echo(f"  > {key}")
        await _press(line, key, screen)
    await _falls_silent(line, for_seconds=_LAST_PAUSE_SECONDS)


async def _type(line: SimulatedPhone, keyboard: Keyboard, screen: Screen) -> None:
    over = asyncio.create_task(line.wait_until(lambda: not line.in_call, within=_A_DAY_SECONDS))
    try:
        while line.in_call:
            screen.ask()
            typed = asyncio.create_task(keyboard.line())
            await asyncio.wait((typed, over), return_when=asyncio.FIRST_COMPLETED)
            if not typed.done() or typed.result() in (None, HANG_UP):
                typed.cancel()
                return
            screen.typed()
            await _press(line, typed.result() or "", screen)
    finally:
        over.cancel()


async def _press(line: SimulatedPhone, keys: str, screen: Screen) -> None:
    """Press what a telephone has keys for, and wait for what is said to it."""
    since = len(line.sounds)
    if not re.fullmatch(r"[0-9*# -]*", keys):
        screen.show(f"(A telephone has the keys 0-9, * and #. Type those, or {HANG_UP} to hang up.)")
        return
    pressed = re.sub("[ -]", "", keys)
    line.press(pressed)
    if pressed:
        await _answered(line, since=since)


async def _answered(line: SimulatedPhone, *, since: int) -> None:
    """Wait until we are asked again, or wait for somebody, or it is over; and then until nothing more is said."""

    def goes_on() -> bool:
        new = [sound.kind for sound in line.sounds[since:]]
        return SoundKind.SAID in new and (line.is_asked or SoundKind.MUSIC in new or not line.in_call)

    with contextlib.suppress(TimeoutError):
        await line.wait_until(goes_on, within=_PATIENCE_SECONDS)
    await _falls_silent(line, for_seconds=_PAUSE_SECONDS)


async def _falls_silent(line: SimulatedPhone, *, for_seconds: float) -> None:
    heard = -1
    while heard != len(line.sounds):
        heard = len(line.sounds)
        await asyncio.sleep(for_seconds)


def _show_persons(rooms: Rooms) -> None:
    typer.echo("Whom you can be, with personnummer, code and what the register says:")
    for person in rooms.configuration.persons:
        typer.echo(f"  {person.personnummer}  {person.code}  {person.name}: {person.about}")
    typer.echo(f"Type keys and press Enter, or {HANG_UP} to hang up. You ring the national number now.\n")


async def _show_outcome(ended: "asyncio.Future[Outcome]") -> None:
    """Say how the call ended in the books."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_OUTCOME_SECONDS):
            typer.echo(f"In the books: {await ended}")


def _outcome_of(rooms: Rooms) -> "asyncio.Future[Outcome]":
    """Return the outcome that the one contact of this world will have."""
    ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def look(facts: Sequence[tuple[int, Event]]) -> None:
        for _, fact in facts:
            if isinstance(fact, ContactEnded) and not ended.done():
                ended.set_result(fact.outcome)

    rooms.database.on_commit(look)
    return ended


@asynccontextmanager
async def _world(folder: Path, switch: LineSimulator) -> AsyncIterator[Rooms]:
    store = EmbeddedStore(folder / "live")
    url = await asyncio.to_thread(store.start)
    try:
        settings = complete(Settings(demo=True, state_dir=folder, redis_url=url, switch=SwitchKind.SIMULATOR))
        engine = create_async_engine(settings.sql_url)
        async with engine.begin() as connection:
            await connection.run_sync(schema.every_table().create_all)
        await engine.dispose()
        async with rooms_of(settings, switch=switch) as rooms:
            today = SystemClock().now().astimezone(STOCKHOLM).date()
            await give_codes(rooms.identity, rooms.configuration.persons, today=today, folder=folder)
            yield rooms
    finally:
        await asyncio.to_thread(store.stop)


async def _take_events(rooms: Rooms, switch: LineSimulator) -> None:
    await rooms.routing.start()
    await rooms.routing.sync_agents(rooms.configuration.agents)
    async for event in switch.events():
        await rooms.dispatcher.tell(event)
