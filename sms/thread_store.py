"""Reads what was written to and fro out of the tables of texts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, union_all

from core.phone import PhoneNumber
from sms.model import Purpose
from sms.store import messages, received
from storage.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Line:
    """One text of a thread. ``id`` is ours for it; ``state`` is empty for what a citizen wrote, whose text is hostile.

    ``is_personal``: we told somebody of their own matters in it. ``is_automatic``: no person wrote it.
    """

    id: str
    at: datetime
    is_ours: bool
    text: str = field(repr=False)
    state: str = ""
    is_personal: bool = False
    is_automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class Thread:
    """What was written with one number: how many texts, and the newest."""

    number: PhoneNumber
    texts: int
    last_at: datetime


async def threads(tx: Transaction, *, since: datetime, limit: int) -> Sequence[Thread]:
    """Return the threads in which something was written since an instant, the newest first."""
    ours = select(messages.c.number, messages.c.created_at.label("at")).where(messages.c.created_at >= since)
    theirs = select(received.c.number, received.c.received_at.label("at")).where(received.c.received_at >= since)
    both = union_all(ours, theirs).subquery()
    last = func.max(both.c.at).label("last_at")
    query = select(both.c.number, func.count().label("texts"), last).group_by(both.c.number)
    rows = await tx.execute(query.order_by(last.desc(), both.c.number).limit(limit))
    return [Thread(number=PhoneNumber(row.number), texts=row.texts, last_at=row.last_at) for row in rows]


async def lines(tx: Transaction, number: PhoneNumber, *, limit: int, by_persons: bool = False) -> Sequence[Line]:
    """Return what was written with a number, the oldest first; at most the newest ``limit``. ``by_persons``: by no machine."""
    query = select(messages).where(messages.c.number == number.e164).order_by(messages.c.created_at.desc())
    if by_persons:
        query = query.where(messages.c.purpose == Purpose.FROM_AGENT)
    found = [
        Line(
            id=row.message,
            at=row.created_at,
            is_ours=True,
            text=row.text,
            state=row.state,
            is_personal=_is_personal(row),
            is_automatic=row.purpose != Purpose.FROM_AGENT,
        )
        for row in await tx.execute(query.limit(limit))
    ]
    query = select(received).where(received.c.number == number.e164).order_by(received.c.received_at.desc())
    found += [
        Line(id=row.received, at=row.received_at, is_ours=False, text=row.text)
        for row in await tx.execute(query.limit(limit))
    ]
    return sorted(found, key=lambda one: (one.at, one.is_ours))[-limit:]


async def number_of(tx: Transaction, text: str) -> PhoneNumber | None:
    """Return whom a text went to or came from, by our id for it."""
    ours = select(messages.c.number).where(messages.c.message == text)
    theirs = select(received.c.number).where(received.c.received == text)
    number = (await tx.execute(union_all(ours, theirs))).scalar()
    return None if number is None else PhoneNumber(number)


def _is_personal(row: Any) -> bool:
    return row.purpose == Purpose.NOTICE or (row.purpose == Purpose.ANSWER and row.contact is not None)
