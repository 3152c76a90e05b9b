"""A step is taken before its time when the wait would otherwise be too long, and only by those whose wait would be."""

import random
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from skills_routing.configuration import load_routing
from skills_routing.events import StepTaken
from skills_routing.forecast.forecasting import Forecasting, Rhythm
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.waits import Waits
from skills_routing.model import AgentState
from storage.database import Database
from tests.integration.skills_routing.test_steps import QUEUES, SKILLS
from tests.integration.skills_routing.test_waits import handlings, lived_through
from tests.integration.skills_routing.world import ASA, CARIN, Caller, World, open_world

SJUK, SJUK_3 = "sjuk:1,svenska:1", "sjuk:3,svenska:1"


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    """Åsa, who knows illness well, and Carin, who knows it a little, both talk."""
    async with open_world(database, redis, rules=load_routing(queues=QUEUES, skills=SKILLS)) as world:
        await lived_through(world, SJUK_3, handlings())
        await world.talk("sjuk", ASA)
        await world.talk("foralder", CARIN)
        world.time.advance(1)
        yield world


def forecasting(world: World) -> Forecasting:
    return Forecasting(
        live=LiveWaits(world.redis),
        database=world.database,
        clock=world.time,
        chance=random.Random(3).random,
        holder="this test",
        newcomers=lambda: (),
        forecast_passed=world.routing.forecast_passed,
        rhythm=Rhythm(share=1.0),
    )


def widened(world: World) -> list[str]:
    return [fact.contact for fact in world.facts(StepTaken) if fact.how == "forecast"]


async def callers_wait(world: World, count: int) -> list[Caller]:
    """Each takes about five minutes, and after two minutes Carin helps Åsa with them."""
    return [await world.caller("sjuk", waited=count - number) for number in range(count)]


async def test_only_who_would_wait_too_long_is_widened(world: World) -> None:
    callers = [caller.contact for caller in await callers_wait(world, 12)]
    assert await forecasting(world).run_due()
    first = callers.index(widened(world)[0])
    assert 4 <= first <= 9
    assert widened(world) == callers[first:]


async def test_what_callers_are_told_counts_on_the_steps_that_time_brings(world: World) -> None:
    *_, last = await callers_wait(world, 6)
    work, waits = forecasting(world), Waits(live=LiveWaits(world.redis), database=world.database, clock=world.time)
    await work.run_due()
    told = await waits.of(last.contact)
    assert told is not None and told.foreseen is not None
    assert told.foreseen.expected.total_seconds() < 6 * 300 * 0.8, "Carin helps from the step on"
    assert all(not name.startswith("!") for name in await world.redis.hkeys("kc:foreseen"))


async def test_a_step_that_would_help_nobody_is_left_to_time(world: World) -> None:
    caller = await world.caller("foralder")
    assert await forecasting(world).run_due()
    assert widened(world) == []
    assert caller


async def test_when_only_the_step_leads_to_somebody_at_work_it_is_taken_at_once(world: World) -> None:
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")  # after this talk
    caller = await world.caller("sjuk")
    assert await forecasting(world).run_due()
    assert widened(world) == [caller.contact]
