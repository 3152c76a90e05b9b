"""Each range of minutes that a caller was told while waiting, and how long it then took: what promises are measured by."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Float, Integer, String, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import ContactId
from skills_routing import store
from skills_routing.forecast.wait_store import HowItEnded, end_of, seconds_between
from skills_routing.model import ContactState
from storage.database import Transaction
from storage.schema import Instant, metadata

waits_told = Table(
    "waits_told",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("told_at", Instant, primary_key=True, index=True),
    Column("low_minutes", Integer, nullable=False),
    Column("high_minutes", Integer, nullable=False),
    Column("expected_seconds", Float),
    Column("app_queue_seconds", Float),
    Column("rest_seconds", Float),
    Column("how", String(10), nullable=False, server_default=""),
)

_ADD = {
    "sqlite": sqlite.insert(waits_told).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(waits_told).on_conflict_do_nothing(),
}
_OF = select(waits_told.c.told_at).where(waits_told.c.contact == bindparam("of"), waits_told.c.rest_seconds.is_(None))
_CHANGE = update(waits_told).where(waits_told.c.contact == bindparam("of"), waits_told.c.told_at == bindparam("at"))


@dataclass(frozen=True, kw_only=True)
class RangeTold:
    """A range as it was spoken, from ``low_minutes`` to ``high_minutes`` from ``told_at`` on.

    ``expected_seconds`` and ``app_queue_seconds`` are what the forecast behind it and app_queue's formula said just then,
    counted from ``told_at``; ``None`` when nobody knows.
    """

    contact: ContactId
    told_at: datetime
    low_minutes: int
    high_minutes: int
    expected_seconds: float | None = None
    app_queue_seconds: float | None = None


async def told(tx: Transaction, one: RangeTold) -> None:
    """Write that a caller was told a range, once; of a wait that was over before it was said nothing is written.

    Who comes back to the line after a talk that was cut off waits, and is told, a second time.
    """
    routed = await store.find(tx, one.contact)
    over: dict[str, object] = {"rest_seconds": None, "how": ""}
    if routed is None or routed.state is not ContactState.WAITING:
        ended_at, how = await end_of(tx, one.contact)
        if ended_at is None or ended_at <= one.told_at:
            return
        over = {"rest_seconds": seconds_between(one.told_at, ended_at), "how": how}
    await tx.execute(_ADD[tx.connection.dialect.name], {**vars(one), **over})


async def wait_is_over(tx: Transaction, contact: ContactId, how: HowItEnded, *, at: datetime) -> None:
    """Write how long the wait went on after each range that this caller was told."""
    moments = (await tx.execute(_OF, {"of": contact})).scalars().all()
    for moment in moments:
        values = {"rest_seconds": seconds_between(moment, at), "how": how}
        await tx.execute(_CHANGE, {"of": contact, "at": moment, **values})


async def forget_before(tx: Transaction, before: datetime) -> None:
    """Remove what was told before an instant."""
    await tx.execute(delete(waits_told).where(waits_told.c.told_at < before))
