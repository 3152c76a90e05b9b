"""Things that are done again and again while a process lives; one that fails is logged and tried again."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

import structlog

from core.errors import UnavailableError

log = structlog.get_logger()


async def every(seconds: float, what: str, do: Callable[[], Awaitable[object]]) -> None:
    """Do it now and every so many seconds after it is done, for ever. No failure ends it; each kind is logged once."""
    failing = ""
    while True:
        try:
            await do()
        except Exception as error:
            if failing != (failing := type(error).__name__):
                known = {"reason": str(error)} if isinstance(error, UnavailableError) else {"exc_info": error}
                log.warning("a periodic task failed, and will be tried again", task=what, **known)
        else:
            if failing:
                log.info("a periodic task works again", task=what)
            failing = ""
        await asyncio.sleep(seconds)


async def until_stopped(*work: Coroutine[Any, Any, None]) -> None:
    """Do all this side by side until the process is told to stop (SIGTERM, SIGINT), or one of it ends or fails."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(stop.wait()), *map(asyncio.create_task, work)]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await end(waiting)
    for task in done:
        task.result()


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they have ended. Asked again every second: a cancellation can get lost in a library."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
