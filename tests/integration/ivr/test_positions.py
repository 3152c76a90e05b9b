"""Where a call is: in Redis for every process, and here for as long as Redis is away."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from contacts.model import State
from core.ids import ContactId, LegId
from ivr.model import Phase, Position
from ivr.store import Positions
from storage.database import Database
from storage.redis import live
from telephony.model import Bridge, LegAdopted, LegRole, Ring
from telephony.simulator.virtual_time import VirtualTime
from tests.integration.ivr.world import World

CALL = Position(
    contact=ContactId("con_1"),
    leg=LegId("leg_1"),
    arrived_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
    node="main/menu",
    turn=3,
    attempts={"identify/code": 2},
    path=("main/menu:choice_talk",),
)


async def test_another_process_goes_on_with_the_same_call(redis: Redis) -> None:
    mine, other = (Positions(redis=redis, timers=VirtualTime()) for _ in range(2))
    await mine.put(CALL)
    assert await other.by_leg(CALL.leg) == CALL
    await other.put(replace(CALL, turn=4, phase=Phase.TALKING))
    assert (await mine.get(CALL.contact)).phase is Phase.TALKING


async def test_a_call_that_is_with_the_machine_only_is_known_without_asking_redis(redis: Redis) -> None:
    positions = Positions(redis=redis, timers=VirtualTime())
    positions.own(CALL.contact)
    await positions.put(CALL)
    await redis.flushall()
    assert await positions.by_leg(CALL.leg) == CALL


@pytest.mark.parametrize(
    "moved",
    [
        {"phase": Phase.WAITING, "in_line": True},
        {"phase": Phase.TALKING},
        {"phase": Phase.INQUIRING},  # a promise may be on its way
        {"in_line": True},  # the caller chooses a callback, and an agent may have taken the call
        {"queue": "sjuk"},
    ],
)
async def test_a_call_that_others_may_have_moved_is_looked_up(redis: Redis, moved: dict[str, Any]) -> None:
    mine, other = (Positions(redis=redis, timers=VirtualTime()) for _ in range(2))
    mine.own(CALL.contact)
    await mine.put(replace(CALL, **moved))
    after = replace(CALL, turn=4, phase=Phase.TALKING)
    await other.put(after)
    assert await mine.by_leg(CALL.leg) == after


async def test_a_position_does_not_outlive_a_long_call(redis: Redis) -> None:
    positions = Positions(redis=redis, timers=VirtualTime())
    await positions.put(CALL)
    for key in await redis.keys("kc:*"):
        assert 0 < await redis.ttl(key) <= 6 * 3600


async def test_a_call_that_has_ended_leaves_nothing(redis: Redis) -> None:
    positions = Positions(redis=redis, timers=VirtualTime())
    positions.own(CALL.contact)
    await positions.put(CALL)
    await positions.forget(CALL)
    assert await redis.keys("*") == []
    assert await positions.get(CALL.contact) is None
    assert not positions.is_own(CALL.contact)


async def test_without_redis_the_own_copy_serves_and_redis_is_left_alone_for_a_while() -> None:
    gone = live("unix:///nowhere/valkey.sock")
    time = VirtualTime()
    positions = Positions(redis=gone, timers=time)
    positions.own(CALL.contact)
    await positions.put(CALL)
    assert await positions.by_leg(CALL.leg) == CALL
    await positions.forget(CALL)
    assert await positions.get(CALL.contact) is None
    await gone.aclose()


async def test_what_was_stepped_while_redis_was_away_counts_when_it_is_back(redis: Redis) -> None:
    positions = Positions(redis=redis, timers=VirtualTime())
    positions.own(CALL.contact)
    await positions.put(replace(CALL, turn=9))
    await Positions(redis=redis, timers=VirtualTime()).put(CALL)
    assert (await positions.get(CALL.contact)).turn == 9


async def test_a_position_that_cannot_be_read_is_as_none(redis: Redis) -> None:
    await redis.set("kc:position:con_1", '{"contact": 1, "node": []')
    assert await Positions(redis=redis, timers=VirtualTime()).get(CALL.contact) is None


async def test_a_caller_who_was_joined_while_they_were_being_found_again_goes_on_talking(
    database: Database, redis: Redis
) -> None:
    world = World(database, redis)
    await world.start()
    try:
        caller, agent = await world.call(), world.exchange.phone("agent-asa")
        await world.press(caller, "0", "2")
        await world.settle()
        row = await world.the_contact()
        assert row.state is State.WAITING and row.leg
        found = LegAdopted(occurred_at=row.opened_at, leg=row.leg, role=LegRole.CITIZEN, called=row.called)
        await world.exchange.perform(Ring(leg=LegId("leg_asa"), role=LegRole.AGENT, target="agent-asa"))
        agent.answer()
        await world.exchange.perform(Bridge(bridge="b", legs=(row.leg, LegId("leg_asa"))))
        await world.call_flow.on_call_event(found)  # what was true a moment ago
        await world.settle()
        assert caller.connected_to == "agent-asa"
    finally:
        await world.stop()
