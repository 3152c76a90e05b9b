"""Citizens who are rung before an agent is: no more than agents are free for them, and connected at once when they say yes."""

import json
from datetime import timedelta
from typing import Any

import pytest

from core.ids import LegId
from skills_routing import store
from skills_routing.events import CitizenAnswered, LineEntered
from skills_routing.model import AgentState, ContactState
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, BO, CARIN, Promised, World, until

OTHER = "+46701740651"


async def _rung(world: World, *, waited: float = 3600, queue: str = "sjuk", number: str = "+46701740650") -> Promised:
    promised = await world.promise(queue, waited=waited, number=number, citizen_first=True)
    await until(lambda: promised.phone.ringing)
    return promised


async def _row(world: World, promised: Promised) -> store.Routed | None:
    async with world.database.reading() as tx:
        return await store.find(tx, promised.contact)


async def _leg(world: World, promised: Promised) -> LegId:
    row = await _row(world, promised)
    assert row is not None and row.leg
    return row.leg


async def _answers(world: World, promised: Promised) -> LegId:
    promised.phone.line.answer()  # type: ignore[union-attr]
    await until(lambda: any(event.contact == promised.contact for event in world.facts(CitizenAnswered)))
    return await _leg(world, promised)


async def _confirms(world: World, promised: Promised) -> None:
    assert await world.routing.promised.confirm(promised.contact, leg=await _answers(world, promised))


async def _ended(world: World) -> list[str]:
    await world.routing.settled()
    return [json.loads(body)["how"] for body in await world.recorded("RingBackEnded")]


async def _ends(world: World, *hows: str) -> None:
    async def told() -> bool:
        return await _ended(world) == list(hows)

    await until(told)


async def test_the_citizen_is_rung_while_the_agent_stays_free_and_talks_as_soon_as_they_say_yes(world: World) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    assert (await world.desk(ASA)).state is AgentState.READY and not world.phone(ASA).ringing
    [(callback, leg, agent)] = world.dialled
    assert (callback, leg, agent) == (promised.callback, await _leg(world, promised), None)
    await _confirms(world, promised)
    offer = (await world.desk(ASA)).offer
    assert offer is not None and offer.contact == promised.contact and offer.is_ring_back and offer.is_on_the_line
    await world.answers(ASA)
    assert promised.phone.connected_to == "agent-asa"
    assert len(world.dialled) == 1, "nobody is rung whom we have on the line"
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.WRAP_UP)
    await _ends(world, "reached")


async def test_no_more_are_rung_than_agents_are_free_for_them(world: World) -> None:
    await world.ready(ASA)
    first = await _rung(world, waited=90)
    second = await world.promise("sjuk", waited=60, number=OTHER, citizen_first=True)
    await world.routing.run_due()
    assert not second.phone.in_call and await world.place(second) == 1
    world.cut(first.phone, EndCause.BUSY)
    await until(lambda: second.phone.ringing)
    await _ends(world, "busy")


async def test_whom_nobody_is_free_for_waits_and_is_rung_when_somebody_is(world: World) -> None:
    promised = await world.promise("sjuk", waited=60, citizen_first=True)
    assert await world.place(promised) == 1 and not promised.phone.in_call
    await world.ready(ASA)
    await until(lambda: promised.phone.ringing)


async def test_while_others_wait_the_agent_is_offered_it_first_so_that_nobody_is_rung_for_nothing(world: World) -> None:
    promised = await world.promise("sjuk", waited=60, citizen_first=True)
    later = await world.caller("sjuk", waited=5)
    await world.ready(ASA)
    offer = (await world.desk(ASA)).offer
    assert offer is not None and offer.contact == promised.contact and not offer.is_on_the_line
    assert not promised.phone.in_call and await world.place(later) == 1


async def test_a_caller_takes_the_agent_meanwhile_and_whoever_says_yes_waits_first(world: World) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    caller = await world.caller("sjuk", waited=0)
    await world.answers(ASA)
    assert caller.phone.connected_to == "agent-asa"
    behind = await world.caller("sjuk", waited=0)
    await _confirms(world, promised)
    assert [await world.place(each) for each in (promised, behind)] == [1, 2]
    [entered] = [event for event in world.facts(LineEntered) if event.contact == promised.contact and event.leg]
    assert entered.place == 1
    caller.phone.hang_up()
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, caller)
    await world.answers(ASA)
    assert promised.phone.connected_to == "agent-asa"


async def test_another_agent_who_becomes_free_is_kept_in_mind_for_who_is_being_rung_already(world: World) -> None:
    await world.ready(ASA)
    await _rung(world, waited=90)
    await world.caller("sjuk", waited=0)
    await world.answers(ASA)
    second = await world.promise("sjuk", waited=60, number=OTHER, citizen_first=True)
    await world.ready(BO)
    await world.routing.run_due()
    assert not second.phone.in_call, "one is rung, and one agent is free"


@pytest.mark.parametrize(
    ("cause", "how"),
    [(EndCause.BUSY, "busy"), (EndCause.NO_ANSWER, "no_answer"), (EndCause.REJECTED, "rejected")],
)
async def test_what_the_switch_says_of_a_telephone_that_is_not_answered_is_told(
    world: World, cause: EndCause, how: str
) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    world.cut(promised.phone, cause)
    await _ends(world, how)
    assert await _row(world, promised) is None
    assert (await world.desk(ASA)).state is AgentState.READY


@pytest.mark.parametrize("how", ["not_now", "wrong_person", "machine", "no_key"])
async def test_why_somebody_who_answered_is_not_connected_is_told_when_the_call_is_over(world: World, how: str) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    second = await world.promise("sjuk", waited=60, number=OTHER, citizen_first=True)
    leg = await _answers(world, promised)
    assert await world.routing.promised.decline(promised.contact, leg=leg, how=how)
    await until(lambda: second.phone.ringing)
    assert promised.phone.in_call and await _ended(world) == []
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await _ends(world, how)


async def test_who_answers_and_hangs_up_or_gives_up_waiting_is_told_apart(world: World) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    await _answers(world, promised)
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    await _ends(world, "hung_up")
    again = await _rung(world, number=OTHER)
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")
    await _confirms(world, again)
    again.phone.line.hang_up()  # type: ignore[union-attr]
    await world.until_gone(again)  # type: ignore[arg-type]
    await _ends(world, "hung_up", "gave_up")
    assert await _row(world, again) is None


async def test_after_flushall_who_is_being_rung_is_rung_on_and_comes_to_an_agent(world: World) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    await world.redis.flushall()
    await world.routing.reconcile()
    await world.routing.heartbeat(ASA)
    second = await world.promise("sjuk", waited=60, number=OTHER, citizen_first=True)
    assert promised.phone.ringing and not second.phone.in_call and len(world.dialled) == 1
    await _confirms(world, promised)
    await world.redis.flushall()
    await world.routing.reconcile()
    await world.routing.heartbeat(ASA)
    await world.answers(ASA)
    assert promised.phone.connected_to == "agent-asa"


async def test_a_promise_that_is_cancelled_while_the_citizen_is_on_the_line_cuts_nobody_off(world: World) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    await world.routing.promised.withdraw(promised.callback, contact=promised.contact, reason="callback")
    assert promised.phone.ringing
    await _confirms(world, promised)
    assert (await world.desk(ASA)).offer is not None


async def test_a_controller_that_comes_anew_asks_who_has_answered_and_ends_what_is_gone(world: World) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    await world.disconnect()
    promised.phone.line.answer()  # type: ignore[union-attr]
    world.connect()
    await until(lambda: bool(world.facts(CitizenAnswered)))
    await world.disconnect()
    promised.phone.line.hang_up()  # type: ignore[union-attr]
    world.time.advance(2)
    world.connect()
    await until(lambda: world.phone(ASA).line is None)

    async def over() -> bool:
        return await _row(world, promised) is None

    await until(over)
    await _ends(world, "fault")


@pytest.mark.parametrize("state", [ContactState.DIALLED, ContactState.WAITING])
async def test_what_sql_did_not_hear_of_in_time_is_mended(world: World, state: ContactState) -> None:
    await world.ready(ASA)
    promised = await _rung(world)
    if state is ContactState.WAITING:
        await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")
        await _confirms(world, promised)
    before: dict[str, Any] = {"state": ContactState.WAITING, "leg": "", "token": 0}
    if state is ContactState.WAITING:
        before = {"state": ContactState.DIALLED}
    row = await _row(world, promised)
    assert row is not None
    async with world.database.transaction() as tx:
        table = store.routed_contacts
        await tx.execute(table.update().where(table.c.contact == promised.contact).values(**before))
    for _ in range(3):
        await world.routing.reconcile()
        world.time.advance(4)
    mended = await _row(world, promised)
    assert mended is not None and (mended.state, mended.leg) == (state, row.leg)


async def test_an_agents_own_promise_is_that_agents_to_ring(world: World) -> None:
    await world.ready(ASA, BO, CARIN)
    own = await world.promise("bostad", waited=60, bound_to="carin", citizen_first=True)
    offer = (await world.desk(CARIN)).offer
    assert offer is not None and offer.contact == own.contact and not own.phone.in_call


async def test_a_citizen_who_is_not_to_be_rung_now_is_not_and_the_next_is(world: World) -> None:
    promised = await world.promise("sjuk", waited=60, citizen_first=True)
    world.refuses.add(promised.callback)
    await world.ready(ASA)
    await world.routing.settled()
    await _ends(world, "fault")
    assert promised.phone.sounds == []
    assert await _row(world, promised) is None
    assert await world.enter_promise(promised, "sjuk", since=world.time.now() - timedelta(hours=2), citizen_first=True)
