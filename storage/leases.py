"""Who may act, for how long, and a number by which a late-comer is refused (fencing, I-31)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.database import Transaction
from storage.schema import Instant, metadata

leases = Table(
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("fencing", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
)


@dataclass(frozen=True)
class Lease:
    """The right to act under ``name`` until ``expires_at``. ``fencing`` grows by one with every new holder."""

    name: str
    holder: str
    fencing: int
    expires_at: datetime


async def acquire(tx: Transaction, name: str, *, holder: str, now: datetime, hold: timedelta) -> Lease | None:
    """Take a lease, or prolong our own; ``None`` while somebody else has it."""
    row = (await tx.execute(select(leases).where(leases.c.name == name).with_for_update())).one_or_none()
    until = now + hold
    if row is None:
        return await _first(tx, Lease(name, holder, 1, until))
    if row.holder != holder and row.expires_at > now:
        return None
    fencing = row.fencing if row.holder == holder and row.expires_at > now else row.fencing + 1
    await tx.execute(
        update(leases).where(leases.c.name == name).values(holder=holder, fencing=fencing, expires_at=until)
    )
    return Lease(name, holder, fencing, until)


async def is_current(tx: Transaction, lease: Lease) -> bool:
    """Tell whether nobody has taken the lease since, in the transaction that it guards: until its end nobody can.

    A lease that has run out, and that nobody else has taken, is current still: what it guards has one writer.
    """
    newest = select(leases.c.fencing).where(leases.c.name == lease.name).with_for_update()
    return (await tx.execute(newest)).scalar_one_or_none() == lease.fencing


async def _first(tx: Transaction, lease: Lease) -> Lease | None:
    try:
        async with tx.connection.begin_nested():
            await tx.execute(
                insert(leases).values(
                    name=lease.name, holder=lease.holder, fencing=lease.fencing, expires_at=lease.expires_at
                )
            )
    except IntegrityError:
        return None  # somebody else was first by a moment
    return lease
