"""A caller in the line hears how long it takes: looked up when it is said, and never more often than once a minute."""

from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.ids import ContactId
from ivr.events import WaitTold
from ivr.model import Wait
from storage.database import Database
from telephony.simulator.phone import SimulatedPhone
from tests.integration.ivr.world import PATIENCE, World


@pytest.fixture
async def world(database: Database, redis: Redis) -> World:
    world = World(database, redis)
    await world.start()
    yield world
    await world.stop()


async def comes_into_the_line(world: World) -> SimulatedPhone:
    phone = await world.call()
    await world.press(phone, "0")
    row = await world.the_contact()
    await world.call_flow.on_line_entered(row.contact, row.leg, 3)
    await world.settle()
    return phone


def times(heard: list[str]) -> list[str]:
    return [text for text in heard if text.startswith("Väntetiden")]


async def test_the_time_is_what_is_foreseen_in_the_moment_that_it_is_said(world: World) -> None:
    world.wait = Wait(at=world.time.now(), place=3, least=5, most=10)
    phone = await comes_into_the_line(world)
    assert times(phone.heard) == ["Väntetiden är mellan fem och tio minuter."]
    await world.pass_time(30)
    world.wait = Wait(at=world.time.now(), place=2, least=0, most=4)
    assert len(times(phone.heard)) == 1, "nobody is talked at"
    await world.pass_time(PATIENCE.between_updates)
    assert times(phone.heard)[1:] == ["Väntetiden är mindre än fyra minuter."]
    told = world.told(WaitTold)
    assert [(one.least_minutes, one.most_minutes) for one in told] == [(5, 10), (0, 4)]
    assert (told[1].occurred_at - told[0].occurred_at).total_seconds() >= PATIENCE.between_updates
    assert "Du har plats nummer två i kön." in phone.heard


async def test_it_is_said_at_most_once_a_minute(world: World) -> None:
    phone = await comes_into_the_line(world)
    for second in range(600):
        world.wait = Wait(at=world.time.now(), place=3, least=second % 7, most=second % 7 + 5)
        await world.pass_time(1)
    assert 600 / 90 <= len(times(phone.heard)) <= 600 / 60


async def test_after_a_restart_of_the_controller_the_caller_still_hears_how_long_it_takes(world: World) -> None:
    world.wait = Wait(at=world.time.now(), place=3, least=5, most=10)
    phone = await comes_into_the_line(world)
    await world.stop()
    await world.start()
    world.wait = replace(world.wait, at=world.time.now() + timedelta(minutes=20))
    await world.pass_time(PATIENCE.between_updates + 1)
    assert times(phone.heard)[-1] == "Väntetiden är mellan fem och tio minuter."
    assert "Det tar längre tid än vi trodde." in phone.heard, "what was said before the restart is remembered"


async def test_when_it_cannot_be_looked_up_the_caller_hears_the_place_and_a_friendly_word(world: World) -> None:
    async def unavailable(_contact: ContactId) -> Wait | None:
        raise UnavailableError

    world.wait_of = unavailable
    await world.stop()
    await world.start()
    phone = await comes_into_the_line(world)
    await world.pass_time(PATIENCE.between_updates + 1)
    assert "Du har plats nummer tre i kön." in phone.heard
    assert phone.heard[-1].startswith("Tack för att du väntar")
    assert not times(phone.heard)
    assert world.told(WaitTold) == []
