"""Whoever rings a direct number hears whom they have rung and is put through, without a menu; at night they can be rung back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from app.configuration import with_direct
from contacts.model import State
from ivr.events import HumanRequested
from storage.database import Database
from tests.integration.ivr.world import BOOK, POINTS, World
from tests.unit.meetings.offices import register

LENAS = "0701740661"


async def rung(world: World, *keys: str):
    world.editions.renew(BOOK, with_direct(POINTS, register()))
    phone = await world.call(called=LENAS)
    await world.press(phone, *keys)
    return phone


async def test_they_are_put_through_at_once_to_the_queue_of_the_handler(world: World) -> None:
    phone = await rung(world)
    await world.pass_time(10)
    assert any("Du har ringt direkt till din handläggare." in one for one in phone.heard)
    [wish] = world.told(HumanRequested)
    assert wish.queue == "sjuk"
    assert (await world.the_contact()).state is State.WAITING


async def test_whoever_rings_the_main_number_begins_where_every_call_begins(world: World) -> None:
    world.editions.renew(BOOK, with_direct(POINTS, register()))
    phone = await world.call()
    assert not any("direkt till din handläggare" in one for one in phone.heard)
    assert world.told(HumanRequested) == []


@pytest.mark.parametrize("flows", [{name: flow for name, flow in BOOK.flows.items() if name != "direct"}])
async def test_without_a_flow_of_their_own_they_begin_there_too(world: World, flows) -> None:
    world.editions.renew(replace(BOOK, flows=flows, version="without"), with_direct(POINTS, register()))
    phone = await world.call(called=LENAS)
    assert phone.ended is None and any("Välkommen" in one or "välkommen" in one for one in phone.heard)


async def test_at_night_they_hear_when_we_open_and_that_their_handler_can_ring(
    database: Database, redis: Redis
) -> None:
    world = World(database, redis, start=datetime(2026, 11, 24, 22, 0, tzinfo=UTC))
    await world.start()
    try:
        phone = await rung(world)
        await world.pass_time(10)
        assert any("Din handläggare kan ringa upp dig." in one for one in phone.heard)
        assert phone.ended is None and world.told(HumanRequested) == []
    finally:
        await world.stop()
