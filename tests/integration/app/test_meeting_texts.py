"""What is written about meetings: one confirmation, each reminder once, none after a cancellation, nothing to a stranger (I-16)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from app import meeting_texts
from app.wiring import Rooms
from core.ids import AgentId, ContactId, PersonId, Subject
from meetings.events import MeetingBooked
from meetings.model import Free, Meeting, Wish
from meetings.register import Mode
from tests.builders.texting import CITIZEN, Writer, asks_in_a_call, handset, texting_rooms
from tests.fakes.clock import HandClock


class Booker:
    """Somebody whose telephone is theirs, and who books meetings."""

    def __init__(self, rooms: Rooms, clock: HandClock, person: PersonId) -> None:
        self.rooms, self.clock = rooms, clock
        self.wish = Wish(type="kundmote", person=person, offices=("norrby",), handler=AgentId("lena"))

    async def times(self) -> list[Free]:
        """Times on a day more than three days ahead, so that both reminders are ahead, too."""
        found = await self.rooms.meetings.times(replace(self.wish, person=None), most=200)
        return [one for one in found if one.starts_at - self.clock.now() > timedelta(days=4)]

    async def books(self, **more: object) -> Meeting:
        return await self.rooms.meetings.book(replace(self.wish, **more), (await self.times())[0], by="citizen")

    async def reads(self) -> list[str]:
        """What has come since the number was asked for, the newest first."""
        return [text for text in await handset(self.rooms) if "möte" in text.lower()]

    async def waits_until(self, row: Meeting) -> None:
        while self.clock.now() < row.starts_at + timedelta(hours=1):
            self.clock.pass_time(hours=6)
            await self.reads()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest_asyncio.fixture
async def anna(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Booker]:
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        bound = await asks_in_a_call(rooms, CITIZEN)
        await Writer(rooms, clock).writes("ja")
        yield Booker(rooms, clock, bound.person)


async def test_a_booking_is_confirmed_once_and_each_reminder_comes_once(anna: Booker) -> None:
    row = await anna.books()
    [said] = await anna.reads()
    assert "Ditt möte är bokat" in said and "Storgatan 1" in said and "070-174 06 61" in said
    assert "kundmöte" not in said
    async with anna.rooms.database.reading() as tx:
        made = await anna.rooms.meetings.letters.newest(tx, row.meeting)
    assert made is not None and made.direct == "+46701740661"
    fact = MeetingBooked(occurred_at=anna.clock.now(), meeting=row.meeting, contact=row.contact)
    await meeting_texts.booked(anna.rooms, fact)  # a fact may be told twice
    await anna.waits_until(row)
    texts = await anna.reads()
    assert len([one for one in texts if "Välkommen till ditt möte" in one]) == 2 and len(texts) == 3


async def test_after_a_cancellation_nothing_reminds(anna: Booker) -> None:
    row = await anna.books()
    await anna.reads()
    await anna.rooms.meetings.cancel(row.meeting, by="citizen")
    await anna.waits_until(row)
    texts = await anna.reads()
    assert [one.split(".")[0].partition(" ")[0] for one in texts] == ["Mötet", "Ditt"] and "avbokat" in texts[0]


async def test_a_move_reminds_of_the_new_time_only(anna: Booker) -> None:
    row = await anna.books()
    await anna.reads()
    later = next(one for one in await anna.times() if one.starts_at - row.starts_at > timedelta(days=3))
    moved = await anna.rooms.meetings.move(row.meeting, later, by="citizen")
    await anna.waits_until(moved)
    texts = await anna.reads()
    reminders = [one for one in texts if "Välkommen till ditt möte" in one]
    assert len(reminders) == 2 and len(texts) == 4 and "flyttat" in texts[2]
    assert all(f"{later.starts_at.day} " in one for one in reminders)


async def test_by_telephone_it_says_that_we_ring(anna: Booker) -> None:
    at = replace((await anna.times())[0], mode=Mode.PHONE)
    await anna.rooms.meetings.book(anna.wish, at, by="citizen")
    [said] = await anna.reads()
    assert "Då ringer vi upp dig" in said and "Storgatan" not in said


async def test_whoever_wrote_stopp_is_reminded_of_nothing(anna: Booker) -> None:
    row = await anna.books()
    await anna.reads()
    await Writer(anna.rooms, anna.clock).writes("STOPP")
    before = len(await anna.reads())
    await anna.waits_until(row)
    assert len(await anna.reads()) == before


async def test_a_number_that_is_no_longer_theirs_gets_no_reminder(anna: Booker) -> None:
    row = await anna.books()
    await anna.reads()
    await anna.rooms.bindings.unbind_number(CITIZEN, by="agent")
    await anna.waits_until(row)
    assert len(await anna.reads()) == 1


async def test_whoever_has_a_protected_identity_is_written_nothing(anna: Booker) -> None:
    row = await anna.rooms.meetings.book(
        replace(anna.wish, is_protected=True, handler=AgentId("nora")), (await anna.times())[0], by="citizen"
    )
    await anna.waits_until(row)
    assert await anna.reads() == []


async def test_a_stranger_who_books_in_a_call_is_written_to_only_when_they_have_shown_who_they_are(
    anna: Booker,
) -> None:
    for number, level in (("+46701740606", 0), ("+46701740607", 2)):
        contact, person = ContactId(f"con_{level}"), PersonId(f"per_{level}")
        async with anna.rooms.database.transaction() as tx:
            await anna.rooms.contacts.open(tx, contact=contact, caller=number)
            await anna.rooms.contacts.identified(tx, contact, person=person, subject=Subject("demo-02"), level=level)
        await anna.rooms.meetings.book(
            replace(anna.wish, person=person, contact=contact), (await anna.times())[level], by="citizen"
        )
    await anna.rooms.dispatcher.settled()
    async with anna.rooms.database.reading() as tx:
        assert {one.number.e164 for one in await anna.rooms.sms.listed(tx) if one.purpose == "meeting"} == {
            "+46701740607"
        }
