"""The table of slots. Its row is the lock under which the promises in a slot are counted, so that none is overbooked."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, Integer, String, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from callbacks.model import CallbackState, Period
from callbacks.store import callbacks
from core.ids import CallbackId
from storage.database import Transaction
from storage.schema import Instant, metadata

callback_slots = Table(
    "callback_slots",
    metadata,
    Column("queue", String(60), primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    Column("ends_at", Instant, nullable=False),
    Column("capacity", Integer, nullable=False),
)

_STANDS = callbacks.c.state != CallbackState.CANCELLED


async def has_room(
    tx: Transaction, *, queue: str, slot: Period, capacity: int, leaving_out: CallbackId | None = None
) -> bool:
    """Tell whether one more promise fits into a slot; until the transaction ends nobody else is told so (I-15).

    The promises themselves are counted, so what the row says cannot drift from what is true.
    """
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = {"queue": queue, "starts_at": slot.starts_at, "ends_at": slot.ends_at, "capacity": capacity}
    await tx.execute(kind.insert(callback_slots).values(**new).on_conflict_do_nothing())
    mine = (callback_slots.c.queue == queue, callback_slots.c.starts_at == slot.starts_at)
    await tx.execute(update(callback_slots).where(*mine).values(capacity=capacity))  # the lock, and what holds today
    taken = select(func.count()).where(
        callbacks.c.queue == queue, callbacks.c.slot_starts_at == slot.starts_at, _STANDS,
        callbacks.c.callback != (leaving_out or ""),
    )  # fmt: skip
    return int((await tx.execute(taken)).scalar_one()) < capacity


async def taken(tx: Transaction, *, queue: str, since: datetime) -> Mapping[datetime, int]:
    """Return how many promises of a queue are in each slot that begins at an instant or later."""
    starts_at = callbacks.c.slot_starts_at
    query = select(starts_at, func.count().label("promises")).where(
        callbacks.c.queue == queue, starts_at >= since, _STANDS
    )
    return {row.slot_starts_at: row.promises for row in await tx.execute(query.group_by(starts_at))}
