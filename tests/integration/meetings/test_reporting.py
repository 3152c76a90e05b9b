"""The report counts what became of meetings, from the rooms' own books, and tells of nobody (R66, R70, R75f–R75i, N1)."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from core.clock import STOCKHOLM
from core.ids import AgentId, PersonId, Subject
from meetings import documenting_store, store
from meetings.documentation import Document, Handed
from meetings.errors import AnotherSeasonError
from meetings.hours import local_day
from meetings.model import Meeting, MeetingId, Parts, State, Wish
from meetings.quality import ELSEWHERE, FEWEST_WORDS
from meetings.register import Asker, Mode
from meetings.reporting import OfType, Report
from meetings.service import Meetings
from storage.database import Database, Transaction
from tests.fakes.clock import HandClock

AUTUMN = (date(2026, 10, 1), date(2026, 12, 1))
NOON = timedelta(hours=12)


@dataclass(frozen=True)
class Words:
    text: str = "Vi pratade."
    agreed: str = "Inget mer."
    next_step: str = "Vi hör av oss."
    how: str = "print"
    reason: str = ""


def instant(day: date, after: timedelta = NOON) -> datetime:
    """So long after midnight on Sweden's clock."""
    return (datetime.combine(day, datetime.min.time(), tzinfo=STOCKHOLM) + after).astimezone(UTC)


def a_meeting(name: str, at: datetime, *, staff: str, office: str = "norrby", state: State = State.DONE) -> Meeting:
    return Meeting(
        meeting=MeetingId(name), type="kundmote", state=state, mode=Mode.PHYSICAL, office=office,
        parts=Parts(staff=(AgentId(staff),)), starts_at=at, ends_at=at + timedelta(minutes=45), quarters=3,
        asked_by=Asker.AGENT, matter="", person=None, contact=None, language="sv", needs=frozenset(), handler=None,
        is_protected=name.startswith("secret"), made_at=at,
    )  # fmt: skip


async def put(tx: Transaction, row: Meeting, *, documented_after: int | None = None) -> None:
    await store.add(tx, row, page=0)
    if documented_after is not None:
        made = Document(
            meeting=row.meeting, edition=1, text="x", agreed="", next_step="x", how=Handed.PRINT, reason="",
            made_by=AgentId("bo"), made_at=row.ends_at + timedelta(days=documented_after),
        )  # fmt: skip
        await documenting_store.add(tx, made, days_after=documented_after)


async def held_by_many(database: Database, day: date, *, of: str, many: int, office: str = "norrby") -> None:
    async with database.transaction() as tx:
        for number in range(many):
            row = a_meeting(f"{of}{day}{number}", instant(day), staff=f"{of}{number}", office=office)
            await put(tx, row, documented_after=number % 2)


def the_type(found: Report, kind: str = "kundmote") -> OfType:
    return next(one for one in found.types if one.type == kind)


async def test_what_became_of_meetings_is_counted_and_of_few_it_is_a_number_only(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    wish = Wish(type="kundmote", person=PersonId("per_1"), offices=("norrby",))
    first = await meetings.book(wish, (await meetings.times(wish))[0], by="citizen")
    async with database.transaction() as tx:
        await meetings.preparing.answer(tx, first, "ask", "Om pengarna", channel="page")
    await meetings.following.may_be_asked(first)
    other = await meetings.book(wish, (await meetings.times(wish))[5], by="citizen")
    await meetings.cancel(other.meeting, by="citizen")
    clock.at = first.ends_at
    await meetings.documents.close(first.meeting, Words(), by=AgentId("bo"))
    async with database.transaction() as tx:
        await meetings.following.ask(tx, first)
    await meetings.guidance.unclear("kundmote", "Vem bokar?")
    found = await meetings.reports.report(*AUTUMN)
    of = the_type(found)
    assert (of.now.held, of.now.cancelled, of.now.missed, of.before.held) == (1, 1, 0, 0)
    assert of.now.quality is None and of.offices == () and of.before.quality is not None
    assert (of.unclear, of.unclear_answered, found.is_over, found.is_kept) == (1, 0, False, True)
    told = json.dumps(asdict(found), default=str)
    assert not [name for name in meetings.register.handlers if name in told] and "per_1" not in told
    async with database.transaction() as tx:
        for number in range(4):  # with them there are enough to tell how it was
            await put(tx, a_meeting(f"m{number}", first.starts_at, staff=f"h{number}"), documented_after=number % 2)
    quality = the_type(await meetings.reports.report(*AUTUMN)).now.quality
    assert quality is not None
    assert vars(quality) == {
        "came": 1.0, "documented": 1.0, "documented_same_day": 0.6, "prepared": 0.2, "followed_up": 0.0,
    }  # fmt: skip


async def test_a_large_office_stands_beside_the_same_season_before_and_small_ones_and_protected_persons_are_together(
    meetings: Meetings, database: Database
) -> None:
    await held_by_many(database, date(2026, 10, 1), of="n", many=6)
    await held_by_many(database, date(2025, 10, 1), of="o", many=5)
    await held_by_many(database, date(2026, 11, 30), of="s", many=4, office="soderhamra")
    await held_by_many(database, date(2025, 11, 30), of="s", many=5, office="soderhamra")
    await held_by_many(database, date(2026, 10, 2), of="secret", many=2, office="norrby")
    of = the_type(await meetings.reports.report(*AUTUMN))
    rows = [(one.office, one.now.held, one.before.held) for one in of.offices]
    assert rows == [("norrby", 6, 5), (ELSEWHERE, 6, 5)]
    assert (of.now.held, of.before.held) == (12, 10)
    assert all(one.now.quality and one.now.quality.documented_same_day == 0.5 for one in of.offices)


async def test_who_is_another_authoritys_counts_not_among_those_who_held_a_meeting(
    meetings: Meetings, database: Database
) -> None:
    partner = next(one.handler for one in meetings.register.handlers.values() if not one.is_ours)
    await held_by_many(database, date(2026, 10, 1), of="n", many=4)
    async with database.transaction() as tx:
        await put(tx, a_meeting("m", instant(date(2026, 10, 1)), staff=partner))
    of = the_type(await meetings.reports.report(*AUTUMN))
    assert (of.now.held, of.now.quality) == (5, None)


async def test_days_are_swedens_and_half_open_on_both_sides(meetings: Meetings, database: Database) -> None:
    async with database.transaction() as tx:
        for name, day, after in (
            ("before", date(2026, 9, 30), timedelta(hours=23, minutes=45)),
            ("first", date(2026, 10, 1), timedelta()),
            ("last", date(2026, 11, 30), timedelta(hours=23, minutes=45)),
            ("after", date(2026, 12, 1), timedelta()),
        ):
            await put(tx, a_meeting(name, instant(day, after), staff="h", state=State.MISSED))
    assert the_type(await meetings.reports.report(*AUTUMN)).now.missed == 2


async def test_own_words_are_shown_of_many_and_without_whoever_they_name(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    async def answers(number: int, text: str) -> None:
        row = a_meeting(f"m{number}", clock.now(), staff=f"h{number}")
        async with database.transaction() as tx:
            await put(tx, row)
            await meetings.following.ask(tx, row)
        assert await meetings.following.answered(row.meeting, text)

    await answers(0, "Lena var bra, ring mig på 070-174 06 05")
    for number in range(1, FEWEST_WORDS - 1):
        await answers(number, "det var bra att få veta mer")
    assert the_type(await meetings.reports.report(*AUTUMN)).words == ()
    await answers(FEWEST_WORDS, "det tog tid")
    words = the_type(await meetings.reports.report(*AUTUMN)).words
    assert len(words) == FEWEST_WORDS and "det tog tid" in words
    assert not [one for one in words if "Lena" in one or "174" in one]


async def test_the_days_from_task_to_offer_are_counted_and_the_median_told(
    meetings: Meetings, clock: HandClock
) -> None:
    today = local_day(clock.now())
    tasks = []
    for number in range(3):
        await meetings.tasks.sick_since(Subject(f"s{number}"), today - timedelta(days=59), handler="nobody-we-know")
    await meetings.tasks.sick_since(Subject("later"), today - timedelta(days=1))
    async with meetings.database.reading() as tx:
        tasks = [one.task for one in await meetings.tasks.listed(tx)]
    await meetings.tasks.informed(tasks[0])
    clock.pass_time(days=3)
    await meetings.tasks.answered(tasks[1], wants=False)
    await meetings.tasks.answered(tasks[0], wants=True)
    clock.pass_time(days=27)
    await meetings.tasks.informed(tasks[2])  # on day 90: no longer before it
    found = await meetings.reports.report(*AUTUMN)
    assert vars(found.offers) == {
        "given": 3, "told": 3, "said_yes": 1, "said_no": 1, "told_before_day_90": 0.667, "median_days": 3.0,
    }  # fmt: skip
    assert (found.offers_before.given, found.offers_before.median_days) == (0, None)
    clock.pass_time(days=28)
    assert await meetings.tasks.run_due() == 1, "from its day on it is the handler's"
    january = (date(2027, 1, 1), date(2027, 2, 1))
    assert (await meetings.reports.report(*january)).offers.given == 1


async def test_a_median_of_few_handlers_is_not_told(meetings: Meetings, clock: HandClock) -> None:
    await meetings.tasks.sick_since(Subject("s"), local_day(clock.now()) - timedelta(days=59), handler="lena")
    async with meetings.database.reading() as tx:
        (task,) = await meetings.tasks.listed(tx)
    await meetings.tasks.informed(task.task)
    offers = (await meetings.reports.report(*AUTUMN)).offers
    assert (offers.told, offers.median_days, offers.told_before_day_90) == (1, None, None)


async def test_another_season_is_refused_and_what_is_forgotten_or_not_over_is_said(
    meetings: Meetings, clock: HandClock
) -> None:
    with pytest.raises(AnotherSeasonError):
        await meetings.reports.report(*AUTUMN, baseline=(date(2026, 4, 1), date(2026, 6, 1)))
    old = await meetings.reports.report(*AUTUMN, baseline=(date(2023, 10, 1), date(2023, 12, 1)))
    assert (old.is_over, old.is_kept) == (False, False)
    clock.pass_time(days=30)
    assert (await meetings.reports.report(*AUTUMN)).is_over
