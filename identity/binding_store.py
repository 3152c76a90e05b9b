"""The table of numbers that belong to persons. Rows are ended, not deleted, until nobody needs to know any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, String, Table, delete, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import ContactId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from identity.binding import Binding, Kind
from storage.database import Transaction
from storage.schema import Instant, metadata

_OPEN = text("ended_at IS NULL")

bindings = Table(
    "identity_bindings",
    metadata,
    Column("binding", String(60), primary_key=True),
    Column("person", String(80), nullable=False),
    Column("subject", String(120), nullable=False, index=True),
    Column("number", String(20), nullable=False, index=True),
    Column("language", String(2), nullable=False),
    Column("allowed", String(200), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", String(60), nullable=False),
    Column("contact", String(60)),
    Column("confirmed_at", Instant),
    Column("ended_at", Instant),
    Column("ended_by", String(60), nullable=False),
    Index("uq_identity_bindings_open", "person", "number", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)


async def add(tx: Transaction, new: Binding) -> bool:
    """Write a binding; ``False`` when the person has this number already."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(bindings).values(**_values(new)).on_conflict_do_nothing()
    return (await tx.execute(statement.returning(bindings.c.binding))).first() is not None


async def change(tx: Transaction, changed: Binding) -> None:
    """Write what has become of a binding."""
    values = _values(changed)
    await tx.execute(update(bindings).where(bindings.c.binding == changed.binding).values(**values))


async def find(tx: Transaction, binding: str, *, to_change: bool = False) -> Binding | None:
    """Return a binding, locked until the end of the transaction if it is to be changed."""
    found = await _open_or_ended(tx, bindings.c.binding == binding, to_change=to_change)
    return found[0] if found else None


async def of_number(tx: Transaction, number: PhoneNumber, *, to_change: bool = False) -> Sequence[Binding]:
    """Return the bindings of a number that were not ended, whoever's."""
    return await _open_or_ended(
        tx, bindings.c.number == number.e164, bindings.c.ended_at.is_(None), to_change=to_change
    )


async def of_person(tx: Transaction, person: PersonId, *, to_change: bool = False) -> Sequence[Binding]:
    """Return the bindings of a person that were not ended."""
    return await _open_or_ended(tx, bindings.c.person == person, bindings.c.ended_at.is_(None), to_change=to_change)


async def of_subject(tx: Transaction, subject: Subject) -> Sequence[Binding]:
    """Return the bindings of whoever the agency's systems know under this key that were not ended."""
    return await _open_or_ended(tx, bindings.c.subject == subject, bindings.c.ended_at.is_(None))


async def forget(tx: Transaction, *, before: datetime, last_confirmed_before: datetime) -> int:
    """Delete what ended before an instant, or was last confirmed, or asked for in vain, before the other; return how many."""
    columns = bindings.c
    old = or_(
        columns.ended_at < before,
        columns.confirmed_at < last_confirmed_before,
        columns.confirmed_at.is_(None) & (columns.asked_at < before),
    )
    return (await tx.execute(delete(bindings).where(old))).rowcount


async def _open_or_ended(tx: Transaction, *conditions: Any, to_change: bool = False) -> Sequence[Binding]:
    query = select(bindings).where(*conditions).order_by(bindings.c.asked_at, bindings.c.binding)
    rows = await tx.execute(query.with_for_update() if to_change else query)
    return [_binding(row) for row in rows]


def _values(one: Binding) -> dict[str, Any]:
    values = dict(vars(one))
    return values | {"number": one.number.e164, "allowed": ",".join(sorted(one.allowed))}


def _binding(row: Any) -> Binding:
    values = dict(row._mapping)
    return Binding(
        **values
        | {
            "person": PersonId(row.person),
            "subject": Subject(row.subject),
            "number": PhoneNumber(row.number),
            "language": Language(row.language),
            "allowed": frozenset(Kind(kind) for kind in row.allowed.split(",") if kind),
            "contact": ContactId(row.contact) if row.contact else None,
        }
    )
