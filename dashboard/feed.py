"""Knows when a desk may look different: one reader of the live feed per process, however many browsers listen.

A listener gets no list of what happened, only "look again": the newest picture is always the whole picture, so a
slow one can fall behind in nothing, and one that comes back after a break misses nothing.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.ids import AgentId

STREAM = "kc:feed"
log = structlog.get_logger()


class Listener:
    """One open desk. ``urgent`` when something happened to this agent, ``stale`` when something happened at all."""

    def __init__(self, agent: AgentId) -> None:
        self.agent = agent
        self.replaced = False
        self._urgent = asyncio.Event()
        self._stale = asyncio.Event()

    async def changed(self, *, within: float, settle: float) -> bool:
        """Wait until the desk may look different, at most ``within`` seconds; tell whether it does.

        What happened to others is gathered for ``settle`` seconds, so that a busy line does not repaint all desks
        for each caller; what happened to this agent is told at once.
        """
        try:
            async with asyncio.timeout(within):
                await self._stale.wait()
                try:
                    async with asyncio.timeout(settle):
                        await self._urgent.wait()
                except TimeoutError:
                    pass
        except TimeoutError:
            pass
        happened = self._stale.is_set()
        self._stale.clear()
        self._urgent.clear()
        return happened

    def notice(self, *, urgent: bool) -> None:
        """Have the listener look again."""
        self._stale.set()
        if urgent:
            self._urgent.set()

    def replace(self) -> None:
        """Tell the listener that the agent has opened the desk elsewhere."""
        self.replaced = True
        self.notice(urgent=True)


class Feed:
    """Reads ``kc:feed`` and wakes the desks that it concerns."""

    def __init__(self, *, blocking: Callable[[], Redis]) -> None:
        self._blocking = blocking
        self._listeners: set[Listener] = set()
        self.last_id = "0-0"

    @property
    def listeners(self) -> int:
        """How many desks are open in this process."""
        return len(self._listeners)

    @contextmanager
    def listening(self, agent: AgentId) -> Iterator[Listener]:
        """Keep a listener for as long as the block runs. An older one of the same agent is told that it is replaced."""
        for other in self._listeners:
            if other.agent == agent:
                other.replace()
        listener = Listener(agent)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def run(self) -> None:
        """Read for ever. When Redis is away all desks are woken once it is back, for something may have been missed."""
        start, away = "$", False
        while True:
            client = self._blocking()
            try:
                while True:
                    start = await self._read(client, start)
                    away = False
            except (RedisError, OSError) as error:
                if not away:
                    log.warning("the live feed is away", error=type(error).__name__)
                away = True
                start = "$"
                await asyncio.sleep(0.5)
                self.wake({})
            finally:
                await client.aclose()

    async def _read(self, client: Redis, start: str) -> str:
        answer: Any = await client.xread({STREAM: start}, block=15_000, count=500)
        last = start
        for _, entries in answer or ():
            for entry_id, fields in entries:
                last = self.last_id = entry_id
                self.wake(fields)
        return last

    def wake(self, fields: Mapping[str, str]) -> None:
        """Have every desk look again: those of the agents whom the entry names before the others."""
        agents = fields.get("agent", "").split(",")
        for listener in self._listeners:
            listener.notice(urgent=listener.agent in agents)
