"""Figures for Prometheus. Each process leaves its own in the live store, so that one page shows them all.

They are of the system: queues, outcomes, the switch. Never of a person (N1).
"""

from prometheus_client import CollectorRegistry, generate_latest
from redis.asyncio import Redis

from storage.redis import our_errors

WATCH_KEY = "kc:watch"
"""What the watcher of the switch knows, as JSON, for ``doctor``."""

_KEY = "kc:metrics:{}"
_FRESH_SECONDS = 20


async def publish(redis: Redis, process: str, registry: CollectorRegistry) -> None:
    """Leave this process's figures in the live store; they go stale after 20 s."""
    async with our_errors():
        await redis.set(_KEY.format(process), generate_latest(registry).decode(), ex=_FRESH_SECONDS)


async def published(redis: Redis) -> str:
    """Return the figures of every process that lives, as one page in Prometheus' text format."""
    async with our_errors():
        keys = sorted([str(key) async for key in redis.scan_iter(_KEY.format("*"))])
        pages = await redis.mget(keys) if keys else []
    return "".join(str(page) for page in pages if page)
