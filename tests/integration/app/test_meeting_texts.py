"""What is written about meetings: one confirmation, each reminder once, none after a cancellation, nothing to a stranger (I-16)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from app import meeting_texts, texts
from app.desk_meetings import Beforehand
from app.wiring import Rooms
from callbacks.model import Callback
from core.ids import AgentId, ContactId, PersonId, Subject
from meetings.events import DocumentHandedOver, MeetingBooked, MeetingMissed
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
    written = await anna.reads()
    assert len([one for one in written if "Välkommen till ditt möte" in one]) == 2 and len(written) == 3


class GoingClock(HandClock):
    """A clock that goes on whenever it is looked at, as real ones do."""

    def now(self) -> datetime:
        return self.pass_time(microseconds=1)


async def test_on_a_clock_that_goes_a_booking_is_confirmed_too(tmp_path: Path, valkey_url: str) -> None:
    clock = GoingClock()
    async with texting_rooms(tmp_path, valkey_url, clock) as rooms:
        bound = await asks_in_a_call(rooms, CITIZEN)
        await Writer(rooms, clock).writes("ja")
        booker = Booker(rooms, clock, bound.person)
        await booker.books()
        assert ["Ditt möte är bokat" in said for said in await booker.reads()] == [True]


async def test_after_a_cancellation_nothing_reminds(anna: Booker) -> None:
    row = await anna.books()
    await anna.reads()
    await anna.rooms.meetings.cancel(row.meeting, by="citizen")
    await anna.waits_until(row)
    written = await anna.reads()
    assert [one.split(".")[0].partition(" ")[0] for one in written] == ["Mötet", "Ditt"] and "avbokat" in written[0]


async def test_a_move_reminds_of_the_new_time_only(anna: Booker) -> None:
    row = await anna.books()
    await anna.reads()
    later = next(one for one in await anna.times() if one.starts_at - row.starts_at > timedelta(days=3))
    moved = await anna.rooms.meetings.move(row.meeting, later, by="citizen")
    await anna.waits_until(moved)
    written = await anna.reads()
    reminders = [one for one in written if "Välkommen till ditt möte" in one]
    assert len(reminders) == 2 and len(written) == 4 and "flyttat" in written[2]
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


async def promises_of(anna: Booker) -> list[Callback]:
    async with anna.rooms.database.reading() as tx:
        one = await anna.rooms.callbacks.find_open(tx, number=CITIZEN, person=anna.wish.person)
        return [one] if one else []


async def test_whoever_did_not_come_is_rung_by_the_handler_and_reads_so_once_without_a_word_of_blame(
    anna: Booker,
) -> None:
    at = (await anna.times())[0].starts_at
    contact = ContactId("con_1")
    async with anna.rooms.database.transaction() as tx:
        await anna.rooms.contacts.open(tx, contact=contact, caller=CITIZEN.e164)
        await anna.rooms.contacts.identified(
            tx, contact, person=anna.wish.person or PersonId(""), subject=Subject("demo-01"), level=2
        )
    row = await anna.books(contact=contact)
    await anna.waits_until(row)
    anna.clock.pass_time(seconds=(at.replace(hour=9) + timedelta(days=1) - anna.clock.now()).total_seconds())
    await anna.rooms.meetings.missed(row.meeting)
    await anna.reads()
    told = MeetingMissed(occurred_at=anna.clock.now(), meeting=row.meeting, contact=row.contact)
    await meeting_texts.missed(anna.rooms, told, told=texts.promise_values)
    [promise] = await promises_of(anna)
    assert (promise.bound_to, promise.deputy, promise.queue) == (AgentId("asa"), AgentId("carin"), "sjuk")
    assert promise.reason == "missed_meeting" and promise.person == anna.wish.person
    said = [text for text in await handset(anna.rooms) if "sågs inte" in text]
    assert len(said) == 1 and promise.proof[:3] in said[0] and "missa" not in said[0]


async def test_whoever_cannot_be_rung_is_promised_nothing(anna: Booker) -> None:
    row = await anna.rooms.meetings.book(replace(anna.wish, person=None), (await anna.times())[0], by="citizen")
    await anna.waits_until(row)
    await anna.rooms.meetings.missed(row.meeting)
    await anna.rooms.dispatcher.settled()
    assert await promises_of(anna) == [] and await anna.reads() == []


@dataclass(frozen=True)
class Words:
    text: str = "Vi pratade om hyran."
    agreed: str = ""
    next_step: str = "Vi ringer på fredag."
    how: str = "digital"
    reason: str = ""


async def test_documentation_on_the_page_has_a_text_as_its_receipt_for_each_edition_one(anna: Booker) -> None:
    row = await anna.books()
    meetings, desk = anna.rooms.meetings, Beforehand(anna.rooms)
    await anna.waits_until(row)
    before = len(await handset(anna.rooms))
    async with anna.rooms.database.reading() as tx:
        assert await desk.takes_receipt(tx, row) and "070-174 06 61" in await desk.kallelse(tx, row)
        assert list((await desk.answers(tx, row)).values()) == ["", ""]
    await meetings.documents.close(row.meeting, Words(), by=AgentId("bo"))
    said, *_ = texts = await handset(anna.rooms)
    assert len(texts) == before + 1 and "Det vi skrev ner på mötet" in said and "hyran" not in said
    await meeting_texts.document(
        anna.rooms, DocumentHandedOver(occurred_at=anna.clock.now(), meeting=row.meeting, edition=1)
    )  # a fact may be told twice
    assert len(await handset(anna.rooms)) == before + 1
    await meetings.documents.correct(row.meeting, Words(text="Vi pratade om bidraget."), by=AgentId("bo"))
    assert len(await handset(anna.rooms)) == before + 2
    await meetings.documents.correct(row.meeting, Words(how="print"), by=AgentId("bo"))
    assert len(await handset(anna.rooms)) == before + 2


async def test_nobody_is_told_of_documentation_whose_telephone_is_nobodys(anna: Booker) -> None:
    row = await anna.books(person=PersonId("per_stranger"))
    async with anna.rooms.database.reading() as tx:
        assert not await Beforehand(anna.rooms).takes_receipt(tx, row)
