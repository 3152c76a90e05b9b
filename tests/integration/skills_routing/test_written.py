"""Written contacts: several at a time, without a phone; a call interrupts only whoever allows it."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from contacts.model import Channel, Outcome
from core.ids import AgentId, ContactId
from core.language import Language
from skills_routing import store
from skills_routing.errors import NotYourContactError, StaleOfferError, WrongStateError
from skills_routing.events import OfferMade
from skills_routing.line.line_facts import Kind
from skills_routing.line.live_line import GENERATION, Command
from skills_routing.model import AgentState, ContactState, instant
from skills_routing.rules.queues import WrittenRule
from tests.integration.skills_routing.test_batch import NOW, line_of_its_own
from tests.integration.skills_routing.world import ASA, CARIN, World, agents, until


async def write(
    world: World, queue: str = "sjuk", *, waited: float = 0, channel: Channel = Channel.SMS,
    wanted: AgentId | None = None,
) -> ContactId:  # fmt: skip
    contact = ContactId(world.new_id("con"))
    async with world.database.transaction() as tx:
        await world.contacts.open(tx, contact=contact, channel=channel)
    await world.routing.written.enter(
        contact,
        queue=queue,
        language=Language.SWEDISH,
        waiting_since=world.time.now() - timedelta(seconds=waited),
        channel=channel,
        preferred_agent=wanted,
    )
    return contact


async def accept(world: World, agent: str = ASA) -> ContactId:
    offer = (await world.desk(agent)).offer  # type: ignore[arg-type]
    assert offer is not None and offer.is_written
    await world.routing.accept(agent, offer=offer.offer, token=offer.token)  # type: ignore[arg-type]
    return offer.contact


async def at_hand(world: World, agent: str = ASA) -> list[ContactId]:
    return [one.contact for one in (await world.desk(agent)).written]  # type: ignore[arg-type]


async def allow_interruption(world: World) -> None:
    await world.routing.sync_agents([replace(agent, interruptible=True) for agent in agents()])


async def test_a_written_contact_is_shown_without_a_ring_and_ends_answered(world: World) -> None:
    await world.ready(ASA)
    contact = await write(world)
    desk = await world.desk(ASA)
    assert desk.state is AgentState.RESERVED and desk.offer is not None and desk.offer.is_written
    assert not world.phone(ASA).ringing
    assert await accept(world) == contact
    desk = await world.desk(ASA)
    assert (desk.state, desk.talk) == (AgentState.BUSY, None)
    assert [(one.contact, one.queue, one.weight) for one in desk.written] == [(contact, "sjuk", 1)]
    assert (await world.ledger(contact)).state == "talking"
    await world.routing.written.close(ASA, contact=contact, code="besvarad", note="Svar skickat.")
    ledger = await world.ledger(contact)
    assert (ledger.outcome, ledger.agent, ledger.wrap_up_code) == (Outcome.ANSWERED, ASA, "besvarad")
    assert (await world.desk(ASA)).state is AgentState.READY
    async with world.database.reading() as tx:
        assert await store.find(tx, contact) is None


async def test_an_agent_gets_three_and_the_fourth_when_one_is_done(world: World) -> None:
    await world.ready(ASA)
    contacts = [await write(world, waited=10 - number) for number in range(4)]
    for _ in range(3):
        await accept(world)
    assert await at_hand(world) == contacts[:3]
    assert (await world.desk(ASA)).offer is None
    assert (await world.routing.explain(contacts[3])).place == 1
    await world.routing.written.close(ASA, contact=contacts[1], code="besvarad")
    assert await accept(world) == contacts[3]
    assert await at_hand(world) == [contacts[0], contacts[2], contacts[3]]


async def test_what_weighs_more_leaves_room_for_less(world: World) -> None:
    world.rules.written = {Channel.EMAIL: WrittenRule(weight=2)}
    await world.ready(ASA)
    letters = [await write(world, waited=9, channel=Channel.EMAIL), await write(world, channel=Channel.EMAIL)]
    await accept(world)
    assert await at_hand(world) == letters[:1]
    assert (await world.desk(ASA)).offer is None, "two letters weigh four, and three are taken at once"
    text = await write(world)
    assert (await world.desk(ASA)).offer is None, "a text may not pass the letter that came before it"
    await world.routing.written.close(ASA, contact=letters[0], code="besvarad")
    assert [await accept(world), await accept(world)] == [letters[1], text]


async def test_who_may_not_be_interrupted_ends_the_work_at_hand_and_takes_the_call_then(world: World) -> None:
    await world.ready(ASA)
    first, second = await write(world, waited=3), await write(world, waited=2)
    await accept(world)
    await accept(world)
    caller = await world.caller("sjuk")
    third = await write(world)
    await world.routing.run_due()
    desk = await world.desk(ASA)
    assert (desk.state, desk.offer) == (AgentState.BUSY, None), (
        "there is room for a third, but somebody is on the phone"
    )
    assert not world.phone(ASA).ringing
    await world.routing.written.close(ASA, contact=first, code="besvarad")
    assert not world.phone(ASA).ringing
    await world.routing.written.close(ASA, contact=second, code="besvarad")
    await world.answers(ASA)
    assert caller.phone.connected_to == "agent-asa"
    assert (await world.routing.explain(third)).place == 1


async def test_a_call_interrupts_whoever_allows_it_and_the_work_at_hand_is_still_there(world: World) -> None:
    await allow_interruption(world)
    await world.ready(ASA)
    contact = await write(world)
    await accept(world)
    caller = await world.caller("sjuk")
    await world.answers(ASA)
    other = await write(world)
    desk = await world.desk(ASA)
    assert desk.talk is not None and desk.talk.contact == caller.contact
    assert [one.contact for one in desk.written] == [contact]
    assert desk.offer is None, "nothing is written while one talks"
    await world.routing.hang_up(ASA, contact=caller.contact)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, caller)
    assert await accept(world) == other
    assert await at_hand(world) == [contact, other]


async def test_a_call_goes_to_who_does_nothing_before_it_interrupts_anybody(world: World) -> None:
    await allow_interruption(world)
    await world.ready(ASA)
    await write(world)
    await accept(world)
    await world.ready(CARIN)
    caller = await world.caller("sjuk")
    await world.answers(CARIN)
    assert caller.phone.connected_to == "agent-carin"


async def test_calls_come_first_for_four_hours_and_then_what_was_written(world: World) -> None:
    old, new = await write(world, waited=4 * 3600 + 30), await write(world)
    caller = await world.caller("sjuk")
    await world.ready(ASA)
    assert await accept(world) == old
    await world.routing.written.close(ASA, contact=old, code="besvarad")
    await world.answers(ASA)
    assert caller.phone.connected_to == "agent-asa"
    assert (await world.routing.explain(new)).place == 1


async def test_an_offer_that_is_turned_down_or_missed_goes_on_to_another(world: World) -> None:
    await world.ready(ASA)
    contact = await write(world)
    offer = (await world.desk(ASA)).offer
    assert offer is not None
    await world.routing.reject(ASA, offer=offer.offer, token=offer.token)
    assert (await world.desk(ASA)).reason == "rejected"
    await world.ready(CARIN)
    world.time.advance(9)
    await world.routing.heartbeat(CARIN)
    world.time.advance(9)
    await world.routing.heartbeat(CARIN)
    world.time.advance(3)
    await world.routing.run_due()
    assert (await world.desk(CARIN)).reason == "missed"
    assert (await world.routing.explain(contact)).place == 1
    with pytest.raises(StaleOfferError):
        await world.routing.accept(ASA, offer=offer.offer, token=offer.token)


async def test_a_break_asked_for_meanwhile_begins_when_the_last_one_is_done(world: World) -> None:
    await world.ready(ASA)
    first = await write(world)
    await accept(world)
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")
    second = await write(world)
    desk = await world.desk(ASA)
    assert (desk.state, desk.next_state, desk.offer) == (AgentState.BUSY, AgentState.NOT_READY, None)
    await world.routing.set_state(ASA, state=AgentState.READY)
    assert await accept(world) == second, "who says so is open for more at once"
    await world.routing.set_state(ASA, state=AgentState.NOT_READY, reason="rast")
    await world.routing.written.close(ASA, contact=first, code="besvarad")
    assert (await world.desk(ASA)).state is AgentState.BUSY
    await world.routing.written.close(ASA, contact=second, code="besvarad")
    desk = await world.desk(ASA)
    assert (desk.state, desk.reason) == (AgentState.NOT_READY, "rast")


async def test_what_is_handed_back_keeps_its_place_and_goes_to_another(world: World) -> None:
    await world.ready(ASA)
    contact = await write(world, waited=60)
    await accept(world)
    await write(world)
    await accept(world)
    await world.routing.written.hand_back(ASA, contact=contact)
    assert (await world.desk(ASA)).offer is None
    assert (await world.ledger(contact)).state == "waiting"
    await world.ready(CARIN)
    assert await accept(world, CARIN) == contact
    with pytest.raises(NotYourContactError):
        await world.routing.written.close(ASA, contact=contact, code="besvarad")


async def test_what_somebody_without_a_browser_has_at_hand_goes_back_after_a_minute(world: World) -> None:
    await world.ready(ASA)
    contact = await write(world)
    await accept(world)
    for seconds in (11, 61):
        assert await at_hand(world) == [contact]
        world.time.advance(seconds)
        await world.routing.run_due()
    assert await at_hand(world) == []
    desk = await world.desk(ASA)
    assert (desk.state, desk.reason) == (AgentState.NOT_READY, "browser_gone")
    await world.ready(CARIN)
    assert await accept(world, CARIN) == contact


async def test_after_flushall_written_work_is_where_it_was(world: World) -> None:
    await allow_interruption(world)
    await world.ready(ASA)
    first = await write(world, waited=2)
    await accept(world)
    caller = await world.caller("sjuk")
    await world.answers(ASA)
    second = await write(world, waited=1)
    await world.redis.flushall()
    await world.routing.reconcile()
    desk = await world.desk(ASA)
    assert desk.talk is not None and desk.talk.contact == caller.contact
    assert [one.contact for one in desk.written] == [first]
    assert (await world.routing.explain(second)).place == 1
    await world.routing.hang_up(ASA, contact=caller.contact)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, caller)
    await world.routing.heartbeat(ASA)
    assert await accept(world) == second
    assert await at_hand(world) == [first, second]


async def test_after_flushall_who_only_writes_is_open_for_more_with_the_next_heartbeat(world: World) -> None:
    await world.ready(ASA)
    first = await write(world)
    await accept(world)
    await world.redis.flushall()
    second = await write(world)
    assert (await world.desk(ASA)).state is AgentState.BUSY
    assert (await world.desk(ASA)).offer is None
    await world.routing.heartbeat(ASA)
    assert await accept(world) == second
    assert await at_hand(world) == [first, second]


async def test_who_has_ended_in_the_ledger_is_no_longer_at_hand(world: World) -> None:
    await world.ready(ASA)
    contact = await write(world)
    await accept(world)
    async with world.database.transaction() as tx:
        await world.contacts.close(tx, contact)
    for _ in range(5):
        world.time.advance(1)
        await world.routing.heartbeat(ASA)
        await world.routing.reconcile()
    assert await at_hand(world) == []
    assert (await world.desk(ASA)).state is AgentState.READY
    async with world.database.reading() as tx:
        assert await store.find(tx, contact) is None


async def test_what_belongs_to_the_telephone_is_refused(world: World) -> None:
    await world.ready(ASA)
    contact = await write(world)
    await accept(world)
    for command in (world.routing.hold, world.routing.unhold, world.routing.hang_up):
        with pytest.raises(WrongStateError):
            await command(ASA, contact=contact)
    with pytest.raises(WrongStateError):
        await world.routing.wrap_up(ASA, contact=contact, code="besvarad")
    with pytest.raises(NotYourContactError):
        await world.routing.written.close(CARIN, contact=contact, code="besvarad")
    await world.ready(CARIN)
    caller = await world.caller("foralder")
    await world.answers(CARIN)
    with pytest.raises(WrongStateError):
        await world.routing.written.close(CARIN, contact=caller.contact, code="besvarad")


async def test_an_offer_that_is_accepted_twice_counts_once(world: World) -> None:
    await world.ready(ASA)
    contact = await write(world)
    offer = (await world.desk(ASA)).offer
    assert offer is not None
    await asyncio.gather(*(world.routing.accept(ASA, offer=offer.offer, token=offer.token) for _ in range(3)))
    assert await at_hand(world) == [contact]
    assert await world.redis.hget("kc:agent:asa", "load") == "1"
    assert len(world.facts(OfferMade)) == 1
    async with world.database.reading() as tx:
        row = await store.find(tx, contact)
    assert row is not None and row.state is ContactState.TALKING
    await until(lambda: not world.phone(ASA).ringing)


async def test_however_many_are_kept_free_for_a_call_whoever_else_is_there_gets_what_is_written(redis: Redis) -> None:
    """All who could take both have a text at hand and a call waits for one of them; the one who can take only the other is free."""
    line, moments = line_of_its_own(redis, many=0), itertools.count()
    await redis.set(GENERATION, 1)

    async def run(command: Command, *own: str | int) -> list[tuple[str, str]]:
        facts = (await line.run(command, *own, now=instant(NOW + next(moments)))).facts
        return [(fact.contact, fact.agent) for fact in facts if fact.fact is Kind.OFFER_MADE]

    async def writes(contact: str, skill: str) -> list[tuple[str, str]]:
        return await run(Command.ENTER, contact, "", "kö", f"{skill}:1,written/1", NOW, NOW, "")

    for number in range(25):
        await run(Command.KNOW_AGENT, f"agent{number:02d}", "a:1,b:1", 0, 1)
        await run(Command.CHOOSE_STATE, f"agent{number:02d}", "READY", "")
    for number in range(25):
        assert await writes(f"text{number:02d}", "a") == [(f"text{number:02d}", f"agent{number:02d}")]
        offer = await redis.hgetall(f"kc:contact:text{number:02d}")
        await run(Command.TAKE, offer["offer"], offer["token"])
    assert await run(Command.ENTER, "call", "leg_call", "kö", "a:1", NOW - 1, NOW - 1, "") == []
    await run(Command.KNOW_AGENT, "zoe", "b:1", 9, 1)
    await run(Command.CHOOSE_STATE, "zoe", "READY", "")
    assert await writes("question", "b") == [("question", "zoe")]
