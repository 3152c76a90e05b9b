"""The life of a routed call: waiting, offered, talking, wrapped up."""

from contacts.model import State
from skills_routing.events import AgentConnected, LineEntered, OfferEnded, OfferMade, TalkEnded
from skills_routing.model import AgentState
from tests.integration.skills_routing.world import ASA, BO, CARIN, World, until


async def test_a_caller_waits_is_offered_talks_and_is_wrapped_up(world: World) -> None:
    caller = await world.caller("sjuk")
    assert [event.place for event in world.facts(LineEntered)] == [1]
    assert (await world.ledger(caller.contact)).state is State.WAITING

    await world.ready(ASA)
    assert (await world.desk(ASA)).state is AgentState.RESERVED
    [offer] = world.facts(OfferMade)
    shown = (await world.desk(ASA)).offer
    assert shown is not None and (shown.offer, shown.token, shown.contact) == (offer.offer, offer.token, caller.contact)
    assert dict(world.phone(ASA).notes) == {"Contact": caller.contact, "Offer": offer.offer}

    await world.answers(ASA)
    assert caller.phone.connected_to == "agent-asa"
    await world.until_ledger(caller, "talking")
    talk = (await world.desk(ASA)).talk
    assert talk is not None and talk.contact == caller.contact

    world.phone(ASA).line.hang_up()  # type: ignore[union-attr]
    await until(lambda: caller.phone.ended is not None)
    await world.until_state(ASA, AgentState.WRAP_UP)
    assert (await world.desk(ASA)).wrap_up == caller.contact

    await world.wrap_up(ASA, caller)
    assert (await world.desk(ASA)).state is AgentState.READY
    assert (await world.ledger(caller.contact)).wrap_up_code == "besked"
    assert [event.how for event in world.facts(OfferEnded)] == ["accepted"]
    assert len(await world.recorded(AgentConnected.__name__)) == 1
    assert len(await world.recorded(TalkEnded.__name__)) == 1


async def test_an_agent_who_is_free_gets_a_caller_who_arrives_at_once(world: World) -> None:
    await world.ready(BO)
    caller = await world.caller("foralder")
    await world.answers(BO)
    assert caller.phone.connected_to == "agent-bo"


async def test_a_caller_never_reaches_an_agent_without_the_skill(world: World) -> None:
    await world.ready(ASA, BO)
    await world.caller("funktionsnedsattning")
    assert world.facts(OfferMade) == []
    await world.ready(CARIN)
    assert [offer.agent for offer in world.facts(OfferMade)] == [CARIN]


async def test_the_agent_with_the_least_scarce_skills_is_taken_first(world: World) -> None:
    await world.ready(CARIN, ASA)
    await world.caller("sjuk")
    assert [offer.agent for offer in world.facts(OfferMade)] == [ASA]


async def test_who_has_waited_longest_is_served_first_over_all_lines(world: World) -> None:
    await world.caller("sjuk", waited=10)
    longest = await world.caller("foralder", waited=60)
    await world.caller("bostad", waited=30)
    await world.ready(CARIN)
    assert [offer.contact for offer in world.facts(OfferMade)] == [longest.contact]
