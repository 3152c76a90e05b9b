"""Many log in while many wait: everybody who can be served is, in order of rank, once, whichever process deals."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from core.ids import AgentId, ContactId, LegId
from core.language import Language
from skills_routing.events import OfferMade
from skills_routing.line import batch
from skills_routing.line.batch import both_sides
from skills_routing.line.live_line import GENERATION, Command, LiveLine
from skills_routing.model import Agent, AgentState, Idle, Policy, Skills, Waiting, instant
from skills_routing.rules.assignment import assign
from skills_routing.rules.matching import can_serve
from tests.integration.skills_routing.world import World, until

NOW = 1_790_000_000_000
SPECIALISTS = [("sjuk",), ("bostad",), ("sjuk", "bostad", "foralder"), ("foralder", "sjuk")]
QUEUES = ("sjuk", "sjuk", "foralder", "bostad", "sjuk", "foralder")


def staff(count: int) -> list[Agent]:
    """Whoever can do most comes first: one after the other they would take callers from those who can do less."""
    kinds = sorted((SPECIALISTS[number % 4] for number in range(count)), key=lambda kind: -len(kind))
    return [
        Agent(AgentId(f"agent{number:03d}"), "N", Skills((*((skill, 2) for skill in kind), ("svenska", 5))))
        for number, kind in enumerate(kinds)
    ]


async def employ(world: World, count: int) -> list[AgentId]:
    agents = staff(count)
    await world.routing.sync_agents(agents)
    for agent in agents:
        world.phone(agent.id)
    return [agent.id for agent in agents]


async def fill(world: World, count: int) -> None:
    """Callers of whom only the line knows, the longest-waiting first."""
    for number in range(count):
        contact = ContactId(f"con{number:04d}")
        async with world.database.transaction() as tx:
            await world.contacts.open(tx, contact=contact, leg=LegId(f"leg{number:04d}"))
        await world.routing.enter(
            contact,
            leg=LegId(f"leg{number:04d}"),
            queue=QUEUES[number % len(QUEUES)],
            language=Language.SWEDISH,
            waiting_since=world.time.now() - timedelta(seconds=count - number),
        )


async def log_in(world: World, agents: Sequence[AgentId]) -> None:
    await asyncio.gather(*(world.routing.set_state(agent, state=AgentState.READY) for agent in agents))


def served_in_order(idle: Sequence[Idle], waiting: Sequence[Waiting]) -> set[str]:
    """Who is served when each, in order of rank, is that can be besides those before: by alternating paths, slowly."""
    holds: dict[str, Waiting] = {}

    def find(contact: Waiting, tried: set[str]) -> bool:
        for agent in idle:
            if agent.agent in tried or not can_serve(agent, contact):
                continue
            tried.add(agent.agent)
            if agent.agent not in holds or find(holds[agent.agent], tried):
                holds[agent.agent] = contact
                return True
        return False

    return {one.contact for one in sorted(waiting, key=lambda one: (one.rank, one.contact)) if find(one, set())}


@pytest.mark.thorough
async def test_two_hundred_who_log_in_at_once_serve_the_first_of_three_hundred(world: World) -> None:
    agents = await employ(world, 200)
    await fill(world, 300)
    await log_in(world, agents)
    at_once = len(world.facts(OfferMade))
    assert at_once < 20, "after the first few they are gathered"
    world.time.advance(0.4)
    idle, waiting = await both_sides(world.routing._line, now=world.time.now())
    expected = served_in_order(idle, waiting)
    await world.routing.run_due()
    made = world.facts(OfferMade)
    assert len(made) == len({offer.contact for offer in made}) == len({offer.agent for offer in made})
    assert {offer.contact for offer in made[at_once:]} == expected
    assert len(made) > 195, "all but the few who can do what too few wait for"


@pytest.mark.thorough
async def test_after_flushall_agents_gather_before_callers_are_dealt_out_and_two_processes_deal_once(
    world: World,
) -> None:
    agents = await employ(world, 40)
    await log_in(world, agents)
    for agent in agents:
        await world.routing.set_state(agent, state=AgentState.NOT_READY)
    await fill(world, 60)
    for agent in agents:  # as SQL has it when everything else is lost
        await world.routing.set_state(agent, state=AgentState.READY)
        await world.routing.set_state(agent, state=AgentState.NOT_READY)
    world.told.clear()
    other = world.make_routing()
    await world.redis.flushall()
    await world.routing.reconcile()
    await log_in(world, agents)
    assert world.facts(OfferMade) == []
    world.time.advance(2.1)
    idle, waiting = await both_sides(world.routing._line, now=world.time.now())
    await asyncio.gather(world.routing.run_due(), other.run_due())
    made = world.facts(OfferMade)
    assert len(made) == len({offer.contact for offer in made}) == len({offer.agent for offer in made}) == 40
    assert {offer.contact for offer in made} == served_in_order(idle, waiting)


@asynccontextmanager
async def a_batch_takes_long(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncio.Task[None]]:
    """Many wait and many are free, and a process works out who gets whom for as long as this holds."""
    agents = await employ(world, 24)
    await fill(world, 40)
    await log_in(world, agents)
    goes_on = threading.Event()

    def slowly(idle: Sequence[Idle], waiting: Sequence[Waiting]) -> list[tuple[ContactId, AgentId]]:
        assert goes_on.wait(60)
        return list(assign(idle, waiting))

    monkeypatch.setattr(batch, "assign", slowly)
    world.time.advance(0.4)
    sweeping = asyncio.create_task(world.routing.run_due())
    try:
        await until(lambda: world.redis.exists("kc:dealing"))
        yield sweeping
    finally:
        goes_on.set()
        await sweeping


async def test_while_one_process_deals_no_other_does_and_what_is_due_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_batch_takes_long(world, monkeypatch) as sweeping:
        before = len(world.facts(OfferMade))
        with capture_logs() as logged:
            await world.make_routing().run_due()
        assert len(world.facts(OfferMade)) == before and not [one for one in logged if "batch" in one["event"]]
        world.time.advance(11)  # of no browser was anything heard meanwhile

        async def are_let_go() -> bool:
            return not await world.redis.zrangebyscore("kc:leases", "-inf", int(world.time.now().timestamp() * 1000))

        await until(are_let_go)
        assert not sweeping.done()
    assert not await world.redis.exists("kc:dealing"), "the next may deal at once"


async def test_one_by_one_leaves_agents_idle_whom_a_batch_uses(redis: Redis) -> None:
    """The example of the decision record, on the real line: 60 agents, 60 callers."""
    waiting = [(f"con{number:02d}", ("a:1", "b:1")[number >= 30], NOW + number) for number in range(60)]
    profiles = [(f"agent{number:02d}", ("a:1,b:1", "a:1")[number >= 30]) for number in range(60)]
    offered = {}
    for many in (0, 10):
        await redis.flushall()
        await redis.set(GENERATION, 1)
        line = line_of_its_own(redis, many=many)
        for agent, profile in profiles:
            await line.run(Command.KNOW_AGENT, agent, profile, 0, 1, now=instant(NOW))
        for contact, asked, rank in waiting:
            await line.run(Command.ENTER, contact, f"leg_{contact}", "kö", asked, rank, rank, now=instant(NOW))
        for agent, _profile in profiles:
            await line.run(Command.CHOOSE_STATE, agent, "READY", "", now=instant(NOW))
        if many:
            assert (await line.run(Command.MATCH, now=instant(NOW + 299))).status == "none"
            assert (await line.run(Command.MATCH, now=instant(NOW + 300))).status == "many"
            for pair in assign(*await both_sides(line, now=instant(NOW + 300))):
                assert (await line.run(Command.ASSIGN, *pair, now=instant(NOW + 300))).status == "ok"
        offered[many] = await redis.zcard("kc:offers")
    assert offered == {0: 30, 10: 51}


def line_of_its_own(redis: Redis, *, many: int) -> LiveLine:
    numbers = itertools.count(1)
    return LiveLine(redis=redis, new_id=lambda name: f"{name}_{next(numbers):05d}", policy=Policy(many=many))


async def test_a_pair_of_which_one_has_changed_meanwhile_is_refused_with_the_reason(redis: Redis) -> None:
    await redis.set(GENERATION, f"1 {NOW + 50}")  # gathering: nobody is offered anybody of their own accord
    line = line_of_its_own(redis, many=0)

    async def run(command: Command, *own: str | int, later: int = 0) -> str:
        return (await line.run(command, *own, now=instant(NOW + later))).status

    for agent, profile in (("asa", "a:1"), ("bo", "b:1"), ("carin", "a:1"), ("dag", "a:1")):
        await run(Command.KNOW_AGENT, agent, profile, 0, 1)
        await run(Command.CHOOSE_STATE, agent, "READY", "")
    for place, contact in enumerate(("one", "two", "three", "four")):
        await run(Command.ENTER, contact, f"leg_{contact}", "kö", "a:1", NOW + place, NOW + place)
    assert await redis.zcard("kc:offers") == 0
    assert await run(Command.ASSIGN, "one", "asa") == "ok"
    assert await run(Command.ASSIGN, "one", "carin") == "contact_gone"
    assert await run(Command.ASSIGN, "two", "asa") == "agent_taken"
    assert await run(Command.ASSIGN, "two", "bo") == "cannot_serve"
    await run(Command.LEAVE, "two", "hung_up")
    assert await run(Command.ASSIGN, "two", "carin") == "contact_gone"
    await redis.hset("kc:contact:three", "avoid:carin", NOW + 9)
    assert await run(Command.ASSIGN, "three", "carin") == "avoided"
    assert await run(Command.ASSIGN, "three", "dag", later=10_001) == "browser_gone"
    assert await redis.hget("kc:agent:dag", "state") == "NOT_READY"
    assert await redis.zcard("kc:offers") == 1


async def test_whoever_was_refused_in_a_batch_is_not_passed_by_a_later_one(redis: Redis) -> None:
    """Two processes deal at once: what the one worked out, the other has changed."""
    await redis.set(GENERATION, f"1 {NOW + 50}")
    line = line_of_its_own(redis, many=0)

    async def run(command: Command, *own: str | int) -> str:
        return (await line.run(command, *own, now=instant(NOW))).status

    for agent, profile in (("asa", "a:1"), ("bo", "a:1"), ("carin", "a:1,b:1"), ("dag", "b:1")):
        await run(Command.KNOW_AGENT, agent, profile, 0, 1)
        await run(Command.CHOOSE_STATE, agent, "READY", "")
    for place, (contact, needs) in enumerate([("zero", "a:1"), ("one", "a:1"), ("two", "a:1"), ("b", "b:1")]):
        await run(Command.ENTER, contact, f"leg_{contact}", "kö", needs, NOW + place, NOW + place)
    assert await run(Command.ASSIGN, "zero", "bo") == "ok", "the other process"
    assert await run(Command.ASSIGN, "one", "bo") == "agent_taken"
    assert await run(Command.ASSIGN, "two", "asa") == "ok"
    assert await redis.hget("kc:agent:asa", "contact") == "one"
    assert await run(Command.ASSIGN, "b", "carin") == "ok"
    assert await redis.hget("kc:agent:carin", "contact") == "two", "an earlier one of another line, too"
    assert await run(Command.ASSIGN, "b", "dag") == "ok"
    assert await redis.hget("kc:agent:dag", "contact") == "b"


@pytest.mark.parametrize(("later", "assigned"), [(6_000, False), (29_000, False), (31_000, True)])
async def test_while_not_all_is_dealt_out_nobody_is_passed_by_one_who_comes_in_or_by_an_old_batch(
    redis: Redis, later: int, assigned: bool
) -> None:
    """Dealing out may take long: each process has much to do after an outage, and one may stand still meanwhile."""
    await redis.set(GENERATION, f"1 {NOW + 50}")
    line = line_of_its_own(redis, many=0)
    await line.run(Command.KNOW_AGENT, "asa", "a:1,b:1", 0, 1, now=instant(NOW))
    await line.run(Command.CHOOSE_STATE, "asa", "READY", "", now=instant(NOW))
    await line.run(Command.ENTER, "first", "leg_1", "kö", "a:1", NOW, NOW, now=instant(NOW))
    if assigned:
        await line.run(Command.ENTER, "last", "leg_2", "kö", "b:1", NOW + 9, NOW + 9, now=instant(NOW))
    await line.run(Command.HEARTBEAT, "asa", now=instant(NOW + later - 1))
    asked = (
        (Command.ASSIGN, "last", "asa") if assigned else (Command.ENTER, "last", "leg_2", "kö", "b:1", NOW + 9, NOW + 9)
    )
    await line.run(*asked, now=instant(NOW + later))
    assert await redis.hget("kc:agent:asa", "contact") == "first"
