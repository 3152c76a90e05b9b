"""The tables of codes and of tries. A try is written before its code is checked, and never deleted to let one off."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, and_, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import ContactId, PersonId
from identity.model import Tried
from storage.database import Transaction
from storage.schema import Instant, metadata

UNKNOWN, WRONG, RIGHT, RESET = "unknown", "wrong", "right", "reset"
"""``unknown``: under way, or whoever checked it was killed. It counts as wrong."""

identity_codes = Table(
    "identity_codes",
    metadata,
    Column("person", String(80), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
)

identity_tries = Table(
    "identity_tries",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("person", String(80), nullable=False, index=True),
    Column("contact", String(60), nullable=False, index=True),
    Column("caller", String(80), nullable=False, index=True),
    Column("at", Instant, nullable=False, index=True),
    Column("result", String(10), nullable=False),
    Column("by", String(60), nullable=False, server_default=""),
)

_failed = identity_tries.c.result.in_((UNKNOWN, WRONG))


async def add_try(tx: Transaction, *, person: PersonId, contact: ContactId, caller: str, at: datetime) -> int:
    """Write a try whose result is not known yet and return its number."""
    row = await tx.execute(
        insert(identity_tries).values(person=person, contact=contact, caller=caller, at=at, result=UNKNOWN)
    )
    key = row.inserted_primary_key
    return int(key[0]) if key else 0


async def finish_try(tx: Transaction, number: int, *, result: str) -> None:
    """Write what came of a try."""
    await tx.execute(update(identity_tries).where(identity_tries.c.number == number).values(result=result))


async def add_reset(tx: Transaction, *, person: PersonId, by: str, at: datetime) -> None:
    """Write that somebody with the right to do so has let this person begin anew."""
    values = {"person": person, "contact": "", "caller": "", "at": at, "result": RESET, "by": by}
    await tx.execute(insert(identity_tries).values(**values))


async def count_tries(
    tx: Transaction, *, person: PersonId, contact: ContactId, caller: str, day: datetime, hour: datetime
) -> Tried:
    """Count failed tries of this contact, of this person since ``day`` and the last reset, of this caller since ``hour``."""
    tries = identity_tries.c
    reset = select(func.coalesce(func.max(tries.number), 0)).where(tries.person == person, tries.result == RESET)
    of_person = and_(tries.person == person, tries.at >= day, tries.number > reset.scalar_subquery())
    return Tried(
        in_contact=await _count(tx, tries.contact == contact),
        for_person_today=await _count(tx, of_person),
        from_caller_this_hour=await _count(tx, and_(tries.caller == caller, tries.at >= hour)) if caller else 0,
    )


async def _count(tx: Transaction, which: Any) -> int:
    query = select(func.count()).select_from(identity_tries).where(_failed, which)
    return int((await tx.execute(query)).scalar_one())


async def find_hash(tx: Transaction, person: PersonId) -> str | None:
    """Return the hash of a person's code."""
    query = select(identity_codes.c.hash).where(identity_codes.c.person == person)
    return (await tx.execute(query)).scalar_one_or_none()


async def keep_hash(tx: Transaction, person: PersonId, *, hashed: str, at: datetime) -> None:
    """Keep the hash of a person's new code in place of the old one."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = {"hash": hashed, "set_at": at}
    statement = kind.insert(identity_codes).values(person=person, **new)
    await tx.execute(statement.on_conflict_do_update(index_elements=["person"], set_=new))


async def forget_tries(tx: Transaction, *, before: datetime) -> int:
    """Delete tries older than their retention and return how many; ``before`` is at least a day ago."""
    return (await tx.execute(delete(identity_tries).where(identity_tries.c.at < before))).rowcount
