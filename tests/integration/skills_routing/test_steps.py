"""What a caller asks for widens while the place in the line stays, and one agent can be waited for first."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from core.ids import AgentId, ContactId
from skills_routing import store
from skills_routing.configuration import load_routing
from skills_routing.events import OfferMade, StepTaken
from skills_routing.line.live_line import Command
from skills_routing.model import AgentState
from storage.database import Database
from storage.redis import live
from tests.integration.skills_routing.test_written import accept, write
from tests.integration.skills_routing.world import ASA, BO, CARIN, CONFIG, Caller, World, open_world, until

SKILLS = """
skills:
  - {id: sjuk, label: Sjuk, kind: benefit}
  - {id: foralder, label: Barn och familj, kind: benefit}
  - {id: bostad, label: Bostad, kind: benefit}
  - {id: funktionsnedsattning, label: Funktionsnedsättning, kind: benefit}
  - {id: allmant, label: Allmänna frågor, kind: benefit}
  - {id: skyddad, label: Skyddade personuppgifter, kind: protected}
  - {id: partner, label: Partner och vårdgivare, kind: partner}
  - {id: svenska, label: svenska, kind: language, language: sv}
  - {id: engelska, label: engelska, kind: language, language: en}
  - {id: arabiska, label: arabiska, kind: language, language: ar}
"""
QUEUES = """
queues:
  - id: sjuk
    label: {sv: Sjuk, en: Illness}
    requirement: [{skill: sjuk, level: 1}]
    preferred: [{skill: sjuk, level: 3}]
    steps:
      - {after_seconds: 120, or_forecast_minutes: 15}
      - {after_seconds: 300, requirement: [{skill: bostad}]}
  - id: foralder
    label: {sv: Barn och familj, en: Children and family}
    requirement: [{skill: foralder}]
    preferred_agent_seconds: 40
"""


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    async with open_world(database, redis, rules=load_routing(queues=QUEUES, skills=SKILLS)) as world:
        yield world


def steps(world: World) -> list[tuple[int, str, str]]:
    return [(fact.step, fact.line, fact.how) for fact in world.facts(StepTaken)]


async def is_offered(world: World, caller: Caller, agent: AgentId) -> None:
    await until(lambda: world.phone(agent).ringing)
    assert [offer.agent for offer in world.facts(OfferMade) if offer.contact == caller.contact][-1] == agent


# --- steps ------------------------------------------------------------------------------------------------------------


async def test_who_would_do_better_is_asked_first_and_after_a_while_whoever_can(world: World) -> None:
    await world.ready(CARIN)
    caller = await world.caller("sjuk")
    await world.later(119, CARIN)
    assert world.facts(OfferMade) == []
    await world.later(1, CARIN)
    await is_offered(world, caller, CARIN)
    assert steps(world) == [(1, "sjuk:1,svenska:1", "time")]


async def test_a_step_keeps_the_place_in_time_among_those_who_waited_there_already(world: World) -> None:
    first, second = await world.caller("sjuk", waited=60), await world.caller("sjuk", waited=30)
    await world.later(100)
    third = await world.caller("sjuk", waited=0)
    await world.later(20)
    assert [await world.place(caller) for caller in (first, second, third)] == [1, 2, 3]
    await world.later(100)
    assert [await world.place(caller) for caller in (first, second, third)] == [1, 2, 3]


async def test_a_wait_that_is_foreseen_to_be_long_brings_the_next_step_forward_once(world: World) -> None:
    caller = await world.caller("sjuk")
    assert not await world.routing.forecast_passed(caller.contact, timedelta(minutes=15))
    tries = [world.routing.forecast_passed(caller.contact, timedelta(minutes=16)) for _ in range(4)]
    assert sorted(await asyncio.gather(*tries)) == [False, False, False, True]
    assert steps(world) == [(1, "sjuk:1,svenska:1", "forecast")]
    assert not await world.routing.forecast_passed(caller.contact, timedelta(hours=3))
    assert not await world.routing.forecast_passed(ContactId("con_none"), timedelta(hours=3))


async def test_two_processes_that_look_at_the_same_time_take_each_step_once(world: World, valkey_url: str) -> None:
    callers = [await world.caller("sjuk") for _ in range(8)]
    second = live(valkey_url)
    first, world.redis = world.redis, second
    other = world.make_routing()
    world.redis = first
    world.time.advance(120)
    await asyncio.gather(world.routing.run_due(), other.run_due(), world.routing.run_due(), other.run_due())
    assert sorted(fact.contact for fact in world.facts(StepTaken)) == sorted(caller.contact for caller in callers)
    await second.aclose()


async def test_a_step_that_comes_while_the_caller_is_shown_to_an_agent_holds_when_the_caller_returns(
    world: World,
) -> None:
    await world.ready(CARIN)
    caller = await world.caller("sjuk")
    await world.later(115, CARIN)
    await world.ready(ASA)
    await is_offered(world, caller, ASA)
    await world.later(10, ASA, CARIN)
    assert steps(world) == []
    [offer] = world.facts(OfferMade)
    await world.routing.reject(ASA, offer=offer.offer, token=offer.token)
    await is_offered(world, caller, CARIN)
    assert steps(world) == [(1, "sjuk:1,svenska:1", "time")]


async def test_after_flushall_in_the_middle_of_the_steps_they_go_on_from_where_they_were(world: World) -> None:
    caller = await world.caller("sjuk")
    await world.later(120)
    await world.redis.flushall()
    await world.later(100)
    connection = await world.routing._line.connection(caller.contact)
    assert connection is not None and (connection.line, connection.step) == ("sjuk:1,svenska:1", 1)
    assert len(steps(world)) == 1
    await world.redis.flushall()
    await world.later(80)
    assert [step for step, _, _ in steps(world)] == [1, 2]
    await world.ready(BO)
    await is_offered(world, caller, BO)


async def test_a_step_that_was_due_while_redis_was_empty_is_taken_when_the_line_stands(world: World) -> None:
    caller = await world.caller("sjuk")
    await world.redis.flushall()
    world.time.advance(300)
    await world.ready(BO)
    await world.routing.run_due()
    await is_offered(world, caller, BO)
    assert [step for step, _, _ in steps(world)] == [1, 2]


async def test_a_step_that_was_taken_and_not_written_is_written_by_the_reconciler(world: World) -> None:
    caller = await world.caller("sjuk")
    world.time.advance(120)
    await world.routing._line.run(Command.WIDEN, now=world.time.now())
    assert await _kept(world, caller) == (0, [])
    for _ in range(5):
        world.time.advance(1)
        await world.routing.reconcile()
    assert await _kept(world, caller) == (1, [(1, "sjuk:1,svenska:1")])


async def test_who_talked_and_lost_the_agent_takes_the_steps_that_came_due_meanwhile(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("sjuk")
    await world.answers(ASA)
    await world.later(130, ASA)
    await world.ready(CARIN)
    agent_leg = (await world.desk(ASA)).talk
    assert agent_leg is not None and steps(world) == []
    await world.routing._steering.run(Command.RETURN_CALLER, caller.contact, world.facts(OfferMade)[0].offer, "lost")
    await is_offered(world, caller, CARIN)
    assert await _kept(world, caller) == (1, [(1, "sjuk:1,svenska:1")])


async def _kept(world: World, caller: Caller) -> tuple[int, list[tuple[int, str]]]:
    async with world.database.reading() as tx:
        row, taken = await store.find(tx, caller.contact), await store.steps_of(tx, caller.contact)
    assert row is not None
    return row.step, [(step.step, step.line) for step in taken]


# --- one agent first --------------------------------------------------------------------------------------------------


async def test_the_agent_whom_a_caller_would_rather_have_is_waited_for_and_then_anybody_will_do(world: World) -> None:
    await world.routing.set_state(CARIN, state=AgentState.NOT_READY, reason="rast")
    await world.ready(BO)
    caller = await world.caller("foralder", wanted="carin")
    await world.later(39, BO, CARIN)
    assert world.facts(OfferMade) == []
    await world.later(1, BO, CARIN)
    await is_offered(world, caller, BO)
    assert steps(world) == [(1, "foralder:1,svenska:1", "time")]


async def test_the_agent_whom_a_caller_would_rather_have_gets_the_caller_when_free(world: World) -> None:
    await world.routing.set_state(CARIN, state=AgentState.NOT_READY, reason="rast")
    await world.ready(BO)
    caller = await world.caller("foralder", wanted="carin")
    await world.ready(CARIN)
    await is_offered(world, caller, CARIN)
    assert steps(world) == []


async def test_who_would_rather_have_one_agent_does_not_pass_who_waits_longer_for_anybody(world: World) -> None:
    await world.routing.set_state(BO, state=AgentState.NOT_READY, reason="rast")
    waits_longer = await world.caller("foralder", waited=30)
    await world.caller("foralder", wanted="bo")
    await world.ready(BO)
    await is_offered(world, waits_longer, BO)


@pytest.mark.parametrize(
    ("wanted", "language", "why"),
    [
        ("bo", "sv", "agent_away"),  # is not logged in
        ("disa", "sv", "agent_away"),  # never was
        ("nobody", "sv", "agent_unknown"),
        ("carin", "ar", "agent_lacks"),  # a language is not given up for anybody
    ],
)
async def test_an_agent_who_cannot_serve_is_not_waited_for(world: World, wanted: str, language: str, why: str) -> None:
    await world.ready(CARIN)
    await world.caller("foralder", wanted=wanted, language=language)
    spoken = {"sv": "foralder:1,svenska:1", "ar": "arabiska:1,foralder:1"}
    assert steps(world) == [(1, spoken[language], why)]


async def test_an_agent_who_logs_off_is_waited_for_no_longer(world: World) -> None:
    await world.routing.set_state(CARIN, state=AgentState.NOT_READY, reason="rast")
    await world.ready(BO)
    caller = await world.caller("foralder", wanted="carin")
    await world.routing.set_state(CARIN, state=AgentState.LOGGED_OFF)
    await world.routing.run_due()
    await is_offered(world, caller, BO)
    assert steps(world) == [(1, "foralder:1,svenska:1", "agent_away")]


async def test_an_agent_who_turns_the_caller_down_is_waited_for_no_longer(world: World) -> None:
    await world.ready(CARIN)
    caller = await world.caller("foralder", wanted="carin")
    await world.ready(BO)
    [offer] = world.facts(OfferMade)
    await world.routing.reject(CARIN, offer=offer.offer, token=offer.token)
    await is_offered(world, caller, BO)
    assert steps(world) == [(1, "foralder:1,svenska:1", "rejected")]


async def test_after_flushall_the_agent_is_waited_for_until_the_limit(world: World) -> None:
    await world.routing.set_state(CARIN, state=AgentState.NOT_READY, reason="rast")
    caller = await world.caller("foralder", wanted="carin")
    await world.redis.flushall()
    await world.ready(BO)
    await world.later(5, BO, CARIN)
    assert world.facts(OfferMade) == []
    await world.ready(CARIN)
    await is_offered(world, caller, CARIN)


async def test_a_name_that_cannot_be_an_agents_costs_nobody_the_place(world: World) -> None:
    await world.ready(BO)
    with capture_logs() as said:
        caller = await world.caller("foralder", wanted="carin:1,svenska")
    await is_offered(world, caller, BO)
    assert "somebody is to be served by an agent who cannot exist" in [line["event"] for line in said]


# --- languages --------------------------------------------------------------------------------------------------------


async def test_a_language_that_no_skill_is_named_for_is_answered_in_swedish_and_that_is_said(world: World) -> None:
    caller = await world.caller("foralder", language="fi")
    told = (await world.routing.explain(caller.contact)).sentences
    assert "Ingen kompetens finns för språket fi, så en handläggare som talar svenska svarar." in told
    other = await world.caller("foralder", language="ar")
    assert not [one for one in (await world.routing.explain(other.contact)).sentences if "Ingen kompetens" in one]


async def test_a_language_that_only_the_configuration_knows_is_asked_for_and_never_dropped(world: World) -> None:
    await world.ready(ASA, CARIN)
    caller = await world.caller("sjuk", language="ar")
    await world.later(120, ASA, CARIN)
    await world.later(180, ASA, CARIN)
    assert [line for _, line, _ in steps(world)] == ["arabiska:1,sjuk:1", "arabiska:1,bostad:1"]
    assert world.facts(OfferMade) == []
    assert (await world.routing.explain(caller.contact)).place == 1


async def test_a_language_that_no_skill_is_named_for_keeps_nobody_out(world: World) -> None:
    await world.ready(ASA)
    with capture_logs() as said:
        caller = await world.caller("sjuk", language="xx")
    await is_offered(world, caller, ASA)
    assert "no skill is named for a language that somebody speaks" in [line["event"] for line in said]


# --- in words ---------------------------------------------------------------------------------------------------------


async def test_an_explanation_tells_who_could_what_they_do_and_when_it_widens(world: World) -> None:
    await world.ready(ASA)
    talking = await world.caller("sjuk")
    await world.answers(ASA)
    await world.until_ledger(talking, "talking")
    await world.ready(BO, CARIN)
    caller = await world.caller("sjuk")
    await world.later(80, ASA, BO, CARIN)
    said = await world.routing.explain(caller.contact)
    assert said.sentences == (
        "Väntar på plats 1 i kön Sjuk, sedan 1 minut.",
        "Hur lång väntan blir är för osäkert för att sägas.",
        "1 handläggare har Sjuk ≥ 3 och svenska, i samtal.",
        "bo, ledig, saknar Sjuk.",
        "carin, ledig, har lägre nivå än 3 i Sjuk.",
        "Breddas om 40 s till Sjuk ≥ 1 och svenska, eller när väntan väntas bli längre än 15 minuter.",
    )
    assert [(one.agent, one.why, one.skill) for one in said.not_offered] == [
        (BO, "lacks", "sjuk"),
        (CARIN, "level", "sjuk"),
    ]


async def test_an_explanation_tells_of_agents_with_written_work_too(world: World) -> None:
    await world.ready(CARIN)
    await world.later(1, CARIN)
    await write(world, "foralder")
    await accept(world, CARIN)
    caller = await world.caller("foralder")
    written = await write(world, "foralder")
    said = [await world.routing.explain(contact) for contact in (caller.contact, written)]
    assert [[(one.agent, one.why) for one in each.not_offered] for each in said] == [
        [(CARIN, "full_load")],
        [(CARIN, "kept_free")],
    ]
    assert said[0].sentences[2:4] == (
        "2 handläggare har Barn och familj ≥ 1 och svenska: 1 utloggad, 1 svarar skriftligt.",
        "carin är upptagen med skriftliga ärenden.",
    )
    assert said[1].sentences[2] == "carin hålls fri för någon som har väntat längre."


async def test_an_explanation_tells_which_steps_were_taken_and_why_somebody_was_chosen(world: World) -> None:
    await world.routing.set_state(CARIN, state=AgentState.NOT_READY, reason="rast")
    caller = await world.caller("foralder", wanted="carin")
    said = await world.routing.explain(caller.contact)
    assert said.sentences[2:4] == (
        "Väntar i första hand på carin, som är i paus.",
        "2 handläggare har Barn och familj ≥ 1 och svenska: 1 utloggad, 1 i paus (rast).",
    )
    await world.later(40, CARIN)
    await world.redis.flushall()
    await world.ready(BO)
    await world.answers(BO)
    await world.until_ledger(caller, "talking")
    said = await world.routing.explain(caller.contact)
    assert [sentence.split(" ", 1)[1] for sentence in said.sentences[:2]] == [
        "breddades kravet till Barn och familj ≥ 1 och svenska, efter så lång tid i kön.",
        "erbjöds bo (blev ledig, och kontakten stod först av dem som bo kan hjälpa), som svarade.",
    ]
    assert said.sentences[2].startswith("Talar med bo")


def test_the_shipped_files_can_be_used_with_the_steps_that_they_name() -> None:
    shipped = load_routing(queues=_text("queues.yaml"), skills=_text("skills.yaml"))
    assert any(queue.widenings for queue in shipped.queues.values())


def _text(name: str) -> str:
    return Path(CONFIG / name).read_text("utf-8")
