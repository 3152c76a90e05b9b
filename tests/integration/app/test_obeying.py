"""What other processes ask of the switch is done in order for each leg, and no leg waits for another."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from app.obeying import obey
from core.ids import LegId
from storage.redis import blocking
from telephony.errors import LegGoneError
from telephony.model import Action, EndCause, HangUp, LegRole, PutOnHold, Ring
from telephony.remote import ACTIONS, RemoteSwitch

SLOW, QUICK, GONE = LegId("leg_slow"), LegId("leg_quick"), LegId("leg_gone")


class SlowSwitch:
    """A switch that answers for one leg only when it is let, and knows nothing of another."""

    def __init__(self) -> None:
        self.done: list[Action] = []
        self.let = asyncio.Event()

    async def perform(self, action: Action) -> None:
        leg = getattr(action, "leg", None)
        if leg == GONE:
            raise LegGoneError(leg)
        if leg == SLOW:
            await self.let.wait()
        self.done.append(action)


@pytest.fixture
async def switch(valkey_url: str, redis: Redis) -> AsyncIterator[SlowSwitch]:
    client, switch = blocking(valkey_url), SlowSwitch()
    task = asyncio.create_task(obey(client, switch))
    while not await redis.pubsub_channels(ACTIONS):
        await asyncio.sleep(0.005)
    yield switch
    switch.let.set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await client.aclose()


def ring(leg: LegId) -> Ring:
    return Ring(leg=leg, role=LegRole.AGENT, target="agent-asa", timeout_seconds=20)


async def until_done(switch: SlowSwitch, number: int) -> None:
    async with asyncio.timeout(2):
        while len(switch.done) < number:
            await asyncio.sleep(0.005)


async def test_a_leg_that_the_switch_is_slow_with_holds_up_no_other(redis: Redis, switch: SlowSwitch) -> None:
    asked = [ring(SLOW), ring(QUICK)]
    for action in asked:
        await RemoteSwitch(redis).perform(action)
    await until_done(switch, 1)
    assert switch.done == [asked[1]]
    switch.let.set()
    await until_done(switch, 2)


async def test_what_is_asked_of_one_leg_is_done_in_order(redis: Redis, switch: SlowSwitch) -> None:
    asked = [ring(SLOW), PutOnHold(leg=SLOW), HangUp(leg=SLOW, cause=EndCause.NORMAL)]
    for action in [*asked, ring(QUICK)]:
        await RemoteSwitch(redis).perform(action)
    await until_done(switch, 1)
    switch.let.set()
    await until_done(switch, 4)
    assert switch.done[1:] == asked


async def test_an_action_for_a_leg_that_is_gone_ends_nothing(redis: Redis, switch: SlowSwitch) -> None:
    for action in (ring(GONE), ring(GONE), ring(QUICK)):
        await RemoteSwitch(redis).perform(action)
    await until_done(switch, 1)
    assert switch.done == [ring(QUICK)]
