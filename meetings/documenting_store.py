"""The table of documentation: what was agreed in a meeting, when it was handed over, and by whom (FL 27 §)."""

from collections.abc import Sequence

from sqlalchemy import Column, Integer, String, Table, Text, insert, select

from core.ids import AgentId
from meetings.documentation import Document, Handed
from meetings.model import MeetingId
from storage.database import Transaction
from storage.schema import Instant, metadata

meeting_documents = Table(
    "meeting_documents",
    metadata,
    Column("meeting", String(60), primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("agreed", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("handed_over_at", Instant),
    Column("how", String(10), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("made_by", String(60), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("receipt", String(60), nullable=False),
    Column("days_after", Integer),
)
"""A legal record: a correction is another edition. ``how`` is ``print``, ``digital`` or ``none`` with its ``reason``;
``days_after`` how many days after the day of the meeting it was written."""


_PLAIN = ("meeting", "edition", "text", "agreed", "next_step", "handed_over_at", "how", "reason", "made_by", "made_at")


async def add(tx: Transaction, document: Document, *, days_after: int) -> None:
    """Write an edition, so many days after the meeting's; there is one of its number at most."""
    row = {name: getattr(document, name) for name in _PLAIN}
    await tx.execute(insert(meeting_documents).values(**row, receipt="", days_after=days_after))


async def of(tx: Transaction, meeting: MeetingId) -> Sequence[Document]:
    """Return every edition of a meeting's documentation, in order."""
    query = select(meeting_documents).where(meeting_documents.c.meeting == meeting)
    return [
        Document(
            meeting=MeetingId(row.meeting),
            edition=row.edition,
            text=row.text,
            agreed=row.agreed,
            next_step=row.next_step,
            how=Handed(row.how),
            reason=row.reason,
            made_by=AgentId(row.made_by),
            made_at=row.made_at,
        )
        for row in await tx.execute(query.order_by(meeting_documents.c.edition))
    ]
