"""A time is held, confirmed, moved, cancelled and missed with all its parts at once, on both kinds of database."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from contacts.model import Outcome
from core.events import Event
from core.ids import AgentId, ContactId, PersonId
from meetings.errors import (
    HoldLapsedError,
    MeetingChangedError,
    MeetingNotFoundError,
    MeetingOverError,
    MeetingRefusedError,
    TimeTakenError,
    TooEarlyError,
    UnknownMeetingTypeError,
    UnknownOfficeError,
)
from meetings.events import MeetingBooked, MeetingCancelled, MeetingMissed, MeetingMoved
from meetings.model import Choice, Meeting, MeetingId, State, Wish
from meetings.register import Asker, Mode
from meetings.service import Meetings
from meetings.store import meeting_quarters
from storage.database import Database
from storage.outbox import outbox
from tests.builders.meetings import meetings_over
from tests.fakes.clock import CountingIds, HandClock
from tests.integration.meetings.books import all_of, faults
from tests.unit.meetings.offices import register

WISH = Wish(type="kundmote", person=PersonId("per_1"), contact=ContactId("con_1"), offices=("norrby",))
LENA = replace(WISH, handler=AgentId("lena"))


async def test_a_time_is_held_confirmed_and_told_once_with_ids_only(
    meetings: Meetings, database: Database, told: list[Event]
) -> None:
    first, second, *_ = await meetings.times(WISH)
    held = await meetings.hold(WISH, first, by="citizen")
    assert held.state is State.HELD and not told
    booked = await meetings.confirm(held.meeting)
    assert await meetings.confirm(held.meeting) == booked and booked.state is State.BOOKED
    assert [type(one) for one in told] == [MeetingBooked]
    async with database.reading() as tx:
        (body,) = (await tx.execute(select(outbox.c.body))).scalars()
        assert await meetings.get(tx, held.meeting) == booked
    assert set(body) and not any(word in body for word in ("norrby", "per_1", "lena", "physical"))  # I-27
    assert (booked.starts_at, booked.ends_at - booked.starts_at) == (first.starts_at, timedelta(minutes=45))
    assert first not in await meetings.times(WISH) and second in await meetings.times(replace(WISH, person=None))
    assert await faults(database) == []


async def test_what_is_held_is_anothers_after_five_minutes_and_not_before(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    first = (await meetings.times(LENA))[0]
    held = await meetings.hold(LENA, first, by="citizen")
    clock.pass_time(seconds=299)
    other = replace(LENA, person=PersonId("per_2"))
    with pytest.raises(TimeTakenError):
        await meetings.hold(other, first, by="citizen")
    clock.pass_time(seconds=1)
    assert first in await meetings.times(other)
    booked = await meetings.book(other, first, by="citizen")
    assert booked.parts.staff == ("lena",)
    with pytest.raises(HoldLapsedError):
        await meetings.confirm(held.meeting)
    assert {one.state for one in await all_of(database)} == {State.LAPSED, State.BOOKED}
    assert await faults(database) == []


async def test_a_hold_that_lapsed_is_refused_also_when_nobody_else_came_and_the_sweeper_lets_it_go(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    first, _, second, *_ = await meetings.times(LENA)
    held = await meetings.hold(LENA, first, by="citizen")
    await meetings.hold(replace(LENA, person=None), second, by="agent:asa")
    assert await meetings.lapse() == 0
    clock.pass_time(minutes=5)
    with pytest.raises(HoldLapsedError):
        await meetings.confirm(held.meeting)
    assert await meetings.lapse() == 2 and await meetings.lapse() == 0
    assert {one.state for one in await all_of(database)} == {State.LAPSED}
    assert await faults(database) == []


async def test_the_same_key_is_the_same_meeting_and_another_asker_has_keys_of_its_own(
    meetings: Meetings, database: Database, told: list[Event]
) -> None:
    first = (await meetings.times(WISH))[0]
    once = await meetings.book(WISH, first, by="api:x", key="k")
    assert await meetings.book(WISH, first, by="api:x", key="k") == once
    again = await asyncio.gather(*(meetings.book(WISH, first, by="api:x", key="k") for _ in range(5)))
    assert set(again) == {once} and len(told) == 1
    with pytest.raises(TimeTakenError):  # the citizen is there already
        await meetings.book(WISH, first, by="api:y", key="k")
    assert len(await all_of(database)) == 1


async def test_fifty_want_the_last_time_one_has_it_and_the_others_hear_of_others(
    meetings: Meetings, database: Database, told: list[Event]
) -> None:
    chosen = (await meetings.times(LENA))[0]
    wishes = [replace(LENA, person=PersonId(f"per_{number}")) for number in range(50)]
    found = await asyncio.gather(
        *(meetings.book(wish, chosen, by="citizen") for wish in wishes), return_exceptions=True
    )
    winners = [one for one in found if isinstance(one, Meeting)]
    losers = [one for one in found if isinstance(one, TimeTakenError)]
    assert (len(winners), len(losers), len(told)) == (1, 49, 1), [one for one in found if isinstance(one, Exception)][
        :3
    ]
    for loser in losers:
        assert len(loser.alternatives) == 3 and chosen not in loser.alternatives
        assert all(one.office == "norrby" and one.starts_at > chosen.starts_at for one in loser.alternatives)
    assert await meetings.book(wishes[-1], losers[-1].alternatives[0], by="citizen")
    assert await faults(database) == []


async def test_three_at_one_time_have_three_handlers_and_three_rooms_and_the_least_taken_comes_first(
    meetings: Meetings, database: Database
) -> None:
    wish = replace(WISH, person=None)
    first, second, *_ = await meetings.times(wish)
    rows = [await meetings.book(wish, first, by="citizen") for _ in range(3)]
    assert {one.parts.staff for one in rows} == {("lena",), ("mats",), ("nora",)}
    assert {one.parts.room for one in rows} == {"norrby-1", "norrby-2", "norrby-3"}
    with pytest.raises(TimeTakenError):
        await meetings.book(wish, first, by="citizen")
    with pytest.raises(TimeTakenError):  # half an hour later everybody is still there
        await meetings.book(wish, second, by="citizen")
    assert await faults(database) == []


async def test_a_handler_of_two_offices_and_a_citizen_are_in_one_place_at_a_time(
    meetings: Meetings, database: Database
) -> None:
    petra = Wish(type="kundmote", handler=AgentId("petra"))
    here = next(one for one in await meetings.times(petra, most=500) if one.office == "mellanvik")
    there = Choice(starts_at=here.starts_at, office="soderhamra", mode=Mode.PHYSICAL)
    found = await asyncio.gather(
        meetings.book(petra, here, by="citizen"), meetings.book(petra, there, by="citizen"), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["Meeting", "TimeTakenError"]
    mine = [Wish(type="kundmote", person=PersonId("per_9"), offices=(office,)) for office in ("norrby", "soderhamra")]
    at = next(one for one in await meetings.times(mine[1], most=50) if one.starts_at > here.starts_at)
    found = await asyncio.gather(
        *(meetings.book(wish, replace(at, office=wish.offices[0]), by="citizen") for wish in mine),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in found) == ["Meeting", "TimeTakenError"]
    assert await faults(database) == []


async def test_two_offices_that_need_an_interpreter_at_once_have_one_each(database: Database, clock: HandClock) -> None:
    """They are chosen under one lock: else both would choose the same, and one would be told that there is none."""
    (one,) = [one for one in register().interpreters.values() if "so" in one.languages]
    two = {name: replace(one, interpreter=name) for name in ("tolk-1", "tolk-2")}
    offices = replace(register(), interpreters=two)
    meetings = meetings_over(database, clock, CountingIds(), offices=offices)
    wishes = [Wish(type="kundmote", language="so", offices=(office,)) for office in ("norrby", "soderhamra")]
    at = (await meetings.times(replace(wishes[0], mode=Mode.VIDEO)))[0]
    found = await asyncio.gather(
        *(meetings.book(wish, replace(at, office=wish.offices[0]), by="citizen") for wish in wishes),
        return_exceptions=True,
    )
    had = sorted(one.parts.interpreter or "" for one in found if isinstance(one, Meeting))
    assert had == ["tolk-1", "tolk-2"] and await faults(database) == []


async def test_a_move_keeps_the_handler_is_told_and_leaves_the_old_time_to_others(
    meetings: Meetings, database: Database, told: list[Event]
) -> None:
    first, second, *_ = await meetings.times(LENA)
    booked = await meetings.book(LENA, first, by="citizen")
    moved = await meetings.move(
        booked.meeting, second, by="citizen", expected=booked.version
    )  # it overlaps its own time
    assert (moved.starts_at, moved.sequence, moved.parts.staff) == (second.starts_at, 1, ("lena",))
    with pytest.raises(MeetingChangedError):
        await meetings.move(booked.meeting, first, by="citizen", expected=booked.version)
    third = next(one for one in await meetings.times(LENA) if one.starts_at > moved.ends_at)
    moved = await meetings.move(booked.meeting, third, by="citizen")
    assert [type(one) for one in told] == [MeetingBooked, MeetingMoved, MeetingMoved]
    assert first in await meetings.times(replace(LENA, person=None))
    assert await faults(database) == []


async def test_a_move_to_what_is_taken_changes_nothing_and_tells_what_is_free(
    meetings: Meetings, database: Database
) -> None:
    first, *_, last = await meetings.times(LENA)
    await meetings.book(replace(LENA, person=None), last, by="citizen")
    booked = await meetings.book(LENA, first, by="citizen")
    with pytest.raises(TimeTakenError) as refused:
        await meetings.move(booked.meeting, last, by="citizen")
    assert len(refused.value.alternatives) == 3
    async with database.reading() as tx:
        assert await meetings.get(tx, booked.meeting) == booked
    assert await faults(database) == []


async def test_two_who_change_places_at_once_never_wait_for_each_other_and_never_both_lose(
    meetings: Meetings, database: Database
) -> None:
    lena, mats = LENA, replace(LENA, handler=AgentId("mats"), person=PersonId("per_2"))
    first, second, third, *_ = [one for one in await meetings.times(lena, most=40) if one.mode is Mode.PHYSICAL][::2]
    rows = [await meetings.book(lena, first, by="citizen"), await meetings.book(mats, second, by="citizen")]
    for to in ((second, first), (third, third), (first, second)):
        await asyncio.gather(*(meetings.move(row.meeting, at, by="citizen") for row, at in zip(rows, to, strict=True)))
        assert await faults(database) == []


async def test_what_is_cancelled_is_free_for_others_and_told_if_it_was_booked(
    meetings: Meetings, database: Database, told: list[Event]
) -> None:
    first, _, second, *_ = await meetings.times(WISH)
    held = await meetings.hold(WISH, first, by="citizen")
    assert (await meetings.cancel(held.meeting, by="citizen")).state is State.CANCELLED and not told
    booked = await meetings.book(WISH, first, by="citizen")
    over = await meetings.cancel(booked.meeting, by="citizen")
    assert await meetings.cancel(booked.meeting, by="citizen") == over
    assert [type(one) for one in told] == [MeetingBooked, MeetingCancelled]
    assert first in await meetings.times(WISH)
    for change in (meetings.confirm(booked.meeting), meetings.move(booked.meeting, second, by="x")):
        with pytest.raises(MeetingOverError):
            await change
    assert await faults(database) == []


async def test_who_does_not_come_is_told_of_once_and_not_before_the_meeting_has_begun(
    meetings: Meetings, database: Database, clock: HandClock, told: list[Event]
) -> None:
    booked = await meetings.book(WISH, (await meetings.times(WISH))[0], by="citizen")
    with pytest.raises(TooEarlyError):
        await meetings.missed(booked.meeting)
    clock.at = booked.starts_at
    over = await meetings.missed(booked.meeting)
    assert over.state is State.MISSED and await meetings.missed(booked.meeting) == over
    assert [type(one) for one in told] == [MeetingBooked, MeetingMissed]
    assert await faults(database) == []


async def test_what_cannot_be_had_is_refused_in_words(meetings: Meetings) -> None:
    first = (await meetings.times(WISH))[0]
    about_decision = Wish(type="kontaktmote", about_decision=True, given=frozenset({"consent"}))
    with pytest.raises(MeetingRefusedError, match="about_a_decision; book kundmote instead"):
        await meetings.book(about_decision, first, by="citizen")
    with pytest.raises(MeetingRefusedError, match="not_valid_then; book omstallningsmote instead"):
        await meetings.times(Wish(type="overlamningsmote", asked_by=Asker.AGENT, given=frozenset({"consent"})))
    with pytest.raises(UnknownMeetingTypeError):
        await meetings.times(Wish(type="fika"))
    with pytest.raises(UnknownOfficeError):
        await meetings.times(replace(WISH, offices=("x",)))
    with pytest.raises(UnknownOfficeError):
        await meetings.book(WISH, replace(first, office="x"), by="citizen")
    with pytest.raises(MeetingNotFoundError):
        await meetings.cancel(MeetingId("mtg_x"), by="citizen")
    too_soon = replace(first, starts_at=first.starts_at - timedelta(days=3))
    for at in (too_soon, replace(first, starts_at=first.starts_at + timedelta(minutes=5)),
               replace(first, starts_at=first.starts_at + timedelta(days=91))):  # fmt: skip
        with pytest.raises(TimeTakenError):
            await meetings.book(WISH, at, by="citizen")


async def test_the_database_itself_refuses_that_a_quarter_is_taken_twice(
    meetings: Meetings, database: Database
) -> None:
    booked = await meetings.book(WISH, (await meetings.times(WISH))[0], by="citizen")
    async with database.reading() as tx:
        row = (await tx.execute(select(meeting_quarters).limit(1))).one()
    with pytest.raises(IntegrityError):
        async with database.transaction() as tx:
            await tx.execute(insert(meeting_quarters), {**row._asdict(), "meeting": "mtg_other"})
    assert booked.meeting == row.meeting


async def test_another_process_hears_of_each_change_and_the_next_day_begins_anew(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    other = meetings_over(database, clock, CountingIds())
    first, _, third, *_ = await other.times(LENA)
    booked = await meetings.book(LENA, first, by="citizen")
    assert first not in await other.times(LENA)
    await meetings.move(booked.meeting, third, by="citizen")
    nobody = replace(LENA, person=None)
    assert first in await other.times(nobody) and third not in await other.times(nobody)
    clock.pass_time(days=1)
    fresh = meetings_over(database, clock, CountingIds())
    assert await other.times(nobody, most=500) == await fresh.times(nobody, most=500)
    await meetings.cancel(booked.meeting, by="citizen")
    assert await other.times(nobody, most=500) == await fresh.times(nobody, most=500)


async def test_meetings_of_an_office_and_of_a_person_are_listed_in_order(
    meetings: Meetings, database: Database
) -> None:
    times = await meetings.times(replace(WISH, person=None), most=30)
    late = await meetings.book(WISH, times[-1], by="citizen")
    early = await meetings.book(replace(WISH, person=None), times[0], by="citizen")
    async with database.reading() as tx:
        assert await meetings.listed(tx, office="norrby") == [early, late]
        assert await meetings.listed(tx, person=PersonId("per_1")) == [late]
        assert await meetings.listed(tx, office="soderhamra") == []


async def test_a_contact_in_which_a_meeting_was_booked_has_that_outcome_also_when_it_is_over_at_once(
    meetings: Meetings, database: Database
) -> None:
    """It stands in the ledger in the transaction of the booking: whoever hangs up a moment later did not give up."""
    async with database.transaction() as tx:
        await meetings.contacts.open(tx, contact=ContactId("con_1"))
    at = (await meetings.times(WISH))[0]
    booked = await meetings.book(WISH, at, by="citizen")
    async with database.transaction() as tx:
        assert await meetings.contacts.close(tx, ContactId("con_1")) is Outcome.MEETING_BOOKED
        assert (await meetings.contacts.get(tx, ContactId("con_1"))).meeting == booked.meeting


async def test_a_meeting_that_is_cancelled_in_the_call_in_which_it_was_booked_is_not_its_outcome(
    meetings: Meetings, database: Database
) -> None:
    for contact in ("con_1", "con_2"):
        async with database.transaction() as tx:
            await meetings.contacts.open(tx, contact=ContactId(contact))
            await meetings.contacts.answer_given(tx, ContactId(contact), "meeting_booked")
    first, second, *_ = await meetings.times(WISH)
    gone = await meetings.book(WISH, first, by="citizen")
    await meetings.cancel(gone.meeting, by="citizen")
    async with database.transaction() as tx:
        assert await meetings.contacts.close(tx, ContactId("con_1")) is Outcome.SELF_SERVED
    kept = await meetings.book(replace(WISH, contact=ContactId("con_2")), second, by="citizen")
    async with database.transaction() as tx:
        await meetings.contacts.close(tx, ContactId("con_2"))
    await meetings.cancel(kept.meeting, by="citizen")  # another day: that call ended with a meeting
    async with database.transaction() as tx:
        assert (await meetings.contacts.get(tx, ContactId("con_2"))).outcome is Outcome.MEETING_BOOKED


async def test_who_is_coming_is_told_of_what_is_booked_and_not_over_only(
    meetings: Meetings, database: Database
) -> None:
    first, second, third, *_ = await meetings.times(LENA)
    nobody = replace(LENA, person=None)
    await meetings.hold(nobody, third, by="citizen")
    gone = await meetings.book(LENA, first, by="citizen")
    await meetings.cancel(gone.meeting, by="citizen")
    later = (await meetings.times(LENA))[-1]
    row = await meetings.book(LENA, later, by="citizen")
    async with database.reading() as tx:
        for found in (
            await meetings.coming(tx, person=LENA.person),
            await meetings.coming(tx, handler=row.parts.staff[0]),
            await meetings.coming(tx, office=row.office),
        ):
            assert [one.meeting for one in found] == [row.meeting]
        assert await meetings.coming(tx, handler=AgentId("rune")) == []
