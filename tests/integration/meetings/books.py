"""The oracle of meetings: what is taken is exactly what the meetings that stand need, and nothing is left over (I-15)."""

from collections import Counter

from sqlalchemy import select

from meetings.hours import quarter_of
from meetings.model import TAKES_TIME, Meeting
from meetings.search import resources
from meetings.store import meeting_quarters, read
from meetings.store import meetings as table
from storage.database import Database


async def all_of(database: Database) -> list[Meeting]:
    async with database.reading() as tx:
        return [read(row) for row in await tx.execute(select(table).order_by(table.c.made_at, table.c.meeting))]


async def faults(database: Database) -> list[str]:
    """Return what is wrong in the books: half a meeting, two at once, or something taken by nobody."""
    rows = await all_of(database)
    async with database.reading() as tx:
        taken = {(row.resource, row.quarter, row.meeting) for row in await tx.execute(select(meeting_quarters))}
    needed = Counter(
        (resource, quarter_of(row.starts_at) + number, row.meeting)
        for row in rows
        if row.state in TAKES_TIME
        for resource in resources(row.parts, row.person)
        for number in range(row.quarters)
    )
    twice = [key for key, count in Counter((one[0], one[1]) for one in needed).items() if count > 1]
    return [
        *(f"{one} is not taken" for one in sorted(set(needed) - taken)),
        *(f"{one} is taken and not needed" for one in sorted(taken - set(needed))),
        *(f"{one} is needed by two" for one in sorted(twice)),
    ]
