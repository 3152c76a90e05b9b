"""What is said about the wait, from the records of the Lua line on a real Valkey."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.ids import AgentId, ContactId
from skills_routing.forecast.forecast import Forecast, LineSnapshot, forecast
from skills_routing.forecast.history import History
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.reading import newcomer
from skills_routing.line.line_facts import Kind
from skills_routing.line.live_line import GENERATION, Command, Decision, LiveLine
from skills_routing.model import AgentState, Need, Policy, Requirement, milliseconds

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
SJUK = Requirement(frozenset({Need("sjuk", 1), Need("svenska", 1)}))
BOSTAD = Requirement(frozenset({Need("bostad", 1), Need("svenska", 1)}))
CHANCE = random.Random(3)
HISTORY = History(handlings={SJUK: [CHANCE.expovariate(1 / 240) for _ in range(1000)]})


class Desk:
    """Four agents in calls on illness, one free for housing, and callers who wait."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        numbers = itertools.count(1)
        self.line = LiveLine(redis=redis, new_id=lambda prefix: f"{prefix}_{next(numbers)}", policy=Policy())
        self.talks: dict[str, tuple[str, str]] = {}

    async def run(self, command: Command, *own: str | int, at: datetime = NOW) -> Decision:
        decision = await self.line.run(command, *own, now=at)
        for fact in decision.facts:
            if fact.fact is Kind.OFFER_MADE:
                await self.line.run(Command.TAKE, fact.offer, fact.token, now=at)
                self.talks[fact.agent] = (fact.contact, fact.offer)
        return decision

    async def open(self) -> None:
        await self.redis.set(GENERATION, 1)
        early = NOW - timedelta(minutes=2)
        for number in range(4):
            await self.run(Command.KNOW_AGENT, f"sjuk{number}", "sjuk:4,svenska:5", 0, 1, at=early)
            await self.run(Command.CHOOSE_STATE, f"sjuk{number}", "READY", "", at=early)
            await self.enters(f"early{number}", SJUK, early)
        await self.run(Command.KNOW_AGENT, "bostad", "bostad:4,svenska:5", 0, 1)
        await self.run(Command.CHOOSE_STATE, "bostad", "READY", "")

    async def enters(self, name: str, requirement: Requirement, at: datetime) -> None:
        rank = milliseconds(at)
        await self.run(Command.ENTER, name, f"leg_{name}", "kö", requirement.line, rank, rank, at=at)

    async def snapshot(self, *newcomers: str, now: datetime = NOW) -> LineSnapshot:
        live = LiveWaits(self.redis)
        return await live.snapshot(await live.lines(), await live.stepping(), newcomers=newcomers, now=now)

    async def told(self, contact: str, *newcomers: str) -> Forecast | None:
        found = forecast(await self.snapshot(*newcomers), HISTORY, NOW, chance=random.Random(5).random)
        return found.get(ContactId(contact))


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    desk = Desk(redis)
    await desk.open()
    for number in range(8):
        await desk.enters(f"c{number}", SJUK, NOW - timedelta(seconds=60 - number))
    return desk


async def test_the_last_of_eight_before_four_agents_hears_about_eight_minutes(desk: Desk) -> None:
    found = await desk.told("c7")
    assert found is not None
    assert 6 * 60 < found.expected.total_seconds() < 10 * 60
    assert found.low_minutes <= 6 and found.high_minutes >= 10


async def test_the_first_hears_less_than_the_last(desk: Desk) -> None:
    first, last = await desk.told("c0"), await desk.told("c7")
    assert first is not None and last is not None
    assert first.expected < last.expected / 3


async def test_somebody_who_would_come_in_now_hears_a_little_more_than_the_last(desk: Desk) -> None:
    last, new = await desk.told("c7", SJUK.line), await desk.told(newcomer(SJUK.line), SJUK.line)
    assert last is not None and new is not None
    assert last.expected < new.expected < 1.3 * last.expected


async def test_agents_who_have_asked_for_a_break_are_not_counted_on(desk: Desk) -> None:
    before = await desk.told("c3")
    for number in (0, 1):
        await desk.run(Command.CHOOSE_STATE, f"sjuk{number}", "NOT_READY", "rast")
    after = await desk.told("c3")
    assert before is not None and after is not None
    assert after.expected > 1.5 * before.expected


async def test_nothing_is_said_when_all_who_can_help_are_away(desk: Desk) -> None:
    for number in range(4):
        await desk.run(Command.CHOOSE_STATE, f"sjuk{number}", "NOT_READY", "rast")
    assert await desk.told("c3") is None


async def test_the_records_say_who_does_what(desk: Desk) -> None:
    contact, offer = desk.talks["sjuk1"]
    await desk.run(Command.PART, contact, offer, "citizen")
    snapshot = await desk.snapshot()
    agents = {agent.agent: agent for agent in snapshot.agents}
    assert agents[AgentId("sjuk0")].state is AgentState.BUSY
    assert agents[AgentId("sjuk0")].requirement == SJUK
    assert agents[AgentId("sjuk0")].since == NOW - timedelta(minutes=2)
    assert agents[AgentId("sjuk1")].state is AgentState.WRAP_UP
    assert agents[AgentId("sjuk1")].since == NOW - timedelta(minutes=2), "since the talk began, not the wrap-up"
    assert agents[AgentId("bostad")].state is AgentState.READY
    assert agents[AgentId("bostad")].requirement is None
    assert len(snapshot.waiting) == 8
