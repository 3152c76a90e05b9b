"""Somebody who rings again goes first to the agent with whom they have talked, as long as the queue says, and no longer."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from core.ids import ContactId, PersonId
from skills_routing.configuration import load_routing
from skills_routing.events import OfferMade, StepTaken
from skills_routing.model import AgentState
from storage.database import Database
from telephony.model import Hold
from tests.integration.skills_routing.test_steps import SKILLS
from tests.integration.skills_routing.world import ASA, CARIN, Caller, World, open_world, until

QUEUES = """
queues:
  - id: sjuk
    label: {sv: Sjuk, en: Illness}
    requirement: [{skill: sjuk, level: 1}]
    preferred_agent_seconds: 40
    known_agent_hours: 24
  - id: allmant
    label: {sv: Annat, en: Other}
    requirement: [{skill: sjuk, level: 1}]
"""


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    async with open_world(database, redis, rules=load_routing(queues=QUEUES, skills=SKILLS)) as world:
        yield world


async def ring_again(world: World, before: Caller, queue: str = "sjuk", person: str = "") -> Caller:
    number = before.phone.number
    world._arrived.pop(number)
    phone = world.switch.call("0771524524", caller=number)
    await until(lambda: number in world._arrived)
    caller = Caller(phone, ContactId(world.new_id("con")), world._arrived[number])
    async with world.database.transaction() as tx:
        await world.contacts.open(tx, contact=caller.contact, leg=caller.leg, caller=number)
    await world.switch.perform(Hold(leg=caller.leg))
    if person:
        await identify(world, caller, person)
    await world.enter(caller, queue)
    return caller


async def identify(world: World, caller: Caller, person: str) -> None:
    async with world.database.transaction() as tx:
        await world.contacts.identified(tx, caller.contact, person=PersonId(person), subject=None, level=2)


async def a_talk_with_asa(world: World, person: str = "") -> Caller:
    caller = await world.ring_in()
    if person:
        await identify(world, caller, person)
    await world.enter(caller, "sjuk")
    await world.ready(ASA)
    await world.answers(ASA)
    await world.until_ledger(caller, "talking")
    await world.routing.hang_up(ASA, contact=caller.contact)
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, caller, AgentState.NOT_READY)
    await until(lambda: caller.phone.ended is not None)
    return caller


def offered(world: World) -> list[tuple[str, str]]:
    return [(fact.contact, fact.agent) for fact in world.facts(OfferMade)]


async def test_the_same_number_waits_for_the_agent_it_talked_with_and_then_for_anybody(world: World) -> None:
    first = await a_talk_with_asa(world)
    await world.ready(CARIN)
    again = await ring_again(world, first)
    assert offered(world)[1:] == []
    said = await world.routing.explain(again.contact)
    assert said.sentences[0].startswith("Talade med asa den ") and said.sentences[0].endswith(
        ", och skulle därför helst få asa."
    )
    assert "Väntar i första hand på asa, som är i paus." in said.sentences
    await world.later(41, ASA, CARIN)
    await until(lambda: offered(world)[1:] == [(again.contact, CARIN)])


async def test_the_known_agent_who_is_free_is_offered_at_once_and_that_is_said_afterwards(world: World) -> None:
    first = await a_talk_with_asa(world)
    await world.ready(CARIN, ASA)
    again = await ring_again(world, first)
    await world.answers(ASA)
    await world.until_ledger(again, "talking")
    said = await world.routing.explain(again.contact)
    assert "skulle därför helst få asa" in said.sentences[0]
    assert "är den som kontakten helst skulle få" in said.sentences[1]


async def test_an_agent_who_has_gone_home_is_not_waited_for(world: World) -> None:
    first = await a_talk_with_asa(world)
    await world.routing.set_state(ASA, state=AgentState.LOGGED_OFF)
    await world.ready(CARIN)
    again = await ring_again(world, first)
    await until(lambda: offered(world)[1:] == [(again.contact, CARIN)])
    assert [fact.how for fact in world.facts(StepTaken)] == ["agent_away"]


@pytest.mark.parametrize(
    ("then", "now", "known"),
    [
        ("demo-01", "demo-01", True),
        ("demo-01", "demo-02", False),  # somebody else in the household
        ("demo-01", "", False),  # who is verified is not known by the number alone
        ("", "demo-01", False),
    ],
)
async def test_a_verified_person_is_known_by_who_they_are_and_not_by_the_number(
    world: World, then: str, now: str, known: bool
) -> None:
    first = await a_talk_with_asa(world, person=then)
    again = await ring_again(world, first, person=now)
    said = await world.routing.explain(again.contact)
    assert any("i första hand på asa" in sentence for sentence in said.sentences) is known


async def test_a_talk_that_is_too_long_ago_or_a_queue_that_does_not_ask_knows_nobody(world: World) -> None:
    first = await a_talk_with_asa(world)
    elsewhere = await ring_again(world, first, "allmant")
    assert not any("asa" in sentence for sentence in (await world.routing.explain(elsewhere.contact)).sentences[:1])
    elsewhere.phone.hang_up()
    await world.until_gone(elsewhere)
    world.time.advance(24 * 3600 + 60)
    late = await ring_again(world, first)
    assert not any("i första hand" in sentence for sentence in (await world.routing.explain(late.contact)).sentences)
