"""The calendar that we share with the employment service: which times are free and taken, and nothing of whom (R69, R75b)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from meetings.changing import Changing
from meetings.hours import local_day
from meetings.model import Free, Meeting, Wish
from meetings.register import MeetingType

DAYS = 28
MOST_FREE = 100
BUSY = "busy"
"""The type that stands for a meeting of which not even the type is told."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time of a pool at an office: when, for which type of meeting, and whether it is free. ``slot`` tells of nobody."""

    slot: str
    type: str
    starts_at: datetime
    ends_at: datetime
    is_free: bool


def pools_of(meetings: Changing, office: str) -> frozenset[str]:
    """Return the pools of those who meet citizens at an office; none when there is no such office today."""
    there = meetings.register.offices.get(office)
    if there is None or not there.is_valid(on=local_day(meetings.clock.now())):
        return frozenset()
    return frozenset(pool for one in meetings.register.handlers_at.get(office, ()) for pool in one.pools)


async def slots(meetings: Changing, *, office: str, pool: str) -> Sequence[Slot]:
    """Return the times of a pool at an office in the weeks ahead, in order: those taken, and those free for each type."""
    staff = {one.handler for one in meetings.register.handlers_at.get(office, ()) if pool in one.pools}
    async with meetings.database.reading() as tx:
        ahead = await meetings.coming(tx, office=office, days=DAYS)
    found = list(_taken([row for row in ahead if staff & set(row.parts.staff)]))
    for kind in _kinds(meetings, pool):
        wish = Wish(type=kind.type, asked_by=min(kind.asked_by), given=kind.needs, offices=(office,))
        found += _free(office, kind.type, await meetings.times(wish, most=MOST_FREE))
    return sorted(found, key=lambda one: (one.starts_at, one.slot))


def _kinds(meetings: Changing, pool: str) -> Iterator[MeetingType]:
    today = local_day(meetings.clock.now())
    for kind in meetings.register.types.values():
        if kind.is_valid(on=today) and any(seat.pool == pool for seat in kind.staff):
            yield kind


def _taken(rows: Iterable[Meeting]) -> Iterator[Slot]:
    for row in rows:
        seat = sha256("|".join(sorted(row.parts.staff)).encode()).hexdigest()
        kind = BUSY if row.is_protected else row.type
        yield _slot(row.office, kind, row.starts_at, row.ends_at, is_free=False, of=f"taken|{seat}")


def _free(office: str, kind: str, times: Iterable[Free]) -> Iterator[Slot]:
    for starts_at, ends_at in {(one.starts_at, one.ends_at) for one in times}:
        yield _slot(office, kind, starts_at, ends_at, is_free=True, of=f"free|{kind}")


def _slot(office: str, kind: str, starts_at: datetime, ends_at: datetime, *, is_free: bool, of: str) -> Slot:
    named = sha256(f"{office}|{int(starts_at.timestamp())}|{of}".encode()).hexdigest()[:24]
    return Slot(slot=named, type=kind, starts_at=starts_at, ends_at=ends_at, is_free=is_free)
