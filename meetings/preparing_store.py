"""The tables of preparation: what the citizen has answered and consented to, and briefs for the partner."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, String, Table, Text, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from meetings.model import Consent, ConsentKind, MeetingId
from storage.database import Transaction
from storage.schema import Instant, metadata

_OF_CONSENT = ("meeting", "person", "kind", "given", "at", "by", "withdrawn_at")

meeting_answers = Table(
    "meeting_answers",
    metadata,
    Column("meeting", String(60), primary_key=True),
    Column("question", String(40), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("channel", String(10), nullable=False),
)
meeting_consents = Table(
    "meeting_consents",
    metadata,
    Column("consent", String(60), primary_key=True),
    Column("meeting", String(60), nullable=False, index=True),
    Column("person", String(80)),
    Column("kind", String(20), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(60), nullable=False),
    Column("withdrawn_at", Instant),
)
"""A row each time that somebody says yes or no; the newest of a kind stands."""

meeting_briefs = Table(
    "meeting_briefs",
    metadata,
    Column("brief", String(60), primary_key=True),
    Column("meeting", String(60), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("signed_by", String(60), nullable=False),
    Column("signed_at", Instant),
    Column("read_at", Instant),
)
"""``state`` is ``draft``, ``signed``, ``released`` or ``refused``; ``found`` the kinds of what was taken out, never the words."""


async def keep_answer(tx: Transaction, meeting: MeetingId, question: str, **values: Any) -> None:
    """Keep what was answered to a question; the newest answer stands."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = kind.insert(meeting_answers).values(meeting=meeting, question=question, **values)
    await tx.execute(new.on_conflict_do_update(index_elements=["meeting", "question"], set_=values))


async def drop_answer(tx: Transaction, meeting: MeetingId, question: str) -> None:
    """Forget what was answered to a question."""
    theirs = (meeting_answers.c.meeting == meeting) & (meeting_answers.c.question == question)
    await tx.execute(delete(meeting_answers).where(theirs))


async def answers_of(tx: Transaction, meeting: MeetingId) -> Mapping[str, str]:
    """Return what was answered, by question."""
    found = await tx.execute(select(meeting_answers).where(meeting_answers.c.meeting == meeting))
    return {row.question: row.answer for row in found}


async def add_consent(tx: Transaction, consent: Consent, *, name: str) -> None:
    """Keep a yes or a no."""
    await tx.execute(insert(meeting_consents).values(consent=name, **vars(consent)))


async def consents_of(tx: Transaction, meeting: MeetingId) -> Sequence[Consent]:
    """Return every yes and no about a meeting, the oldest first."""
    c = meeting_consents.c
    found = await tx.execute(select(meeting_consents).where(c.meeting == meeting).order_by(c.at, c.consent))
    return [Consent(**{name: getattr(row, name) for name in _OF_CONSENT}) for row in found]


async def withdraw(tx: Transaction, meeting: MeetingId, kind: ConsentKind, *, at: datetime) -> bool:
    """Mark the yeses of a kind that stand as withdrawn; return whether there was one."""
    c = meeting_consents.c
    theirs = (c.meeting == meeting) & (c.kind == kind) & c.given & c.withdrawn_at.is_(None)
    return (await tx.execute(update(meeting_consents).where(theirs).values(withdrawn_at=at))).rowcount > 0
