"""Is it alive, is it ready, and if not, what is missing. Liveness says nothing of what we depend on (I-35)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from core.errors import KundcenterError
from storage.database import Database
from storage.redis import our_errors

SWITCH_ALIVE_KEY = "kc:alive:switch"
SWITCH_ALIVE_SECONDS = 4
"""The controller says every second that the switch answers; a controller that is killed is missed within 5 s."""

_PATIENCE_SECONDS = 2.0
_MOST_UNANSWERED = 3
_SILENT = "It does not answer within 2 s."

Probe = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Health:
    """What answers and what does not: a word for each part, ``ok`` or what is wrong."""

    parts: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether calls can be taken and served."""
        return all(word == "ok" for word in self.parts.values())


class Pulse:
    """Feels the pulse of each thing that we depend on."""

    def __init__(self, database: Database, redis: Redis) -> None:
        self._probes: Mapping[str, Probe] = {
            "database": database.ping,
            "live_store": lambda: _ping(redis),
            "switch": lambda: _switch(redis),
        }
        self._unanswered: dict[str, set[asyncio.Task[str]]] = {name: set() for name in self._probes}

    async def feel(self) -> Health:
        """Ask all at once for a sign of life; takes 2 s at most, also when a question cannot even be taken back."""
        asked = {name: task for name in self._probes if (task := self._ask(name)) is not None}
        if asked:
            await asyncio.wait(asked.values(), timeout=_PATIENCE_SECONDS)
        return Health({name: self._word(asked.get(name)) for name in self._probes})

    def _ask(self, name: str) -> asyncio.Task[str] | None:
        unanswered = self._unanswered[name]
        if len(unanswered) >= _MOST_UNANSWERED:  # each may hold a connection: leave some to those who serve
            return None
        task = asyncio.create_task(_word_of(self._probes[name]), name=f"pulse of {name}")
        unanswered.add(task)
        task.add_done_callback(unanswered.discard)
        return task

    def _word(self, task: asyncio.Task[str] | None) -> str:
        if task is None or not task.done():
            if task is not None:
                task.cancel()
            return _SILENT
        return task.result()


async def _word_of(probe: Probe) -> str:
    try:
        await probe()
    except KundcenterError as error:
        return str(error)
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
