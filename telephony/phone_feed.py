"""What a telephone of ours hears, as messages that a page can show beside the sound. For the demo; never stored."""

import asyncio
import json
import re

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.phone import parse_phone

_MOST_WAITING = 1000
_log = structlog.get_logger()


def feed_of(phone: str) -> str:
    """Return the pub/sub channel of a telephone: ``kc:phone:46701740605``, or by its endpoint's name."""
    number = parse_phone(phone)
    name = number.e164[1:] if number is not None else re.sub(r"[^A-Za-z0-9_-]", "", phone)[:64]
    return f"kc:phone:{name}"


class PhoneFeed:
    """Publishes in order and in the background: a call never waits for it, and is not harmed when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_MOST_WAITING)

    def tell(self, phone: str, *, kind: str, text: str = "") -> None:
        """Send ``{"kind": …, "text": …}`` to whoever looks at this telephone; dropped when too much is waiting."""
        if not phone:
            return
        message = json.dumps({"kind": kind, "text": text}, ensure_ascii=False)
        try:
            self._waiting.put_nowait((feed_of(phone), message))
        except asyncio.QueueFull:
            _log.warning("phone_feed_overflows")

    async def run(self) -> None:
        """Publish for as long as it is run."""
        while True:
            channel, message = await self._waiting.get()
            try:
                await self._redis.publish(channel, message)
            except (RedisError, OSError) as error:
                _log.warning("phone_feed_lost", reason=type(error).__name__)
