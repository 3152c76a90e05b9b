"""A small call centre for tests: real stores, the real ledger, the simulator as switch, time that stands still."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from contacts.model import Contact
from contacts.service import Contacts
from core.errors import ConflictError
from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId
from skills_routing.agents.desk import Desk
from skills_routing.configuration import load_agents, load_routing
from skills_routing.model import Agent, AgentState
from skills_routing.service import Routing
from storage.database import Database
from telephony.errors import SwitchUnavailableError
from telephony.model import Action, CallArrived, CallEvent, EndCause, Hold
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone
from telephony.simulator.virtual_time import VirtualTime

CONFIG = Path(__file__).parents[3] / "config"
ASA, BO, CARIN = AgentId("asa"), AgentId("bo"), AgentId("carin")


def configuration() -> Any:
    return load_routing(queues=_text("queues.yaml"), skills=_text("skills.yaml"))


def agents() -> tuple[Agent, ...]:
    return load_agents(_text("demo/agents.yaml"), skills=configuration().skills)


def _text(name: str) -> str:
    return (CONFIG / name).read_text("utf-8")


class FlakySwitch:
    """The simulator behind a connection that can be cut."""

    def __init__(self, switch: LineSimulator) -> None:
        self.switch = switch
        self.is_cut = False

    async def perform(self, action: Action) -> None:
        if self.is_cut:
            raise SwitchUnavailableError
        await self.switch.perform(action)


class Caller:
    """A citizen in the line: the telephone, and the ids of the call."""

    def __init__(self, phone: SimulatedPhone, contact: ContactId, leg: LegId) -> None:
        self.phone, self.contact, self.leg = phone, contact, leg


class Promised:
    """A citizen who is to be rung back: the telephone, and the ids of the promise."""

    def __init__(self, phone: SimulatedPhone, contact: ContactId, callback: CallbackId) -> None:
        self.phone, self.contact, self.callback = phone, contact, callback


class World:
    """One process' routing, and everybody who rings."""

    def __init__(
        self,
        database: Database,
        redis: Redis,
        *,
        time: VirtualTime,
        switch: LineSimulator,
        name: str,
        rules: Any = None,
    ) -> None:
        self.rules = rules or configuration()
        self.database, self.redis, self.time, self.switch = database, redis, time, switch
        self.flaky = FlakySwitch(switch)
        self.told: list[Event] = []
        self.numbers: dict[CallbackId, str] = {}
        self.dialled: list[tuple[CallbackId, LegId, AgentId | None]] = []
        self.refuses: set[CallbackId] = set()
        self.dials: Any = None
        self.contacts = Contacts(database=database, clock=time)
        self._numbers = itertools.count(1)
        self._name = name
        self._arrived: dict[str, LegId] = {}
        self._pump: asyncio.Task[None] | None = None
        self.routing = self.make_routing()

    def make_routing(self) -> Routing:
        return Routing(
            redis=self.redis,
            database=self.database,
            clock=self.time,
            new_id=self.new_id,
            switch=self.flaky,
            contacts=self.contacts,
            configuration=self.rules,
            tell=self.tell,
            dial=self.dial,
        )

    async def dial(self, callback: CallbackId, *, leg: LegId, agent: AgentId | None) -> str:
        self.dialled.append((callback, leg, agent))
        if callback in self.refuses:
            raise ConflictError
        if self.dials:
            return str(await self.dials(callback, leg=leg, agent=agent))
        return self.numbers[callback]

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{self._name}{next(self._numbers):06d}"

    async def tell(self, event: Event) -> None:
        self.told.append(event)

    async def start(self) -> None:
        await self.routing.start()
        await self.routing.sync_agents(load_agents(_text("demo/agents.yaml"), skills=self.rules.skills))
        self.connect()

    def connect(self) -> None:
        self._pump = asyncio.create_task(self._listen())

    async def disconnect(self) -> None:
        """As if the controller were killed: nobody hears what happens on the lines."""
        while self._pump is not None and not self._pump.done():  # redis-py on Python 3.11 may swallow a cancellation
            self._pump.cancel()
            await asyncio.wait({self._pump}, timeout=0.02)
        self._pump = None
        await self.routing.settled()

    def lose_actions(self) -> None:
        """From now on the switch hears nothing of what we ask."""
        self.flaky.is_cut = True

    def find_actions(self) -> None:
        self.flaky.is_cut = False

    async def _listen(self) -> None:
        async for event in self.switch.events():
            await self._hear(event)

    async def _hear(self, event: CallEvent) -> None:
        if isinstance(event, CallArrived):
            self._arrived[event.caller] = event.leg
        await self.routing.on_call_event(event)

    # --- what people do -----------------------------------------------------------------------------------------------

    async def caller(self, queue: str, *, waited: float = 0, language: str = "sv", wanted: str | None = None) -> Caller:
        """A citizen rings, and waits in a queue, since ``waited`` seconds ago, perhaps for one agent."""
        caller = await self.ring_in()
        await self.enter(caller, queue, waited=waited, language=language, wanted=wanted)
        return caller

    async def ring_in(self) -> Caller:
        number = f"+467017406{next(self._numbers) % 90 + 5:02d}"
        phone = self.switch.call("0771524524", caller=number)
        await until(lambda: number in self._arrived)
        leg, contact = self._arrived[number], ContactId(self.new_id("con"))
        async with self.database.transaction() as tx:
            await self.contacts.open(tx, contact=contact, leg=leg, caller=number)
        await self.switch.perform(Hold(leg=leg))
        return Caller(phone, contact, leg)

    async def enter(
        self, caller: Caller, queue: str, *, waited: float = 0, language: str = "sv", wanted: str | None = None
    ) -> None:
        since, agent = self.time.now() - timedelta(seconds=waited), AgentId(wanted) if wanted else None
        await self.routing.enter(
            caller.contact, leg=caller.leg, queue=queue, language=language, waiting_since=since, preferred_agent=agent
        )

    async def later(self, seconds: float, *agents: AgentId) -> None:
        """Time passes while the browsers of these agents are heard of, and then what is due is done."""
        self.time.advance(seconds)
        for agent in agents:
            await self.routing.heartbeat(agent)
        await self.routing.run_due()

    async def ready(self, *agents: AgentId) -> None:
        for agent in agents:
            self.phone(agent)
            await self.routing.set_state(agent, state=AgentState.READY)

    def phone(self, agent: AgentId) -> SimulatedPhone:
        return self.switch.phone(f"agent-{agent}")

    async def answers(self, agent: AgentId) -> None:
        """The agent's phone rings, and is answered; the two talk."""
        phone = self.phone(agent)
        await until(lambda: phone.ringing)
        assert phone.line is not None
        phone.line.answer()
        await until(lambda: phone.connected_to is not None)

    async def talk(self, queue: str, agent: AgentId) -> Caller:
        caller = await self.caller(queue)
        await self.ready(agent)
        await self.answers(agent)
        await self.until_state(agent, AgentState.BUSY)
        await self.until_ledger(caller, "talking")
        return caller

    def cut(self, phone: SimulatedPhone, cause: EndCause) -> None:
        assert phone.line is not None
        phone.line.reject(cause)

    async def wrap_up(self, agent: AgentId, caller: Caller | Promised, state: AgentState | None = None) -> None:
        await self.routing.wrap_up(agent, contact=caller.contact, code="besked", state=state)

    async def ring_back(self, agent: AgentId, number: str) -> ContactId:
        contact = ContactId(self.new_id("con"))
        async with self.database.transaction() as tx:
            await self.contacts.open(tx, contact=contact, caller=number)
        self.phone(agent)
        self.numbers[CallbackId("cbk_1")] = number
        await self.routing.ring_back(CallbackId("cbk_1"), contact=contact, agent=agent)
        return contact

    async def promise(
        self,
        queue: str,
        *,
        waited: float,
        number: str = "+46701740650",
        bound_to: str = "",
        deputy: str = "",
        citizen_first: bool = False,
        language: str = "sv",
    ) -> "Promised":
        """Somebody who was promised to be rung back ``waited`` seconds ago, and whose call is long over, is due."""
        contact, callback = ContactId(self.new_id("con")), CallbackId(self.new_id("cbk"))
        async with self.database.transaction() as tx:
            await self.contacts.open(tx, contact=contact, caller=number)
            await self.contacts.promised(tx, contact, callback)
            await self.contacts.close(tx, contact)
        self.numbers[callback] = number
        promised = Promised(self.switch.phone(number), contact, callback)
        since = self.time.now() - timedelta(seconds=waited)
        await self.enter_promise(
            promised,
            queue,
            since=since,
            bound_to=bound_to,
            deputy=deputy,
            citizen_first=citizen_first,
            language=language,
        )
        return promised

    async def enter_promise(
        self,
        promised: "Promised",
        queue: str,
        *,
        since: datetime,
        bound_to: str = "",
        deputy: str = "",
        citizen_first: bool = False,
        language: str = "sv",
    ) -> bool:
        return await self.routing.promised.enter(
            promised.callback, contact=promised.contact, queue=queue, language=language, waiting_since=since,
            bound_to=AgentId(bound_to) if bound_to else None, deputy=AgentId(deputy) if deputy else None,
            citizen_first=citizen_first,
        )  # fmt: skip

    # --- what one sees ------------------------------------------------------------------------------------------------

    async def desk(self, agent: AgentId) -> Desk:
        return await self.routing.desk(agent)

    async def place(self, caller: Caller | Promised) -> int:
        return (await self.routing.explain(caller.contact)).place

    async def ledger(self, contact: ContactId) -> Contact:
        async with self.database.reading() as tx:
            return await self.contacts.get(tx, contact)

    def facts(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]

    async def recorded(self, name: str) -> list[str]:
        from storage.outbox import outbox

        async with self.database.reading() as tx:
            rows = (await tx.execute(outbox.select().order_by(outbox.c.number))).all()
        return [row.body for row in rows if row.name == name]

    async def until_state(self, agent: AgentId, state: AgentState, reason: str | None = None) -> None:
        async def there() -> bool:
            desk = await self.desk(agent)
            return desk.state is state and reason in (None, desk.reason)

        await until(there)

    async def until_ledger(self, caller: Caller, state: str) -> None:
        async def there() -> bool:
            return (await self.ledger(caller.contact)).state == state

        await until(there)

    async def until_gone(self, caller: Caller) -> None:
        async def gone() -> bool:
            return not await self.redis.exists(f"kc:contact:{caller.contact}")

        await until(gone)


async def until(condition: Callable[[], bool | Awaitable[bool]], *, seconds: float = 5) -> None:
    """Wait for a condition; fails when it does not come true in time."""
    deadline = asyncio.get_running_loop().time() + seconds  # not asyncio.timeout: redis-py may swallow its cancellation
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert asyncio.get_running_loop().time() < deadline, "it did not come true in time"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def open_world(database: Database, redis: Redis, name: str = "", *, rules: Any = None) -> AsyncIterator[World]:
    time = VirtualTime()
    box: list[World] = []
    switch = LineSimulator(clock=time, new_id=lambda prefix: box[0].new_id(f"sim{prefix}"), timers=time)
    world = World(database, redis, time=time, switch=switch, name=name, rules=rules)
    box.append(world)
    await world.start()
    try:
        yield world
    finally:
        await world.disconnect()
