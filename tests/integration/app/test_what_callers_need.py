"""A number, or a choice in a flow, can ask for skills besides the queue's: such callers are for agents who have them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.coming_in import asks_of, enter, read_asks
from app.wiring import Rooms
from core.ids import AgentId, ContactId, LegId
from core.language import Language
from ivr.events import HumanRequested
from skills_routing.model import AgentState, Need
from tests.builders.texting import texting_rooms
from tests.fakes.clock import HandClock

ASA, CARIN = AgentId("asa"), AgentId("carin")
CITIZENS, PARTNERS = "0771524524", "0771179000"


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, HandClock()) as rooms:
        await rooms.redis.flushall()
        await rooms.routing.start()
        await rooms.routing.sync_agents(rooms.configuration.agents)
        yield rooms


async def comes_in(rooms: Rooms, name: str, *, called: str = CITIZENS, wants: tuple[str, ...] = ()) -> ContactId:
    contact = ContactId(f"con_{name}")
    async with rooms.database.transaction() as tx:
        await rooms.contacts.open(tx, contact=contact, caller="+46701740605", called=called)
        await rooms.contacts.walked(tx, contact, ("talk/which:choice_sick",), wants=wants)
        await rooms.contacts.walked(tx, contact, ("talk/which:choice_sick",))  # who does not say leaves it as it is
    at, leg = rooms.clock.now(), LegId(f"leg_{name}")
    fact = HumanRequested(
        occurred_at=at, contact=contact, leg=leg, queue="sjuk", language=Language.SWEDISH, waiting_since=at
    )
    await enter(rooms, fact)
    return contact


async def test_who_rings_the_number_for_partners_is_for_agents_who_know_their_matters(rooms: Rooms) -> None:
    await rooms.routing.set_state(ASA, state=AgentState.READY)
    partner = await comes_in(rooms, "p", called=PARTNERS)
    assert (await rooms.routing.desk(ASA)).offer is None
    said = await rooms.routing.explain(partner)
    assert any("Partner och vårdgivare ≥ 1" in sentence for sentence in said.sentences)
    assert [(one.agent, one.skill) for one in said.not_offered] == [(ASA, "partner")]
    citizen = await comes_in(rooms, "c")
    offer = (await rooms.routing.desk(ASA)).offer
    assert offer is not None and offer.contact == citizen
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    offer = (await rooms.routing.desk(CARIN)).offer
    assert offer is not None and offer.contact == partner


async def test_what_a_choice_asks_for_is_needed_and_what_it_prefers_is_given_up_after_a_minute(rooms: Rooms) -> None:
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    rather = await comes_in(rooms, "r", wants=("?sjuk:4",))
    assert (await rooms.routing.desk(CARIN)).offer is None, "Carin has sjuk at 2"
    said = (await rooms.routing.explain(rather)).sentences
    assert any("Sjuk ≥ 4" in sentence for sentence in said)
    assert any("Breddas om 60 s till Sjuk ≥ 1" in sentence for sentence in said)
    needs = await comes_in(rooms, "n", wants=("partner:3",))
    assert any("Partner och vårdgivare ≥ 3" in each for each in (await rooms.routing.explain(needs)).sentences)
    for _ in range(8):
        rooms.clock.pass_time(seconds=8)  # type: ignore[attr-defined]
        await rooms.routing.heartbeat(CARIN)
        await rooms.routing.run_due()
    offer = (await rooms.routing.desk(CARIN)).offer
    assert offer is not None and offer.contact == rather
    assert (await asks_of(rooms, needs)).needs == {Need("partner", 3)}


def test_a_skill_that_is_gone_from_the_files_holds_nobody() -> None:
    asks = read_asks(["partner:2", "?sjuk:3", "gone:1"], {"partner", "sjuk"})
    assert (asks.needs, asks.prefers) == ({Need("partner", 2)}, {Need("sjuk", 3)})
