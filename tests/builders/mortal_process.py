"""All rooms of the product in one process that dies at a chosen step, and is followed by another with the same stores.

A step is a commit, a command of the line, or something asked of the switch; the process dies before it or after it, and
does nothing from then on: what was not committed is rolled back, and nobody hears what the switch tells meanwhile.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from app import ring_backs
from app.configuration import Configuration
from app.settings import Settings
from app.wiring import Rooms, rooms_of
from core.errors import KundcenterError
from storage.database import Transaction
from telephony.model import Action
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.virtual_time import VirtualTime

_OURS = ("/callbacks/", "/skills_routing/", "/contacts/", "/app/", "/ivr/")
_EVERY_SECOND = frozenset(
    {
        "heartbeat", "lapse", "expire_browser", "widen", "match", "look", "know_agent", "know_lines",
        "callbacks.dialling.release_stale", "callbacks.standing.retell", "app.dispatch.run_overdue",
    }
)  # fmt: skip
"""What is done all the while, and seldom changes anything."""
_EMPTY = len("unknown ")
_COUNTS_EVERY = 5
"""Seconds after which a switch whose events can be lost counts its legs (telephony/ports.py)."""
_PLUMBING = ("storage", "mortal_process", "live_line", "aftermath", "contextlib")


class Killed(BaseException):
    """The process does not exist any more."""


class Steps:
    """Counts the steps of one process, names them, and kills it at one."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at = kill_at
        self.names: list[str] = []
        self.dead = asyncio.Event()

    @property
    def killed_at(self) -> str:
        return self.names[-1] if self.dead.is_set() else ""

    def take(self, name: str, *, counts: bool = True) -> None:
        """Take a step; raises :class:`Killed` at the chosen one and ever after. What changes nothing does not count."""
        self.live()
        if not counts:
            return
        self.names.append(name)
        if len(self.names) - 1 == self.kill_at:
            self.dead.set()
        self.live()

    def live(self) -> None:
        if self.dead.is_set():
            raise Killed


class MortalSwitch:
    """The exchange as a process that may die sees it."""

    def __init__(self, switch: LineSimulator, steps: Steps) -> None:
        self._switch, self._steps = switch, steps

    async def perform(self, action: Action) -> None:
        name = f"the switch: {type(action).__name__}"
        self._steps.take(f"before {name}")
        await self._switch.perform(action)
        self._steps.take(f"after {name}")


class MortalProcess:
    """One life. ``kill_at`` is the number of the step at which it ends, ``None`` for a long one."""

    def __init__(
        self,
        settings: Settings,
        time: VirtualTime,
        switch: LineSimulator,
        *,
        configuration: Configuration,
        kill_at: int | None,
    ) -> None:
        self.steps = Steps(kill_at)
        self._settings, self._time, self._switch, self._configuration = settings, time, switch, configuration
        self._stack = AsyncExitStack()
        self._pump: asyncio.Task[None] | None = None
        self._seconds = 0
        self.redis_is_down = False
        self.rooms: Rooms

    async def start(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.wiring.new_id", _numbers)
            switch = MortalSwitch(self._switch, self.steps)
            self.rooms = await self._stack.enter_async_context(
                rooms_of(self._settings, switch=switch, clock=self._time, configuration=self._configuration)
            )
        await self.rooms.routing.start()
        await self.rooms.routing.sync_agents(self.rooms.configuration.agents)
        self._make_mortal()
        asyncio.get_running_loop().set_exception_handler(_say_nothing_of_the_dead)
        self._pump = asyncio.create_task(self._listen())

    async def end(self) -> None:
        """Let the stores go: also those of a process that died, whose connections the kernel would have closed."""
        while self._pump is not None and not self._pump.done():  # redis-py on Python 3.11 may swallow a cancellation
            self._pump.cancel()
            await asyncio.wait({self._pump}, timeout=0.02)
        with contextlib.suppress(Killed):
            await self._stack.aclose()

    async def runs(self, *what: Callable[[], Awaitable[object]]) -> bool:
        """Do these, one after the other, as its timers do; ``False`` when it is dead."""
        for each in what:
            with contextlib.suppress(Killed, KundcenterError):
                await each()
            if self.steps.dead.is_set():
                return False
        with contextlib.suppress(Killed):
            await self.rooms.dispatcher.settled()
            await self.rooms.routing.settled()
        return not self.steps.dead.is_set()

    async def second(self, *agents: Any) -> bool:
        """Do what its timers do in a second, with the browsers of these agents there."""
        rooms = self.rooms
        self._time.advance(1)
        self._seconds += 1
        if self._seconds % _COUNTS_EVERY == 0:
            await self.runs(lambda: rooms.dispatcher.tell(self._switch.counted()))
        return await self.runs(
            *(partial(rooms.routing.heartbeat, agent) for agent in agents),
            rooms.callbacks.due,
            lambda: ring_backs.retell(rooms),
            lambda: ring_backs.release_stale(rooms),
            rooms.routing.run_due,
            rooms.routing.reconcile,
            rooms.dispatcher.run_overdue,
        )

    # --- what may be its last step ------------------------------------------------------------------------------------

    def _make_mortal(self) -> None:
        database, redis, steps = self.rooms.database, self.rooms.redis, self.steps
        begin, ask, pipe = database.transaction, redis.execute_command, redis.pipeline

        @asynccontextmanager
        async def transaction(*, short: bool = False) -> AsyncIterator[Transaction]:
            steps.live()
            name = _who()
            async with begin(short=short) as tx:
                yield tx
                counts = name not in _EVERY_SECOND or bool(tx.recorded)
                steps.take(f"before the commit of {name}", counts=counts)
            steps.take(f"after the commit of {name}", counts=counts)

        async def command(*words: Any, **options: Any) -> Any:
            steps.live()
            self._reach_redis()
            if words[0] != "FCALL":
                return await ask(*words, **options)
            name = str(words[1]).split("_", 2)[-1]
            steps.take(f"before the line: {name}", counts=name not in _EVERY_SECOND)
            answer = await ask(*words, **options)
            steps.take(f"after the line: {name}", counts=name not in _EVERY_SECOND or len(str(answer)) > _EMPTY)
            return answer

        def pipeline(*words: Any, **options: Any) -> Any:
            steps.live()
            self._reach_redis()
            return pipe(*words, **options)

        database.transaction = transaction  # type: ignore[method-assign]
        redis.execute_command = command  # type: ignore[method-assign]
        redis.pipeline = pipeline  # type: ignore[method-assign]

    def _reach_redis(self) -> None:
        """Fail as a client does whose server is not there: at once, in no time of the test's."""
        if self.redis_is_down:
            raise RedisConnectionError

    async def _listen(self) -> None:
        with contextlib.suppress(Killed):
            async for event in self._switch.events():
                self.steps.live()
                await self.rooms.dispatcher.tell(event)


def _who() -> str:
    """Name the function of ours that opens a transaction."""
    frame = sys._getframe(2)
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if file.endswith("/group_commit.py") and name == "_commit":
            return " and ".join(dict.fromkeys(_work(one) for one, _ in frame.f_locals["batch"]))
        if any(room in file for room in _OURS) and not any(each in file for each in _PLUMBING):
            return f"{file.rsplit('/', 2)[-2]}.{file.rsplit('/', 1)[-1][:-3]}.{name}"
        frame = frame.f_back  # type: ignore[assignment]
    return "somebody"


def _work(work: Any) -> str:
    """Name a work that is committed together with others."""
    does = getattr(work, "func", work)
    kinds = [str(fact.fact) for fact in getattr(work, "keywords", {}).get("facts", ())]
    return ".".join([does.__module__.replace("skills_routing.", ""), does.__name__, *kinds])


def _say_nothing_of_the_dead(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), Killed):
        loop.default_exception_handler(context)


_count = 0


def _numbers(prefix: str) -> str:
    """Return ids that grow, so that two runs take the same steps."""
    global _count
    _count += 1
    return f"{prefix}_{_count:08d}"
