"""What is told of a wait is true: the place is among all in the queue, and each idle agent has the real reason."""

from dataclasses import replace

from structlog.testing import capture_logs

from core.ids import AgentId
from skills_routing.events import LineEntered
from skills_routing.line.live_line import GENERATION
from skills_routing.model import AgentState, Skills, milliseconds
from tests.integration.skills_routing.test_rung_first import OTHER
from tests.integration.skills_routing.test_written import accept, write
from tests.integration.skills_routing.world import ASA, BO, World, agents, until


async def why(world: World, contact: str) -> dict[AgentId, str]:
    said = await world.routing.explain(contact)  # type: ignore[arg-type]
    return {one.agent: str(one.why) for one in said.not_offered}


async def test_the_place_is_among_all_who_wait_in_the_queue_whatever_language_or_agent_they_need(world: World) -> None:
    first = await world.caller("sjuk", waited=30)
    second = await world.caller("sjuk", waited=20, language="en")
    third = await world.caller("sjuk", waited=10)
    elsewhere = await world.caller("bostad", waited=40)
    assert [fact.place for fact in world.facts(LineEntered)] == [1, 2, 3, 1]
    assert [await world.place(one) for one in (first, second, third, elsewhere)] == [1, 2, 3, 1]
    await world.redis.flushall()
    await world.routing.run_due()
    assert [await world.place(one) for one in (first, second, third, elsewhere)] == [1, 2, 3, 1]
    first.phone.hang_up()
    await until(lambda: first.phone.ended is not None)
    await world.routing.settled()
    assert [await world.place(one) for one in (second, third)] == [1, 2]


async def test_whoever_comes_with_an_earlier_rank_is_placed_where_they_stand(world: World) -> None:
    later = await world.caller("sjuk", waited=10)
    assert await world.place(later) == 1
    await world.caller("sjuk", waited=60, language="en")
    assert await world.place(later) == 2


async def test_a_citizen_to_be_rung_waits_for_an_agent_who_is_had_in_mind_for_another(world: World) -> None:
    await world.ready(ASA)
    first = await world.promise("sjuk", waited=90, citizen_first=True)
    await until(lambda: first.phone.ringing)
    second = await world.promise("sjuk", waited=60, number=OTHER, citizen_first=True)
    said = await world.routing.explain(second.contact)
    assert {one.agent: str(one.why) for one in said.not_offered}[ASA] == "expects"
    assert any("asa, ledig, väntar på någon annan som rings upp just nu." in sentence for sentence in said.sentences)


async def test_while_agents_gather_nobody_is_said_to_be_next(world: World) -> None:
    caller = await world.caller("sjuk")
    till = milliseconds(world.time.now()) + 300
    await world.redis.set(GENERATION, f"1 {till}")
    await world.ready(ASA)
    assert await why(world, caller.contact) == {ASA: "gathering"}
    await world.later(1, ASA)
    await until(lambda: world.phone(ASA).ringing)


async def test_who_writes_is_kept_free_for_a_caller_who_waits_for_just_that_agent(world: World) -> None:
    await world.routing.sync_agents([replace(agent, interruptible=False) for agent in agents()])
    await world.ready(ASA)
    await write(world)
    await accept(world, ASA)
    await world.routing.set_state(BO, state=AgentState.NOT_READY, reason="rast")
    await world.caller("sjuk", waited=60, wanted="asa")
    text = await write(world)
    world.time.advance(5 * 3600)
    await world.routing.heartbeat(ASA)
    assert await why(world, text) == {ASA: "kept_free"}


async def test_agents_of_the_file_who_leave_a_skill_to_nobody_are_told_of_while_somebody_waits(world: World) -> None:
    await world.caller("sjuk")
    await world.caller("bostad")
    without = [replace(agent, skills=_without(agent.skills, "sjuk")) for agent in agents()]
    with capture_logs() as said:
        await world.routing.sync_agents(without)
    [told] = [line for line in said if line["event"] == "callers wait whom no agent can serve any more"]
    assert (told["queue"], told["waiting"], told["log_level"]) == ("sjuk", 1, "error")


def _without(skills: Skills, name: str) -> Skills:
    return Skills(tuple(pair for pair in skills.levels if pair[0] != name))
