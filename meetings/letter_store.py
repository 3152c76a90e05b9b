"""The table of kallelser: what was written to a citizen, and when."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, Integer, String, Table, Text, bindparam, insert, select

from meetings.kallelse import Kallelse, Method, as_json, as_text, from_json
from meetings.model import MeetingId
from storage.database import Transaction
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
"""Written once for each change of a meeting and never changed: it is what the citizen has. ``sha256`` is of the plain text."""

_WHICH = (
    (meeting_letters.c.meeting == bindparam("of"))
    & (meeting_letters.c.sequence == bindparam("number"))
    & (meeting_letters.c.method == bindparam("how"))
)
_FIND = select(meeting_letters.c.text).where(_WHICH)
_NEWEST = (
    select(meeting_letters.c.text)
    .where(meeting_letters.c.meeting == bindparam("of"))
    .order_by(meeting_letters.c.sequence.desc())
    .limit(1)
)


async def find(tx: Transaction, meeting: MeetingId, sequence: int, method: Method) -> Kallelse | None:
    """Return the kallelse of this change of a meeting, if it is written."""
    text = (await tx.execute(_FIND, {"of": meeting, "number": sequence, "how": str(method)})).scalar_one_or_none()
    return None if text is None else from_json(text)


async def newest(tx: Transaction, meeting: MeetingId) -> Kallelse | None:
    """Return what was last written about a meeting."""
    text = (await tx.execute(_NEWEST, {"of": meeting})).scalar_one_or_none()
    return None if text is None else from_json(text)


async def add(tx: Transaction, kallelse: Kallelse, *, at: datetime) -> None:
    """Keep a kallelse; whoever does it twice breaks the primary key."""
    values = {
        "meeting": kallelse.meeting, "sequence": kallelse.sequence, "method": str(kallelse.method), "made_at": at,
        "language": str(kallelse.language), "text": as_json(kallelse),
        "sha256": sha256(as_text(kallelse).encode()).hexdigest(),
    }  # fmt: skip
    await tx.execute(insert(meeting_letters), values)
