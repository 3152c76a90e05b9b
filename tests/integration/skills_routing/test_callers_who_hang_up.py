"""A caller may hang up at any moment: the agent is free again at once, or wraps up what was a talk."""

from contacts.model import State
from skills_routing.events import OfferEnded, OfferMade, ReturnedToLine, TalkEnded
from skills_routing.model import AgentState
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, BO, CARIN, World, until


async def test_while_waiting(world: World) -> None:
    first, second = await world.caller("sjuk", waited=9), await world.caller("sjuk")
    assert await world.place(second) == 2
    world.cut(first.phone, EndCause.NORMAL)
    await world.until_gone(first)
    assert await world.place(second) == 1


async def test_while_the_agents_phone_rings(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    world.cut(caller.phone, EndCause.NORMAL)
    await until(lambda: not world.phone(ASA).ringing)
    await world.until_state(ASA, AgentState.READY)
    await until(lambda: [event.how for event in world.facts(OfferEnded)] == ["canceled"])


async def test_an_agent_freed_by_a_hang_up_gets_the_next_caller_at_once(world: World) -> None:
    await world.ready(ASA)
    first, second = await world.caller("sjuk", waited=9), await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    world.cut(first.phone, EndCause.NORMAL)
    await until(lambda: len(world.facts(OfferMade)) == 2)
    await world.answers(ASA)
    assert second.phone.connected_to == "agent-asa"


async def test_while_talking_the_agent_wraps_up(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    world.cut(caller.phone, EndCause.NORMAL)
    await until(lambda: world.phone(ASA).ended is not None)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, caller, AgentState.NOT_READY)
    assert (await world.desk(ASA)).state is AgentState.NOT_READY
    assert ["citizen" in body for body in await world.recorded(TalkEnded.__name__)] == [True]


async def test_a_caller_on_hold_hears_music_and_comes_back(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    await world.routing.hold(ASA, contact=caller.contact)
    assert caller.phone.hears == "music"
    talk = (await world.desk(ASA)).talk
    assert talk is not None and talk.on_hold
    await world.routing.unhold(ASA, contact=caller.contact)
    assert caller.phone.connected_to == "agent-asa"


async def test_a_caller_whose_agent_is_lost_is_back_at_the_original_place(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    others = [await world.caller("sjuk"), await world.caller("sjuk")]
    world.cut(world.phone(ASA), EndCause.FAULT)
    await world.until_state(ASA, AgentState.NOT_READY, "connection_lost")
    assert [await world.place(one) for one in (caller, *others)] == [1, 2, 3]
    await until(lambda: len(world.facts(ReturnedToLine)) == 1)
    await world.until_ledger(caller, State.WAITING)
    assert caller.phone.ended is None
    await world.ready(CARIN)
    await world.answers(CARIN)
    assert caller.phone.connected_to == "agent-carin"
    await world.until_ledger(caller, State.TALKING)


async def test_one_who_chose_something_else_is_out_of_the_line(world: World) -> None:
    caller = await world.caller("sjuk")
    await world.routing.leave(caller.contact, reason="callback")
    await world.ready(ASA)
    assert (await world.desk(ASA)).state is AgentState.READY
    assert (await world.ledger(caller.contact)).state is State.SELF_SERVICE
    await world.routing.leave(caller.contact, reason="callback")


async def test_asking_twice_to_enter_changes_nothing(world: World) -> None:
    caller = await world.caller("sjuk", waited=30)
    await world.enter(caller, "foralder")
    await world.ready(BO)
    assert await world.place(caller) == 1
    assert (await world.desk(BO)).offer is None


async def test_a_contact_that_has_ended_does_not_enter(world: World) -> None:
    caller = await world.ring_in()
    async with world.database.transaction() as tx:
        await world.contacts.close(tx, caller.contact)
    await world.enter(caller, "sjuk")
    await world.ready(ASA)
    assert (await world.desk(ASA)).offer is None


async def test_an_agent_can_ring_a_citizen_back(world: World) -> None:
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="aterringning")
    citizen = world.switch.phone("+46701740650")
    contact = await world.ring_back(ASA, "+46701740650")
    agent = world.phone(ASA)
    await until(lambda: agent.ringing)
    agent.line.answer()  # type: ignore[union-attr]
    await until(lambda: citizen.ringing)
    talk = (await world.desk(ASA)).talk
    assert talk is not None and talk.is_calling
    citizen.line.answer()  # type: ignore[union-attr]
    await until(lambda: citizen.connected_to == "agent-asa")

    async def talking() -> bool:
        return (await world.ledger(contact)).state is State.TALKING

    await until(talking)
    citizen.line.hang_up()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.WRAP_UP)
    await until(lambda: agent.ended is not None)
    await world.routing.wrap_up(ASA, contact=contact, code="aterringd")
    assert await _ring_backs(world) == ["reached"]
    desk = await world.desk(ASA)
    assert (desk.state, desk.reason) == (AgentState.NOT_READY, "aterringning")


async def test_a_citizen_who_does_not_answer_is_told_as_such_and_the_agent_is_free_again(world: World) -> None:
    await world.ready(ASA)
    citizen = world.switch.phone("+46701740651")
    await world.ring_back(ASA, "+46701740651")
    await until(lambda: world.phone(ASA).ringing)
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    await until(lambda: citizen.ringing)
    world.cut(citizen, EndCause.BUSY)
    await world.until_state(ASA, AgentState.READY)
    await until(lambda: world.phone(ASA).ended is not None)
    assert await _ring_backs(world) == ["busy"]


async def test_an_agent_who_hangs_up_before_the_citizen_answers_ends_the_attempt(world: World) -> None:
    await world.ready(ASA)
    citizen = world.switch.phone("+46701740652")
    await world.ring_back(ASA, "+46701740652")
    await until(lambda: world.phone(ASA).ringing)
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    await until(lambda: citizen.ringing)
    world.phone(ASA).line.hang_up()  # type: ignore[union-attr]
    await until(lambda: citizen.ended is not None)
    await world.until_state(ASA, AgentState.READY)
    assert await _ring_backs(world) == ["agent_hung_up"]


async def test_an_agent_whose_own_phone_does_not_answer_never_rings_the_citizen(world: World) -> None:
    await world.ready(ASA)
    citizen = world.switch.phone("+46701740653")
    await world.ring_back(ASA, "+46701740653")
    await until(lambda: world.phone(ASA).ringing)
    world.cut(world.phone(ASA), EndCause.NO_ANSWER)
    await world.until_state(ASA, AgentState.NOT_READY, "missed")
    assert await _ring_backs(world) == ["agent_timed_out"]
    assert citizen.sounds == []


async def _ring_backs(world: World) -> list[str]:
    import json

    async def there() -> bool:
        return bool(await world.recorded("RingBackEnded"))

    await until(there)
    return [json.loads(body)["how"] for body in await world.recorded("RingBackEnded")]
