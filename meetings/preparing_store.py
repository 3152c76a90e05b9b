"""The tables of preparation: what the citizen has answered and consented to, and briefs for the partner."""

from sqlalchemy import Boolean, Column, String, Table, Text

from storage.schema import Instant, metadata

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
