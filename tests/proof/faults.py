"""What goes wrong in a proof, and when: processes are killed and stopped, Redis stands still, or is emptied."""

import asyncio
import contextlib
import os
import random
import signal
from typing import Any

from redis.asyncio import Redis

from tests.builders.mortal_valkey import MortalValkey
from tests.proof.exchange import Exchange
from tests.proof.history import History
from tests.proof.links import Links
from tests.proof.people import AgentAtWork, Proof
from tests.proof.scale import SITES, Scale

_EACH_ROUND = ("kill", "stop", "pause_redis", "stop_redis", "lose_events", "lose_site", "kill_redis")
KINDS = tuple(sorted((*_EACH_ROUND, "flush")))


def kinds_of(scale: Scale, seed: int) -> tuple[str, ...]:
    """Return the kinds of fault that must happen in this seed's run: its part, by name and not by the order of chance."""
    return KINDS[seed % scale.parts :: scale.parts]


class Faults:
    """Real seconds are short, so that a run stays short; what they last is written into the history."""

    def __init__(
        self, proof: Proof, scale: Scale, store: MortalValkey, redis: Redis, agents: list[AgentAtWork], seed: int
    ) -> None:
        self._proof, self._scale, self._store, self._redis, self._agents = proof, scale, store, redis, agents
        self._chance, self._seed = random.Random(seed), seed
        self._links: Links = proof.links
        self._exchange: Exchange = proof.exchange
        self._history: History = proof.history
        self._keep: set[asyncio.Task[None]] = set()
        self.events_to_lose = 0
        self.done: list[str] = []
        self._has_happened = False

    async def happen(self) -> None:
        """One fault after the other, in an order of chance; the line is emptied once in each run."""
        everything = list(_EACH_ROUND) * self._scale.rounds_of_faults
        self._chance.shuffle(everything)
        everything.insert(len(everything) // 2, "flush")
        for kind in everything:
            if kind not in kinds_of(self._scale, self._seed):
                continue
            await self._proof.passes(self._scale.fault_every)
            self._has_happened = False
            await getattr(self, kind)()
            if self._has_happened:
                self.done.append(kind)

    def lose(self) -> bool:
        """Whether the next event of the switch is lost."""
        if self.events_to_lose <= 0:
            return False
        self.events_to_lose -= 1
        return True

    async def kill(self) -> None:
        link = self._links.anybody()
        if link is not None:
            self._write("kill", router=link.number)
            with contextlib.suppress(ProcessLookupError):
                os.kill(link.pid, signal.SIGKILL)
            self._links.bear()

    async def stop(self) -> None:
        """A process that stands still for a while, and wakes up with what it held."""
        link = self._links.anybody()
        if link is not None:
            seconds = self._chance.uniform(3, 5)
            self._write("stop", router=link.number, seconds=seconds)
            os.kill(link.pid, signal.SIGSTOP)
            await asyncio.sleep(seconds)
            with contextlib.suppress(ProcessLookupError):
                os.kill(link.pid, signal.SIGCONT)
            self._write("woken", router=link.number)

    async def pause_redis(self) -> None:
        milliseconds = self._chance.randint(400, 1500)
        self._write("redis_still", seconds=milliseconds / 1000)
        client: Any = self._redis
        await client.client_pause(milliseconds, all=True)
        await asyncio.sleep(milliseconds / 1000)
        self._write("redis_again")

    async def stop_redis(self) -> None:
        pid = int((await self._redis.info("server"))["process_id"])
        seconds = self._chance.uniform(0.5, 2)
        self._write("redis_still", seconds=seconds)
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(pid, signal.SIGCONT)
        self._write("redis_again")

    async def kill_redis(self) -> None:
        """Valkey dies and comes again at once, without what it wrote in its last second or two."""
        self._store.remember()
        await asyncio.sleep(self._chance.uniform(0, 2))
        self._write("redis_still", seconds=0)
        self._write("redis_killed", bytes=await self._store.kill(self._redis))
        await asyncio.to_thread(self._store.start)
        self._write("redis_again")

    async def flush(self) -> None:
        self._write("flushall")
        await self._redis.flushall()

    async def lose_events(self) -> None:
        self._write("events_lost", number=3)
        self.events_to_lose += 3

    async def lose_site(self) -> None:
        """All agents of one site are gone at once (R8), and come back later."""
        site = self._chance.choice(SITES)
        self._write("site_lost", site=site)
        for agent in self._agents:
            if agent.site == site:
                task = asyncio.create_task(agent.vanish(self._chance.uniform(4, 12)))
                self._keep.add(task)
                task.add_done_callback(self._keep.discard)

    def _write(self, kind: str, **fields: Any) -> None:
        self._has_happened = True
        self._history.write("fault", what=kind, **fields)
