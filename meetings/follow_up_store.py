"""How questions some days after a meeting, and their answers, are written and read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from meetings.following_store import meeting_follow_ups as table
from meetings.model import MeetingId
from storage.database import Transaction


async def add(tx: Transaction, meeting: MeetingId, kind: str, *, asked_at: datetime) -> None:
    """Write that somebody is to be asked; once for each meeting."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = {"meeting": meeting, "type": kind, "asked_at": asked_at, "answer": ""}
    await tx.execute(dialect.insert(table).values(**new).on_conflict_do_nothing())


async def answer(tx: Transaction, meeting: MeetingId, text: str, *, at: datetime) -> bool:
    """Keep the first answer; ``False`` when there is one already, or nobody was asked."""
    its = (table.c.meeting == meeting, table.c.answered_at.is_(None))
    done = await tx.execute(update(table).where(*its).values(answer=text, answered_at=at))
    return done.rowcount > 0


async def answers(tx: Transaction, *, limit: int) -> Sequence[tuple[str, str]]:
    """Return the newest answers: of which type of meeting, and the text, which is hostile."""
    query = select(table.c.type, table.c.answer).where(table.c.answered_at.is_not(None))
    rows = await tx.execute(query.order_by(table.c.answered_at.desc()).limit(limit))
    return [(row.type, row.answer) for row in rows]
