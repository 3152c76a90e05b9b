"""Is it alive, is it ready, and if not, what is missing. Liveness says nothing of what we depend on (I-35)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from core.errors import KundcenterError
from storage.database import Database
from storage.redis import our_errors

SWITCH_ALIVE_KEY = "kc:alive:switch"
SWITCH_ALIVE_SECONDS = 5

Probe = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Health:
    """What answers and what does not: a word for each part, ``ok`` or what is wrong."""

    parts: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether calls can be taken and served."""
        return all(word == "ok" for word in self.parts.values())


async def check(database: Database, redis: Redis) -> Health:
    """Ask each thing that we depend on for a sign of life, all at once; takes 2 s at most."""
    probes: dict[str, Probe] = {
        "database": database.ping,
        "live_store": lambda: _ping(redis),
        "switch": lambda: _switch(redis),
    }
    words = await asyncio.gather(*(_word(probe) for probe in probes.values()))
    return Health(dict(zip(probes, words, strict=True)))


async def _word(probe: Probe) -> str:
    try:
        async with asyncio.timeout(2):
            await probe()
    except KundcenterError as error:
        return str(error)
    except TimeoutError:
        return "It does not answer within 2 s."
    return "ok"


async def _ping(redis: Redis) -> None:
    async with our_errors():
        await redis.ping()


async def _switch(redis: Redis) -> None:
    async with our_errors():
        if not await redis.exists(SWITCH_ALIVE_KEY):
            raise SwitchNotConnectedError


class SwitchNotConnectedError(KundcenterError):
    """No controller is connected to the telephone switch."""
