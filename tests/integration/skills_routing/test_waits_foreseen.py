"""What is foreseen of waits on the real line: for whom, how often, by which process, and when nothing is told."""

from datetime import timedelta

import pytest

from skills_routing.forecast.forecasting import Rhythm
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.model import AgentState
from storage.database import DatabaseUnavailableError
from tests.integration.skills_routing.test_waits import (
    SJUK,
    Watch,
    handlings,
    lived_through,
    row_of,
    waiting_behind,
)
from tests.integration.skills_routing.test_written import accept, allow_interruption, write
from tests.integration.skills_routing.world import ASA, World


async def test_everybody_who_waits_can_be_told_the_place_and_a_range(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    first, *_, last = await waiting_behind(world, 4)
    watch = Watch(world)
    assert await watch.forecasting.run_due()
    soon, late = await watch.waits.of(first.contact), await watch.waits.of(last.contact)
    assert soon is not None and late is not None and soon.foreseen and late.foreseen
    assert (soon.place, late.place) == (1, 4)
    assert timedelta(minutes=3) < soon.foreseen.expected < timedelta(minutes=6)
    assert timedelta(minutes=8) < late.foreseen.expected < timedelta(minutes=12)
    assert late.foreseen.low_minutes < 10 <= late.foreseen.high_minutes
    assert late.foreseen.at == world.time.now()
    queues = {length.queue: length.wait for length in await world.routing.lengths()}
    for_a_new_one = queues["sjuk"]
    assert for_a_new_one is not None and for_a_new_one.expected >= late.foreseen.expected
    assert queues["foralder"] is not None, "Carin will be free for it"
    assert queues["allmant"] is not None
    assert (await world.desk(ASA)).queues == await world.routing.lengths()


async def test_for_a_queue_that_nobody_at_work_can_serve_nothing_is_foreseen(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    await world.talk("sjuk", ASA)
    assert await Watch(world).forecasting.run_due()
    queues = {length.queue: length.wait for length in await world.routing.lengths()}
    assert queues["sjuk"] is not None
    assert queues["bostad"] is None


async def test_it_is_refreshed_as_the_line_moves_and_gone_when_the_wait_is_over(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    first, second = await waiting_behind(world, 2)
    watch = Watch(world)
    await watch.forecasting.run_due()
    before = await watch.waits.of(second.contact)
    world.time.advance(9)
    assert not await watch.forecasting.run_due(), "nothing new, and not yet time"
    first.phone.hang_up()
    await world.until_gone(first)
    world.time.advance(2)
    assert await watch.forecasting.run_due()
    after = await watch.waits.of(second.contact)
    assert before and after and before.foreseen and after.foreseen
    assert after.place == 1 and after.foreseen.expected < before.foreseen.expected
    assert await watch.waits.of(first.contact) is None
    assert not await world.redis.exists(f"kc:contact:{first.contact}"), "what is gone must not come back"


async def test_somebody_who_has_just_come_in_is_foreseen_at_once(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    await waiting_behind(world, 1)
    watch = Watch(world)
    await watch.forecasting.run_due()
    world.time.advance(1)
    new = await world.caller("sjuk")
    assert await watch.forecasting.run_due()
    told = await watch.waits.of(new.contact)
    assert told is not None and told.foreseen is not None


async def test_who_has_written_is_neither_foreseen_nor_counted(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    caller = (await waiting_behind(world, 1))[0]
    written = await write(world)
    watch = Watch(world)
    await watch.forecasting.run_due()
    assert await row_of(world, written) is None
    told = await watch.waits.of(written)
    assert told is None or told.foreseen is None
    assert await row_of(world, caller.contact) is not None
    world.time.advance(2)
    assert not await watch.forecasting.run_due(), "a contact that is not foreseen is not new for ever"


async def test_an_agent_who_lays_written_work_aside_for_calls_counts_as_free(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    await allow_interruption(world)
    await world.ready(ASA)
    await write(world)
    await accept(world)
    live = LiveWaits(world.redis)
    snapshot = await live.snapshot(await live.lines(), {}, newcomers=[], now=world.time.now())
    assert {agent.agent: agent.state for agent in snapshot.agents}[ASA] is AgentState.READY


async def test_without_anything_measured_only_the_place_is_told_and_the_silence_is_recorded(world: World) -> None:
    caller = (await waiting_behind(world, 1))[0]
    watch = Watch(world)
    await watch.forecasting.run_due()
    told = await watch.waits.of(caller.contact)
    assert told is not None and (told.place, told.foreseen) == (1, None)
    row = await row_of(world, caller.contact)
    assert (row.sure, row.expected_seconds, row.foreseen_at) == (False, None, world.time.now())
    await lived_through(world, SJUK, handlings())
    world.time.advance(11)
    await watch.forecasting.run_due()
    told = await watch.waits.of(caller.contact)
    assert told is not None and told.foreseen is not None, "what is measured meanwhile counts within seconds"
    assert (await row_of(world, caller.contact)).expected_seconds is None, "the first word stands"


async def test_an_explanation_says_what_is_foreseen_or_that_nobody_is_sure(world: World) -> None:
    caller = (await waiting_behind(world, 1))[0]
    said = await world.routing.explain(caller.contact)
    assert said.foreseen is None and "Hur lång väntan blir är för osäkert för att sägas." in said.sentences
    await lived_through(world, SJUK, handlings())
    watch = Watch(world)
    await watch.forecasting.run_due()
    told, said = await watch.waits.of(caller.contact), await world.routing.explain(caller.contact)
    assert told is not None and told.foreseen is not None and said.foreseen == told.foreseen
    assert said.sentences[1].startswith("Väntan beräknas ta ")
    assert f"{told.foreseen.high_minutes} minut" in said.sentences[1]


async def test_after_redis_was_emptied_nothing_is_told_until_it_is_foreseen_anew(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    caller = (await waiting_behind(world, 1))[0]
    watch = Watch(world)
    await watch.forecasting.run_due()
    await world.redis.flushall()
    assert await watch.waits.of(caller.contact) is None
    await world.routing.desk(ASA)
    told = await watch.waits.of(caller.contact)
    assert told is not None and told.foreseen is None
    world.time.advance(11)
    assert await watch.forecasting.run_due()
    told = await watch.waits.of(caller.contact)
    assert told is not None and told.foreseen is not None


async def test_one_process_foresees_and_another_takes_over_when_it_is_gone(world: World) -> None:
    one, other = Watch(world, holder="one"), Watch(world, holder="other")
    assert await one.forecasting.run_due()
    assert not await other.forecasting.run_due()
    await world.redis.delete("kc:forecaster")  # its hold has run out
    assert await other.forecasting.run_due()
    world.time.advance(11)
    assert not await one.forecasting.run_due()


async def test_it_never_takes_more_of_a_core_than_it_may(world: World) -> None:
    watch = Watch(world, rhythm=Rhythm(share=0.0001))
    await watch.forecasting.run_due()
    assert watch.forecasting.round_seconds > 0.001
    world.time.advance(min(10.5, watch.forecasting.round_seconds * 5000))
    await world.caller("sjuk")
    assert not await watch.forecasting.run_due(), "it rests, though somebody is new and the time has come"
    world.time.advance(watch.forecasting.round_seconds * 10_000)
    assert await watch.forecasting.run_due()


async def test_it_rests_after_a_round_that_failed_too_and_what_was_foreseen_is_told_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object, **__: object) -> None:
        raise DatabaseUnavailableError

    await lived_through(world, SJUK, handlings())
    caller = (await waiting_behind(world, 1))[0]
    watch = Watch(world, rhythm=Rhythm(share=0.0001))
    with monkeypatch.context() as patched:
        patched.setattr("skills_routing.forecast.wait_store.foreseen", unavailable)
        with pytest.raises(DatabaseUnavailableError):
            await watch.forecasting.run_due()
    told = await watch.waits.of(caller.contact)
    assert told is not None and told.foreseen is not None
    assert not await watch.forecasting.run_due(), "not again at once"
    world.time.advance(watch.forecasting.round_seconds * 10_000 + 11)
    assert await watch.forecasting.run_due()
    assert (await row_of(world, caller.contact)).foreseen_at == world.time.now()
