"""Things that are done again and again while a process lives; one that fails is logged and tried again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


async def every(seconds: float, what: str, do: Callable[[], Awaitable[object]]) -> None:
    """Do it now and every so many seconds after it is done, for ever. No failure ends it."""
    while True:
        try:
            await do()
        except Exception as error:
            log.warning("a periodic task failed, and will be tried again", task=what, exc_info=error)
        await asyncio.sleep(seconds)
