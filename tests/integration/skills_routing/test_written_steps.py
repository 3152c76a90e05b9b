"""What somebody who has written asks for widens like a call's, as much later as it stands behind calls."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from skills_routing.configuration import load_routing
from skills_routing.events import OfferMade
from skills_routing.model import AgentState
from storage.database import Database
from tests.integration.skills_routing.test_steps import QUEUES, SKILLS, steps
from tests.integration.skills_routing.test_written import accept, write
from tests.integration.skills_routing.world import BO, CARIN, World, open_world

BEHIND = 4 * 3600


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    async with open_world(database, redis, rules=load_routing(queues=QUEUES, skills=SKILLS)) as world:
        yield world


async def test_what_a_text_asks_for_widens_as_much_later_as_it_stands_behind_calls(world: World) -> None:
    await world.ready(CARIN)
    contact = await write(world, "sjuk")
    await world.later(BEHIND + 119, CARIN)
    assert world.facts(OfferMade) == []
    said = (await world.routing.explain(contact)).sentences
    assert "Breddas om 1 s till Sjuk ≥ 1 och svenska." in said
    assert not await world.routing.forecast_passed(contact, timedelta(hours=3)), "nothing is foreseen of a text"
    await world.later(1, CARIN)
    assert await accept(world, CARIN) == contact
    assert steps(world) == [(1, "sjuk:1,svenska:1,written/1", "time")]


async def test_after_flushall_a_text_goes_on_from_its_step_and_weighs_what_it_weighed(world: World) -> None:
    contact = await write(world, "sjuk")
    await world.later(BEHIND + 120)
    await world.redis.flushall()
    await world.later(1)
    connection = await world.routing._line.connection(contact)
    assert connection is not None and (connection.line, connection.step) == ("sjuk:1,svenska:1,written/1", 1)
    await world.ready(BO)
    await world.later(180, BO)
    assert await accept(world, BO) == contact
    assert [step for step, _, _ in steps(world)] == [1, 2]


async def test_an_answer_waits_for_the_agent_whom_the_citizen_wrote_to_before(world: World) -> None:
    await world.routing.set_state(CARIN, state=AgentState.NOT_READY, reason="rast")
    await world.ready(BO)
    contact = await write(world, "foralder", wanted=CARIN)
    await world.later(30, BO, CARIN)
    assert world.facts(OfferMade) == []
    await world.ready(CARIN)
    assert await accept(world, CARIN) == contact
    await world.routing.written.hand_back(CARIN, contact=contact)
    assert await accept(world, BO) == contact
    assert steps(world) == [(1, "foralder:1,svenska:1,written/1", "rejected")]


async def test_a_text_whose_agent_has_lost_the_browser_goes_to_anybody(world: World) -> None:
    await world.ready(CARIN)
    contact = await write(world, "foralder", wanted=CARIN)
    assert await accept(world, CARIN) == contact
    await world.ready(BO)
    for _ in range(8):
        await world.later(10, BO)
    assert await accept(world, BO) == contact
    assert steps(world) == [(1, "foralder:1,svenska:1,written/1", "agent_away")]
