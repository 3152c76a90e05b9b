"""The tables of what is told to other systems: each delivery, and which addresses have said that they are gone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, Text, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Transaction
from storage.schema import Instant, metadata
from webhooks.model import LONGEST_ANSWER, Delivery, Reason, State, Subscription

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("delivery", String(60), primary_key=True),
    Column("system", String(40), nullable=False),
    Column("type", String(60), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("claimed_until", Instant),
    Column("tried_at", Instant),
    Column("status", Integer),
    Column("answer", String(LONGEST_ANSWER), nullable=False),
    Column("ended_at", Instant),
    Index("ix_webhook_deliveries_due", "system", "next_at"),
    Index("ix_webhook_deliveries_listed", "system", "created_at"),
)

switched_off = Table(
    "webhook_switched_off",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("address_hash", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)

_NAMES = [one.name for one in fields(Delivery)]
_CHANGING = ("state", "reason", "next_at", "claimed_until", "tried_at", "status", "answer", "ended_at")
_OVER = {"state": State.FAILED, "next_at": None, "claimed_until": None}


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many deliveries of a system were delivered and have failed lately, how many wait, and since when the oldest."""

    delivered: int = 0
    failed: int = 0
    waiting: int = 0
    oldest_waiting: datetime | None = None


async def add(tx: Transaction, new: Delivery) -> bool:
    """Write a delivery; ``False`` when there is one of this name."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    values = {name: getattr(new, name) for name in _NAMES}
    statement = kind.insert(deliveries).values(**values).on_conflict_do_nothing().returning(deliveries.c.delivery)
    return (await tx.execute(statement)).first() is not None


async def find(tx: Transaction, name: str, *, to_change: bool = False) -> Delivery | None:
    """Return a delivery, locked until the end of the transaction if it is to be changed."""
    query = select(deliveries).where(deliveries.c.delivery == name)
    row = (await tx.execute(query.with_for_update() if to_change else query)).one_or_none()
    return _delivery(row) if row else None


async def is_due(tx: Transaction, system: str, *, now: datetime) -> bool:
    """Tell whether anything is to be told to a system."""
    query = select(deliveries.c.delivery).where(deliveries.c.system == system, deliveries.c.next_at <= now)
    return (await tx.execute(query.limit(1))).first() is not None


async def claim(tx: Transaction, system: str, *, now: datetime, until: datetime, most: int) -> Sequence[Delivery]:
    """Take deliveries that are due and in nobody's hands, those that have waited longest first; each counts as an attempt."""
    free = or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until <= now)
    due = and_(deliveries.c.system == system, deliveries.c.next_at <= now, free)
    query = select(deliveries.c.delivery).where(due).order_by(deliveries.c.next_at).limit(most)
    names = list((await tx.execute(query.with_for_update(skip_locked=True))).scalars())
    if not names:
        return []
    taking = update(deliveries).where(deliveries.c.delivery.in_(names))
    changed = taking.values(claimed_until=until, attempts=deliveries.c.attempts + 1).returning(deliveries)
    return [_delivery(row) for row in await tx.execute(changed)]


async def write(tx: Transaction, came_of: Iterable[tuple[Delivery, Delivery]]) -> None:
    """Write what has become of deliveries (as claimed, as it is to be), unless somebody else has claimed one since."""
    statement = update(deliveries).where(
        deliveries.c.delivery == bindparam("of"), deliveries.c.claimed_until == bindparam("claimed")
    )
    statement = statement.values({name: bindparam(f"new_{name}") for name in _CHANGING})
    rows = [
        {"of": before.delivery, "claimed": before.claimed_until}
        | {f"new_{name}": getattr(then, name) for name in _CHANGING}
        for before, then in sorted(came_of, key=lambda pair: pair[0].delivery)
    ]
    if rows:
        await tx.execute(statement, rows)


async def again(tx: Transaction, names: Iterable[str], *, now: datetime) -> None:
    """Have deliveries be tried anew, from the first pause on."""
    afresh = {"state": State.WAITING, "reason": "", "attempts": 0, "next_at": now, "claimed_until": None}
    chosen = deliveries.c.delivery.in_(list(names))
    await tx.execute(update(deliveries).where(chosen).values(**afresh, ended_at=None))


async def failed_since(
    tx: Transaction, since: datetime, *, system: str, but_not: Collection[str], most: int
) -> list[str]:
    """Return the names of what has failed for good and happened since an instant: of one system, or of all (``""``)."""
    query = select(deliveries.c.delivery).where(deliveries.c.created_at >= since, deliveries.c.state == State.FAILED)
    query = query.where(deliveries.c.system.not_in(list(but_not)))
    if system:
        query = query.where(deliveries.c.system == system)
    return list((await tx.execute(query.order_by(deliveries.c.created_at).limit(most))).scalars())


async def listed(
    tx: Transaction, *, system: str, state: State | None, before: Delivery | None, limit: int
) -> list[Delivery]:
    """Return deliveries, the newest first: of one system or of all (``""``); those that come after ``before``."""
    key = (deliveries.c.created_at, deliveries.c.delivery)
    query = select(deliveries)
    if system:
        query = query.where(deliveries.c.system == system)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if before is not None:
        older, same = key[0] < before.created_at, key[0] == before.created_at
        query = query.where(or_(older, and_(same, key[1] < before.delivery)))
    return [_delivery(row) for row in await tx.execute(query.order_by(*(one.desc() for one in key)).limit(limit))]


async def counted(tx: Transaction, *, since: datetime) -> Mapping[str, Count]:
    """Count by system what is over since an instant and all that waits."""
    many, oldest = func.count().label("many"), func.min(deliveries.c.created_at).label("oldest")
    query = select(deliveries.c.system, deliveries.c.state, many, oldest)
    shown = or_(deliveries.c.state == State.WAITING, deliveries.c.ended_at >= since)
    found: dict[str, Count] = {}
    rows = await tx.execute(query.where(shown).group_by(deliveries.c.system, deliveries.c.state))
    for row in rows:
        waits = {"oldest_waiting": row.oldest} if row.state == State.WAITING else {}
        found[row.system] = Count(**{**_as_dict(found.get(row.system)), row.state: row.many, **waits})
    return found


async def is_off(tx: Transaction, subscription: Subscription) -> bool:
    """Tell whether this address has said that it is gone."""
    query = select(switched_off).where(
        switched_off.c.system == subscription.system, switched_off.c.address_hash == subscription.address_hash
    )
    return (await tx.execute(query)).first() is not None


async def switch_off(tx: Transaction, subscription: Subscription, *, now: datetime) -> None:
    """Note that an address is gone. The row is written before those of deliveries: it lets one process in at a time."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = {"address_hash": subscription.address_hash, "at": now}
    statement = kind.insert(switched_off).values(system=subscription.system, **new)
    await tx.execute(statement.on_conflict_do_update(index_elements=["system"], set_=new))


async def give_up(tx: Transaction, system: str, *, now: datetime) -> None:
    """Have all that waits for a system that is gone be over."""
    waiting = and_(deliveries.c.system == system, deliveries.c.state == State.WAITING)
    await tx.execute(update(deliveries).where(waiting).values(**_OVER, reason=Reason.SWITCHED_OFF, ended_at=now))


async def switch_on(tx: Transaction, system: str) -> bool:
    """Forget that a system's address was gone; ``False`` when it was not."""
    return (await tx.execute(delete(switched_off).where(switched_off.c.system == system))).rowcount > 0


async def give_up_unsubscribed(tx: Transaction, systems: Collection[str], *, now: datetime) -> None:
    """Have what waits for anybody else than these systems be over: nobody tells it where to go."""
    nobodys = and_(deliveries.c.system.not_in(list(systems)), deliveries.c.state == State.WAITING)
    await tx.execute(update(deliveries).where(nobodys).values(**_OVER, reason=Reason.NO_SUBSCRIPTION, ended_at=now))


async def forget(tx: Transaction, *, before: datetime) -> int:
    """Delete what was over before an instant, and return how many."""
    is_old = and_(deliveries.c.created_at < before, deliveries.c.ended_at < before)
    return (await tx.execute(delete(deliveries).where(is_old))).rowcount


def _as_dict(count: Count | None) -> dict[str, Any]:
    return {one.name: getattr(count, one.name) for one in fields(Count)} if count else {}


def _delivery(row: Any) -> Delivery:
    values = {name: getattr(row, name) for name in _NAMES}
    return Delivery(**values | {"state": State(row.state)})
