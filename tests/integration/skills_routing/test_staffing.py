"""Skills are changed while callers wait: at once, lastingly, and with a warning before somebody is left with nobody."""

from dataclasses import replace
from typing import Any

import pytest

from core.ids import AgentId
from skills_routing.configuration import RoutingConfiguration, load_agents, load_routing
from skills_routing.errors import LastAgentError, UnknownAgentError, UnknownSkillError
from skills_routing.model import Agent, AgentState, Skills
from tests.integration.skills_routing.world import ASA, BO, CARIN, CONFIG, World, configuration

DISA = "disa"


def text(name: str) -> str:
    return (CONFIG / name).read_text("utf-8")


def agents() -> tuple[Agent, ...]:
    return load_agents(text("demo/agents.yaml"), skills=configuration().skills)


def without(queue: str) -> RoutingConfiguration:
    """The configuration after an operator has taken a queue and its skill away."""
    kept = "\n  - id:".join(
        part for part in text("queues.yaml").split("\n  - id:") if not part.startswith(f" {queue}\n")
    )
    skills = "\n".join(line for line in text("skills.yaml").splitlines() if f"id: {queue}," not in line)
    assert queue not in skills
    return load_routing(queues=kept, skills=skills)


async def skills_of(world: World, agent: AgentId) -> dict[str, int]:
    everybody = await world.routing.staffing.everybody()
    return next(dict(one.agent.skills.levels) for one in everybody if one.agent.id == agent)


async def test_a_new_skill_brings_a_waiting_caller_to_a_free_agent_at_once(world: World) -> None:
    await world.ready(ASA)
    caller = await world.caller("bostad")
    assert (await world.desk(ASA)).offer is None
    await world.routing.staffing.change(ASA, {"bostad": 2, "svenska": 5}, by=DISA)
    offer = (await world.desk(ASA)).offer
    assert offer is not None and offer.contact == caller.contact


async def test_a_skill_that_is_taken_away_counts_at_once_and_leaves_a_talk_alone(world: World) -> None:
    talking = await world.talk("sjuk", ASA)
    await world.ready(CARIN)
    await world.routing.staffing.change(ASA, {"svenska": 5}, by=DISA)
    assert talking.phone.connected_to == "agent-asa"
    talking.phone.hang_up()
    await world.until_state(ASA, AgentState.WRAP_UP)
    await world.wrap_up(ASA, talking, AgentState.READY)
    await world.caller("sjuk")
    assert (await world.desk(ASA)).offer is None
    assert (await world.desk(CARIN)).offer is not None


async def test_what_a_supervisor_has_set_stands_when_the_file_is_read_again_and_it_is_known_by_whom(
    world: World,
) -> None:
    await world.routing.staffing.change(ASA, {"bostad": 2, "svenska": 4}, by=DISA)
    await world.routing.sync_agents(agents())
    assert await skills_of(world, ASA) == {"bostad": 2, "svenska": 4}
    [set_] = [one for one in await world.routing.staffing.everybody() if one.agent.id == ASA]
    assert (set_.chosen_by, set_.chosen_at) == (DISA, world.time.now())
    await world.redis.flushall()
    await world.ready(ASA)
    await world.caller("bostad")
    assert (await world.desk(ASA)).offer is not None, "also after Redis was emptied"
    from_file = next(agent.skills for agent in agents() if agent.id == ASA)
    await world.routing.staffing.reset(ASA, from_file, by=DISA, confirm=True)
    await world.routing.sync_agents(agents())
    assert await skills_of(world, ASA) == {"sjuk": 4, "svenska": 5}


async def test_taking_the_last_agent_from_those_who_wait_is_warned_about_and_done_when_confirmed(world: World) -> None:
    await log_on(world, ASA, BO)
    await world.caller("sjuk")
    await world.caller("sjuk")
    with pytest.raises(LastAgentError, match="I kön Sjuk väntar 2 personer, och ingen annan inloggad"):
        await world.routing.staffing.change(ASA, {"svenska": 5}, by=DISA)
    assert await skills_of(world, ASA) == {"sjuk": 4, "svenska": 5}
    await world.routing.staffing.change(ASA, {"svenska": 5}, by=DISA, confirm=True)
    assert await skills_of(world, ASA) == {"svenska": 5}


async def test_nobody_is_warned_about_while_another_agent_who_is_here_can_serve_them(world: World) -> None:
    await log_on(world, ASA, CARIN)
    await world.caller("sjuk")
    await world.routing.staffing.change(ASA, {"svenska": 5}, by=DISA)


async def test_an_agent_who_leaves_is_told_who_would_be_left_and_may_leave(world: World) -> None:
    await log_on(world, ASA, BO)
    assert await world.routing.staffing.alone_for(ASA) == ()
    await world.caller("sjuk")
    [told] = await world.routing.staffing.alone_for(ASA)
    assert told.startswith("I kön Sjuk väntar 1 person")
    assert await world.routing.staffing.alone_for(BO) == ()
    await world.routing.set_state(ASA, state=AgentState.LOGGED_OFF)
    await world.until_state(ASA, AgentState.LOGGED_OFF)


async def test_an_agent_who_takes_a_break_is_told_who_would_be_left_also_when_a_colleague_has_a_break_too(
    world: World,
) -> None:
    await log_on(world, ASA, CARIN)
    await world.caller("sjuk")
    assert await world.routing.staffing.alone_for(ASA, pausing=True) == ()
    await world.routing.set_state(CARIN, state=AgentState.NOT_READY, reason="rast")
    await world.ready(ASA)
    await world.caller("sjuk")
    [told] = await world.routing.staffing.alone_for(ASA, pausing=True)
    assert told.startswith("I kön Sjuk väntar 2 personer, och ingen annan som svarar just nu")
    assert await world.routing.staffing.alone_for(ASA) == ()  # Carin is here, and comes back
    assert await world.routing.staffing.alone_for(CARIN, pausing=True) == ()


@pytest.mark.parametrize("wish", [{"finska": 3}, {"sjuk": 0}, {"sjuk": 6}, {"@asa": 1}])
async def test_a_skill_or_level_that_does_not_exist_is_refused(world: World, wish: dict[str, int]) -> None:
    with pytest.raises(UnknownSkillError):
        await world.routing.staffing.change(ASA, wish, by=DISA)
    assert await skills_of(world, ASA) == {"sjuk": 4, "svenska": 5}


async def test_an_agent_who_does_not_exist_gets_no_skills(world: World) -> None:
    with pytest.raises(UnknownAgentError):
        await world.routing.staffing.change(AgentId("nobody"), {"sjuk": 1}, by=DISA)


async def test_who_is_noted_is_noted_with_the_change_or_not_at_all(world: World) -> None:
    async def fails(_tx: Any) -> None:
        raise RuntimeError("the audit cannot be written")

    with pytest.raises(RuntimeError):
        await world.routing.staffing.change(ASA, {"svenska": 5}, by=DISA, note=fails)
    assert await skills_of(world, ASA) == {"sjuk": 4, "svenska": 5}


# --- a queue is taken out of the file ---------------------------------------------------------------------------------


async def test_a_queue_that_is_taken_away_is_served_until_nobody_waits_in_it(world: World) -> None:
    first, second = await world.caller("bostad", waited=60), await world.caller("bostad", waited=30)
    newer = without("bostad")
    await take_up(world, newer)
    assert {one.queue: one.waiting for one in await world.routing.lengths()}["bostad"] == 2
    await world.ready(BO)
    offer = (await world.desk(BO)).offer
    assert offer is not None and offer.contact == first.contact, "the skill stays as long as somebody needs it"
    await world.answers(BO)
    first.phone.hang_up()
    second.phone.hang_up()
    await world.until_gone(second)
    assert "bostad" not in {one.queue for one in await world.routing.lengths()}
    assert await world.routing.staffing.holds_retired_skills()
    await world.routing.sync_agents(known_to(newer))
    assert not await world.routing.staffing.holds_retired_skills()
    assert await skills_of(world, BO) == {"foralder": 4, "svenska": 5}


async def test_who_waits_keeps_the_place_when_the_files_change_and_redis_is_emptied(world: World) -> None:
    first, second = await world.caller("bostad", waited=60), await world.caller("sjuk", waited=90)
    await take_up(world, without("bostad"))
    await world.redis.flushall()
    assert await world.place(first) == 1
    assert await world.place(second) == 1
    await world.ready(BO)
    assert (await world.desk(BO)).offer is not None


async def test_a_process_that_was_started_since_has_a_name_for_a_queue_that_is_gone(world: World) -> None:
    await world.caller("bostad")
    newer = without("bostad")
    other = world.make_routing()
    other._configuration.queues, other._configuration.skills = newer.queues, newer.skills
    await other.start()
    [gone] = [one for one in await other.lengths() if one.queue == "bostad"]
    assert (gone.waiting, gone.label["sv"]) == (1, "Bostad")


async def test_a_caller_who_asks_for_a_queue_that_is_gone_waits_in_the_general_one(world: World) -> None:
    await take_up(world, without("bostad"))
    await world.caller("bostad")
    assert {one.queue: one.waiting for one in await world.routing.lengths()}["allmant"] == 1


async def test_a_new_queue_takes_callers_at_once_and_idle_agents_are_found_for_it(world: World) -> None:
    newer = configuration()
    more = replace(
        newer.queue("sjuk"), id="sjuk_snabbt", needs=newer.queue("bostad").needs | newer.queue("foralder").needs
    )
    await world.ready(BO)
    await take_up(world, RoutingConfiguration({**newer.queues, "sjuk_snabbt": more}, newer.skills))
    await world.caller("sjuk_snabbt")
    assert (await world.desk(BO)).offer is not None


async def take_up(world: World, newer: RoutingConfiguration) -> None:
    """Do what the controller does with changed files."""
    await world.routing.prepare(newer)
    world.routing.renew(newer)
    await world.routing.sync_agents(known_to(newer))


def known_to(newer: RoutingConfiguration) -> list[Agent]:
    return [
        replace(one, skills=Skills(tuple(pair for pair in one.skills.levels if pair[0] in newer.skills)))
        for one in agents()
    ]


async def log_on(world: World, *names: AgentId) -> None:
    for agent in names:
        await world.routing.set_state(agent, state=AgentState.NOT_READY, reason="break")


async def test_whose_skills_are_rare_today_is_kept_for_last_and_that_is_counted_at_most_every_half_minute(
    world: World,
) -> None:
    async def scarcity(agent: str) -> int:
        return int((await world.redis.hget(f"kc:agent:{agent}", "scarcity")) or 0)

    alone = await scarcity(ASA)
    await world.ready(ASA, CARIN)
    await world.routing.reconcile()
    both = await scarcity(ASA)
    assert both < alone, "Carin can do the same, and is here"
    await world.routing.set_state(CARIN, state=AgentState.LOGGED_OFF)
    await world.later(10, ASA)
    await world.routing.reconcile()
    assert await scarcity(ASA) == both, "who comes and goes moves nobody about"
    for _ in range(3):
        await world.later(8, ASA)
    await world.routing.reconcile()
    assert await scarcity(ASA) == alone
    caller = await world.caller("sjuk")
    told = (await world.routing.explain(caller.contact)).sentences
    assert any("var den av de lediga vars kompetenser flest inloggade har" in sentence for sentence in told)
