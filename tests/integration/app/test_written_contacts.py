"""Texts that a person is to read: one written contact for each number, in the fair line, and the books balance."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.cli.routing import written_now
from app.wiring import Rooms
from contacts.ledger import count, inspect
from contacts.model import Channel, Contact, Outcome
from contacts.store import contacts as table
from contacts.store import read
from core.ids import AgentId, ContactId
from core.language import Language
from core.phone import PhoneNumber
from skills_routing.agents.desk import OfferShown
from skills_routing.model import AgentState
from storage.database import Database
from tests.builders.texting import CITIZEN, Writer, asks_in_a_call, handset, texting_rooms
from tests.fakes.clock import HandClock

ASA, BO, CARIN = AgentId("asa"), AgentId("bo"), AgentId("carin")
OTHER = PhoneNumber("+46701740606")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock, database: Database) -> AsyncIterator[Rooms]:
    url = database.engine.url.render_as_string(hide_password=False)
    async with texting_rooms(tmp_path, valkey_url, clock, database_url=url) as rooms:
        await rooms.redis.flushall()
        await rooms.routing.start()
        await rooms.routing.sync_agents(rooms.configuration.agents)
        yield rooms


@pytest.fixture
def citizen(rooms: Rooms, clock: HandClock) -> Writer:
    return Writer(rooms, clock)


async def written(rooms: Rooms) -> list[Contact]:
    """Every contact by text, the oldest first."""
    async with rooms.database.reading() as tx:
        query = select(table).where(table.c.channel == Channel.SMS).order_by(table.c.opened_at, table.c.contact)
        return [read(row) for row in await tx.execute(query)]


async def offered(rooms: Rooms, agent: AgentId = CARIN) -> OfferShown:
    offer = (await rooms.routing.desk(agent)).offer
    assert offer is not None and offer.is_written
    return offer


async def accept(rooms: Rooms, agent: AgentId = CARIN) -> ContactId:
    offer = await offered(rooms, agent)
    await rooms.routing.accept(agent, offer=offer.offer, token=offer.token)
    await rooms.dispatcher.settled()
    return offer.contact


async def close(rooms: Rooms, contact: ContactId, agent: AgentId = CARIN) -> None:
    await rooms.routing.written.close(agent, contact=contact, code="answered")
    await rooms.dispatcher.settled()


async def books(rooms: Rooms, clock: HandClock) -> dict[Outcome, int]:
    """Check that the books balance, and return the outcomes that there are."""
    now = clock.now()
    async with rooms.database.reading() as tx:
        tally = await count(tx, start=now - timedelta(days=9), end=now + timedelta(days=1))
        found = await inspect(tx, start=now - timedelta(days=9), end=now + timedelta(days=1), now=now)
    assert tally.holds
    assert not found
    return {outcome: many for outcome, many in tally.outcomes.items() if many}


async def test_who_asks_for_a_person_is_told_so_waits_and_is_answered(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    told = await citizen.writes("Jag vill skriva med en handläggare")
    assert "En handläggare läser det och svarar dig här när det är din tur" in told
    (contact,) = await written(rooms)
    assert (contact.state, contact.queue, contact.caller) == ("waiting", "allmant", CITIZEN.e164)
    assert (contact.language, contact.path) == (Language.SWEDISH, ("human/asked",))
    assert await books(rooms, clock) == {}
    clock.pass_time(hours=14)
    assert await books(rooms, clock) == {}, "who has written waits over a night"
    explained = await rooms.routing.explain(contact.contact)
    assert explained.place == 1
    assert "Har skrivit, och väntar på plats 1 i kön Allmänna frågor" in explained.sentences[0]
    assert "Den som ringer inom 4 timmar efter det går före." in explained.sentences[0]
    (length,) = [one for one in await rooms.routing.lengths() if one.queue == "allmant"]
    assert (length.waiting, length.longest_since, length.written) == (0, None, 1)
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    assert await accept(rooms) == contact.contact
    async with rooms.database.transaction() as tx:
        refused = await rooms.sms.write_as_agent(
            tx, key="k1", number=CITIZEN, text="Hej! Det går bra.", contact=contact.contact, language=Language.SWEDISH
        )
    assert refused is None
    clock.pass_time(hours=9)  # what agents write keeps the quiet hours
    assert (await handset(rooms))[0] == "Hej! Det går bra."
    clock.pass_time(hours=12)
    assert await citizen.writes("Tack! En fråga till") == ""
    async with rooms.database.transaction() as tx:
        await rooms.sms.write_as_agent(
            tx, key="k2", number=CITIZEN, text="Fråga på!", contact=contact.contact, language=Language.SWEDISH
        )
    assert (await handset(rooms))[0] == "Fråga på!", "whoever writes at nine in the evening is answered then"
    await close(rooms, contact.contact)
    assert await books(rooms, clock) == {Outcome.ANSWERED: 1}
    assert any("erbjöds carin" in one for one in (await rooms.routing.explain(contact.contact)).sentences)
    desk = await rooms.routing.desk(CARIN)
    assert (desk.state, desk.written) == (AgentState.READY, ())


async def test_who_is_not_understood_twice_is_read_by_a_person(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    assert "4 om en handläggare" in await citizen.writes("Kan ni svara mig på en sak")
    assert "En handläggare läser" in await citizen.writes("Det gäller min sjukpenning från i våras")
    (contact,) = await written(rooms)
    assert (contact.queue, contact.path) == ("sjuk", ("human/not_understood",))
    clock.pass_time(days=2)
    other = Writer(rooms, clock, OTHER)
    await other.writes("Hallå där")
    clock.pass_time(days=2)
    assert "4 om en handläggare" in await other.writes("Hallå igen"), "days apart is not twice in a row"
    assert "En handläggare läser" in await other.writes("4")
    assert len(await written(rooms)) == 2


async def test_texts_at_the_same_moment_and_facts_told_twice_make_one_contact(rooms: Rooms, citizen: Writer) -> None:
    facts: list[Any] = []
    rooms.database.on_commit(lambda committed: facts.extend(fact for _, fact in committed))
    texts = [f"Jag vill prata med en människa {number}" for number in range(4)]
    await asyncio.gather(
        *(rooms.sms.receive(provider="simulator", provider_id=text, number=CITIZEN.e164, text=text) for text in texts)
    )
    await rooms.dispatcher.settled()
    for fact in [one for one in facts if type(one).__name__ in ("TextReceived", "WrittenBegan")]:
        await rooms.dispatcher.tell(fact)
    (contact,) = await written(rooms)
    assert contact.state == "waiting"
    told = await handset(rooms)
    assert len([text for text in told if "svarar dig här när det är din tur" in text]) == len(told) == 4
    assert [one.written for one in await rooms.routing.lengths() if one.written] == [1]


async def test_more_texts_are_read_in_the_same_thread_and_words_of_ours_still_count(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    await citizen.writes("HANDLÄGGARE")
    assert await citizen.writes("Det gäller mitt barn") == ""
    assert await citizen.writes("tack") == ""
    assert "ligger kvar hos oss" in await citizen.writes("Är det någon människa där?")
    assert "veta att det är du" in await citizen.writes("UTBETALNING")
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    contact = await accept(rooms)
    for text in ("UTBETALNING", "1", "ja", "Jag vill ha en handläggare"):
        assert await citizen.writes(text) == "", "an agent reads it, and no machine speaks in between"
    assert "ringer upp dig" in await citizen.writes("Kan du ringa mig")
    assert [one.contact for one in await written(rooms) if one.outcome is None] == [contact]


async def test_stopp_and_ring_take_who_waits_out_of_the_line(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    other = Writer(rooms, clock, OTHER)
    for writer, word in ((citizen, "STOPP"), (other, "RING")):
        await writer.writes("HANDLÄGGARE")
        await writer.writes(word)
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    assert (await rooms.routing.desk(CARIN)).offer is None
    outcomes = await books(rooms, clock)
    assert outcomes == {Outcome.ABANDONED: 1, Outcome.CALLBACK_PROMISED: 2}, "the promise has a contact of its own"
    assert await citizen.writes("HANDLÄGGARE") == "", "who wants no texts cannot be answered by text"
    assert len([one for one in await written(rooms) if one.is_open]) == 0


@pytest.mark.parametrize("asked", ["unanswered", "confirmed"])
async def test_whose_number_may_be_somebody_protected_is_for_cleared_agents_and_stays_a_stranger(
    rooms: Rooms, citizen: Writer, asked: str
) -> None:
    await asks_in_a_call(rooms, CITIZEN, subject="demo-08")
    if asked == "confirmed":
        await citizen.writes("1")
    await rooms.routing.set_state(BO, state=AgentState.READY)
    await citizen.writes("Jag vill skriva med en handläggare om bostadsbidrag")
    (contact,) = await written(rooms)
    assert (contact.queue, contact.person, contact.subject, contact.level) == ("bostad", None, None, 0)
    assert (await rooms.routing.desk(BO)).offer is None
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    assert await accept(rooms) == contact.contact


async def test_who_reaches_a_cap_does_not_keep_agents_busy(rooms: Rooms, clock: HandClock) -> None:
    texts = rooms.configuration.sms
    rooms.sms.renew(replace(texts, policy=replace(texts.policy, range_per_hour=3)))
    strangers = [Writer(rooms, clock, PhoneNumber(f"+4670174060{number}")) for number in range(5)]
    told = [await stranger.writes("HANDLÄGGARE") for stranger in strangers]
    assert [bool(one) for one in told] == [True, True, True, False, False]
    assert [one.caller for one in await written(rooms)] == [one.number.e164 for one in strangers[:3]]


async def test_an_answer_within_a_day_goes_to_the_same_agent_and_later_the_machine_is_first(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    await citizen.writes("HANDLÄGGARE, det gäller barnbidrag")
    for agent in (BO, CARIN):
        await rooms.routing.set_state(agent, state=AgentState.READY)
    first = await accept(rooms, BO)
    await close(rooms, first, BO)
    assert "Tack själv" in await citizen.writes("Tack så mycket!"), "nobody is needed for that"
    assert len(await written(rooms)) == 1
    for agent in (CARIN, BO):
        await rooms.routing.heartbeat(agent)
    assert "En handläggare läser" in await citizen.writes("Men hur blir det i januari då?")
    offer = await offered(rooms, BO)
    assert offer.contact != first
    *_, again = await written(rooms)
    assert (again.contact, again.path, again.queue) == (offer.contact, ("human/again",), "foralder")
    assert any("helst skulle få" in one for one in (await rooms.routing.explain(again.contact)).sentences)
    await accept(rooms, BO)
    await close(rooms, again.contact, BO)
    clock.pass_time(hours=25)
    assert "4 om en handläggare" in await citizen.writes("En sak till")
    assert await books(rooms, clock) == {Outcome.ANSWERED: 2}


async def test_a_time_is_said_only_once_it_has_held_for_four_of_five(
    rooms: Rooms, citizen: Writer, clock: HandClock
) -> None:
    for number in range(20):
        contact = ContactId(f"con_{number}")
        async with rooms.database.transaction() as tx:
            await rooms.contacts.open(tx, contact=contact, channel=Channel.SMS, called="sms", at=clock.now())
            await rooms.contacts.waiting(tx, contact, "allmant")
            await rooms.contacts.connected(tx, contact, CARIN)
        clock.pass_time(minutes=1)
        async with rooms.database.transaction() as tx:
            await rooms.sms.write_as_agent(
                tx, key=contact, number=PhoneNumber(f"+467017406{number + 10}"), text="Hej!", contact=contact,
                language=Language.SWEDISH,
            )  # fmt: skip
    assert "när det är din tur. Skriv gärna" in await Writer(rooms, clock, OTHER).writes("HANDLÄGGARE")
    clock.pass_time(days=1)
    assert "när det är din tur, oftast inom en timme." in await citizen.writes("HANDLÄGGARE")
    clock.pass_time(hours=11)
    night = Writer(rooms, clock, PhoneNumber("+46701740609"))
    assert "när det är din tur. Skriv gärna" in await night.writes("HANDLÄGGARE"), "at night by day's figures"


async def test_the_command_line_counts_who_has_written(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    await citizen.writes("HANDLÄGGARE")
    await Writer(rooms, clock, OTHER).writes("HANDLÄGGARE")
    await rooms.routing.set_state(CARIN, state=AgentState.READY)
    await accept(rooms)
    (one,) = await written_now(rooms.settings.sql_url)
    assert (one.queue, one.waiting, one.at_hand) == ("allmant", 1, 1)
    assert one.waiting_since is not None
