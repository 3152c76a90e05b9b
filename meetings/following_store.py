"""The tables of what follows on meetings: questions some days later, tasks before day 90, and unclear guidance."""

from sqlalchemy import Column, Date, Integer, String, Table, Text

from storage.schema import Instant, metadata

meeting_follow_ups = Table(
    "meeting_follow_ups",
    metadata,
    Column("meeting", String(60), primary_key=True),
    Column("type", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_at", Instant),
)
"""In the citizen's own words, and with no handler's name: it ranks nobody (N1)."""

meeting_tasks = Table(
    "meeting_tasks",
    metadata,
    Column("task", String(60), primary_key=True),
    Column("person", String(80), nullable=False, index=True),
    Column("subject", String(120), nullable=False),
    Column("since_on", Date, nullable=False),
    Column("due_on", Date, nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("informed_at", Instant),
    Column("agent", String(60)),
    Column("opened_on", Date),
    Column("told_on_day", Integer),
    Column("told_after_days", Integer),
)
"""To offer a contact meeting before day 90, one for each first day of a sick leave. ``agent`` is the personal handler;
``person`` is empty: whom the agency's systems tell of is known by their key (``subject``) only. On which day of the sick leave,
and how many days after it was opened, somebody was told: as the report counts it, in whole days on Sweden's calendar.
"""

guidance_questions = Table(
    "guidance_questions",
    metadata,
    Column("question", String(60), primary_key=True),
    Column("type", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("owner", String(80), nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_at", Instant),
    Column("answered_by", String(20)),
)
"""``answered_by`` is in which role somebody answered, never who."""
