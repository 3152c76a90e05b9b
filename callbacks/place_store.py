"""The table of places that are kept for whoever hung up while waiting."""

from datetime import datetime

from sqlalchemy import Column, Index, String, Table, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import ContactId, PersonId
from core.phone import PhoneNumber
from storage.database import Transaction
from storage.schema import Instant, metadata

kept_places = Table(
    "kept_places",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("number", String(20)),
    Column("person", String(80)),
    Column("queue", String(60), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("used_by", String(60), index=True),
    Index("ix_kept_places_number", "number", "until"),
    Index("ix_kept_places_person", "person", "until"),
)


async def keep(
    tx: Transaction,
    *,
    contact: ContactId,
    number: PhoneNumber | None,
    person: PersonId | None,
    queue: str,
    since: datetime,
    until: datetime,
) -> bool:
    """Keep the place of a contact; ``False`` when that was done before."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    values = {
        "contact": contact, "number": number.e164 if number else None, "person": person, "queue": queue,
        "since": since, "until": until,
    }  # fmt: skip
    nothing = kind.insert(kept_places).values(**values).on_conflict_do_nothing().returning(kept_places.c.contact)
    return (await tx.execute(nothing)).first() is not None


async def is_free(tx: Transaction, contact: ContactId, *, now: datetime) -> bool:
    """Tell whether the place of a contact is kept and nobody has it yet."""
    free = (kept_places.c.contact == contact, kept_places.c.until > now, kept_places.c.used_by.is_(None))
    return (await tx.execute(select(kept_places.c.contact).where(*free))).first() is not None


async def is_kept_for_number(tx: Transaction, number: PhoneNumber, *, now: datetime) -> bool:
    """Tell whether a place is kept for a number, whether or not somebody has it by now."""
    kept = select(kept_places.c.contact).where(kept_places.c.number == number.e164, kept_places.c.until > now)
    return (await tx.execute(kept.limit(1))).first() is not None


async def queue_of(tx: Transaction, contact: ContactId) -> str:
    """Return the queue of the first place that was given to a contact; ``""`` when none was."""
    mine = select(kept_places.c.queue).where(kept_places.c.used_by == contact).order_by(kept_places.c.since)
    row = (await tx.execute(mine.limit(1))).first()
    return str(row.queue) if row else ""


async def use(
    tx: Transaction, *, contact: ContactId, number: PhoneNumber | None, person: PersonId | None, now: datetime
) -> datetime | None:
    """Give the places kept for a number or a person to a contact, and return since when they wait; the same if asked again."""
    whose = [
        column == value
        for column, value in ((kept_places.c.number, number.e164 if number else None), (kept_places.c.person, person))
        if value is not None
    ]
    if not whose:
        return None
    free = (kept_places.c.until > now, kept_places.c.used_by.is_(None), kept_places.c.contact != contact)
    await tx.execute(update(kept_places).where(or_(*whose), *free).values(used_by=contact))
    mine = select(func.min(kept_places.c.since).label("since")).where(kept_places.c.used_by == contact)
    since: datetime | None = (await tx.execute(mine)).scalar_one()
    return since
