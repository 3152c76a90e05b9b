"""How each wait went and what was foreseen of it, in SQL: what forecasts go by, and what they are measured against.

One row per contact, written when it is first foreseen or when it ends, whichever comes first. It says what was needed,
how long it took, in the line (``waited_seconds``, by which forecasts go) and since somebody first asked
(``asked_seconds``, which is what they felt), and nothing of whom it was about. ``promised`` are those whom we are to ring back: they stand in the line,
and do not listen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, bindparam, delete, false, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import ContactId, OfferId
from skills_routing.model import instant, read_requirement, weight_of
from skills_routing.store import Routed, agents, offers, routed_contacts
from storage.database import Transaction
from storage.schema import Instant, metadata

waits = Table(
    "waits",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("queue", String(60), nullable=False),
    Column("line", String(400), nullable=False),
    Column("entered_at", Instant, nullable=False, index=True),
    Column("head_start_seconds", Float, nullable=False),
    Column("foreseen_at", Instant, index=True),
    Column("sure", Boolean, nullable=False),
    Column("low_minutes", Integer),
    Column("high_minutes", Integer),
    Column("expected_seconds", Float),
    Column("app_queue_seconds", Float),
    Column("ended_at", Instant, index=True),
    Column("how", String(10), nullable=False, server_default=""),
    Column("waited_seconds", Float),
    Column("asked_seconds", Float),
    Column("rest_seconds", Float),
    Column("answering_seconds", Float),
    Column("handled_at", Instant),
    Column("handling_seconds", Float),
    Column("site", String(60), nullable=False, server_default=""),
    Column("promised", Boolean, nullable=False, server_default=false()),
    Index("ix_waits_line_ended", "line", "ended_at"),
    Index("ix_waits_line_handled", "line", "handled_at"),
)

_ADD = {
    "sqlite": sqlite.insert(waits).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(waits).on_conflict_do_nothing(),
}
_UNENDED = select(waits).where(waits.c.contact == bindparam("of"), waits.c.ended_at.is_(None))
_CHANGE = update(waits).where(waits.c.contact == bindparam("of"))
_LINE = select(waits.c.line).where(waits.c.contact == bindparam("of"))
_END = select(waits.c.ended_at, waits.c.how).where(waits.c.contact == bindparam("of"))
_OFFERED_AT = select(offers.c.offered_at).where(offers.c.offer == bindparam("of"))


class HowItEnded(StrEnum):
    """What a wait came to. Of those who did not stay nobody knows how long it would have been."""

    SERVED = "served"
    HUNG_UP = "hung_up"
    LEFT = "left"


_UNHANDLED = select(waits.c.ended_at).where(
    waits.c.contact == bindparam("of"), waits.c.how == HowItEnded.SERVED, waits.c.handled_at.is_(None)
)


@dataclass(frozen=True, kw_only=True)
class FirstForecast:
    """What was first foreseen for a contact, and what app_queue's formula said then; no range: nothing can be said."""

    contact: ContactId
    sure: bool = False
    low_minutes: int | None = None
    high_minutes: int | None = None
    expected_seconds: float | None = None
    app_queue_seconds: float = 0.0


async def foreseen(tx: Transaction, forecasts: Sequence[FirstForecast], *, at: datetime) -> None:
    """Write the first forecast of each of these contacts; the first one stands, and those who wait no more get none."""
    wanted = {one.contact: one for one in forecasts}
    query = select(routed_contacts).where(routed_contacts.c.contact.in_(wanted))
    found = [row for row in await tx.execute(query) if not weight_of(row.line)]
    rows = [_row(row) | _said(wanted[row.contact], at) for row in found]
    if rows:
        await tx.execute(_ADD[tx.connection.dialect.name], rows)


async def ended(
    tx: Transaction, routed: Routed, how: HowItEnded, *, at: datetime, offer: OfferId | None = None
) -> None:
    """Write that a wait is over, once: a contact that comes back to the line was answered the first time.

    Who has written is not asked how long they waited: forecasts are of calls.
    """
    if weight_of(routed.line):
        return
    await tx.execute(_ADD[tx.connection.dialect.name], _row(routed))
    row = (await tx.execute(_UNENDED, {"of": routed.contact})).one_or_none()
    if row is None:
        return
    values = {
        "ended_at": at,
        "how": how,
        "waited_seconds": seconds_between(row.entered_at, at),
        "asked_seconds": seconds_between(routed.waiting_since, at),
        "rest_seconds": seconds_between(row.foreseen_at, at) if row.foreseen_at else None,
        "answering_seconds": await _answering(tx, offer, at) if offer else None,
        "site": await _site(tx, offer) if offer else "",
    }
    await tx.execute(_CHANGE, {"of": routed.contact, **values})


async def handled(tx: Transaction, contact: ContactId, *, at: datetime) -> None:
    """Write how long an agent was busy with a contact, from the first word to the end of the wrap-up."""
    began = (await tx.execute(_UNHANDLED, {"of": contact})).scalar_one_or_none()
    if began is not None:
        values = {"handled_at": at, "handling_seconds": seconds_between(began, at)}
        await tx.execute(_CHANGE, {"of": contact, **values})


async def forget_before(tx: Transaction, before: datetime) -> int:
    """Remove the rows of contacts that entered before an instant, and return how many."""
    return (await tx.execute(delete(waits).where(waits.c.entered_at < before))).rowcount


async def recorded(tx: Transaction, contacts: Iterable[ContactId]) -> set[ContactId]:
    """Return which of these contacts have a row."""
    query = select(waits.c.contact).where(waits.c.contact.in_(list(contacts)))
    return {ContactId(row.contact) for row in await tx.execute(query)}


async def end_of(tx: Transaction, contact: ContactId) -> tuple[datetime | None, str]:
    """Return when a contact's wait was over, and how; ``None`` while it waits, or when nothing is known of it."""
    found = (await tx.execute(_END, {"of": contact})).one_or_none()
    return (found.ended_at, found.how) if found else (None, "")


async def line_of(tx: Transaction, contact: ContactId) -> str | None:
    """Return what is needed for a contact, as it was when it was first foreseen; ``None`` when nothing is known of it."""
    found: str | None = (await tx.execute(_LINE, {"of": contact})).scalar_one_or_none()
    return found


def _row(routed: Any) -> dict[str, Any]:
    return {
        "contact": routed.contact,
        "queue": routed.queue,
        "line": read_requirement(routed.line).for_anybody.line if routed.line else "",
        "entered_at": routed.entered_at,
        "head_start_seconds": seconds_between(instant(routed.rank), routed.entered_at) if routed.line else 0.0,
        "sure": False,
        "promised": bool(routed.callback),
    }


def _said(one: FirstForecast, at: datetime) -> dict[str, Any]:
    return {**vars(one), "foreseen_at": at}


async def _answering(tx: Transaction, offer: OfferId, at: datetime) -> float | None:
    offered_at = (await tx.execute(_OFFERED_AT, {"of": offer})).scalar_one_or_none()
    return seconds_between(offered_at, at) if offered_at else None


async def _site(tx: Transaction, offer: OfferId) -> str:
    query = select(agents.c.site).join(offers, offers.c.agent == agents.c.agent).where(offers.c.offer == offer)
    return (await tx.execute(query)).scalar_one_or_none() or ""


def seconds_between(start: datetime, end: datetime) -> float:
    """Return how many seconds after one instant another is, 0 when it is not."""
    return max(0.0, (end - start).total_seconds())
