"""What we have already taken in, so that the same event from outside, however often it comes, has one effect (I-29)."""

from datetime import datetime

from sqlalchemy import Column, String, Table, delete
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Transaction
from storage.schema import Instant, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("seen_at", Instant, nullable=False),
)


async def first_time(tx: Transaction, key: str, *, now: datetime) -> bool:
    """Note an outside event under its unique key and tell whether it is new.

    Run it in the transaction of the event's effect: both are kept, or neither.
    """
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(inbox).values(key=key, seen_at=now).on_conflict_do_nothing()
    return (await tx.execute(statement.returning(inbox.c.key))).first() is not None


async def forget_before(tx: Transaction, *, before: datetime) -> int:
    """Delete keys seen before this instant, and return how many."""
    return (await tx.execute(delete(inbox).where(inbox.c.seen_at < before))).rowcount
