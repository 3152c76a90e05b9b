"""One line for all sites (R8): a site that is lost loses nobody, and where an agent sits is a figure and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from contacts.model import State
from core.ids import AgentId
from skills_routing.events import OfferMade
from skills_routing.forecast.site_store import FEWEST_AGENTS, SiteWaits, read_site_waits
from skills_routing.forecast.wait_store import waits
from skills_routing.model import Agent, AgentState
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, Caller, World, agents, until

NORTH = tuple(AgentId(f"norr_{number}") for number in range(FEWEST_AGENTS))
SOUTH = tuple(AgentId(f"syd_{number}") for number in range(FEWEST_AGENTS))
SMALL = AgentId("ort_1")


def staff() -> list[Agent]:
    model = next(agent for agent in agents() if agent.id == ASA)
    where = [*((name, "norr") for name in NORTH), *((name, "syd") for name in SOUTH), (SMALL, "ort")]
    return [replace(model, id=name, site=site) for name, site in where]


async def offered_to(world: World, caller: Caller) -> AgentId:
    await until(lambda: any(fact.contact == caller.contact for fact in world.facts(OfferMade)))
    return [AgentId(fact.agent) for fact in world.facts(OfferMade) if fact.contact == caller.contact][-1]


async def connects(world: World, agent: AgentId) -> None:
    await until(lambda: world.phone(agent).ringing)
    await world.answers(agent)


async def test_when_a_site_is_lost_everybody_there_goes_to_the_others_in_the_order_of_their_arrival(
    world: World,
) -> None:
    await world.routing.sync_agents(staff())
    await world.ready(*NORTH)
    talking = [await world.caller("sjuk", waited=100 - number) for number in range(3)]
    for caller in talking:
        await connects(world, await offered_to(world, caller))
    shown = [await world.caller("sjuk", waited=50 - number) for number in range(2)]
    for caller in shown:
        await offered_to(world, caller)
    waiting = [await world.caller("sjuk", waited=20 - number) for number in range(3)]

    for agent in NORTH:  # the line to the site is cut: neither telephones nor browsers are heard of
        if world.phone(agent).in_call:
            world.cut(world.phone(agent), EndCause.FAULT)
    for _ in range(15):
        await world.later(1, *SOUTH)

    everybody = [*talking, *shown, *waiting]
    assert [await world.place(caller) for caller in everybody] == [*range(1, 9)]
    assert all(caller.phone.ended is None for caller in everybody)
    await world.ready(*SOUTH)
    for caller in everybody[: len(SOUTH)]:
        agent = await offered_to(world, caller)
        assert agent in SOUTH
        await connects(world, agent)
        assert caller.phone.connected_to == f"agent-{agent}"
        await world.until_ledger(caller, State.TALKING)
    assert [await world.place(caller) for caller in everybody[len(SOUTH) :]] == [1, 2, 3]
    assert {(await world.desk(agent)).state for agent in NORTH} == {AgentState.NOT_READY}


async def test_a_wait_is_counted_at_the_site_of_whoever_ended_it_and_few_agents_are_not_shown_alone(
    world: World,
) -> None:
    await world.routing.sync_agents(staff())
    for agent, waited in ((NORTH[0], 60), (SMALL, 30)):
        await world.ready(agent)
        caller = await world.caller("sjuk", waited=waited)
        await connects(world, agent)
        await world.until_ledger(caller, State.TALKING)
    since = world.time.now() - timedelta(hours=1)
    async with world.database.reading() as tx:
        found = await read_site_waits(tx, start=since, end=since + timedelta(hours=2))
    assert [(one.site, one.served) for one in found] == [("norr", 1), ("", 1)]
    assert found[0].mean >= 60 and found[1].mean >= 30, "from when they first asked"


async def test_nine_of_ten_is_of_all_who_were_served_there_in_that_time(world: World) -> None:
    await world.routing.sync_agents(staff())
    now = world.time.now()
    usual = {"queue": "sjuk", "line": "sjuk:1", "entered_at": now, "head_start_seconds": 0.0, "sure": False}
    rows = [
        usual | {"contact": f"con_{number}", "site": "syd", "how": how, "ended_at": at, "waited_seconds": float(number)}
        for number, how, at in [
            *((number, "served", now) for number in range(1, 21)),
            (900, "hung_up", now),
            (901, "served", now - timedelta(days=2)),
        ]
    ]
    async with world.database.transaction() as tx:
        await tx.execute(insert(waits), rows)
    async with world.database.reading() as tx:
        [found] = await read_site_waits(tx, start=now - timedelta(days=1), end=now + timedelta(seconds=1))
    assert found == SiteWaits(site="syd", served=20, mean=pytest.approx(10.5), p90=19.0)
