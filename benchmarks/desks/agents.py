"""Agents who answer at once, talk for a while, hang up, write up with one click, and note when they were rung again."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from random import Random
from typing import Any, Self

from benchmarks.desks.phones import QuietPhone
from tests.fakes.sip_phone import SipCall, until
from tests.journeys.agents import DeskApi


@dataclass(frozen=True)
class Ring:
    """An agent's telephone rang for the next citizen: so many seconds after the agent hung up, and after the last click.

    ``at`` is the instant by the wall clock, in seconds since 1970, and ``offer`` our name for it; app_queue has neither
    clicks (the time is that since the agent hung up) nor names.
    """

    since_hanging_up: float
    since_click: float
    at: float
    offer: str


class RobotAgent:
    """One agent, with a telephone and a desk of ours; app_queue knows the same telephone as a member."""

    def __init__(self, name: str, phone: QuietPhone, *, talk: tuple[float, float], seed: int) -> None:
        self.name, self.phone = name, phone
        self.rings: list[Ring] | None = None
        self.desk: DeskApi | None = None
        self.is_busy = False
        self._talk, self._chance = talk, Random(seed)
        self._freed_at = self._hung_up_at = 0.0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._worker: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> Self:
        self._worker = self._do(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.desk is not None:
            await self.desk.close()

    async def sit_down(self, url: str) -> None:
        """Log in at the desk, and be ready."""
        self.desk = DeskApi(url)
        await self.desk.log_in(self.name)
        self.desk.follow()
        await self.desk.post("/api/agent/state", {"state": "READY"})

    def measure(self, rings: list[Ring] | None) -> None:
        """Note from the next contact on how this telephone rings, or stop noting."""
        self._freed_at = self._hung_up_at = 0.0
        self.rings = rings

    def still_works(self) -> None:
        """Raise what has ended this agent's work, if something has."""
        if self._worker is not None and self._worker.done():
            self._worker.result()

    def _do(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _work(self) -> None:
        while True:
            call = await self.phone.rung(within=3600)
            self.is_busy = True
            self._note(call)
            if not call.ended.is_set():
                call.answer()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._chance.uniform(*self._talk)):
                    await call.ended.wait()
            await self._end(call)
            self.is_busy = False

    def _note(self, call: SipCall) -> None:
        if self.rings is None or not self._freed_at:
            return
        at = self.phone.rung_at[call.call_id]
        by_the_wall = at - time.perf_counter() + time.time()
        offer = call.header("X-KC-Offer")
        self.rings.append(Ring(at - self._hung_up_at, at - self._freed_at, by_the_wall, offer))

    async def _end(self, call: SipCall) -> None:
        self._freed_at = self._hung_up_at = 0.0 if call.ended.is_set() else time.perf_counter()
        with contextlib.suppress(TimeoutError):
            await call.hang_up()
        self.phone.calls.remove(call)
        if contact := call.header("X-KC-Contact"):
            await self._wrap_up(contact)

    async def _wrap_up(self, contact: str) -> None:
        """Click as soon as the desk asks how it ended; the answer is not waited for, since the next call may be first."""
        desk = self.desk
        assert desk is not None
        await until(lambda: _asks_about(desk) == contact or _is_free(desk), within=15, what="it is asked how it ended")
        if _asks_about(desk) != contact:  # the citizen hung up before anything had begun
            self._freed_at = 0.0
            await desk.post("/api/agent/state", {"state": "READY"})
            return
        if self._freed_at:
            self._freed_at = time.perf_counter()
        self._do(desk.post(f"/api/contacts/{contact}/wrap-up", {"code": "finished"}))


def _is_free(desk: DeskApi) -> bool:
    return desk.desk["state"] in ("READY", "NOT_READY")


def _asks_about(desk: DeskApi) -> str:
    asked = desk.desk.get("wrap_up") or {"about": {"contact": ""}}
    return str(asked["about"]["contact"])
