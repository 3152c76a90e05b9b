"""How briefs are kept; their table is with the others of preparation."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select, update

from meetings.model import Brief, BriefState, MeetingId
from meetings.preparing_store import meeting_briefs
from storage.database import Transaction

_c = meeting_briefs.c


async def add(tx: Transaction, brief: Brief) -> None:
    """Keep a new brief."""
    await tx.execute(insert(meeting_briefs).values(**_columns(brief)))


async def change(tx: Transaction, brief: Brief) -> None:
    """Keep what became of a brief."""
    await tx.execute(update(meeting_briefs).where(_c.brief == brief.brief).values(**_columns(brief)))


async def refuse(tx: Transaction, meeting: MeetingId, *, states: Sequence[BriefState]) -> None:
    """Refuse the briefs of a meeting that are in some states."""
    theirs = (_c.meeting == meeting) & _c.state.in_(states)
    await tx.execute(update(meeting_briefs).where(theirs).values(state=BriefState.REFUSED))


async def find(tx: Transaction, brief: str, *, to_change: bool = False) -> Brief | None:
    """Return a brief."""
    query = select(meeting_briefs).where(_c.brief == brief)
    return _brief((await tx.execute(query.with_for_update() if to_change else query)).one_or_none())


async def newest(tx: Transaction, meeting: MeetingId, *, to_change: bool = False) -> Brief | None:
    """Return the brief of a meeting that was written last, one that has left before any other."""
    has_left = (_c.state == BriefState.RELEASED).desc()
    query = select(meeting_briefs).where(_c.meeting == meeting).order_by(has_left, _c.made_at.desc(), _c.brief.desc())
    found = await tx.execute(query.limit(1).with_for_update() if to_change else query.limit(1))
    return _brief(found.one_or_none())


def _columns(brief: Brief) -> dict[str, Any]:
    return vars(brief) | {"found": ",".join(brief.found)}


def _brief(row: Row[Any] | None) -> Brief | None:
    if row is None:
        return None
    found = tuple(one for one in row.found.split(",") if one)
    return Brief(**(row._asdict() | {"found": found, "state": BriefState(row.state)}))
