"""Actions, buttons and what is heard, between processes over a real Valkey."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from app.periodic import end
from core.ids import LegId
from core.language import Language
from storage.redis import blocking
from telephony.errors import SwitchUnavailableError
from telephony.model import Answer, CallArrived, EndCause, HangUp, Hold, Say, Utterance
from telephony.phone_feed import PhoneFeed, feed_of
from telephony.remote import ACTIONS, RemoteSwitch, actions_for_controller
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.remote import RemotePhones, obey_remote_phones, told_to
from telephony.simulator.virtual_time import VirtualTime
from telephony.transcript import TranscribedSwitch

NUMBER, PHONE = "0771524524", "0701740605"


@pytest.fixture
async def consumer(valkey_url: str, redis: Redis) -> AsyncIterator[Redis]:
    client = blocking(valkey_url)
    yield client
    await client.aclose()


async def until(condition, *, within=2.0):
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)


async def taken(redis: Redis) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(2):
        while not await redis.pubsub_channels("kc:*"):
            await asyncio.sleep(0.005)


@pytest.fixture
async def simulator(redis: Redis, consumer: Redis):
    numbers, feed, tasks = itertools.count(1), PhoneFeed(redis), []
    simulator = LineSimulator(
        clock=VirtualTime(), new_id=lambda prefix: f"{prefix}_{next(numbers)}", on_sound=told_to(feed)
    )
    loop = asyncio.get_running_loop()
    simulator.seen = []

    async def listen() -> None:
        async for event in simulator.events():
            simulator.seen.append(event)

    for work in (listen(), feed.run(), obey_remote_phones(consumer, simulator)):
        tasks.append(loop.create_task(work))
    await taken(redis)
    yield simulator
    await end(tasks)


async def test_actions_reach_the_controller_in_order_and_leave_nothing_behind(redis, consumer):
    got = []

    async def control() -> None:
        async for action in actions_for_controller(consumer):
            got.append(action)

    task = asyncio.get_running_loop().create_task(control())
    await taken(redis)
    asked = [Hold(leg=LegId("leg_1"), listen_for="1"), HangUp(leg=LegId("leg_1"), cause=EndCause.BUSY)]
    for action in asked:
        await RemoteSwitch(redis).perform(action)
    for hostile in ('{"action": "{\\"do\\":\\"system\\"}"}', "not json", '["a list"]'):
        await redis.publish(ACTIONS, hostile)
    await RemoteSwitch(redis).perform(asked[0])
    await until(lambda: len(got) == 3)
    assert got == [*asked, asked[0]]
    assert await redis.keys("*") == []
    task.cancel()


async def test_what_is_asked_while_nobody_drives_the_switch_is_refused_and_never_done_late(redis, consumer):
    with pytest.raises(SwitchUnavailableError):
        await RemoteSwitch(redis).perform(HangUp(leg=LegId("old")))
    actions = actions_for_controller(consumer)
    first = asyncio.get_running_loop().create_task(anext(actions))
    await taken(redis)
    await RemoteSwitch(redis).perform(HangUp(leg=LegId("new")))
    assert (await first).leg == "new"
    await actions.aclose()


async def test_without_redis_the_switch_is_named_as_out_of_reach():
    redis = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.3)
    with pytest.raises(SwitchUnavailableError):
        await RemoteSwitch(redis).perform(HangUp(leg=LegId("leg_1")))
    await redis.aclose()


async def test_buttons_in_another_process_work_a_simulated_telephone(redis, simulator):
    phones = RemotePhones(redis)
    await phones.call(PHONE, NUMBER)
    await until(lambda: any(isinstance(event, CallArrived) for event in simulator.seen))
    leg = simulator.seen[-1].leg
    await simulator.perform(Answer(leg=leg))
    await simulator.perform(Hold(leg=leg, listen_for="1", ref="kö"))
    await phones.press(PHONE, "1")
    await until(lambda: getattr(simulator.seen[-1], "digits", "") == "1")
    await phones.hang_up(PHONE)
    await until(lambda: not simulator.phone(PHONE).in_call)
    assert await redis.keys("*") == []


async def test_what_a_telephone_hears_is_told_in_order(redis, simulator):
    async with redis.pubsub() as listener:
        await listener.subscribe(feed_of(PHONE))
        phone = simulator.call(NUMBER, caller=PHONE)
        await until(lambda: isinstance(simulator.seen[-1], CallArrived))
        leg = simulator.seen[-1].leg
        await simulator.perform(Answer(leg=leg))
        await simulator.perform(Say(leg=leg, utterances=(Utterance("Välkommen.", Language.SWEDISH),)))
        phone.hang_up()
        heard = []
        async with asyncio.timeout(2):
            while len(heard) < 4:
                message = await listener.get_message(ignore_subscribe_messages=True, timeout=1)
                if message:
                    heard.append(json.loads(message["data"]))
    assert [each["kind"] for each in heard] == ["answered", "said", "silence", "ended"]
    assert heard[1]["text"] == "Välkommen."


async def test_a_transcript_tells_of_our_own_telephones_only(redis, simulator):
    told = []

    class Feed:
        def tell(self, phone, *, kind, text=""):
            told.append((phone, kind, text))

    switch = TranscribedSwitch(simulator, Feed(), is_ours=lambda number: number == PHONE)
    seen = []

    async def listen() -> None:
        async for event in switch.events():
            seen.append(event)

    task = asyncio.get_running_loop().create_task(listen())
    await until(lambda: bool(seen))
    for caller in (PHONE, "0701740606"):
        phone = simulator.call(NUMBER, caller=caller)
        await until(lambda: isinstance(seen[-1], CallArrived))
        leg = seen[-1].leg
        await switch.perform(Say(leg=leg, utterances=(Utterance(f"Hej {caller}", Language.SWEDISH),)))
        await switch.perform(Hold(leg=leg))
        phone.hang_up()
        await until(lambda: not isinstance(seen[-1], CallArrived))
    assert told == [(PHONE, "said", f"Hej {PHONE}"), (PHONE, "music", ""), (PHONE, "ended", "normal")]
    task.cancel()
