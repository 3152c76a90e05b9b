"""The table of promises. The database itself sees to it that a number has at most one open promise."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Row, String, Table, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from callbacks.model import OPEN, Callback, CallbackState
from core.ids import AgentId, CallbackId, ContactId, PersonId
from core.language import Language
from core.phone import PhoneNumber
from storage.database import Transaction
from storage.schema import Instant, metadata

_IS_OPEN = text("state IN ('waiting', 'taken')")

callbacks = Table(
    "callbacks",
    metadata,
    Column("callback", String(60), primary_key=True),
    Column("contact", String(60), nullable=False, index=True),
    Column("person", String(80)),
    Column("number", String(20), nullable=False),
    Column("queue", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("state", String(12), nullable=False),
    Column("first_requested_at", Instant, nullable=False),
    Column("promised_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant),
    Column("taken_by", String(60)),
    Column("taken_at", Instant),
    Column("ended_at", Instant),
    Column("last_reason", String(60), nullable=False),
    Index("uq_callbacks_open_number", "number", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_callbacks_waiting", "state", "first_requested_at"),
)


async def add_unless_open(tx: Transaction, callback: Callback) -> Callback:
    """Write a new promise, unless its number has an open one; return the one that is open afterwards."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(callbacks).values(**_columns(callback))
    nothing = statement.on_conflict_do_nothing(index_elements=["number"], index_where=_IS_OPEN)
    while (await tx.execute(nothing.returning(callbacks.c.callback))).first() is None:
        known = await find_open(tx, callback.number)
        if known is not None:
            return known
        # It was open a moment ago and has just ended: write ours.
    return callback


async def find(tx: Transaction, callback: CallbackId, *, to_change: bool = False) -> Callback | None:
    """Return a promise or ``None``; with ``to_change`` nobody else can change it until the transaction ends."""
    query = select(callbacks).where(callbacks.c.callback == callback)
    row = (await tx.execute(query.with_for_update() if to_change else query)).one_or_none()
    return None if row is None else _read(row)


async def find_open(tx: Transaction, number: PhoneNumber) -> Callback | None:
    """Return the open promise of a number."""
    query = select(callbacks).where(callbacks.c.number == number.e164, callbacks.c.state.in_(OPEN))
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _read(row)


async def find_taken(tx: Transaction, *, contact: ContactId, agent: AgentId) -> Callback | None:
    """Return the promise of a contact that this agent has taken."""
    query = select(callbacks).where(
        callbacks.c.contact == contact, callbacks.c.state == CallbackState.TAKEN, callbacks.c.taken_by == agent
    )
    row = (await tx.execute(query.order_by(callbacks.c.taken_at.desc()).limit(1))).one_or_none()
    return None if row is None else _read(row)


async def change(tx: Transaction, callback: Callback) -> None:
    """Write a promise over its row."""
    await tx.execute(update(callbacks).where(callbacks.c.callback == callback.callback).values(**_columns(callback)))


async def in_state(tx: Transaction, state: CallbackState, *, taken_before: datetime | None = None) -> list[Callback]:
    """Return the promises in a state, the longest waiting first."""
    query = select(callbacks).where(callbacks.c.state == state)
    if taken_before is not None:
        query = query.where(callbacks.c.taken_at < taken_before).with_for_update()
    rows = await tx.execute(query.order_by(callbacks.c.first_requested_at, callbacks.c.callback))
    return [_read(row) for row in rows]


def _columns(callback: Callback) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(callback, name) for name in callbacks.c.keys()}  # noqa: SIM118 - a collection
    return values | {"number": callback.number.e164}


def _read(row: Row[Any]) -> Callback:
    return Callback(
        callback=CallbackId(row.callback),
        contact=ContactId(row.contact),
        person=PersonId(row.person) if row.person else None,
        number=PhoneNumber(row.number),
        queue=row.queue,
        language=Language(row.language),
        reason=row.reason,
        state=CallbackState(row.state),
        first_requested_at=row.first_requested_at,
        promised_at=row.promised_at,
        attempts=row.attempts,
        not_before=row.not_before,
        taken_by=AgentId(row.taken_by) if row.taken_by else None,
        taken_at=row.taken_at,
        ended_at=row.ended_at,
        last_reason=row.last_reason,
    )
