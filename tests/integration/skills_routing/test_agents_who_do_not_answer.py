"""An offer that comes to nothing: the caller keeps the place, and the agent gets no more until they say so."""

import pytest

from core.ids import OfferId
from skills_routing.errors import NotYourContactError, StaleOfferError, UnknownAgentError, WrongStateError
from skills_routing.events import OfferEnded, OfferMade
from skills_routing.model import AgentState
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, BO, CARIN, World, until


async def test_an_agent_who_turns_it_down_gets_no_more_and_the_caller_keeps_the_place(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk", waited=100)
    later = await world.caller("sjuk", waited=50)
    await until(lambda: world.phone(ASA).ringing)
    world.cut(world.phone(ASA), EndCause.REJECTED)
    await world.until_state(ASA, AgentState.NOT_READY, "rejected")
    assert [await world.place(caller), await world.place(later)] == [1, 2]
    assert caller.phone.ended is None


async def test_an_offer_that_nobody_takes_in_20_s_lapses_and_goes_to_the_next(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    await world.ready(CARIN)
    world.time.advance(9)
    await world.routing.heartbeat(CARIN)
    world.time.advance(9)
    await world.routing.heartbeat(CARIN)
    world.time.advance(2.1)
    await world.until_state(ASA, AgentState.NOT_READY, "missed")
    await world.answers(CARIN)
    assert caller.phone.connected_to == "agent-carin"
    assert [event.how for event in world.facts(OfferEnded)][0] == "timed_out"


async def test_the_sweeper_ends_an_offer_when_the_switch_says_nothing(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    await world.disconnect()
    world.time.advance(20.1)
    await world.routing.run_due()
    await world.until_state(ASA, AgentState.NOT_READY, "missed")
    assert await world.place(caller) == 1


async def test_an_agent_whose_phone_is_busy_or_cannot_be_reached_gets_no_more(world: World) -> None:
    caller = await world.caller("sjuk")
    await world.routing.set_state(ASA, state=AgentState.READY)  # nobody has this phone in hand
    await world.until_state(ASA, AgentState.NOT_READY, "phone_unreachable")
    assert await world.place(caller) == 1


async def test_a_caller_turned_down_does_not_come_straight_back_to_the_same_agent(world: World) -> None:
    caller = await world.caller("sjuk", waited=60)
    await world.ready(ASA)
    await until(lambda: world.phone(ASA).ringing)
    world.cut(world.phone(ASA), EndCause.REJECTED)
    await world.until_state(ASA, AgentState.NOT_READY)
    await world.ready(ASA)
    assert (await world.desk(ASA)).state is AgentState.READY
    other = await world.caller("sjuk")
    assert [offer.contact for offer in world.facts(OfferMade)] == [caller.contact, other.contact]


async def test_a_caller_turned_down_comes_back_after_a_while_if_nobody_else_can(world: World) -> None:
    caller = await world.caller("sjuk")
    await world.ready(ASA)
    await until(lambda: world.phone(ASA).ringing)
    world.cut(world.phone(ASA), EndCause.REJECTED)
    await world.until_state(ASA, AgentState.NOT_READY)
    await world.ready(ASA)
    for _ in range(4):
        world.time.advance(8)
        await world.routing.heartbeat(ASA)
    await world.routing.run_due()
    assert [offer.contact for offer in world.facts(OfferMade)] == [caller.contact, caller.contact]


async def test_the_desk_can_turn_down_with_the_right_token_only(world: World) -> None:
    await world.ready(ASA)
    await world.caller("sjuk")
    [offer] = world.facts(OfferMade)
    with pytest.raises(StaleOfferError):
        await world.routing.reject(ASA, offer=offer.offer, token=offer.token + 1)
    with pytest.raises(StaleOfferError):
        await world.routing.reject(BO, offer=offer.offer, token=offer.token)
    with pytest.raises(StaleOfferError):
        await world.routing.accept(ASA, offer=OfferId("off_none"), token=1)
    await world.routing.accept(ASA, offer=offer.offer, token=offer.token)
    await world.routing.reject(ASA, offer=offer.offer, token=offer.token)
    await until(lambda: world.phone(ASA).ended is not None)
    with pytest.raises(StaleOfferError):
        await world.routing.reject(ASA, offer=offer.offer, token=offer.token)
    assert (await world.desk(ASA)).reason == "rejected"


async def test_an_agent_whose_browser_is_gone_gets_no_offer_ten_seconds_later(world: World) -> None:
    await world.ready(ASA)
    world.time.advance(10.1)
    await world.caller("sjuk")
    assert world.facts(OfferMade) == []
    desk = await world.desk(ASA)
    assert (desk.state, desk.reason) == (AgentState.NOT_READY, "browser_gone")


async def test_a_browser_that_goes_while_the_phone_rings_gives_the_caller_back(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    world.time.advance(10.1)
    await world.routing.run_due()
    await world.until_state(ASA, AgentState.NOT_READY, "browser_gone")
    assert await world.place(caller) == 1
    await until(lambda: world.phone(ASA).ended is not None)


async def test_an_agent_who_talks_keeps_talking_when_the_browser_is_gone(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    world.time.advance(30)
    await world.routing.reconcile()
    assert caller.phone.connected_to == "agent-asa"
    desk = await world.desk(ASA)
    assert (desk.state, desk.next_state) == (AgentState.BUSY, AgentState.NOT_READY)
    await world.routing.heartbeat(ASA)
    assert (await world.desk(ASA)).next_state is None


async def test_a_phone_that_nobody_rang_is_rung_by_the_reconciler(world: World) -> None:
    caller = await world.ring_in()
    world.lose_actions()
    await world.enter(caller, "sjuk")
    await world.ready(ASA)
    assert not world.phone(ASA).ringing
    world.find_actions()
    world.time.advance(2)
    await world.routing.reconcile()
    assert world.phone(ASA).ringing


async def test_a_choice_made_during_work_holds_when_the_work_is_over(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")
    assert (await world.desk(ASA)).state is AgentState.BUSY
    await world.routing.hang_up(ASA, contact=caller.contact)
    await until(lambda: caller.phone.ended is not None)
    await world.wrap_up(ASA, caller)
    desk = await world.desk(ASA)
    assert (desk.state, desk.reason) == (AgentState.NOT_READY, "rast")


async def test_commands_that_do_not_fit_are_refused_by_name(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    with pytest.raises(WrongStateError):
        await world.routing.set_state(ASA, state=AgentState.BUSY)
    with pytest.raises(NotYourContactError):
        await world.routing.hang_up(BO, contact=caller.contact)
    with pytest.raises(WrongStateError):
        await world.wrap_up(ASA, caller)
    with pytest.raises(UnknownAgentError):
        await world.routing.heartbeat("nobody")  # type: ignore[arg-type]
