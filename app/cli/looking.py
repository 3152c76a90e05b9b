"""What commands share that look into the system that runs, or do something to it: its rooms, and how they print."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from app.present import present_settings
from app.safety import complete
from app.wiring import Rooms, rooms_of
from core.clock import STOCKHOLM
from core.errors import UnavailableError


def with_rooms(work: Callable[[Rooms], Awaitable[None]]) -> None:
    """Do this with the rooms of the system here, and let its stores go afterwards."""

    async def run() -> None:
        async with rooms_of(complete(present_settings())) as rooms:
            await work(rooms)

    asyncio.run(run())


def unreachable(error: UnavailableError) -> str:
    """Return what a person at a terminal is told when something that a command needs does not answer: and what to do.

    Who raised it may have said so in words; a mere technical word is left out: ``doctor`` looks closer, and tells the fix.
    """
    if " " in error.detail:
        return error.in_words
    return (
        f"{error.in_words} The command was not carried out. Start the system if it does not run (make run; in production systemctl start "
        "kundcenter.target), or run this where it runs, with its settings. `kundcenter doctor` says what is wrong and the fix."
    )


def json_of(told: Any) -> str:
    """Return what was found as JSON that people can read, too."""
    return json.dumps(told, ensure_ascii=False, indent=2)


def clock_time(at: datetime) -> str:
    """Return an instant as the clock of Stockholm shows it, to the second."""
    return f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H.%M.%S}"


def iso(at: datetime | None) -> str | None:
    """Return an instant for JSON; nothing for none."""
    return at.isoformat() if at else None
