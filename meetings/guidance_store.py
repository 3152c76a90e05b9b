"""How questions about the guidance, and their answers, are written and read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from meetings.following_store import guidance_questions as table
from meetings.model import GuidanceQuestion
from storage.database import Transaction


async def add(tx: Transaction, question: GuidanceQuestion) -> None:
    """Write a question that nobody has answered yet."""
    plain = ("question", "type", "text", "asked_at", "owner", "answer")
    await tx.execute(insert(table), {name: getattr(question, name) for name in plain})


async def find(tx: Transaction, question: str) -> GuidanceQuestion | None:
    """Return a question, which nobody else answers until the transaction ends."""
    row = (await tx.execute(select(table).where(table.c.question == question).with_for_update())).one_or_none()
    return _read(row) if row is not None else None


async def answer(tx: Transaction, question: str, text: str, *, at: datetime, role: str) -> None:
    """Write the answer to a question, in place of one that was there."""
    new = {"answer": text, "answered_at": at, "answered_by": role}
    await tx.execute(update(table).where(table.c.question == question).values(**new))


async def waiting(tx: Transaction, *, most: int) -> Sequence[GuidanceQuestion]:
    """Return what has no answer, the oldest first."""
    query = select(table).where(table.c.answered_at.is_(None)).order_by(table.c.asked_at, table.c.question)
    return [_read(row) for row in await tx.execute(query.limit(most))]


async def answered(tx: Transaction, *, kind: str, most: int) -> Sequence[GuidanceQuestion]:
    """Return what has an answer, about one type or (empty) all, the newest answer first."""
    query = select(table).where(table.c.answered_at.is_not(None))
    if kind:
        query = query.where(table.c.type == kind)
    return [_read(row) for row in await tx.execute(query.order_by(table.c.answered_at.desc()).limit(most))]


async def number_waiting(tx: Transaction, kind: str) -> int:
    """Return how many questions about a type have no answer."""
    query = select(func.count()).where(table.c.answered_at.is_(None), table.c.type == kind)
    return int((await tx.execute(query)).scalar_one())


def _read(row: Any) -> GuidanceQuestion:
    plain = ("question", "type", "text", "asked_at", "owner", "answer", "answered_at")
    return GuidanceQuestion(**{name: getattr(row, name) for name in plain}, answered_by=row.answered_by or "")
