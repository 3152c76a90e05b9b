"""What goes wrong without anybody telling: within 15 s and without a human the caller is back at the original place."""

import pytest

from skills_routing import store
from skills_routing.errors import StaleOfferError
from skills_routing.events import OfferMade
from skills_routing.mending.reconciling import _made
from skills_routing.model import AgentState, ContactState
from telephony.model import EndCause, LegEnded, LegsCounted
from tests.integration.skills_routing.world import ASA, BO, CARIN, Caller, World, until


async def seconds_pass(world: World, seconds: int, *, beating: tuple[str, ...] = ()) -> None:
    """Let time pass as in production: what is due twice a second, comparing every two, legs counted every five."""
    for second in range(seconds):
        world.time.advance(1)
        for agent in beating:
            await world.routing.heartbeat(agent)  # type: ignore[arg-type]
        await world.routing.run_due()
        if second % 2:
            await world.routing.reconcile()
        if second % 5 == 4:
            await count_legs(world)


async def count_legs(world: World) -> None:
    legs = world.switch._exchange.legs.values()
    there, bridged = tuple(leg.leg for leg in legs), tuple(leg.leg for leg in legs if leg.bridge)
    counted = LegsCounted(occurred_at=world.time.now(), switch="simulator", legs=there, bridged=bridged)
    await world.routing.on_call_event(counted)


def lose_ends(world: World) -> None:
    """From now on lose the events that tell of the end of a leg."""
    hear = world._hear

    async def without(event: object) -> None:
        if not isinstance(event, LegEnded):
            await hear(event)  # type: ignore[arg-type]

    world._hear = without  # type: ignore[method-assign,assignment]


async def is_first(world: World, caller: Caller, *others: Caller) -> None:
    assert [await world.place(one) for one in (caller, *others)] == list(range(1, 2 + len(others)))
    assert caller.phone.ended is None


async def test_an_agents_hang_up_that_nobody_heard_of(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    later = await world.caller("sjuk")
    lose_ends(world)
    world.cut(world.phone(ASA), EndCause.FAULT)
    await seconds_pass(world, 15)
    await is_first(world, caller, later)
    assert (await world.desk(ASA)).reason == "connection_lost"


async def test_a_callers_hang_up_that_nobody_heard_of_frees_the_agent(world: World) -> None:
    await world.ready(ASA)
    gone = await world.caller("sjuk", waited=60)
    await until(lambda: world.phone(ASA).ringing)
    waiting = await world.caller("sjuk")
    lose_ends(world)
    world.cut(gone.phone, EndCause.NORMAL)
    await seconds_pass(world, 15, beating=(ASA,))
    await world.until_gone(gone)
    assert [offer.contact for offer in world.facts(OfferMade)] == [gone.contact, waiting.contact]


@pytest.mark.parametrize("wrapped_up", [False, True], ids=["in wrap-up", "wrapped up"])
async def test_a_citizen_whom_nobody_hung_up_is_not_left_in_silence(world: World, wrapped_up: bool) -> None:
    caller = await world.talk("sjuk", ASA)
    world.lose_actions()
    await world.routing.hang_up(ASA, contact=caller.contact)
    world.find_actions()
    if wrapped_up:
        await world.wrap_up(ASA, caller, AgentState.NOT_READY)
    assert caller.phone.ended is None
    await seconds_pass(world, 11, beating=(ASA,))
    await until(lambda: caller.phone.ended is not None and not world.phone(ASA).in_call)


async def test_one_count_that_misses_a_leg_ends_nothing(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    world.time.advance(5)
    counted = LegsCounted(occurred_at=world.time.now(), switch="simulator", legs=(caller.leg,), bridged=())
    await world.routing.on_call_event(counted)
    await count_legs(world)
    await world.routing.on_call_event(counted)
    assert caller.phone.connected_to == "agent-asa"
    assert (await world.desk(ASA)).state is AgentState.BUSY


async def test_a_talk_without_sound_is_connected_again(world: World) -> None:
    """The process died, or the switch did not answer, between the agent's answer and the connection."""
    caller = await world.caller("sjuk")
    await world.ready(ASA)
    await until(lambda: world.phone(ASA).ringing)
    world.lose_actions()
    world.phone(ASA).line.answer()  # type: ignore[union-attr]
    await world.until_state(ASA, AgentState.BUSY)
    world.find_actions()
    assert caller.phone.connected_to is None
    await seconds_pass(world, 12, beating=(ASA,))
    assert caller.phone.connected_to == "agent-asa"


async def test_a_caller_on_hold_is_left_on_hold(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    await world.routing.hold(ASA, contact=caller.contact)
    await seconds_pass(world, 20, beating=(ASA,))
    assert caller.phone.hears == "music"


async def test_an_agent_who_says_yes_and_whose_phone_is_not_answered_gives_the_caller_back(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    [offer] = world.facts(OfferMade)
    await world.routing.accept(ASA, offer=offer.offer, token=offer.token)
    await seconds_pass(world, 11, beating=(ASA,))
    await world.until_state(ASA, AgentState.NOT_READY, "phone_unreachable")
    await is_first(world, caller)
    assert not world.phone(ASA).ringing


async def test_an_offer_whose_process_died_before_it_rang_goes_to_the_next_agent(world: World) -> None:
    caller = await world.ring_in()
    world.lose_actions()
    await world.enter(caller, "sjuk")
    await world.ready(ASA)
    await seconds_pass(world, 12, beating=(ASA,))
    async with world.database.reading() as tx:
        first = (await store.offers_of(tx, caller.contact))[0]
    assert first.how == "rescinded"
    world.find_actions()
    await world.ready(CARIN)
    await world.answers(CARIN)
    assert caller.phone.connected_to == "agent-carin"


async def test_a_phone_that_is_rung_too_late_falls_silent_at_once(world: World) -> None:
    """The process that made the offer stood still; the offer lapsed meanwhile, and it wakes up and rings."""
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    [offer] = world.facts(OfferMade)
    await until(lambda: world.phone(ASA).ringing)
    await world.routing.reject(ASA, offer=offer.offer, token=offer.token)
    await until(lambda: not world.phone(ASA).ringing)
    found = await world.redis.hgetall(f"kc:offer:{offer.offer}")
    await world.routing._aftermath.ring_again(_made(offer.offer, found))
    assert not world.phone(ASA).ringing
    assert await world.place(caller) == 1


async def test_a_browser_killed_in_a_talk_gives_the_caller_back(world: World) -> None:
    """Its telephone dies with it: the switch ends the leg when no sound has come for ten seconds."""
    caller = await world.talk("sjuk", ASA)
    later = await world.caller("sjuk")
    await seconds_pass(world, 10)
    world.cut(world.phone(ASA), EndCause.FAULT)
    await seconds_pass(world, 4)
    await is_first(world, caller, later)
    assert (await world.desk(ASA)).reason == "connection_lost"


async def test_a_wrap_up_without_a_browser_comes_to_an_end_and_the_note_can_be_written_later(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    world.cut(caller.phone, EndCause.NORMAL)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await seconds_pass(world, 60)
    assert (await world.desk(ASA)).state is AgentState.WRAP_UP  # the agent may come back
    await seconds_pass(world, 15)
    await world.until_state(ASA, AgentState.NOT_READY, "browser_gone")
    async with world.database.reading() as tx:
        assert await store.find(tx, caller.contact) is None
    await world.routing.wrap_up(ASA, contact=caller.contact, code="besked", note="Skrev klart efteråt.")
    assert (await world.ledger(caller.contact)).note == "Skrev klart efteråt."
    assert (await world.desk(ASA)).state is AgentState.NOT_READY


async def test_a_wrap_up_whose_browser_was_gone_before_the_live_store_was_lost_comes_to_an_end_too(
    world: World,
) -> None:
    caller = await world.talk("sjuk", ASA)
    world.cut(caller.phone, EndCause.NORMAL)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.redis.flushall()
    await seconds_pass(world, 60)
    assert (await world.desk(ASA)).state is AgentState.WRAP_UP  # the agent may come back
    await seconds_pass(world, 25)
    async with world.database.reading() as tx:
        assert await store.find(tx, caller.contact) is None
    assert (await world.desk(ASA)).state is AgentState.NOT_READY


async def test_an_agent_who_wraps_up_with_a_browser_has_all_the_time_there_is(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    world.cut(caller.phone, EndCause.NORMAL)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await seconds_pass(world, 150, beating=(ASA,))
    assert (await world.desk(ASA)).wrap_up == caller.contact


async def test_an_agent_who_is_busy_with_nobody_is_free_again(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    await world.redis.delete(f"kc:contact:{caller.contact}")
    async with world.database.transaction() as tx:
        await store.remove(tx, caller.contact)
    await seconds_pass(world, 8, beating=(ASA,))
    assert (await world.desk(ASA)).state is AgentState.READY


async def test_a_wrap_up_whose_agent_is_with_somebody_else_is_forgotten_and_the_agent_not_disturbed(
    world: World,
) -> None:
    caller = await world.talk("sjuk", ASA)
    world.cut(caller.phone, EndCause.NORMAL)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.routing.settled()  # it is written too: else the record is what differs at first
    await world.redis.hset("kc:agent:asa", mapping={"contact": "", "state": "READY"})
    await seconds_pass(world, 8, beating=(ASA,))
    await world.until_gone(caller)
    async with world.database.reading() as tx:
        assert await store.find(tx, caller.contact) is None
    assert (await world.desk(ASA)).state is AgentState.READY


async def test_the_loss_of_a_site_loses_no_caller_and_no_place(world: World) -> None:
    """R8: Åsa talks, Bo is rung, and their whole site is gone; Carin at another site takes them in their order."""
    talking = await world.talk("allmant", CARIN)
    world.cut(talking.phone, EndCause.NORMAL)
    await world.until_state(CARIN, AgentState.WRAP_UP)
    with_asa = await world.talk("sjuk", ASA)
    await world.ready(BO)
    shown_to_bo = await world.caller("foralder")
    await until(lambda: world.phone(BO).ringing)
    waiting = await world.caller("sjuk")
    await seconds_pass(world, 10, beating=(CARIN,))
    world.cut(world.phone(ASA), EndCause.FAULT)
    await seconds_pass(world, 5, beating=(CARIN,))
    assert [await world.place(one) for one in (with_asa, waiting, shown_to_bo)] == [1, 2, 1]
    assert [(await world.desk(agent)).state for agent in (ASA, BO)] == [AgentState.NOT_READY] * 2
    assert all(one.phone.ended is None for one in (with_asa, waiting, shown_to_bo))
    await world.wrap_up(CARIN, talking)
    await world.answers(CARIN)
    assert with_asa.phone.connected_to == "agent-carin"


async def test_after_the_switch_is_started_again_nobody_is_busy_with_calls_that_are_gone(world: World) -> None:
    caller, waiting = await world.talk("sjuk", ASA), await world.caller("sjuk")
    await world.disconnect()
    world.switch._exchange.legs.clear()  # no end is ever told
    world.time.advance(1)
    world.connect()
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.until_gone(waiting)
    await world.wrap_up(ASA, caller)
    assert (await world.desk(ASA)).state is AgentState.READY


async def test_only_one_process_compares_and_another_goes_on_when_it_is_gone(world: World) -> None:
    other = world.make_routing()
    await world.routing.reconcile()
    caller = await world.caller("sjuk")
    async with world.database.transaction() as tx:
        await tx.execute(store.routed_contacts.update().values(state=ContactState.TALKING, token=99, agent="bo"))
    for _ in range(3):
        world.time.advance(1)
        await other.reconcile()
    assert await world.place(caller) == 1  # not its turn
    for _ in range(6):
        world.time.advance(1)
        await other.reconcile()
    assert (await world.desk(BO)).state is AgentState.BUSY


async def test_a_yes_to_a_talk_that_is_over_is_not_taken_for_the_next_one(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    [first] = world.facts(OfferMade)
    await world.routing.accept(ASA, offer=first.offer, token=first.token)  # a double click in the talk is no error
    world.cut(caller.phone, EndCause.NORMAL)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, caller)
    await world.caller("sjuk")
    await until(lambda: world.phone(ASA).ringing)
    with pytest.raises(StaleOfferError):
        await world.routing.accept(ASA, offer=first.offer, token=first.token)
