"""How far we have read in the agency's list of events."""

from datetime import datetime

from sqlalchemy import Column, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Transaction
from storage.schema import Instant, metadata

_ONE = "cases"

places = Table(
    "cases_event_places",
    metadata,
    Column("feed", String(40), primary_key=True),
    Column("place", String(200), nullable=False),
    Column("kept_at", Instant, nullable=False),
)


async def place(tx: Transaction) -> str:
    """Return the place after the last event that was taken in; ``""`` when none was."""
    row = (await tx.execute(select(places.c.place).where(places.c.feed == _ONE))).one_or_none()
    return str(row.place) if row else ""


async def read_at(tx: Transaction) -> datetime | None:
    """Return when the agency's systems last answered what is new; ``None`` when they never did."""
    row = (await tx.execute(select(places.c.kept_at).where(places.c.feed == _ONE))).one_or_none()
    return row.kept_at if row else None


async def keep_place(tx: Transaction, place: str, *, now: datetime) -> None:
    """Note how far we have read, and that it was answered now."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = {"place": place, "kept_at": now}
    statement = kind.insert(places).values(feed=_ONE, **new)
    await tx.execute(statement.on_conflict_do_update(index_elements=["feed"], set_=new))
