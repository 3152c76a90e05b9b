"""Whom we have promised to ring back stands in the line like those who hold it, and is rung when an agent says yes."""

import json
from datetime import timedelta

import pytest

from skills_routing import store
from skills_routing.model import AgentState, ContactState
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, BO, CARIN, Promised, World, until

AN_HOUR_AGO = 3600.0


async def _rings(world: World, *agents: object) -> None:
    await until(lambda: all(world.phone(agent).ringing for agent in agents))  # type: ignore[arg-type]


async def _says_yes(world: World, promised: Promised) -> None:
    """Åsa takes the offer, and the citizen's telephone rings."""
    await _rings(world, ASA)
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    await until(lambda: promised.phone.ringing)


async def _ended(world: World) -> list[str]:
    await world.routing.settled()
    return [json.loads(body)["how"] for body in await world.recorded("RingBackEnded")]


async def _row(world: World, promised: Promised) -> store.Routed | None:
    async with world.database.reading() as tx:
        return await store.find(tx, promised.contact)


async def _agent_talks_to(world: World, promised: Promised) -> None:
    await _says_yes(world, promised)
    promised.phone.line.answer()  # type: ignore[union-attr]
    await until(lambda: promised.phone.connected_to == "agent-asa")


async def test_a_promise_stands_where_its_first_request_would_stand(world: World) -> None:
    last = await world.caller("sjuk", waited=20)
    promised = await world.promise("sjuk", waited=60)
    first = await world.caller("sjuk", waited=90)
    assert [await world.place(each) for each in (first, promised, last)] == [1, 2, 3]


async def test_an_agent_is_offered_a_promise_before_whoever_came_later_and_talks_to_the_citizen(world: World) -> None:
    promised = await world.promise("sjuk", waited=AN_HOUR_AGO)
    caller = await world.caller("sjuk", waited=AN_HOUR_AGO - 1)
    await world.ready(ASA)
    offer = (await world.desk(ASA)).offer
    assert offer is not None and offer.contact == promised.contact and offer.is_ring_back
    assert not promised.phone.ringing, "nobody is rung before an agent says yes"
    await _agent_talks_to(world, promised)
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.WRAP_UP)
    assert await _ended(world) == ["reached"]
    await world.wrap_up(ASA, promised)
    await world.answers(ASA)
    assert caller.phone.connected_to == "agent-asa"
    assert await _row(world, promised) is None


async def test_the_attempt_is_begun_under_the_name_of_the_leg_that_rings(world: World) -> None:
    promised = await world.promise("sjuk", waited=60)
    await world.ready(ASA)
    await _says_yes(world, promised)
    [(callback, leg, agent)] = world.dialled
    talk = (await world.desk(ASA)).talk
    assert talk is not None and talk.is_calling
    assert (callback, leg, agent) == (promised.callback, talk.leg, ASA)


async def test_an_agent_who_turns_a_promise_down_costs_it_no_place(world: World) -> None:
    promised = await world.promise("sjuk", waited=AN_HOUR_AGO)
    later = await world.caller("sjuk", waited=5)
    await world.ready(ASA)
    offer = (await world.desk(ASA)).offer
    assert offer is not None
    await world.routing.reject(ASA, offer=offer.offer, token=offer.token)
    assert [await world.place(each) for each in (promised, later)] == [1, 2]
    assert await _ended(world) == []
    assert promised.phone.sounds == []


@pytest.mark.parametrize(
    ("cause", "how"), [(EndCause.BUSY, "busy"), (EndCause.NO_ANSWER, "no_answer"), (EndCause.REJECTED, "rejected")]
)
async def test_a_citizen_who_is_not_reached_is_out_of_the_line_until_the_next_attempt(
    world: World, cause: EndCause, how: str
) -> None:
    promised = await world.promise("sjuk", waited=60)
    await world.ready(ASA)
    await _says_yes(world, promised)
    world.cut(promised.phone, cause)
    await world.until_state(ASA, AgentState.READY)
    assert await _ended(world) == [how]
    assert await _row(world, promised) is None
    assert await world.enter_promise(promised, "sjuk", since=world.time.now() - timedelta(hours=2))
    assert (await world.desk(ASA)).offer is not None


async def test_a_citizen_who_is_not_to_be_rung_now_is_not_and_the_agent_is_free_again(world: World) -> None:
    promised = await world.promise("sjuk", waited=60)
    world.refuses.add(promised.callback)
    await world.ready(ASA)
    await _rings(world, ASA)
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.READY)
    assert await _ended(world) == ["fault"]
    assert promised.phone.sounds == []
    assert await _row(world, promised) is None


async def test_after_flushall_promises_and_callers_stand_in_the_same_order(world: World) -> None:
    several = [
        await world.caller("sjuk", waited=20),
        await world.promise("sjuk", waited=60),
        await world.caller("sjuk", waited=40),
        await world.promise("sjuk", waited=90, number="+46701740651"),
    ]
    await world.redis.flushall()
    await world.routing.reconcile()
    assert [await world.place(each) for each in several] == [4, 2, 3, 1]


async def test_after_flushall_a_citizen_whose_phone_rings_hears_the_agent_when_they_answer(world: World) -> None:
    promised = await world.promise("sjuk", waited=60)
    await world.ready(ASA)
    await _says_yes(world, promised)
    await world.redis.flushall()
    await world.routing.reconcile()
    assert promised.phone.ringing
    promised.phone.line.answer()  # type: ignore[union-attr]
    await until(lambda: promised.phone.connected_to == "agent-asa")
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.WRAP_UP)
    assert await _ended(world) == ["reached"]


async def test_a_promise_is_left_alone_by_what_mends_although_its_call_is_over(world: World) -> None:
    promised = await world.promise("sjuk", waited=60)
    for _ in range(4):
        world.time.advance(4)
        await world.routing.reconcile()
    assert await world.place(promised) == 1
    row = await _row(world, promised)
    assert row is not None and row.state is ContactState.WAITING


async def test_a_promise_whose_live_record_is_lost_is_put_back(world: World) -> None:
    promised = await world.promise("sjuk", waited=60)
    line = "sjuk:1,svenska:1"
    await world.redis.delete(f"kc:contact:{promised.contact}")
    for key in (f"kc:line:{line}", "kc:waiting:sjuk"):
        await world.redis.zrem(key, promised.contact)
    await world.redis.srem("kc:contacts", promised.contact)
    for _ in range(2):
        await world.routing.reconcile()
        world.time.advance(4)
    await world.ready(ASA)
    offer = (await world.desk(ASA)).offer
    assert offer is not None and offer.is_ring_back


async def test_a_promise_that_is_withdrawn_leaves_the_line_and_silences_the_agent_who_was_offered_it(
    world: World,
) -> None:
    waiting = await world.promise("bostad", waited=60)
    offered = await world.promise("sjuk", waited=60, number="+46701740651")
    await world.ready(ASA)
    await _rings(world, ASA)
    for promised in (waiting, offered):
        await world.routing.promised.withdraw(promised.callback, contact=promised.contact, reason="cancelled")
        assert await _row(world, promised) is None
    await until(lambda: not world.phone(ASA).ringing)
    assert (await world.desk(ASA)).state is AgentState.READY
    await world.routing.promised.withdraw(waiting.callback, contact=waiting.contact, reason="cancelled")


async def test_an_agents_own_promise_goes_to_that_agent_then_to_the_deputy_then_to_anybody(world: World) -> None:
    await world.ready(ASA, BO, CARIN)
    own = await world.promise("bostad", waited=60, bound_to="carin", deputy="bo")
    offer = (await world.desk(CARIN)).offer
    assert offer is not None and offer.contact == own.contact
    await world.routing.reject(CARIN, offer=offer.offer, token=offer.token)
    offer = (await world.desk(BO)).offer
    assert offer is not None and offer.contact == own.contact
    await world.routing.reject(BO, offer=offer.offer, token=offer.token)
    row = await _row(world, own)
    assert row is not None and not row.line.startswith("@")


async def test_a_promise_enters_once_and_not_beside_the_call_of_its_contact(world: World) -> None:
    promised = await world.promise("sjuk", waited=60)
    assert await world.enter_promise(promised, "sjuk", since=world.time.now())
    assert await world.place(promised) == 1
    caller = await world.caller("sjuk", waited=10)
    beside = Promised(caller.phone, caller.contact, promised.callback)
    assert not await world.enter_promise(beside, "sjuk", since=world.time.now())


async def test_a_promise_that_an_agent_picks_leaves_the_line_and_is_told_of_when_nothing_comes_of_it(
    world: World,
) -> None:
    promised = await world.promise("sjuk", waited=60)
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="aterringning")
    world.phone(ASA)
    await world.routing.ring_back(promised.callback, contact=promised.contact, agent=ASA, queue="sjuk")
    await _rings(world, ASA)
    world.cut(world.phone(ASA), EndCause.REJECTED)
    await world.until_state(ASA, AgentState.NOT_READY)
    assert await _ended(world) == ["agent_rejected"]
    assert await _row(world, promised) is None
    assert await world.routing.promised.here() == set()


async def test_whoever_has_forgotten_a_promise_can_see_which_are_in_the_line(world: World) -> None:
    promised = await world.promise("sjuk", waited=60)
    await world.caller("sjuk", waited=10)
    assert await world.routing.promised.here() == {promised.callback}
