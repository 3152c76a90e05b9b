"""The whole product in one process on a clock that is told when to go on: IVR, line, promises, ledger, and an exchange."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from app import ring_backs
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.switch_process import agent_line
from app.system import SystemClock
from app.wiring import Rooms, rooms_of
from core.ids import AgentId
from skills_routing.model import Agent, AgentState, Skills
from storage.redis import EmbeddedStore
from storage.schema import metadata
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import SimulatedPhone
from telephony.simulator.virtual_time import VirtualTime

OFTEN, SELDOM = 2, 10
"""Every so many seconds what the sweeper does every two, and every ten seconds."""


class Centre:
    """Agents who can do everything, callers who ring in, and a clock for all of it."""

    def __init__(self, rooms: Rooms, switch: LineSimulator, time: VirtualTime, agents: int) -> None:
        self.rooms, self.switch, self.time = rooms, switch, time
        skills = Skills(tuple(sorted((skill, 5) for skill in rooms.configuration.routing.skills)))
        self.agents = [Agent(AgentId(f"agent{n:03d}"), f"Agent {n}", skills) for n in range(agents)]
        self.phones = {agent.id: switch.phone(agent_line(agent.id)) for agent in self.agents}
        self._seconds = 0

    async def open(self) -> None:
        """Have every agent at work."""
        await self.rooms.routing.start()
        await self.rooms.routing.sync_agents(self.agents)
        for agent in self.agents:
            await self.rooms.routing.heartbeat(agent.id)
            await self.rooms.routing.set_state(agent.id, state=AgentState.READY)

    def phone_of(self, number: str) -> SimulatedPhone:
        """Return a citizen's telephone, which from now on can be rung."""
        return self.switch.phone(number)

    async def second(self) -> None:
        """Let a second pass, and do what the processes do in it."""
        rooms = self.rooms
        self.time.advance(1)
        self._seconds += 1
        await self.settled()
        await rooms.callbacks.due()
        await rooms.routing.run_due()
        if self._seconds % OFTEN == 0:
            for agent in self.agents:
                await rooms.routing.heartbeat(agent.id)
            await rooms.routing.reconcile()
        if self._seconds % SELDOM == 0:
            await ring_backs.retell(rooms)
            await rooms.callbacks.release_stale()
            await rooms.dispatcher.run_overdue()
        await self.settled()

    async def settled(self) -> None:
        """Wait until all that has happened is told and has been answered."""
        for _ in range(3):
            await asyncio.sleep(0)
        await self.rooms.dispatcher.settled()
        await self.rooms.routing.settled()


@asynccontextmanager
async def centre(folder: Path, *, starts_at: datetime | None, agents: int) -> AsyncIterator[Centre]:
    """Make one in a folder, with a Valkey and an SQLite of its own; without ``starts_at`` it is on the machine's clock."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    store = EmbeddedStore(folder / "live")
    url = await asyncio.to_thread(store.start)
    virtual, numbers = VirtualTime(starts_at or datetime.now(UTC)), itertools.count(1)
    clock = virtual if starts_at else SystemClock()
    switch = LineSimulator(
        clock=clock, new_id=lambda prefix: f"{prefix}_{next(numbers):08d}", timers=virtual if starts_at else None
    )
    config = Path(__file__).parents[2] / "config"
    settings = Settings(
        demo=True, switch=SwitchKind.SIMULATOR, state_dir=folder / "state", config_dir=config, redis_url=url
    )
    try:
        async with rooms_of(complete(settings), switch=switch, clock=clock) as rooms:
            async with rooms.database.engine.begin() as connection:
                await connection.run_sync(metadata.create_all)
            made = Centre(rooms, switch, virtual, agents)
            pump = asyncio.create_task(_tell(rooms, switch))
            try:
                yield made
            finally:
                while not pump.done():
                    pump.cancel()
                    await asyncio.wait({pump}, timeout=0.05)
    finally:
        await asyncio.to_thread(store.stop)


async def _tell(rooms: Rooms, switch: LineSimulator) -> None:
    async for event in switch.events():
        await rooms.dispatcher.tell(event)
