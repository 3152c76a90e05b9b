"""What is written in the diaries of the offices, as far as it has changed since somebody last looked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select

from core.ids import PersonId
from meetings.model import TAKES_TIME, MeetingId
from meetings.search import resources
from meetings.store import meeting_diaries, meetings, parts_of
from storage.database import Transaction

Pages = Mapping[str, int]
"""Office → the page on which its diary is."""

_PAGES = select(meeting_diaries)
_AT_ONCE = 20
"""So many offices are asked for at a time: a statement has two seconds, and each of them thousands of meetings."""

_ENTRY = select(
    meetings.c.meeting, meetings.c.state, meetings.c.staff, meetings.c.room, meetings.c.interpreter, meetings.c.person,
    meetings.c.first_quarter, meetings.c.quarters, meetings.c.held_until,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """What a meeting takes: nothing when it is over."""

    meeting: MeetingId
    resources: Sequence[str]
    first: int
    quarters: int
    held_until: datetime | None


async def pages(tx: Transaction) -> Pages:
    """Return the page of every diary."""
    return {row.office: row.page for row in await tx.execute(_PAGES)}


async def changed(tx: Transaction, since: Pages, *, ends_after: int) -> Sequence[Entry]:
    """Return what has changed at these offices since a page (0: all that takes time), and is not over by a quarter."""
    entries: list[Entry] = []
    for offices in _some(sorted(since)):
        anew = [one for one in offices if not since[one]]
        known = [and_(meetings.c.office == one, meetings.c.change > since[one]) for one in offices if since[one]]
        whole = and_(meetings.c.office.in_(anew), meetings.c.state.in_(TAKES_TIME))
        ahead = meetings.c.first_quarter + meetings.c.quarters > ends_after
        entries += [_entry(row) for row in await tx.execute(_ENTRY.where(or_(whole, *known), ahead))]
    return entries


def _some(offices: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(offices), _AT_ONCE):
        yield offices[start : start + _AT_ONCE]


def _entry(row: Row[Any]) -> Entry:
    person = PersonId(row.person) if row.person else None
    takes = resources(parts_of(row), person) if row.state in TAKES_TIME else []
    return Entry(MeetingId(row.meeting), takes, row.first_quarter, row.quarters, row.held_until)
