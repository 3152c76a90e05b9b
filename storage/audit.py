"""Who has read or changed what about whom (I-25). Rows are only ever added, and each carries the hash of the one before.

The row is committed before the data is returned. Changing or removing a row breaks the chain, which
:func:`first_break` finds; the database refuses both as well, see ``GUARDS``.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DDL, BigInteger, Column, Integer, String, Table, event, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import AgentId, ContactId, Subject
from storage.database import Transaction
from storage.schema import Instant, metadata

GENESIS = "0" * 64

_Number = BigInteger().with_variant(Integer, "sqlite")

audit = Table(
    "audit",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("read_at", Instant, nullable=False),
    Column("reader", String(80), nullable=False),
    Column("what", String(80), nullable=False),
    Column("contact", String(80), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", _Number, nullable=False),
    Column("hash", String(64), nullable=False),
)

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows stay'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows stay'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit rows stay'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
    ),
}
"""The statements, per kind of database, that make it refuse to change or remove a row; migrations run them too."""

for _dialect, _statements in GUARDS.items():
    for _statement in _statements:
        event.listen(audit, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A person (``reader``) reads data of a citizen: ``what`` is a fixed word such as ``contact_card``.

    What changes whose a number is stands here, too; ``reader`` is then the way by which it was wished.
    """

    reader: AgentId
    what: str
    contact: ContactId | None = None
    subject: Subject | None = None


async def note_reading(tx: Transaction, reading: Reading, *, at: datetime) -> int:
    """Add a row to the chain and return its number. Readers queue for the head of the chain, so it never forks."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    await tx.execute(kind.insert(audit_head).values(id=1, number=0, hash=GENESIS).on_conflict_do_nothing())
    head = (await tx.execute(select(audit_head).where(audit_head.c.id == 1).with_for_update())).one()
    row = {
        "number": head.number + 1,
        "read_at": at,
        "reader": reading.reader,
        "what": reading.what,
        "contact": reading.contact or "",
        "subject": reading.subject or "",
        "previous": head.hash,
    }
    row["hash"] = _hash(row)
    await tx.execute(insert(audit).values(**row))
    await tx.execute(update(audit_head).values(number=row["number"], hash=row["hash"]))
    return int(row["number"])


async def first_break(tx: Transaction) -> int | None:
    """Return the number of the first row that was changed, removed or slipped in; ``None`` when the chain is whole."""
    expected, previous = 1, GENESIS
    for row in (await tx.execute(select(audit).order_by(audit.c.number))).mappings():
        if row["number"] != expected or row["previous"] != previous or row["hash"] != _hash(dict(row)):
            return expected
        expected, previous = expected + 1, row["hash"]
    head = (await tx.execute(select(audit_head))).one_or_none()
    if head is not None and (head.number != expected - 1 or head.hash != previous):
        return expected
    return None


def _hash(row: dict[str, object]) -> str:
    at = row["read_at"]
    instant = at.isoformat() if isinstance(at, datetime) else str(at)
    fields = [str(row["number"]), instant, *(str(row[name]) for name in ("reader", "what", "contact", "subject"))]
    return hashlib.sha256(json.dumps([*fields, row["previous"]]).encode()).hexdigest()
