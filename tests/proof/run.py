"""Runs one proof: starts the parts, lets everybody live, waits until all is quiet, and reads the books."""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from redis.asyncio import Redis
from sqlalchemy import func, select

import app.schema
from contacts.store import contacts as ledger
from skills_routing.model import Agent
from skills_routing.store import offers, routed_contacts, routing_steps
from storage.database import Database
from storage.outbox import outbox
from tests.builders.mortal_valkey import MortalValkey
from tests.proof.checker import check
from tests.proof.clock import FastClock
from tests.proof.exchange import Exchange
from tests.proof.faults import Faults, kinds_of
from tests.proof.history import History
from tests.proof.links import Links
from tests.proof.people import AgentAtWork, Proof, beat, citizen
from tests.proof.reading import Violation
from tests.proof.scale import Scale, everybody, wishes


@dataclass
class Result:
    """What a run showed."""

    seed: int
    history: Path
    seconds: float
    violations: list[Violation]
    counts: dict[str, int] = field(default_factory=dict)
    widened: int = 0
    """How many steps were taken."""
    faults: list[str] = field(default_factory=list)

    def shortfalls(self, scale: Scale) -> list[str]:
        """Return what this run had too little of to prove anything: nothing goes wrong where nothing happens."""
        floors = {
            "bridged": scale.contacts // 2,
            "tried": scale.contacts // 40,
            "kept": max(5, int(scale.contacts * scale.promises * 0.4)),
            "event_lost": 1 if "lose_events" in self.faults else 0,
        }
        had = {kind: self.counts.get(kind, 0) for kind in floors}
        found = [f"{had[kind]} {kind}, at least {floor}" for kind, floor in floors.items() if had[kind] < floor]
        steps = max(1, scale.contacts // 500)
        if self.widened < steps:
            found.append(f"{self.widened} steps taken, at least {steps}")
        missing = [kind for kind in kinds_of(scale, self.seed) if kind not in self.faults]
        return found + [f"no {kind} happened" for kind in missing]

    def __str__(self) -> str:
        head = f"KC_PROOF_SEED={self.seed}: {len(self.violations)} violations in {self.seconds:.0f} s, {self.history}"
        counted = "  " + ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
        found = [f"  {one}" for one in self.violations[:40]]
        return "\n".join([head, counted, "  faults: " + " ".join(self.faults), *found])


async def prove(scale: Scale, *, seed: int, sql: str, folder: Path) -> Result:
    """Run once; ``sql`` is an empty database."""
    began = time.monotonic()
    chance = random.Random(seed)
    agents = everybody(scale, chance)
    store = MortalValkey(folder / "valkey")
    url = await asyncio.to_thread(store.start)
    database = Database(sql, pool_size=1, most_extra=1)
    async with database.engine.begin() as connection:
        await connection.run_sync(app.schema.metadata.create_all)
    clock = FastClock(time.time(), scale.speed)
    history = History(folder / f"history-{seed}.jsonl", clock.elapsed)
    try:
        run = _Run(scale, seed, chance, clock, history, folder)
        await run.live(agents, {"redis": url, "sql": sql, "start": clock.start, "speed": clock.speed}, store)
        await _read_books(database, history, clock)
    finally:
        history.close()
        await database.close()
        await asyncio.to_thread(store.stop)
    skills = {agent.id: dict(agent.skills.levels) for agent in agents}
    (folder / f"skills-{seed}.json").write_text(json.dumps(skills), "utf-8")
    found = check(history.lines, skills)
    counts = Counter(line["kind"] for line in history.lines if line["kind"] != "alive")
    widened = sum(line["steps"] for line in history.lines if line["kind"] == "book_left")
    return Result(seed, history.path, time.monotonic() - began, found, dict(counts), widened, run.faults.done)


class _Run:
    def __init__(
        self, scale: Scale, seed: int, chance: random.Random, clock: FastClock, history: History, folder: Path
    ) -> None:
        self.scale, self.seed, self.chance, self.clock, self.history = scale, seed, chance, clock, history
        self.exchange = Exchange(clock, history, lambda: self.faults.lose())
        self.links = Links(folder, history, random.Random(seed + 1), self.exchange.perform, clock.elapsed)
        self.links.on_trouble = self.exchange.trouble
        self.exchange.links = self.links
        self.proof = Proof(
            clock=clock,
            history=history,
            links=self.links,
            exchange=self.exchange,
            talk=scale.talk,
            at_once=scale.at_once,
        )

    async def live(self, agents: list[Agent], settings: dict[str, object], store: MortalValkey) -> None:
        redis: Redis = Redis.from_url(
            store.url, decode_responses=True, socket_connect_timeout=60
        )  # it is to stand still at times
        tasks: list[asyncio.Task[None]] = []
        try:
            await self.links.open(settings, self.scale.routers)
            await self.proof.insist("start", agents=[[a.id, a.skills.levels, a.site] for a in agents])
            self.exchange.start()
            working = [AgentAtWork(self.proof, agent, random.Random(f"{self.seed} {agent.id}")) for agent in agents]
            self.faults = Faults(self.proof, self.scale, store, redis, working, self.seed)
            tasks = [asyncio.create_task(beat(self.proof, working))]
            tasks += [asyncio.create_task(agent.work()) for agent in working]
            citizens = [
                asyncio.create_task(citizen(self.proof, number, wish, random.Random(f"{self.seed} citizen {number}")))
                for number, wish in enumerate(wishes(self.scale, self.chance))
            ]
            faults = asyncio.create_task(self.faults.happen())
            await self._until_served(citizens, faults, tasks)
            tasks += [*citizens, faults]
        finally:
            self.proof.is_over = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.exchange.close()
            await self.links.close()
            await redis.aclose()

    async def _until_served(
        self, citizens: list[asyncio.Task[None]], faults: asyncio.Task[None], helpers: list[asyncio.Task[None]]
    ) -> None:
        """Until each caller has gone and each agent is free again, or the time is up: the checker says who is left."""
        waiting = asyncio.gather(*citizens, faults)
        for task in helpers:
            task.add_done_callback(lambda done: waiting.cancel() if not done.cancelled() and done.exception() else None)
        left = (self.scale.deadline - self.clock.elapsed()) / self.clock.speed
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), left)
        self.history.write("everybody_gone", in_time=waiting.done())
        for task in helpers:
            if task.done() and not task.cancelled():
                task.result()
        await self._quiet()

    async def _quiet(self) -> None:
        """Wait until no agent has work left: what was broken must be mended by itself, within seconds."""
        until = self.clock.elapsed() + 45
        while self.clock.elapsed() < until:
            answers = [await self.proof.insist("busy")]
            if not any(answer.result for answer in answers):
                break
            await asyncio.sleep(0.3)
        self.history.write("quiet", still_busy=answers[0].result)


async def _read_books(database: Database, history: History, clock: FastClock) -> None:
    async with database.reading() as tx:
        for row in await tx.execute(select(ledger.c.contact, ledger.c.outcome, ledger.c.fault, ledger.c.agent)):
            history.write("book_contact", contact=row.contact, outcome=row.outcome, fault=row.fault, agent=row.agent)
        ended = select(outbox.c.body).where(outbox.c.name == "ContactEnded")
        for row in await tx.execute(ended):
            history.write("book_ended", contact=json.loads(row.body)["contact"])
        for row in await tx.execute(select(offers).order_by(offers.c.token)):
            history.write(
                "book_offer",
                offer=row.offer,
                contact=row.contact,
                agent=row.agent,
                token=row.token,
                made=clock.seconds_of(row.offered_at),
                ended=clock.seconds_of(row.ended_at) if row.ended_at else None,
                how=row.how,
            )
        routed = (await tx.execute(select(func.count()).select_from(routed_contacts))).scalar_one()
        steps = (await tx.execute(select(routing_steps).order_by(routing_steps.c.taken_at))).all()
        for row in steps:
            taken = clock.seconds_of(row.taken_at)
            history.write("book_step", contact=row.contact, step=row.step, how=row.how, taken=taken)
        history.write("book_left", routed=routed, steps=len(steps))
