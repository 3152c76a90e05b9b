"""Facts on their way to whoever reacts to them.

A fact is written in the same transaction as the change that it tells of (I-30). The process that committed it
reacts at once; what it did not finish (it was killed, something was down) the sweeper finds and does again. So
every reaction may run twice, and is written for that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import Event
from storage.schema import Instant, metadata

if TYPE_CHECKING:
    from storage.database import Transaction

_Id = BigInteger().with_variant(Integer, "sqlite")

outbox = Table(
    "outbox",
    metadata,
    Column("number", _Id, primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False),
    Column("body", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("dispatched_at", Instant),
    Column("claimed_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("ix_outbox_waiting", "dispatched_at", "number"),
)

_ADD = insert(outbox)


@dataclass(frozen=True)
class StoredFact:
    """A fact as the outbox keeps it: its number, the class name, its JSON, and how often it was tried."""

    number: int
    name: str
    body: str
    attempts: int


_adapters: dict[type[Event], TypeAdapter[Event]] = {}


def _adapter(kind: type[Event]) -> TypeAdapter[Event]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def encode(fact: Event) -> str:
    """Write a fact as JSON."""
    return _adapter(type(fact)).dump_json(fact).decode()


def decode(kind: type[Event], body: str) -> Event:
    """Read a fact of this class back from JSON; raises ``pydantic.ValidationError`` when it does not fit."""
    return _adapter(kind).validate_json(body)


async def write_fact(connection: AsyncConnection, fact: Event) -> int:
    """Add a fact to the outbox and return its number."""
    values = {"name": type(fact).__name__, "body": encode(fact), "occurred_at": fact.occurred_at}
    row = await connection.execute(_ADD, values)
    key = row.inserted_primary_key
    return int(key[0]) if key else 0


async def claim_overdue(
    tx: "Transaction", *, now: datetime, older_than: timedelta, hold: timedelta, most: int = 100
) -> Sequence[StoredFact]:
    """Take facts that nobody has finished reacting to, oldest first, for ``hold``; others leave them alone meanwhile."""
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
    waiting = and_(outbox.c.dispatched_at.is_(None), outbox.c.occurred_at < now - older_than, free)
    query = select(outbox).where(waiting).order_by(outbox.c.number).limit(most)
    if tx.connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    rows = (await tx.execute(query)).all()
    numbers = [row.number for row in rows]
    await tx.execute(
        update(outbox)
        .where(outbox.c.number.in_(numbers))
        .values(claimed_until=now + hold, attempts=outbox.c.attempts + 1)
    )
    return [StoredFact(row.number, row.name, row.body, row.attempts + 1) for row in rows]


async def claim(tx: "Transaction", number: int, *, now: datetime, hold: timedelta) -> StoredFact | None:
    """Take one fact by its number, for ``hold``; ``None`` when it is done, or in somebody's hands."""
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
    row = (
        await tx.execute(
            update(outbox)
            .where(outbox.c.number == number, outbox.c.dispatched_at.is_(None), free)
            .values(claimed_until=now + hold, attempts=outbox.c.attempts + 1)
            .returning(outbox)
        )
    ).one_or_none()
    return StoredFact(row.number, row.name, row.body, row.attempts) if row else None


async def mark_dispatched(tx: "Transaction", numbers: Iterable[int], *, now: datetime) -> None:
    """Note that every reaction to these facts is done."""
    await tx.execute(update(outbox).where(outbox.c.number.in_(list(numbers))).values(dispatched_at=now))


async def forget_dispatched(tx: "Transaction", *, before: datetime) -> int:
    """Delete facts that were finished before this instant, and return how many."""
    done = await tx.execute(delete(outbox).where(outbox.c.dispatched_at < before))
    return done.rowcount
