"""What is kept of meetings is forgotten after its time, in every table, and not a day before (I-26)."""

from datetime import datetime, timedelta

from sqlalchemy import Table, func, insert, select

from core.ids import PersonId
from core.phone import PhoneNumber
from meetings import offer_store
from meetings.following_store import guidance_questions, meeting_tasks
from meetings.forgetting_store import OF_A_MEETING
from meetings.invitation_store import meeting_invitations
from meetings.model import Meeting, Wish
from meetings.offer_store import Offer, meeting_offers
from meetings.service import Meetings
from meetings.store import meeting_diaries, meeting_quarters
from meetings.store import meetings as table
from storage.database import Database
from storage.schema import metadata
from tests.fakes.clock import HandClock
from tests.integration.meetings.books import all_of, faults

KEPT = {table, *OF_A_MEETING, meeting_tasks, guidance_questions, meeting_offers, meeting_invitations}


def test_no_table_of_meetings_is_left_out() -> None:
    every = {one for name, one in metadata.tables.items() if name.startswith(("meeting", "guidance"))}
    assert every - KEPT == {meeting_diaries}  # the page numbers of offices


async def books(meetings: Meetings, person: str) -> Meeting:
    wish = Wish(type="personligt_mote", person=PersonId(person), offices=("norrby",))
    return await meetings.book(wish, (await meetings.times(wish))[0], by="citizen")


async def fill(database: Database, row: Meeting, at: datetime) -> None:
    """Write something into every table about a meeting."""
    async with database.transaction() as tx:
        for one in OF_A_MEETING:
            if one is not meeting_quarters:
                await tx.execute(insert(one).values(**values_of(one, row, at)))
        for one in (meeting_tasks, guidance_questions, meeting_invitations):
            await tx.execute(insert(one).values(**values_of(one, row, at)))
        offer = Offer(act="move", about=row.meeting, choices=(), made_at=at)
        await offer_store.remember(tx, PhoneNumber("+46701740605"), offer)


def values_of(one: Table, row: Meeting, at: datetime) -> dict[str, object]:
    made: dict[type, object] = {str: "x", bool: True, int: 0, datetime: at, type(at.date()): at.date()}
    values = {column.name: made.get(column.type.python_type, at) for column in one.columns if not column.nullable}
    return values | ({"meeting": row.meeting} if "meeting" in one.columns else {})


async def counts(database: Database) -> dict[str, int]:
    async with database.reading() as tx:
        return {
            one.name: (await tx.execute(select(func.count()).select_from(one))).scalar_one()
            for one in sorted(KEPT, key=lambda one: one.name)
        }


async def test_all_of_a_meeting_goes_together_and_what_is_newer_stays(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    old = await books(meetings, "per_1")
    await meetings.cancel((await books(meetings, "per_2")).meeting, by="citizen")
    await fill(database, old, old.ends_at)
    clock.at = old.ends_at + meetings.policy.kept - timedelta(minutes=1)
    await meetings.forgetting.forget()
    assert old.meeting in [row.meeting for row in await all_of(database)]
    newer = await books(meetings, "per_3")
    clock.pass_time(days=2)
    assert await meetings.forgetting.forget() >= 2
    assert [row.meeting for row in await all_of(database)] == [newer.meeting]
    left = await counts(database)
    assert {name for name, many in left.items() if many} == {"meetings", "meeting_quarters"}
    assert await faults(database) == []


async def test_what_a_text_has_offered_goes_after_a_week(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    row = await books(meetings, "per_1")
    await fill(database, row, clock.now())
    clock.pass_time(days=8)
    await meetings.forgetting.forget()
    left = await counts(database)
    assert left["meeting_offers"] == 0 and left["meeting_letters"] == 1
