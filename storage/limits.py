"""Two small rules for requests from outside, kept in Redis: not too many of them, and the same key with the same content.

Both let requests through while Redis is away: what they protect stands in SQL, and nobody is turned away for our faults.
"""

import structlog
from redis.asyncio import Redis

from storage.redis import LiveStoreUnavailableError, our_errors

log = structlog.get_logger()


class RateLimit:
    """Counts requests by whom they come from, in windows of so many seconds."""

    def __init__(self, redis: Redis, *, name: str, most: int, seconds: int = 60) -> None:
        self._redis = redis
        self._name = name
        self._most = most
        self._seconds = seconds

    async def is_too_many(self, who: str) -> bool:
        """Count one more and tell whether it is beyond the limit; ``who`` holds nothing personal, for it is in a key."""
        key = f"kc:rate:{self._name}:{who}"
        try:
            async with our_errors(), self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.expire(key, self._seconds, nx=True)
                many, _ = await pipe.execute()
        except LiveStoreUnavailableError:
            log.warning("rate.unknown", limit=self._name)
            return False
        return int(many) > self._most


class IdempotencyKeys:
    """Remembers for a day which content came under which key."""

    def __init__(self, redis: Redis, *, seconds: int = 86_400) -> None:
        self._redis = redis
        self._seconds = seconds

    async def is_other_content(self, key: str, content_hash: str) -> bool:
        """Tell whether other content came under this key before; the first content that comes is remembered."""
        name = f"kc:idempotency:{key}"
        try:
            async with our_errors():
                if await self._redis.set(name, content_hash, nx=True, ex=self._seconds):
                    return False
                known = await self._redis.get(name)
        except LiveStoreUnavailableError:
            log.warning("idempotency.unknown")
            return False
        return known is not None and known != content_hash
