"""One router process of a proof: the production ``Routing`` over real Redis and SQL, obeying over a socket.

``python -m tests.proof.router`` is the nursery: it imports everything once, and forks a router for each number that
it reads. What the controller's process does besides routing (opening and closing the ledger's rows) is done here in
the same order, without the voice menus.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError

import telephony.errors
from app.periodic import every
from contacts.service import Contacts
from core.errors import KundcenterError, UnavailableError
from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId, OfferId
from core.language import Language
from skills_routing.agents.desk import Desk
from skills_routing.events import LineEntered, ReturnedToLine
from skills_routing.model import Agent, AgentState, Skills
from skills_routing.rules import assignment
from skills_routing.service import Routing
from storage.database import Database
from storage.redis import live
from telephony.codec import encode_action
from telephony.errors import SwitchUnavailableError
from telephony.model import (
    Action,
    CallEvent,
    EndCause,
    LegAdopted,
    LegAnswered,
    LegEnded,
    LegRole,
    LegsBridged,
    LegsCounted,
    SwitchConnected,
)
from tests.proof.clock import FastClock
from tests.proof.scale import configuration

_ERRORS = {name: error for name, error in vars(telephony.errors).items() if isinstance(error, type)}
_SEEN: dict[type[Event], str] = {LineEntered: "in_line", ReturnedToLine: "returned"}
_DUE_SECONDS, _RECONCILE_SECONDS = 1.5, 3.0  # of the proof's


class Router:
    """What one process does for whoever asks."""

    def __init__(self, number: int, settings: dict[str, Any]) -> None:
        self._serial = 0
        self._number = number
        self._clock = FastClock(settings["start"], settings["speed"])
        self._redis = live(settings["redis"])
        self._database = Database(settings["sql"], pool_size=3, most_extra=1)
        self._contacts = Contacts(database=self._database, clock=self._clock)
        self._asked: dict[int, asyncio.Future[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket = settings["socket"]
        self.routing = Routing(
            redis=self._redis,
            database=self._database,
            clock=self._clock,
            new_id=self._new_id,
            switch=self,
            contacts=self._contacts,
            configuration=configuration(),
            tell=self._tell,
            dial=_number_of,
        )

    async def run(self) -> None:
        reader, self._writer = await asyncio.open_unix_connection(self._socket, limit=2**24)
        self._send({"hello": self._number, "pid": os.getpid()})
        pace = self._clock.speed
        chores = (
            every(_DUE_SECONDS / pace, "due", self.routing.run_due),
            every(_RECONCILE_SECONDS / pace, "reconcile", self.routing.reconcile),
        )
        for chore in chores:
            self._start(chore)
        while line := await reader.readline():
            self._take(json.loads(line))

    # --- the switch is in the harness -------------------------------------------------------------------------------

    async def perform(self, action: Action) -> None:
        self._serial += 1
        number, answer = self._serial, asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self._send({"perform": encode_action(action), "n": number})
        done, _ = await asyncio.wait({answer}, timeout=3)
        self._asked.pop(number, None)
        if not done:
            raise SwitchUnavailableError
        name, _, detail = answer.result().partition(" ")
        if name:
            raise _ERRORS[name](detail)

    # --- what is asked of this process -------------------------------------------------------------------------------

    async def start(self, agents: list[list[Any]]) -> None:
        await self.routing.start()
        await self.routing.sync_agents(
            Agent(AgentId(name), name, Skills(tuple((skill, level) for skill, level in skills)), site)
            for name, skills, site in agents
        )

    async def arrive(self, contact: str, leg: str, queue: str, language: str, since: float) -> None:
        at = self._clock.origin + timedelta(seconds=since)
        with contextlib.suppress(IntegrityError):  # asked again while the first to be asked is still at it
            async with self._database.transaction() as tx:
                await self._contacts.open(tx, contact=ContactId(contact), leg=LegId(leg), at=at)
        await self.routing.enter(
            ContactId(contact), leg=LegId(leg), queue=queue, language=Language(language), waiting_since=at
        )

    async def promise(self, contact: str, callback: str, number: str, queue: str, language: str, since: float) -> bool:
        """Have somebody stand in the line who is to be rung back; asked again, it does nothing more."""
        at = self._clock.origin + timedelta(seconds=since)
        with contextlib.suppress(IntegrityError):
            async with self._database.transaction() as tx:
                row = await self._contacts.find(tx, ContactId(contact))
                if row is None:
                    await self._contacts.open(tx, contact=ContactId(contact), caller=number, at=at)
                    await self._contacts.promised(tx, ContactId(contact), CallbackId(callback))
                    await self._contacts.close(tx, ContactId(contact))
        return await self.routing.promised.enter(
            CallbackId(callback), contact=ContactId(contact), queue=queue, language=language, waiting_since=at
        )

    async def alive(self, agents: list[str]) -> None:
        for agent in agents:
            await self.routing.heartbeat(AgentId(agent))

    async def state(self, agent: str, state: str) -> None:
        await self.routing.set_state(AgentId(agent), state=AgentState(state), reason="egen")

    async def desk(self, agent: str) -> dict[str, Any]:
        return _picture(await self.routing.desk(AgentId(agent)))

    async def accept(self, agent: str, offer: str, token: int) -> None:
        await self.routing.accept(AgentId(agent), offer=OfferId(offer), token=token)

    async def reject(self, agent: str, offer: str, token: int) -> None:
        await self.routing.reject(AgentId(agent), offer=OfferId(offer), token=token)

    async def hang_up(self, agent: str, contact: str) -> None:
        await self.routing.hang_up(AgentId(agent), contact=ContactId(contact))

    async def wrap_up(self, agent: str, contact: str) -> None:
        await self.routing.wrap_up(AgentId(agent), contact=ContactId(contact), code="besked")

    async def event(self, kind: str, leg: str, cause: str = "", contact: str = "", other: str = "") -> None:
        now = self._clock.now()
        events: dict[str, Callable[[], CallEvent]] = {
            "LegAnswered": lambda: LegAnswered(occurred_at=now, leg=LegId(leg)),
            "LegEnded": lambda: LegEnded(occurred_at=now, leg=LegId(leg), cause=EndCause(cause)),
            "LegsBridged": lambda: LegsBridged(occurred_at=now, bridge=contact, legs=(LegId(leg), LegId(other))),
        }
        await self.routing.on_call_event(events[kind]())
        if kind == "LegEnded" and contact:
            await self._close(contact, "leg_fault" if cause == EndCause.FAULT else "")

    async def adopt(self, legs: list[list[Any]], at: float) -> None:
        """This process takes the place of a controller that is gone."""
        when = self._clock.origin + timedelta(seconds=at)
        living = tuple(LegId(leg) for leg, *_ in legs)
        await self._close_unseen(living, when)
        for leg, role, bridge, answered in legs:
            adopted = LegAdopted(occurred_at=when, leg=leg, role=LegRole(role), bridge=bridge, answered=answered)
            await self.routing.on_call_event(adopted)
        await self.routing.on_call_event(SwitchConnected(occurred_at=when, switch="proof", legs=living))

    async def compare(self, legs: list[list[Any]], at: float) -> None:
        """What the switch says every few seconds: these legs are there."""
        when = self._clock.origin + timedelta(seconds=at)
        living = tuple(LegId(leg) for leg, *_ in legs)
        bridged = tuple(LegId(leg) for leg, _role, bridge, _answered in legs if bridge)
        await self._close_unseen(living, when)
        counted = LegsCounted(occurred_at=when, switch="proof", legs=living, bridged=bridged)
        await self.routing.on_call_event(counted)

    async def busy(self) -> list[str]:
        """Who still has work, and which contacts are still in the line."""
        agents = await self.routing.states()
        at_work = [f"{count} {state}" for state, count in agents.items() if state in ("BUSY", "RESERVED", "WRAP_UP")]
        return at_work + sorted(await self._redis.smembers("kc:contacts"))[:8]

    async def _close_unseen(self, living: tuple[LegId, ...], before: datetime) -> None:
        async with self._database.reading() as tx:
            rows = await self._contacts.open_ones(tx)
        for row in rows:
            if row.leg not in living and row.opened_at < before:
                await self._close(row.contact, "hangup_unseen")

    async def _close(self, contact: str, fault: str) -> None:
        while True:
            try:
                async with self._database.transaction() as tx:
                    await self._contacts.close(tx, ContactId(contact), fault=fault)
                return
            except UnavailableError:
                await asyncio.sleep(0.2)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _take(self, said: dict[str, Any]) -> None:
        if "re" in said:
            waiting = self._asked.get(said["re"])
            if waiting is not None and not waiting.done():
                waiting.set_result(said["error"])
        else:
            self._start(self._answer(said))

    async def _answer(self, said: dict[str, Any]) -> None:
        error, result = "", None
        try:
            result = await getattr(self, said["do"])(**said["with"])
        except KundcenterError as refused:
            error = type(refused).__name__
        except Exception as wrong:
            structlog.get_logger().error("a router failed", do=said["do"], exc_info=wrong)
            error = f"!{type(wrong).__name__}"
        self._send({"id": said["id"], "error": error, "result": result})

    async def _tell(self, event: Event) -> None:
        if isinstance(event, ReturnedToLine | LineEntered):
            self._send({"told": _SEEN[type(event)], "contact": event.contact})

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _send(self, message: dict[str, Any]) -> None:
        self._writer.write(json.dumps(message).encode() + b"\n")

    def _new_id(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}_{self._number:03d}_{self._serial:06d}"


async def _number_of(callback: CallbackId, **_: object) -> str:
    """The number is in the promise's name: there are no books of promises here."""
    return callback.removeprefix("cbk_")


def _picture(desk: Desk) -> dict[str, Any]:
    offer, talk = desk.offer, desk.talk
    return {
        "state": desk.state,
        "reason": desk.reason,
        "offer": [offer.offer, offer.token, offer.contact] if offer else None,
        "talk": talk.contact if talk else None,
        "wrap_up": desk.wrap_up,
    }


def _be_a_router(number: int, settings: dict[str, Any]) -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # no router outlives the nursery
    with open(f"{settings['folder']}/router-{number:03d}.log", "a", encoding="utf-8", buffering=1) as log:
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            logger_factory=structlog.WriteLoggerFactory(log),
            cache_logger_on_first_use=True,
        )
        asyncio.run(Router(number, settings).run())


Run = Callable[[int, dict[str, Any]], Awaitable[None]]


def nursery() -> None:
    settings = json.loads(sys.argv[1])
    assignment.load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        if os.fork() == 0:
            sys.stdin.close()
            try:
                _be_a_router(int(line), settings)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(0)


if __name__ == "__main__":
    nursery()
