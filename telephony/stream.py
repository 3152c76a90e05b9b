"""A stream in Redis by which one process asks another to do something now. What is old is not done any more."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from telephony.errors import SwitchUnavailableError

LONGEST = 10_000
"""How many entries the stream keeps when nobody takes them."""

OLDEST_SECONDS = 5.0
"""An entry that waited longer than this is dropped: whoever asked has given up by then."""

_BLOCK_MILLISECONDS = 2000
_log = structlog.get_logger()


async def put(redis: Redis, stream: str, entry: Mapping[str, str]) -> None:
    """Add an entry; raises :class:`SwitchUnavailableError` when Redis does not take it."""
    try:
        await redis.xadd(stream, dict[Any, Any](entry), maxlen=LONGEST, approximate=True)
    except (RedisError, OSError) as error:
        raise SwitchUnavailableError(type(error).__name__) from error


async def take(redis: Redis, stream: str) -> AsyncIterator[Mapping[str, str]]:
    """Yield each entry that is added from now on, and remove it. Wants a client of its own, without a socket time-out.

    Raises the client's errors of connection; whoever iterates begins anew.
    """
    newest: Any = await redis.xrevrange(stream, count=1)
    last = str(newest[0][0]) if newest else "0-0"
    while True:
        answer: Any = await redis.xread({stream: last}, count=100, block=_BLOCK_MILLISECONDS)
        entries: list[tuple[str, Mapping[str, str]]] = answer[0][1] if answer else []
        if not entries:
            continue
        last = entries[-1][0]
        await redis.xdel(stream, *(name for name, _ in entries))
        seconds, microseconds = await redis.time()
        now = float(seconds) + float(microseconds) / 1e6
        for name, entry in entries:
            if now - _added_at(name) <= OLDEST_SECONDS:
                yield entry
            else:
                _log.warning("asked_too_long_ago", stream=stream)


def _added_at(name: str) -> float:
    """An entry's name begins with the milliseconds of Redis' own clock."""
    return int(name.partition("-")[0]) / 1000
