"""Figures for Prometheus. Each process leaves its own in the live store, so that one page shows them all.

They are of the system: queues, outcomes, the switch. Never of a person (N1).
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from redis.asyncio import Redis

from storage.redis import our_errors

WATCH_KEY = "kc:watch"
"""What the watcher of the switch knows, as JSON, for ``doctor``."""

_PREFIX = "kc:metrics:"
_FRESH_SECONDS = 20


async def publish(redis: Redis, process: str, registry: CollectorRegistry) -> None:
    """Leave this process's figures in the live store; they go stale after 20 s."""
    async with our_errors():
        await redis.set(_PREFIX + process, generate_latest(registry).decode(), ex=_FRESH_SECONDS)


async def published(redis: Redis) -> str:
    """Return the figures of every process that lives, as one page in Prometheus' text format."""
    async with our_errors():
        keys = sorted([str(key) async for key in redis.scan_iter(f"{_PREFIX}*")])
        pages = await redis.mget(keys) if keys else []
    return merged({key.removeprefix(_PREFIX): str(page) for key, page in zip(keys, pages, strict=True) if page})


def merged(pages: Mapping[str, str]) -> str:
    """Return one page of these pages (process → page); each sample is labelled with its process."""
    families: dict[str, Metric] = {}
    for process, page in pages.items():
        for family in text_string_to_metric_families(page):
            whole = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                whole.samples.append(sample._replace(labels={**sample.labels, "process": process}))
    registry = CollectorRegistry()
    registry.register(_Known(families.values()))
    return generate_latest(registry).decode()


class _Known(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterator[Metric]:
        yield from self._families
