"""The table of documentation: what was agreed in a meeting, when it was handed over, and by whom (FL 27 §)."""

from sqlalchemy import Column, Integer, String, Table, Text

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
)
"""A legal record: a correction is another edition. ``how`` is ``print``, ``digital`` or ``none`` with its ``reason``."""
