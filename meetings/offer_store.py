"""What a text has offered: which times, or which meetings, 1, 2 and 3 mean in the answer to it."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, String, Table, Text, select
from sqlalchemy.dialects import postgresql, sqlite

from core.phone import PhoneNumber
from storage.database import Transaction
from storage.schema import Instant, metadata

meeting_offers = Table(
    "meeting_offers",
    metadata,
    Column("number_hash", String(64), primary_key=True),
    Column("purpose", String(20), primary_key=True),
    Column("meeting", String(60), nullable=False),
    Column("act", String(10), nullable=False),
    Column("times", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
)
"""``act`` is what the answer does; ``times`` a JSON list of what was offered, in order."""

_BY_TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What was offered last: ``choices`` are starts of times (ISO 8601, UTC), or meetings, in the order of 1, 2 and 3.

    ``about`` is the meeting that is to be moved or cancelled, or the office at which one is to be booked.
    """

    act: str
    about: str
    choices: tuple[str, ...]
    made_at: datetime


async def remember(tx: Transaction, number: PhoneNumber, offer: Offer) -> None:
    """Keep what a number was offered, in place of what it was offered before."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = {
        "meeting": offer.about, "act": offer.act, "times": json.dumps(offer.choices), "made_at": offer.made_at,
    }  # fmt: skip
    statement = kind.insert(meeting_offers).values(number_hash=_hashed(number), purpose=_BY_TEXT, **new)
    await tx.execute(statement.on_conflict_do_update(index_elements=["number_hash", "purpose"], set_=new))


async def last(tx: Transaction, number: PhoneNumber) -> Offer | None:
    """Return what a number was offered last; it stays, for a text may be looked at twice."""
    its = (meeting_offers.c.number_hash == _hashed(number), meeting_offers.c.purpose == _BY_TEXT)
    row = (await tx.execute(select(meeting_offers).where(*its))).one_or_none()
    if row is None:
        return None
    return Offer(act=row.act, about=row.meeting, choices=tuple(json.loads(row.times)), made_at=row.made_at)


def _hashed(number: PhoneNumber) -> str:
    return sha256(number.e164.encode()).hexdigest()
