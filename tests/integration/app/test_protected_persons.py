"""Somebody with protected identity is for cleared agents, whatever the matter and however long they wait."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.coming_in import enter
from app.wiring import Rooms
from core.ids import AgentId, ContactId, LegId, PersonId, Subject
from core.language import Language
from ivr.events import HumanRequested
from skills_routing.model import AgentState
from tests.builders.texting import texting_rooms
from tests.fakes.clock import HandClock

BO, CARIN = AgentId("bo"), AgentId("carin")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        await rooms.redis.flushall()
        await rooms.routing.start()
        await rooms.routing.sync_agents(rooms.configuration.agents)
        yield rooms


async def comes_in(rooms: Rooms, name: str, subject: str) -> ContactId:
    contact = ContactId(f"con_{name}")
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, caller="+46701740605")
        await rooms.contacts.identified(tx, contact, person=PersonId(f"per_{name}"), subject=Subject(subject), level=2)
    at = rooms.clock.now()
    await enter(
        rooms,
        HumanRequested(
            occurred_at=at, contact=contact, leg=LegId(f"leg_{name}"), queue="bostad", language=Language.SWEDISH,
            waiting_since=at,
        ),
    )  # fmt: skip
    return contact


async def test_only_a_cleared_agent_is_offered_them(rooms: Rooms) -> None:
    await rooms.routing.set_state(BO, state=AgentState.READY)
    protected = await comes_in(rooms, "p", "demo-08")
    assert (await rooms.routing.desk(BO)).offer is None
    said = await rooms.routing.explain(protected)
    assert any("Skyddade personuppgifter" in sentence for sentence in said.sentences)
    assert [(one.agent, one.skill) for one in said.not_offered] == [(BO, "skyddad")]
    other = await comes_in(rooms, "o", "demo-01")
    offer = (await rooms.routing.desk(BO)).offer
    assert offer is not None and offer.contact == other
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    offer = (await rooms.routing.desk(CARIN)).offer
    assert offer is not None and offer.contact == protected


async def test_where_nobody_is_cleared_they_wait_for_anybody_and_the_name_stays_hidden(rooms: Rooms) -> None:
    await rooms.routing.staffing.change(CARIN, {"bostad": 2, "svenska": 5}, by="disa")
    await rooms.routing.set_state(BO, state=AgentState.READY)
    protected = await comes_in(rooms, "p", "demo-08")
    offer = (await rooms.routing.desk(BO)).offer
    assert offer is not None and offer.contact == protected
    assert not await rooms.routing.staffing.is_cleared(BO)
    assert await rooms.routing.staffing.for_protected() == frozenset()


async def test_who_is_cleared_sees_to_it_by_skill(rooms: Rooms) -> None:
    assert await rooms.routing.staffing.is_cleared(CARIN)
    assert not await rooms.routing.staffing.is_cleared(AgentId("nobody"))
    await rooms.routing.staffing.change(BO, {"skyddad": 1}, by="disa")
    assert await rooms.routing.staffing.is_cleared(BO)
