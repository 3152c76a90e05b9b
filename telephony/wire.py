"""How one process asks another to do something now: published in Redis, and kept by nobody.

A stream would write keys, numbers and words that are said into Redis' file on disk (I-24). What nobody listens for is
refused at once, so that nothing old is ever done late.
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from telephony.errors import SwitchUnavailableError

_log = structlog.get_logger()


async def ask(redis: Redis, channel: str, entry: Mapping[str, str]) -> None:
    """Ask; raises :class:`SwitchUnavailableError` when Redis does not take it or no process listens."""
    try:
        listeners: Any = await redis.publish(channel, json.dumps(dict(entry)))
    except (RedisError, OSError) as error:
        raise SwitchUnavailableError(type(error).__name__) from error
    if not listeners:
        raise SwitchUnavailableError("No process drives it.")


async def asked(redis: Redis, channel: str) -> AsyncIterator[Mapping[str, str]]:
    """Yield what is asked from now on, in order. Wants a client of its own, without a socket time-out.

    Raises the client's errors of connection; whoever iterates begins anew.
    """
    async with redis.pubsub(ignore_subscribe_messages=True) as listener:
        await listener.subscribe(channel)
        async for message in listener.listen():
            entry = _read(message.get("data"))
            if entry is None:
                _log.error("asked_unreadably", channel=channel)
            else:
                yield entry


def _read(data: object) -> Mapping[str, str] | None:
    try:
        entry = json.loads(data) if isinstance(data, str) else None
    except ValueError:
        return None
    if not isinstance(entry, dict):
        return None
    return {str(key): str(value) for key, value in entry.items()}
