"""Meetings by text: booked, moved and cancelled in short dialogues, by whoever the number belongs to and nobody else."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.meetings_by_text import MeetingsByText
from app.wiring import Rooms
from contacts.model import Channel, Outcome
from core.ids import ContactId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from identity.binding import Binding
from meetings.model import Choice, Meeting, State, Wish
from meetings.register import Mode
from sms.events import TextReceived
from sms.keywords import Keyword
from sms.receiving import Received
from sms.store import received
from tests.builders.texting import CITIZEN, Writer, asks_in_a_call, handset, texting_rooms
from tests.fakes.clock import HandClock
from tests.integration.meetings.books import all_of, faults


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        yield rooms
        assert await faults(rooms.database) == []


@pytest.fixture
async def citizen(rooms: Rooms, clock: HandClock) -> Writer:
    """Somebody whose number is known as theirs."""
    await asks_in_a_call(rooms, CITIZEN)
    writer = Writer(rooms, clock)
    assert "Klart!" in await writer.writes("1")
    return writer


async def booked(rooms: Rooms) -> list[Meeting]:
    return [row for row in await all_of(rooms.database) if row.state is State.BOOKED]


async def has_a_meeting(citizen: Writer) -> Meeting:
    await citizen.writes("BOKA 98231")
    assert "Ditt möte är bokat" in await citizen.writes("1")
    return (await booked(citizen.rooms))[-1]


async def test_from_the_word_to_the_meeting(rooms: Rooms, citizen: Writer) -> None:
    assert "Vilket postnummer har du?" in await citizen.writes("Hej! Jag vill boka en tid")
    offered = await citizen.writes("982 31")
    assert offered.startswith("Lediga tider, Storgatan 1, Norrby: 1. ")
    second = offered.partition(" 2. ")[2].partition(" 3. ")[0]
    told = await citizen.writes("2")
    (row,) = await booked(rooms)
    assert f"Ditt möte är bokat: {second}, Storgatan 1, Norrby. Din handläggare har nummer 070-174 06 6" in told
    assert (row.by, row.mode, row.is_protected) == ("text", Mode.PHYSICAL, False)
    async with rooms.database.reading() as tx:
        contact = await rooms.contacts.get(tx, row.contact)
    assert (contact.channel, contact.outcome) == (Channel.SMS, Outcome.MEETING_BOOKED)


async def test_other_times_lie_later_and_are_all_new(rooms: Rooms, citizen: Writer) -> None:
    first, second = await citizen.writes("BOKA 98231"), await citizen.writes("4")
    assert "Lediga tider" in second
    assert len(times_in(first)) == len(times_in(second)) == 3
    assert not set(times_in(first)) & set(times_in(second))


def times_in(text: str) -> list[str]:
    return re.findall(r"[1-3]\. (\w+ \d+ \w+ kl \d\d\.\d\d)", text)


async def test_a_meeting_is_moved_and_stands_until_then(rooms: Rooms, citizen: Writer) -> None:
    row = await has_a_meeting(citizen)
    assert "Du har kvar din tid tills du väljer en ny" in await citizen.writes("FLYTTA")
    assert [one.starts_at for one in await booked(rooms)] == [row.starts_at]
    assert "Ditt möte är flyttat. Ny tid:" in await citizen.writes("3")
    (moved,) = await booked(rooms)
    assert (moved.meeting, moved.sequence) == (row.meeting, 1)
    assert moved.starts_at > row.starts_at


async def test_a_meeting_is_cancelled_only_after_a_yes(rooms: Rooms, citizen: Writer) -> None:
    await has_a_meeting(citizen)
    assert "Svara 1 för ja, 2 för nej" in await citizen.writes("kan inte komma, avboka")
    assert "Då är allt som det var" in await citizen.writes("nej")
    assert len(await booked(rooms)) == 1
    await citizen.writes("AVBOKA")
    assert "är avbokat" in await citizen.writes("Ja")
    assert await booked(rooms) == []
    assert "Vi ser inget möte" in await citizen.writes("AVBOKA")
    assert "Vi ser inget möte" in await citizen.writes("FLYTTA")


async def test_whoever_has_two_says_which(rooms: Rooms, citizen: Writer) -> None:
    first = await has_a_meeting(citizen)
    await citizen.writes("BOKA 98231")
    await citizen.writes("2")
    assert "Du har två möten med oss" in await citizen.writes("AVBOKA")
    assert "Vill du avboka mötet" in await citizen.writes("1")
    await citizen.writes("1")
    assert first.meeting not in [row.meeting for row in await booked(rooms)]
    assert len(await booked(rooms)) == 1


async def test_a_time_that_goes_meanwhile_is_made_good_by_others(rooms: Rooms, citizen: Writer) -> None:
    await citizen.writes("BOKA 98231")
    found = await rooms.meetings.times(Wish(type="personligt_mote", offices=("norrby",), mode=Mode.PHYSICAL), most=1)
    choice = Choice(starts_at=found[0].starts_at, office="norrby", mode=Mode.PHONE)
    for _ in range(3):  # all who could have held it
        await rooms.meetings.book(Wish(type="personligt_mote"), choice, by="somebody else")
    assert "Den tiden är redan tagen, men vi har fler: 1." in await citizen.writes("1")
    assert "Ditt möte är bokat" in await citizen.writes("1")


async def test_a_text_that_is_told_twice_does_nothing_twice(rooms: Rooms, citizen: Writer, clock: HandClock) -> None:
    await citizen.writes("BOKA 98231")
    dialogues = ((("1",), State.BOOKED), (("FLYTTA", "2"), State.BOOKED), (("AVBOKA", "1"), State.CANCELLED))
    for asked, state in dialogues:
        for text in asked:
            await citizen.writes(text)
        before = (await all_of(rooms.database), await handset(rooms))
        again = TextReceived(occurred_at=clock.now(), received=await newest(rooms), keyword=Keyword.OTHER)
        await rooms.answering.answer(again)
        assert (await all_of(rooms.database), await handset(rooms)) == before
        assert [row.state for row in before[0]] == [state]


async def newest(rooms: Rooms) -> str:
    async with rooms.database.reading() as tx:
        query = select(received.c.received).order_by(received.c.received_at.desc()).limit(1)
        return str((await tx.execute(query)).scalar_one())


@pytest.mark.parametrize("subject", ["demo-01", "demo-08"])
async def test_a_stranger_a_shared_number_and_a_protected_person_are_told_the_same(
    rooms: Rooms, clock: HandClock, subject: str
) -> None:
    writer = Writer(rooms, clock)
    words = ("BOKA", "FLYTTA", "AVBOKA", "boka 98231")
    stranger = [await writer.writes(word) for word in words]
    assert all("i telefon" in one and "Svara 1 för ja" in one for one in stranger)
    await asks_in_a_call(rooms, CITIZEN, subject=subject)
    await writer.writes("1")
    if subject == "demo-01":  # and somebody else on the same telephone
        await asks_in_a_call(rooms, CITIZEN, subject="demo-02")
        await writer.writes("1")
    assert [await writer.writes(word) for word in words] == stranger
    assert await all_of(rooms.database) == []


async def test_where_no_times_are_free_we_offer_to_ring(rooms: Rooms, citizen: Writer) -> None:
    rooms.meetings.register = replace(rooms.meetings.register, handlers={})
    assert "Svara RING" in (told := await citizen.writes("BOKA 98231")) and "inga tider" in told
    assert "Vi ringer upp dig" in await citizen.writes("RING")


async def test_who_reads_english_is_answered_in_it(rooms: Rooms, clock: HandClock) -> None:
    await asks_in_a_call(rooms, CITIZEN, language=Language.ENGLISH)
    writer = Writer(rooms, clock)
    await writer.writes("1")
    assert "What is your postcode?" in await writer.writes("BOKA")
    assert "Free times, " in await writer.writes("98231")
    assert "Your meeting is booked: " in await writer.writes("1")
    assert (await booked(rooms))[0].language == "en"


async def test_of_many_who_choose_the_same_time_nobody_gets_it_twice(rooms: Rooms) -> None:
    """Three handlers can hold it: three have it, and everybody else is offered others (I-15)."""
    by_text = MeetingsByText(rooms)

    def writes(number: int, keyword: Keyword, text: str) -> tuple[Received, Binding, ContactId]:
        phone = PhoneNumber(f"+4670174{number:04d}")
        received = Received(f"smr_{number}_{keyword}", phone, keyword, text)
        whose = Binding(
            binding=f"bnd_{number}", person=PersonId(f"per_{number}"), subject=Subject(f"s-{number}"), number=phone,
            language=Language.SWEDISH, asked_at=rooms.clock.now(), allowed=frozenset(), asked_by="call",
        )  # fmt: skip
        return received, whose, ContactId(f"con_{number}")

    many = range(605, 625)
    async with rooms.database.transaction() as tx:
        for one in many:
            await rooms.contacts.open(tx, contact=ContactId(f"con_{one}"), channel=Channel.SMS)
    await asyncio.gather(*(by_text(*writes(one, Keyword.BOOK, "98231")) for one in many))
    told = await asyncio.gather(*(by_text(*writes(one, Keyword.TIME_1, "1")) for one in many))
    names = sorted(name for name, _values in told)
    rows = await booked(rooms)
    assert names.count("meeting_booked") == len(rows)
    assert len({row.starts_at for row in rows}) == 1
    assert set(names) == {"meeting_booked", "meeting_taken"}
    assert len(rows) in (1, 2, 3)
