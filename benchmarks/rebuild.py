"""How soon the line stands again after Redis was emptied, and what the comparing of every two seconds costs.

1,000 callers wait, 100 talk, 20 are being offered, through the production service on a real Valkey and SQLite. Then
``FLUSHALL``: the line must be back in the same order within 10 s, offers in flight resolved, and no leg of a citizen
or of a talk touched (nobody hears a click). Then once more with 5,000 who wait, and what one comparison of SQL, line and
ledger takes beside the reading of all that is compared.
Run: ``make bench NAME=rebuild``. The last line is one JSON object.
"""

import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import app.schema
from benchmarks.lines.report import Bound, report
from contacts.service import Contacts
from core.ids import AgentId, ContactId, LegId
from core.language import Language
from skills_routing import store
from skills_routing.configuration import RoutingConfiguration, load_routing
from skills_routing.line.live_line import LiveLine
from skills_routing.model import Agent, AgentState, ContactState, Policy, Skills, rank
from skills_routing.rules.steps import write_plan
from skills_routing.service import Routing
from skills_routing.store import Routed
from storage.database import Database
from storage.redis import EmbeddedStore, live
from telephony.model import Action, HangUp, LegAnswered, Ring

CONFIG = Path(__file__).parents[1] / "config"
TALKS, OFFERED, WAITING, MANY = 100, 20, 1_000, 5_000
PASSES = 15
START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Standing:
    """A clock that stands: leases and offers do not run out while a slow machine works."""

    def now(self) -> datetime:
        return START


class Switch:
    """Takes what it is asked, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[Action] = []

    async def perform(self, action: Action) -> None:
        self.asked.append(action)


async def _nothing(*_: object, **__: object) -> str:
    return ""


class Centre:
    """The service with everything it needs."""

    def __init__(self, url: str, folder: Path) -> None:
        self.redis: Any = live(url)
        self.database = Database(f"sqlite+aiosqlite:///{folder}/kc.db")
        self.contacts = Contacts(database=self.database, clock=Standing())
        self.switch = Switch()
        self.configuration: RoutingConfiguration = load_routing(
            queues=(CONFIG / "queues.yaml").read_text("utf-8"), skills=(CONFIG / "skills.yaml").read_text("utf-8")
        )
        numbers = itertools.count(1)
        self.new_id = lambda prefix: f"{prefix}_{next(numbers):06d}"
        self.routing = self.make_routing()
        self.line = LiveLine(redis=self.redis, new_id=self.new_id, policy=Policy())
        self.queues = list(self.configuration.queues)

    def make_routing(self) -> Routing:
        return Routing(
            redis=self.redis,
            database=self.database,
            clock=Standing(),
            new_id=self.new_id,
            switch=self.switch,
            contacts=self.contacts,
            configuration=self.configuration,
            tell=_tell,
            dial=_nothing,
        )

    async def fill(self) -> None:
        """Let agents take the first calls, and the rest wait."""
        async with self.database.engine.begin() as connection:
            await connection.run_sync(app.schema.metadata.create_all)
        await self.routing.start()
        skills = tuple(sorted((skill, 5) for skill in self.configuration.skills))
        names = [AgentId(f"agent{number:03d}") for number in range(TALKS + OFFERED)]
        await self.routing.sync_agents(Agent(name, name, Skills(skills)) for name in names)
        for name in names:
            await self.routing.set_state(name, state=AgentState.READY)
        for number in range(TALKS + OFFERED + WAITING):
            await self.enter(number)
        rung = [action for action in self.switch.asked if isinstance(action, Ring)]
        for ring in rung[:TALKS]:
            await self.routing.on_call_event(LegAnswered(occurred_at=START, leg=ring.leg))

    async def enter(self, number: int) -> None:
        contact, leg = ContactId(f"con_{number:06d}"), LegId(f"leg_in_{number:06d}")
        async with self.database.transaction() as tx:
            await self.contacts.open(tx, contact=contact, leg=leg)
        since = START + timedelta(seconds=number - 10_000)
        queue = self.queues[number % len(self.queues)]
        await self.routing.enter(contact, leg=leg, queue=queue, language=Language.SWEDISH, waiting_since=since)

    async def add_waiting(self, first: int, last: int) -> None:
        """Write callers who wait into SQL only, all at once: the next rebuild brings them into the line."""
        async with self.database.transaction() as tx:
            for number in range(first, last):
                contact, since = ContactId(f"con_{number:06d}"), START + timedelta(seconds=number - 10_000)
                queue = self.configuration.queue(self.queues[number % len(self.queues)])
                plan = queue.plan(Language.SWEDISH, entered_at=START)
                routed = Routed(
                    contact=contact,
                    state=ContactState.WAITING,
                    leg=LegId(f"leg_in_{number:06d}"),
                    queue=queue.id,
                    language=Language.SWEDISH,
                    line=plan[0].requirement.line,
                    rank=rank(since, head_start=queue.head_start),
                    waiting_since=since,
                    entered_at=START,
                    steps=write_plan(plan),
                )
                await self.contacts.open(tx, contact=contact, leg=routed.leg)
                await self.contacts.waiting(tx, contact, queue.id, waiting_since=since)
                await store.add(tx, routed)

    async def order(self) -> dict[str, list[tuple[str, float]]]:
        lines = sorted(await self.redis.smembers("kc:lines"))
        return {line: await self.redis.zrange(f"kc:line:{line}", 0, -1, withscores=True) for line in lines}

    async def talks(self) -> dict[str, str]:
        here = await self.line.connections(sorted(await self.line.contacts()))
        talking = (ContactState.TALKING,)
        return {name: each.agent for name, each in here.items() if each is not None and each.state in talking}

    async def rebuild(self) -> float:
        """Empty Redis, and return the seconds until the line stands."""
        await self.redis.flushall()
        began = time.perf_counter()
        await self.routing.run_due()
        assert await self.line.is_standing(now=Standing().now())
        return time.perf_counter() - began


async def _tell(_: object) -> None: ...


async def measure(folder: Path, url: str) -> dict[str, object]:
    centre = Centre(url, folder)
    try:
        await centre.fill()
        offered = [action.leg for action in centre.switch.asked if isinstance(action, Ring)][TALKS:]
        order, talks = await centre.order(), await centre.talks()
        asked = len(centre.switch.asked)
        seconds = await centre.rebuild()
        after = await centre.order()
        hung_up = [action.leg for action in centre.switch.asked[asked:] if isinstance(action, HangUp)]
        back = {name for found in after.values() for name, _ in found} - {n for f in order.values() for n, _ in f}
        kept = {line: [one for one in found if one[0] not in back] for line, found in after.items()}
        in_order = all([score for _, score in found] == sorted(score for _, score in found) for found in after.values())
        figures: dict[str, object] = {
            "rebuilt after s, 1,000 waiting, 100 talks": round(seconds, 3),
            "in the same order": int(kept == {line: order.get(line, []) for line in kept} and in_order),
            "talks kept": len(talks.items() & (await centre.talks()).items()),
            "offers resolved": len(back) if set(hung_up) == set(offered) else 0,
            "legs touched besides": len(centre.switch.asked) - asked - len(hung_up),
        }
        await centre.add_waiting(TALKS + OFFERED + WAITING, TALKS + MANY)
        figures["rebuilt after s, 5,000 waiting"] = round(await centre.rebuild(), 3)
        return figures | await compare(centre)
    finally:
        await centre.database.close()
        await centre.redis.aclose()


async def compare(centre: Centre) -> dict[str, object]:
    """Time comparisons in which nothing is wrong, by turns with the reading of everything."""
    await centre.routing.reconcile()
    ours: list[float] = []
    everything: list[float] = []
    other = centre.make_routing()
    idle: list[float] = []
    for _ in range(PASSES):
        ours.append(await _timed(centre.routing.reconcile()))
        everything.append(await _timed(_read_all(centre)))
        idle.append(await _timed(other.reconcile()))
    return {
        "comparison ms, 5,000 waiting": round(1000 * statistics.median(ours), 1),
        "ms in a process whose turn it is not": round(1000 * statistics.median(idle), 1),
        "comparison / reading everything": round(statistics.median(ours) / statistics.median(everything), 3),
    }


async def _read_all(centre: Centre) -> None:
    async with centre.database.reading() as tx:
        rows = await store.everybody(tx)
        await centre.contacts.open_ones(tx)
    await centre.line.connections([row.contact for row in rows])


async def _timed(work: Any) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def main() -> int:
    """Measure, and say what holds."""
    with tempfile.TemporaryDirectory(prefix="kc-rebuild-") as name:
        folder = Path(name)
        server = EmbeddedStore(folder / "valkey")
        url = server.start()
        try:
            figures = asyncio.run(measure(folder, url))
        finally:
            server.stop()
    bounds = {
        "rebuilt after s, 1,000 waiting, 100 talks": Bound(at_most=10),
        "in the same order": Bound(at_least=1),
        "talks kept": Bound(at_least=TALKS),
        "offers resolved": Bound(at_least=OFFERED),
        "legs touched besides": Bound(at_most=0),
        "rebuilt after s, 5,000 waiting": Bound(at_most=10),
        "comparison / reading everything": Bound(at_most=0.5),
    }
    return report("rebuild", figures, bounds)


if __name__ == "__main__":
    sys.exit(main())
