"""The table of kallelser: what was written to a citizen, and when."""

from sqlalchemy import Column, Integer, String, Table, Text

from storage.schema import Instant, metadata

meeting_letters = Table(
    "meeting_letters",
    metadata,
    Column("meeting", String(60), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("method", String(10), primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("language", String(2), nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
)
"""Written once for each change of a meeting and never changed: it is what the citizen has."""
