"""A meeting from the first ring to its end, by telephone: the real rooms of meetings, cases and contacts behind the IVR."""

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app.booked_meetings import KeptMeetings, NotShownError
from cases.errors import CasesUnavailableError
from cases.service import Cases
from contacts.model import Outcome
from core.language import Language
from meetings.model import Choice, Meeting, MeetingId, State, Wish
from meetings.register import Mode
from meetings.service import Meetings
from storage.audit import audit
from storage.database import Database
from telephony.simulator.phone import SimulatedPhone
from tests.builders.meetings import meetings_over
from tests.integration.ivr.world import CATALOGUE, PERSONS, World, load_payment_days, read
from tests.integration.meetings.books import all_of, faults

MAJA = ("5", f"{PERSONS[0].personnummer}#", PERSONS[0].code)
NORRBY = "98231"


class Callers(World):
    """A world in which meetings can be booked by telephone."""

    async def start(self) -> None:
        await super().start()
        self.meetings: Meetings = meetings_over(self.database, self.time, self.new_id)
        cases = Cases(
            register=self.register, calendar=load_payment_days(read("payment_days.yaml")), catalogue=CATALOGUE,
            clock=self.time,
        )  # fmt: skip
        self.rooms = SimpleNamespace(
            database=self.database, clock=self.time, meetings=self.meetings, contacts=self.contacts, cases=cases
        )
        self.kept_meetings = KeptMeetings(self.rooms)
        self.call_flow.book_meetings_with(self.kept_meetings)


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[Callers]:
    world = Callers(database, redis)
    await world.start()
    await world.codes(PERSONS)
    yield world
    assert await faults(database) == []
    await world.stop()


async def books(world: Callers, *keys: str, who: tuple[str, ...] = MAJA) -> SimulatedPhone:
    """Call, show who one is, key a postcode and choose the first time; then these keys."""
    phone = await world.call()
    await world.press(phone, *who, NORRBY, "1", *keys)
    return phone


async def has_a_meeting(world: Callers) -> Meeting:
    phone = await books(world, "1")
    await ends(world, phone)
    (row,) = await all_of(world.database)
    return row


async def ends(world: Callers, phone: SimulatedPhone) -> None:
    phone.hang_up()
    await world.settle()


async def rings(world: Callers, *keys: str) -> SimulatedPhone:
    phone = await world.call()
    await world.press(phone, *MAJA)
    await world.pass_time(1)  # what is booked is heard to its end
    await world.press(phone, *keys)
    return phone


async def test_a_meeting_is_booked_and_the_call_counts_as_that(world: Callers) -> None:
    phone = await world.call()
    contact = await world.the_contact()
    await world.press(phone, *MAJA, NORRBY)
    assert "Det här är tider på Storgatan 1, Norrby." in phone.heard
    await world.press(phone, "1")
    assert (await all_of(world.database))[0].state is State.HELD
    assert phone.heard[-2] == "Ska vi boka den tiden? Tryck ett."
    await world.press(phone, "1")
    (row,) = await all_of(world.database)
    assert (row.state, row.mode, row.office, row.type) == (State.BOOKED, Mode.PHYSICAL, "norrby", "personligt_mote")
    assert any(text.startswith("Tack. Ditt möte är bokat, ") for text in phone.heard)
    await ends(world, phone)
    assert (await world.get(contact)).outcome is Outcome.MEETING_BOOKED


async def test_three_pages_of_three_times_lie_apart(world: Callers) -> None:
    phone = await world.call()
    await world.press(phone, *MAJA, NORRBY, "7", "7", "7")
    assert sum(": tryck ett." in text for text in phone.heard) == 4
    offered = [text for text in phone.heard if "klockan" in text and ": tryck" in text]
    assert len(set(offered)) == 9
    assert len({text.split(" klockan")[0] for text in offered}) >= 4  # days


async def test_whoever_hangs_up_before_saying_yes_has_no_meeting_and_the_time_is_free_again(world: Callers) -> None:
    phone = await books(world)
    await ends(world, phone)
    await world.pass_time(301)
    assert await world.meetings.lapse() == 1
    (row,) = await all_of(world.database)
    assert row.state is State.LAPSED
    assert (await has_a_second(world)).starts_at == row.starts_at


async def has_a_second(world: Callers) -> Meeting:
    await ends(world, await books(world, "1"))
    return next(row for row in await all_of(world.database) if row.state is State.BOOKED)


async def test_whoever_wants_another_time_lets_go_of_the_one_that_was_held(world: Callers) -> None:
    phone = await books(world, "2")
    (row,) = await all_of(world.database)
    assert row.state is State.CANCELLED
    await world.press(phone, "1", "1")  # the very same time may be chosen after all
    booked = [row for row in await all_of(world.database) if row.state is State.BOOKED]
    assert [one.starts_at for one in booked] == [row.starts_at]


async def test_a_time_that_goes_while_it_is_thought_about_is_made_good_by_others(world: Callers) -> None:
    phone = await world.call()
    await world.press(phone, *MAJA, NORRBY)
    position = await world.call_flow.position((await world.the_contact()).contact)
    assert position and position.found
    at = position.found.times[0].starts_at
    choice = Choice(starts_at=at, office="norrby", mode=Mode.PHONE)
    for _ in range(3):  # all who could have held it
        await world.meetings.book(Wish(type="personligt_mote"), choice, by="somebody else")
    await world.press(phone, "1")
    assert "Den tiden är tyvärr inte kvar. Välj gärna en ny." in phone.heard
    await world.press(phone, "1", "1")
    assert [row.state for row in await all_of(world.database) if row.person] == [State.BOOKED]


async def test_a_meeting_is_heard_with_its_letter_and_that_is_in_the_trail_of_audit(world: Callers) -> None:
    await has_a_meeting(world)
    phone = await rings(world, "1")
    assert any(text.startswith("Du har ett möte med oss ") for text in phone.heard)
    assert any(text.startswith("Vi går igenom det som du vill prata om.") for text in phone.heard)
    assert "Vad vill du helst få svar på?" in phone.heard
    async with world.database.reading() as tx:
        rows = (await tx.execute(select(audit).where(audit.c.what == "kallelse_heard"))).all()
    assert [(row.reader, row.subject) for row in rows] == [("citizen", "demo-01")]


async def test_a_meeting_is_moved_in_one_step(world: Callers) -> None:
    row = await has_a_meeting(world)
    phone = await rings(world, "2", "2")
    (moved,) = await all_of(world.database)
    assert moved.meeting == row.meeting and moved.starts_at != row.starts_at
    assert (moved.state, moved.sequence) == (State.BOOKED, 1)
    assert any(text.startswith("Tack. Ditt möte är flyttat till ") for text in phone.heard)


async def test_a_meeting_is_let_go_of_and_a_new_one_can_be_booked_at_once(world: Callers) -> None:
    await has_a_meeting(world)
    phone = await rings(world, "3", "1")
    assert "Nu är mötet avbokat." in phone.heard
    await world.pass_time(1)
    await world.press(phone, "1", NORRBY, "1", "1")
    assert sorted(row.state for row in await all_of(world.database)) == [State.BOOKED, State.CANCELLED]


async def test_nobody_hears_of_a_meeting_who_has_not_shown_who_they_are_in_this_very_call(world: Callers) -> None:
    row = await has_a_meeting(world)
    phone = await world.call()  # the same number
    contact = (await world.the_contact()).contact
    await world.press(phone, "5")
    assert not any("möte med oss " in text and "klockan" in text for text in phone.heard[-3:])
    for wanted in (
        world.kept_meetings.coming(contact),
        world.kept_meetings.cancel(contact, row.meeting),
        world.kept_meetings.move(contact, row.meeting, starts_at=row.starts_at + timedelta(days=7)),
    ):
        with pytest.raises(NotShownError):
            await wanted


async def test_anothers_meeting_is_none(world: Callers) -> None:
    row = await has_a_meeting(world)
    phone = await world.call(caller="+46701740612")
    await world.press(phone, "5", f"{PERSONS[1].personnummer}#", PERSONS[1].code)
    assert "Vi ser inget bokat möte för dig. Du kan boka ett här." in phone.heard
    contact = (await world.the_contact()).contact
    assert not await world.kept_meetings.cancel(contact, row.meeting)
    assert await world.kept_meetings.confirm(contact, row.meeting) is None
    assert await world.kept_meetings.letter(contact, row.meeting, Language.SWEDISH) is None


async def test_somebody_with_protected_identity_hears_no_place_and_is_met_by_the_cleared(world: Callers) -> None:
    protected = next(one for one in PERSONS if one.protected)
    phone = await books(world, "1", who=("5", f"{protected.personnummer}#", protected.code))
    (row,) = await all_of(world.database)
    assert (row.is_protected, row.parts.staff) == (True, ("nora",))
    assert not any("Storgatan" in text or "Norrby" in text for text in phone.heard)
    assert "Din handläggare berättar för dig hur ni ses." in phone.heard


async def test_without_the_case_systems_a_human_helps(world: Callers) -> None:
    phone = await world.call()

    async def away(_subject: object) -> None:
        raise CasesUnavailableError

    world.rooms.cases.card = away
    await world.press(phone, *MAJA)
    assert "Vi kan tyvärr inte se det just nu." in phone.heard
    assert await all_of(world.database) == []


async def test_a_process_that_goes_on_with_the_call_finds_the_time_that_is_held(world: Callers) -> None:
    await books(world)
    (row,) = await all_of(world.database)
    contact = (await world.the_contact()).contact
    again = await world.kept_meetings.hold(contact, office="norrby", language=Language.SWEDISH, starts_at=row.starts_at)
    assert again is not None and MeetingId(again.meeting) == row.meeting
