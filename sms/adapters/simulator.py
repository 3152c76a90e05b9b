"""A provider of texts in the product itself, for the demo: what it delivers stands in a table and is read on a page."""

from collections.abc import Sequence

from sqlalchemy import Column, Index, String, Table, Text, select
from sqlalchemy.dialects import postgresql, sqlite

from core.clock import Clock
from core.phone import PhoneNumber
from sms.model import State
from sms.ports import OnHandset, Taken, ToSend
from storage.database import Database
from storage.schema import Instant, metadata

handsets = Table(
    "sms_handsets",
    metadata,
    Column("ref", String(60), primary_key=True),
    Column("number", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_sms_handsets_number", "number", "at"),
)


class SimulatedProvider:
    """Delivers at once to handsets of its own. Our name for an attempt is its name for the text, so a repeat is the same."""

    name = "simulator"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def send(self, one: ToSend) -> Taken:
        """Put the text on the handset; the same attempt twice is one text."""
        values = {"ref": one.ref, "number": one.number.e164, "text": one.text, "at": self._clock.now()}
        async with self._database.transaction() as tx:
            kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
            await tx.execute(kind.insert(handsets).values(**values).on_conflict_do_nothing())
        return Taken(one.ref, State.DELIVERED)

    async def look_up(self, one: ToSend) -> Sequence[Taken]:
        """Return the text of this attempt, if the handset has it."""
        async with self._database.reading() as tx:
            row = (await tx.execute(select(handsets.c.ref).where(handsets.c.ref == one.ref))).first()
        return [Taken(row.ref, State.DELIVERED)] if row else []

    async def close(self) -> None:
        """Have nothing to let go of: the database is not ours."""

    async def on_handset(self, number: PhoneNumber, *, limit: int = 50) -> Sequence[OnHandset]:
        """Return what a handset shows, the newest first."""
        query = select(handsets).where(handsets.c.number == number.e164).order_by(handsets.c.at.desc()).limit(limit)
        async with self._database.reading() as tx:
            return [OnHandset(row.at, row.text) for row in await tx.execute(query)]
