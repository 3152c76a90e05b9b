"""Redis emptied, controller killed, records lost: nobody loses the place, nobody is offered twice."""

import gc
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from core.ids import LegId, OfferId
from skills_routing import store
from skills_routing.events import OfferMade
from skills_routing.model import AgentState, ContactState
from storage.database import Database
from storage.redis import LiveStoreUnavailableError, live
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, BO, CARIN, Caller, World, open_world, until


async def _waiting(world: World) -> list[Caller]:
    """Three for the same, in an order other than that of arrival here."""
    return [
        await world.caller("sjuk", waited=20),
        await world.caller("sjuk", waited=60),
        await world.caller("sjuk", waited=40),
    ]


@pytest.fixture(autouse=True)
def what_the_killed_left_open() -> Iterator[None]:
    """A killed process closes nothing. What it left is collected here, so that no later test is blamed for it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def test_after_flushall_the_line_comes_back_in_the_same_order(world: World) -> None:
    callers = await _waiting(world)
    await world.redis.flushall()
    await world.routing.reconcile()
    assert [await world.place(caller) for caller in callers] == [3, 1, 2]


async def test_after_flushall_agents_come_back_by_their_heartbeat(world: World) -> None:
    await world.ready(ASA)
    await world.routing.set_state(BO, state=AgentState.NOT_READY, reason="rast")
    await world.redis.flushall()
    caller = await world.caller("sjuk")
    assert world.facts(OfferMade) == []
    await world.routing.heartbeat(BO)
    assert (await world.desk(BO)).reason == "rast"
    await world.routing.heartbeat(ASA)
    await world.answers(ASA)
    assert caller.phone.connected_to == "agent-asa"


async def test_after_flushall_a_talk_goes_on_and_ends_as_it_should(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    await world.redis.flushall()
    await world.routing.reconcile()
    assert caller.phone.connected_to == "agent-asa"
    assert (await world.desk(ASA)).state is AgentState.BUSY
    world.cut(caller.phone, EndCause.NORMAL)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.until_ledger(caller, "self_service")
    await world.redis.flushall()
    await world.wrap_up(ASA, caller)
    assert (await world.desk(ASA)).state is AgentState.READY


async def test_after_flushall_a_phone_that_rang_falls_silent_and_its_caller_is_in_the_line(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    await world.redis.flushall()
    await world.routing.reconcile()
    await until(lambda: not world.phone(ASA).ringing)
    assert await world.place(caller) == 1
    async with world.database.reading() as tx:
        assert [offer.how for offer in await store.offers_of(tx, caller.contact)] == ["rescinded"]


async def test_tokens_go_on_growing_after_flushall(world: World) -> None:
    await world.talk("sjuk", ASA)
    [before] = world.facts(OfferMade)
    await world.redis.flushall()
    await world.ready(BO)
    await world.caller("bostad")
    assert world.facts(OfferMade)[-1].token > before.token


async def test_a_controller_that_was_killed_finds_its_talks_and_its_line_again(world: World) -> None:
    talking = await world.talk("foralder", BO)
    waiting = await world.caller("sjuk")
    await world.disconnect()
    world.routing = world.make_routing()
    world.connect()
    assert talking.phone.connected_to == "agent-bo"
    await world.ready(ASA)
    await world.answers(ASA)
    assert waiting.phone.connected_to == "agent-asa"
    world.cut(talking.phone, EndCause.NORMAL)
    await world.until_state(BO, AgentState.WRAP_UP)


async def test_legs_that_ended_while_nobody_watched_are_noticed(world: World) -> None:
    await world.ready(ASA)
    ringing = await world.caller("sjuk", waited=9)
    await until(lambda: world.phone(ASA).ringing)
    waiting = await world.caller("sjuk")
    talking = await world.talk("foralder", BO)
    await world.disconnect()
    world.cut(waiting.phone, EndCause.NORMAL)
    world.cut(world.phone(BO), EndCause.NORMAL)
    world.cut(world.phone(ASA), EndCause.NO_ANSWER)
    world.time.advance(1)
    world.connect()
    await world.until_gone(waiting)
    await world.until_state(ASA, AgentState.NOT_READY, "phone_unreachable")
    await world.until_state(BO, AgentState.NOT_READY, "connection_lost")
    assert [await world.place(one) for one in (ringing, talking)] == [1, 1]


async def test_an_agents_phone_that_answered_while_nobody_watched_gets_its_caller(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    await world.disconnect()
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    world.connect()
    await until(lambda: caller.phone.connected_to == "agent-asa")


async def test_an_agents_phone_that_belongs_to_nothing_is_hung_up(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    await world.disconnect()
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    world.lose_actions()
    await world.routing.leave(caller.contact, reason="callback")
    assert world.phone(ASA).ended is None  # the hang-up was lost with the old controller
    world.find_actions()
    world.connect()
    await until(lambda: world.phone(ASA).ended is not None)


async def test_a_decision_whose_record_was_lost_is_recorded_later(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    async with world.database.transaction() as tx:
        await tx.execute(
            store.routed_contacts.update().values(state=ContactState.WAITING, token=0, agent="", agent_leg="", offer="")
        )
    await _reconcile_for_a_while(world)
    async with world.database.reading() as tx:
        row = await store.find(tx, caller.contact)
    assert row is not None and (row.state, row.agent) == (ContactState.TALKING, ASA)


async def test_an_offer_whose_end_is_written_before_its_beginning_began_when_it_began(world: World) -> None:
    caller = await world.caller("sjuk")
    began, ended = world.time.now(), world.time.now() + timedelta(seconds=7)
    begun = store.OfferRow(OfferId("off_1"), caller.contact, ASA, 9, LegId("leg_1"), began, None, "", "fits_best")
    over = replace(begun, offered_at=ended, ended_at=ended, how="rejected", why="")
    async with world.database.transaction() as tx:
        await store.end_offer(tx, over)
        await store.save_offer(tx, begun)
        await store.end_offer(tx, over)
        [kept] = await store.offers_of(tx, caller.contact)
    assert kept == replace(over, offered_at=began, why="fits_best")


async def test_a_caller_who_could_not_enter_for_want_of_redis_enters_when_it_is_back(
    database: Database, redis: Redis
) -> None:
    async with open_world(database, redis) as world:
        dead = live("redis://127.0.0.1:1/0")
        world.redis = dead
        world.routing = world.make_routing()
        await world.disconnect()
        caller = await _ring_in_without_redis(world)
        await dead.aclose()
        world.redis = redis
        world.routing = world.make_routing()
        world.connect()
        await _reconcile_for_a_while(world)
        assert await world.place(caller) == 1


async def _ring_in_without_redis(world: World) -> Caller:
    from core.ids import ContactId, LegId

    phone = world.switch.call("0771524524", caller="+46701740699")
    caller = Caller(phone, ContactId("con_dead"), LegId("leg_dead"))
    async with world.database.transaction() as tx:
        await world.contacts.open(tx, contact=caller.contact, leg=caller.leg)
    await world.enter(caller, "sjuk")
    return caller


async def test_a_leg_that_ended_while_redis_stood_still_is_not_forgotten(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    await world.redis.client_pause(600, all=True)
    world.cut(world.phone(ASA), EndCause.FAULT)

    async def returned() -> bool:
        try:
            await world.routing.run_due()
            return (await world.desk(ASA)).reason == "connection_lost"
        except LiveStoreUnavailableError:
            return False

    await until(returned)
    assert await world.place(caller) == 1


async def test_a_caller_who_ended_without_the_line_is_taken_out(world: World) -> None:
    caller = await world.caller("sjuk")
    async with world.database.transaction() as tx:
        await world.contacts.close(tx, caller.contact)
    await _reconcile_for_a_while(world)
    await world.until_gone(caller)
    async with world.database.reading() as tx:
        assert await store.find(tx, caller.contact) is None


async def test_nothing_is_mended_when_nothing_is_wrong(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.talk("foralder", BO)
    await world.caller("sjuk")
    await world.routing.reconcile()  # notes that it is this process that compares
    before = await world.redis.dbsize(), len(world.told)
    await _reconcile_for_a_while(world)
    assert (await world.redis.dbsize(), len(world.told)) == before


async def test_skills_changed_by_a_supervisor_count_at_once(world: World) -> None:
    from dataclasses import replace

    from skills_routing.model import Agent, Skills

    await world.ready(BO)
    caller = await world.caller("sjuk")
    everybody = [
        Agent(ASA, "Åsa", Skills((("sjuk", 4), ("svenska", 5)))),
        Agent(BO, "Bo", Skills((("sjuk", 1), ("svenska", 5)))),
    ]
    await world.routing.sync_agents(everybody)
    await world.answers(BO)
    assert caller.phone.connected_to == "agent-bo"
    await world.routing.sync_agents([everybody[0], replace(everybody[1], enabled=False)])
    desk = await world.desk(BO)
    assert (desk.state, desk.next_state) == (AgentState.BUSY, AgentState.LOGGED_OFF)


async def test_an_explanation_says_why_one_still_waits_and_who_answered(world: World) -> None:
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")
    caller = await world.caller("sjuk", waited=120)
    said = await world.routing.explain(caller.contact)
    assert said.place == 1
    assert said.sentences == (
        "Väntar på plats 1 i kön Sjuk, sedan 2 minuter.",
        "Hur lång väntan blir är för osäkert för att sägas.",
        "2 handläggare har Sjuk ≥ 1 och svenska: 1 utloggad, 1 i paus (rast).",
        "Kravet breddas inte mer: den första som blir ledig och kan hjälpa får den som har väntat längst.",
    )
    await world.ready(CARIN)
    await world.answers(CARIN)
    said = await world.routing.explain(caller.contact)
    assert said.sentences[-1] == "Talar med carin, sedan 0 sekunder."
    assert "erbjöds carin" in said.sentences[0]


async def _reconcile_for_a_while(world: World) -> None:
    for _ in range(5):
        world.time.advance(1)
        await world.routing.reconcile()
