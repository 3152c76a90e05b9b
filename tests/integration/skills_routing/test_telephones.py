"""An agent whose telephone the switch cannot ring is offered no calls, is told so, and is back without doing anything."""

from skills_routing.events import OfferMade
from skills_routing.model import AgentState
from tests.integration.skills_routing.world import ASA, BO, CARIN, World, until

EVERYBODY = {ASA, BO, CARIN}


async def seconds_pass(world: World, here: set[str], seconds: int = 4) -> None:
    """The switch counts once a second."""
    for _ in range(seconds):
        world.time.advance(1)
        for agent in (ASA, CARIN):
            await world.routing.heartbeat(agent)
        await world.routing.phones.counted(here)  # type: ignore[arg-type]


async def test_a_lost_telephone_is_offered_nobody_says_why_and_heals(world: World) -> None:
    await world.routing.phones.counted(EVERYBODY)
    await world.ready(ASA)
    await seconds_pass(world, EVERYBODY - {ASA})
    desk = await world.desk(ASA)
    assert (desk.state, desk.reason) == (AgentState.READY, "no_phone")
    assert await world.routing.phones.missing() == {ASA}
    caller = await world.caller("sjuk")
    assert world.facts(OfferMade) == []
    told = (await world.routing.explain(caller.contact)).sentences
    assert any("utan ansluten telefon" in sentence for sentence in told)
    assert any("kan inte ringas upp, för telefonen är inte ansluten" in sentence for sentence in told)
    await seconds_pass(world, EVERYBODY, 1)
    assert [offer.contact for offer in world.facts(OfferMade)] == [caller.contact]
    await until(lambda: world.phone(ASA).ringing)
    assert (await world.desk(ASA)).reason == ""


async def test_a_talk_goes_on_without_and_the_next_call_comes_when_the_telephone_does(world: World) -> None:
    await world.routing.phones.counted(EVERYBODY)
    caller = await world.talk("sjuk", ASA)
    await seconds_pass(world, EVERYBODY - {ASA})
    assert caller.phone.connected_to == "agent-asa"
    await world.routing.hang_up(ASA, contact=caller.contact)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, caller)
    following = await world.caller("sjuk")
    assert len(world.facts(OfferMade)) == 1
    await seconds_pass(world, EVERYBODY, 1)
    assert world.facts(OfferMade)[-1].contact == following.contact


async def test_who_could_not_be_rung_is_ready_again_together_with_the_telephone(world: World) -> None:
    caller = await world.caller("sjuk")
    await world.routing.set_state(ASA, state=AgentState.READY)  # nobody has this phone in hand
    await world.until_state(ASA, AgentState.NOT_READY, "phone_unreachable")
    await world.routing.phones.counted(EVERYBODY - {ASA})
    world.phone(ASA)
    await seconds_pass(world, EVERYBODY, 1)
    assert (await world.desk(ASA)).state is AgentState.READY
    for _ in range(8):
        await seconds_pass(world, EVERYBODY, 4)  # who was missed by an agent is not shown to the same at once
    await world.routing.run_due()
    assert world.facts(OfferMade)[-1].contact == caller.contact


async def test_who_was_offered_a_call_in_the_moment_that_the_telephone_was_away_is_ready_again_by_themselves(
    world: World,
) -> None:
    await world.routing.phones.counted(EVERYBODY)
    await seconds_pass(world, EVERYBODY - {ASA}, 1)  # the switch was started anew, and the page has not registered yet
    await world.caller("sjuk")
    await world.routing.set_state(ASA, state=AgentState.READY)
    await world.until_state(ASA, AgentState.NOT_READY, "phone_unreachable")
    world.phone(ASA)
    await seconds_pass(world, EVERYBODY, 1)
    assert (await world.desk(ASA)).state is AgentState.READY


async def test_who_wants_an_agent_without_a_telephone_is_for_the_others_at_once(world: World) -> None:
    await world.routing.phones.counted(EVERYBODY)
    await world.ready(ASA, CARIN)
    await seconds_pass(world, EVERYBODY - {ASA})
    caller = await world.caller("sjuk", wanted="asa")
    assert [(offer.contact, offer.agent) for offer in world.facts(OfferMade)] == [(caller.contact, CARIN)]


async def test_what_nobody_counts_any_more_holds_nobody_back(world: World) -> None:
    await world.routing.phones.counted(EVERYBODY - {ASA})
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    for _ in range(3):
        await world.later(4, ASA)
    assert world.facts(OfferMade) == []
    await world.later(4, ASA)
    assert [offer.contact for offer in world.facts(OfferMade)] == [caller.contact]


async def test_when_redis_is_emptied_the_next_count_tells_it_again(world: World) -> None:
    await world.ready(ASA)
    await world.routing.phones.counted(EVERYBODY - {ASA})
    await world.redis.flushall()
    await world.routing.heartbeat(ASA)
    assert (await world.desk(ASA)).reason == ""
    await world.routing.phones.counted(EVERYBODY - {ASA})
    assert (await world.desk(ASA)).reason == "no_phone"
