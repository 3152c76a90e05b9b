"""``kundcenter phone``: a telephone in the terminal. The whole call flow behind it, on a switch without audio."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import create_async_engine

from app import schema
from app.demo import give_codes
from app.logs import set_up_logs
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.system import SystemClock, new_id
from app.wiring import Rooms, rooms_of
from core.clock import STOCKHOLM
from storage.redis import EmbeddedStore
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone, Sound, SoundKind

HANG_UP = "q"
CALLER = "+46701740699"
_NOTICES = {
    SoundKind.MUSIC: "♪ music",
    SoundKind.CONNECTED: "an agent is on the line",
    SoundKind.ENDED: "the call is over",
}
_PAUSE_SECONDS = 0.3


def phone(
    keys: Annotated[list[str] | None, typer.Argument(help="What to press, one after the other; else it asks.")] = None,
    caller: Annotated[str, typer.Option(help="The number that you ring from; empty is withheld.")] = CALLER,
    pace: Annotated[float, typer.Option(help="Seconds that each letter takes to be said; 0 is at once.")] = 0.0,
) -> None:
    """Ring the national number from this terminal: type digits, read what is said. Needs no telephone switch.

    It is a world of its own with the demo persons, forgotten at the end: type a line of digits, or q to hang up.
    """
    set_up_logs("phone", "ERROR")
    asyncio.run(_ring(keys, caller, pace))


async def _ring(keys: list[str] | None, caller: str, pace: float) -> None:
    def notice(_number: str, sound: Sound) -> None:
        text = sound.text if sound.kind is SoundKind.SAID else _NOTICES.get(sound.kind, "")
        if text:
            typer.echo(f"    {text}")

    switch = LineSimulator(clock=SystemClock(), new_id=new_id, seconds_per_character=pace, on_sound=notice)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kundcenter-phone-"))
        rooms = await stack.enter_async_context(_world(Path(folder), switch))
        _show_persons(rooms)
        pump = asyncio.create_task(_take_events(rooms, switch))
        line = switch.call(rooms.settings.national_number, caller=caller)
        try:
            await _talk(line, keys)
        finally:
            line.hang_up()
            await asyncio.sleep(_PAUSE_SECONDS)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await rooms.call_flow.close()


async def _talk(line: SimulatedPhone, keys: list[str] | None) -> None:
    await _answered(line, since=0)
    for key in keys or []:
        since = len(line.sounds)
        typer.echo(f"  > {key}")
        line.press(key)
        await _answered(line, since=since)
    while keys is None and line.in_call:
        text = (await asyncio.to_thread(sys.stdin.readline)) or HANG_UP
        if text.strip() == HANG_UP:
            return
        line.press(text.strip())


async def _answered(line: SimulatedPhone, *, since: int) -> None:
    """Wait until something has been heard, and then nothing more for a moment."""
    with contextlib.suppress(TimeoutError):
        await line.wait_until(lambda: len(line.sounds) > since)
    heard = -1
    while heard != len(line.sounds):
        heard = len(line.sounds)
        await asyncio.sleep(_PAUSE_SECONDS)


def _show_persons(rooms: Rooms) -> None:
    typer.echo("Invented persons to be, with their personnummer and code:")
    for person in rooms.configuration.persons:
        typer.echo(f"  {person.personnummer} {person.code}  {person.about}")
    typer.echo(f"Type digits and press Enter, or {HANG_UP} to hang up.\n")


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
