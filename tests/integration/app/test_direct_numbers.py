"""The direct number that stands in a kallelse reaches the handler, then the deputy, then whoever knows such matters (R48, R49, N6)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.coming_in import enter, promise
from app.wiring import Rooms
from callbacks.model import Callback
from core.ids import AgentId, ContactId, LegId
from core.language import Language
from core.phone import PhoneNumber
from ivr.events import CallbackRequested, HumanRequested
from ivr.opening_hours import entry_point_of
from skills_routing.model import AgentState
from tests.builders.texting import texting_rooms
from tests.fakes.clock import HandClock
from tests.unit.meetings.offices import register

ASA, BO, CARIN = AgentId("asa"), AgentId("bo"), AgentId("carin")
LENAS = register().handlers[AgentId("lena")]
OURS = register().by_number


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, HandClock()) as rooms:
        await rooms.redis.flushall()
        await rooms.routing.start()
        await rooms.routing.sync_agents(rooms.configuration.agents)
        yield rooms


async def rings(rooms: Rooms, number: PhoneNumber, name: str = "1", *, written: str = "") -> ContactId:
    """Have somebody ring a number, as far as the line: what the flow does on the way is told in the room of the IVR."""
    contact, at = ContactId(f"con_{name}"), rooms.clock.now()
    called = written or number.national
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, caller="+46701740605", called=called)
    queue = entry_point_of(called, rooms.configuration.entry_points).queue
    fact = HumanRequested(
        occurred_at=at,
        contact=contact,
        leg=LegId(f"leg_{name}"),
        queue=queue,
        language=Language.SWEDISH,
        waiting_since=at,
    )
    await enter(rooms, fact)
    return contact


async def offered(rooms: Rooms, agent: AgentId) -> ContactId | None:
    offer = (await rooms.routing.desk(agent)).offer
    return offer.contact if offer else None


async def a_minute_passes(rooms: Rooms, *agents: AgentId) -> None:
    for _ in range(8):
        rooms.clock.pass_time(seconds=8)  # type: ignore[attr-defined]
        for agent in agents:
            await rooms.routing.heartbeat(agent)
        await rooms.routing.run_due()


@pytest.mark.parametrize("number", OURS, ids=lambda number: OURS[number].handler)
async def test_every_number_that_is_printed_comes_in_to_us_and_reaches_somebody(
    rooms: Rooms, number: PhoneNumber
) -> None:
    assert number in rooms.meetings.letters.routed()
    assert entry_point_of(number.national, rooms.configuration.entry_points).flow == "direct"
    first, *_ = [one for one in register().who_answers([number]) if one in (ASA, BO, CARIN)]
    for agent in (ASA, BO, CARIN):
        await rooms.routing.set_state(agent, state=AgentState.READY)
    contact = await rings(rooms, number)
    assert await offered(rooms, first) == contact


@pytest.mark.parametrize("written", ["0701740661", "+46701740661", "46701740661", "701740661", "0046701740661"])
async def test_it_does_so_however_a_network_writes_it(rooms: Rooms, written: str) -> None:
    await rooms.routing.set_state(ASA, state=AgentState.READY)
    assert await offered(rooms, ASA) is None
    contact = await rings(rooms, LENAS.number, written=written)
    assert await offered(rooms, ASA) == contact


async def test_whoever_rings_waits_for_the_handler_first_then_for_the_deputy(rooms: Rooms) -> None:
    await rooms.routing.set_state(ASA, state=AgentState.READY)
    await rings(rooms, LENAS.number, "first")
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    second = await rings(rooms, LENAS.number, "second")
    assert await offered(rooms, CARIN) is None, "the handler is at work, and will do better"
    await a_minute_passes(rooms, ASA, CARIN)
    assert await offered(rooms, CARIN) == second


async def test_nobody_waits_for_a_handler_who_is_not_at_work(rooms: Rooms) -> None:
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    contact = await rings(rooms, LENAS.number)
    assert await offered(rooms, CARIN) == contact


async def test_when_neither_is_at_work_whoever_knows_these_matters_answers_at_once(rooms: Rooms) -> None:
    number = register().handlers[AgentId("olle")].number
    await rooms.routing.set_state(ASA, state=AgentState.READY)
    contact = await rings(rooms, number)
    assert await offered(rooms, ASA) is None
    assert (await rooms.routing.explain(contact)).sentences


async def wishes_to_be_rung(rooms: Rooms, called: str) -> Callback:
    contact, at = ContactId("con_night"), rooms.clock.now()
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, caller="+46701740605", called=called)
        await rooms.contacts.wants_callback(tx, contact, PhoneNumber("+46701740605"))
    leg = LegId("leg_night")
    fact = CallbackRequested(
        occurred_at=at, contact=contact, leg=leg, queue="sjuk", language=Language.SWEDISH, reason="closed"
    )
    for _ in range(2):  # a fact may be told twice
        await promise(rooms, fact)
    made = await rooms.callbacks.promised_to(contact)
    assert made is not None
    return made


async def test_at_night_the_handler_promises_to_ring_and_the_deputy_when_they_cannot(rooms: Rooms) -> None:
    made = await wishes_to_be_rung(rooms, LENAS.number.national)
    assert (made.bound_to, made.deputy) == (ASA, CARIN)


async def test_whoever_rings_the_main_number_is_rung_by_whoever_is_free(rooms: Rooms) -> None:
    made = await wishes_to_be_rung(rooms, "0771524524")
    assert (made.bound_to, made.deputy) == (None, None)
