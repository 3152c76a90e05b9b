"""The table of what a text has offered: which times 1, 2 and 3 mean in the answer to it."""

from sqlalchemy import Column, String, Table, Text

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
"""``act`` is ``book``, ``move`` or ``cancel``; ``times`` a JSON list of what was offered, in order."""
