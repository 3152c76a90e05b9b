"""Two things at the same moment: whichever comes first, nobody is doubled, lost, or left on a silent line."""

import asyncio
import itertools
import random

import pytest
from redis.asyncio import Redis

from skills_routing import store
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.live_line import GENERATION, Command, LiveLine
from skills_routing.model import AgentState, Policy, instant
from storage.redis import live
from telephony.model import EndCause, LegAnswered, LegEnded
from tests.integration.skills_routing.world import ASA, BO, CARIN, Caller, World, until

NOW = 1_790_000_000_000
SKILLS = ("a:3", "b:3", "a:2,b:1")
LINES = ("a:1", "b:1", "a:3")
ONE_BY_ONE = Policy(many=0)


async def test_eight_routers_at_once_never_double_or_lose_anybody(redis: Redis, valkey_url: str) -> None:
    """The history is what each router was told, and is checked by itself."""
    await redis.set(GENERATION, 1)
    numbers = itertools.count(1)
    history: list[LineFact] = []
    clients = [live(valkey_url) for _ in range(8)]
    lines = [
        LiveLine(redis=client, new_id=lambda p: f"{p}_{next(numbers):06d}", policy=ONE_BY_ONE) for client in clients
    ]
    for number in range(12):
        await lines[0].run(Command.KNOW_AGENT, f"agent{number}", SKILLS[number % 3], number % 2, 1, now=instant(NOW))
    try:
        await asyncio.gather(*(_router(line, seed, history) for seed, line in enumerate(lines)))
        await _check(history, redis)
    finally:
        for client in clients:
            await client.aclose()


async def _router(line: LiveLine, seed: int, history: list[LineFact]) -> None:
    chance = random.Random(seed)
    mine: list[LineFact] = []
    talks: list[LineFact] = []
    for step in range(200):
        command: tuple[Command, *tuple[str | int, ...]]
        what = chance.random()
        if talks and what < 0.2:
            talk = talks.pop()
            parted = await line.run(Command.PART, talk.contact, talk.offer, "agent", now=instant(NOW))
            history += parted.facts
            command = (Command.WRAP_UP, talk.agent, talk.contact, "READY", "")
        elif what < 0.4:
            name = f"con_{seed}_{step:03d}"
            command = (Command.ENTER, name, f"leg_{name}", "kö", chance.choice(LINES), NOW + step, NOW)
        elif what < 0.6 or not mine:
            command = (Command.CHOOSE_STATE, f"agent{chance.randrange(12)}", "READY", "")
        else:
            command = _on_an_offer(chance, mine.pop(chance.randrange(len(mine))), what)
        decision = await line.run(*command, now=instant(NOW))
        history += decision.facts
        mine += [fact for fact in decision.facts if fact.fact is Kind.OFFER_MADE]
        talks += [fact for fact in decision.facts if fact.fact is Kind.JOINED]


def _on_an_offer(chance: random.Random, offer: LineFact, what: float) -> tuple[Command, *tuple[str | int, ...]]:
    if what < 0.85:
        return (Command.TAKE, offer.offer, offer.token)
    if what < 0.93:
        return (Command.END_OFFER, offer.offer, offer.token, "REJECTED", "NOT_READY", "rejected")
    return (Command.LEAVE, offer.contact, "hung_up")


async def _check(history: list[LineFact], redis: Redis) -> None:
    made = [fact for fact in history if fact.fact is Kind.OFFER_MADE]
    ended = {fact.offer: fact for fact in history if fact.fact is Kind.OFFER_ENDED}
    assert len(made) > 100
    assert len({fact.token for fact in made}) == len(made)
    assert len([fact for fact in history if fact.fact is Kind.OFFER_ENDED]) == len(ended)
    for key in ("contact", "agent"):  # no offer begins before the last one of the same contact or agent has ended
        newest: dict[str, LineFact] = {}
        for fact in sorted(made, key=lambda each: each.token):
            last = newest.get(getattr(fact, key))
            assert last is None or last.offer in ended
            newest[getattr(fact, key)] = fact
    entered = {fact.contact for fact in history if fact.fact is Kind.ENTERED}
    left = {fact.contact for fact in history if fact.fact in (Kind.LEFT, Kind.WRAPPED_UP)}
    assert await redis.smembers("kc:contacts") == entered - left
    waiting = [name for line in LINES for name in await redis.zrange(f"kc:line:{line}", 0, -1)]
    assert len(waiting) == len(set(waiting))
    for name in entered - left:
        assert (await redis.hget(f"kc:contact:{name}", "state") == "waiting") == (name in waiting)


@pytest.mark.parametrize("round_", range(10))
async def test_an_agent_accepts_while_the_caller_hangs_up(world: World, round_: int) -> None:
    """Two controllers, each told of one of the two, at the same moment."""
    other = world.make_routing()
    caller = await _offered(world)
    agent_leg = (await world.redis.hget(f"kc:contact:{caller.contact}", "agent_leg")) or ""
    await world.disconnect()
    answered = LegAnswered(occurred_at=world.time.now(), leg=agent_leg)
    ended = LegEnded(occurred_at=world.time.now(), leg=caller.leg, cause=EndCause.NORMAL)
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    world.cut(caller.phone, EndCause.NORMAL)
    await asyncio.gather(
        _after(round_ % 5, world.routing.on_call_event(answered)), _after(4 - round_ % 5, other.on_call_event(ended))
    )
    world.connect()
    desk = await world.desk(ASA)
    assert desk.state in (AgentState.READY, AgentState.WRAP_UP)
    await until(lambda: world.phone(ASA).ended is not None)
    async with world.database.reading() as tx:
        row = await store.find(tx, caller.contact)
    talked = desk.state is AgentState.WRAP_UP
    assert (row is not None) == talked
    assert ((await world.ledger(caller.contact)).agent == ASA) == talked


@pytest.mark.parametrize("round_", range(6))
async def test_an_agent_accepts_while_the_offer_lapses(world: World, round_: int) -> None:
    other = world.make_routing()
    caller = await _offered(world)
    agent_leg = (await world.redis.hget(f"kc:contact:{caller.contact}", "agent_leg")) or ""
    await world.disconnect()
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    world.time.advance(20.5)
    answered = LegAnswered(occurred_at=world.time.now(), leg=agent_leg)
    await asyncio.gather(
        _after(round_ % 3, world.routing.on_call_event(answered)), _after(2 - round_ % 3, other.run_due())
    )
    world.connect()
    desk = await world.desk(ASA)
    if desk.state is AgentState.BUSY:
        await until(lambda: caller.phone.connected_to == "agent-asa")
    else:
        assert desk.reason in ("missed", "browser_gone")
        assert await world.place(caller) == 1
        await until(lambda: world.phone(ASA).ended is not None)


async def test_many_callers_and_agents_at_once_all_meet_somebody_who_can(world: World) -> None:
    callers = [await world.ring_in() for _ in range(9)]
    queues = ["sjuk", "foralder", "bostad"] * 3
    for agent in (ASA, BO, CARIN):
        world.phone(agent)
    await asyncio.gather(
        *(world.enter(caller, queue) for caller, queue in zip(callers, queues, strict=True)),
        *(world.routing.set_state(agent, state=AgentState.READY) for agent in (ASA, BO, CARIN)),
    )
    await asyncio.gather(*(world.answers(agent) for agent in (ASA, BO, CARIN)))
    talking = [caller for caller in callers if caller.phone.connected_to]
    assert len(talking) == len({caller.phone.connected_to for caller in talking}) == 3
    waiting = [caller for caller in callers if not caller.phone.connected_to]
    assert all([await world.place(caller) > 0 for caller in waiting])


async def _offered(world: World) -> Caller:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    return caller


async def _after(turns: int, what: object) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    await what  # type: ignore[misc]
