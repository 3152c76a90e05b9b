"""How all that goes with a meeting is deleted once it has been over for so long (I-26)."""

from datetime import datetime

from sqlalchemy import delete, or_, select

from meetings.documenting_store import meeting_documents
from meetings.following_store import guidance_questions, meeting_follow_ups, meeting_tasks
from meetings.invitation_store import meeting_invitations
from meetings.letter_store import meeting_letters
from meetings.offer_store import meeting_offers
from meetings.preparing_store import meeting_answers, meeting_briefs, meeting_consents
from meetings.store import meeting_quarters, meetings
from storage.database import Transaction

OF_A_MEETING = (
    *(meeting_letters, meeting_documents, meeting_answers, meeting_consents, meeting_briefs, meeting_follow_ups),
    meeting_quarters,
)
"""The tables whose rows go with their meeting. A test sees that no table of meetings is left out."""


async def forget_meetings(tx: Transaction, *, before: datetime, most: int) -> int:
    """Delete meetings whose time was over before an instant, however they ended, with all that goes with them."""
    is_old = or_(meetings.c.ended_at < before, meetings.c.ended_at.is_(None))
    query = select(meetings.c.meeting).where(meetings.c.ends_at < before, is_old).limit(most)
    old = [row.meeting for row in await tx.execute(query)]
    for table in OF_A_MEETING if old else ():
        await tx.execute(delete(table).where(table.c.meeting.in_(old)))
    if old:
        await tx.execute(delete(meetings).where(meetings.c.meeting.in_(old)))
    return len(old)


async def forget_others(tx: Transaction, *, before: datetime, offers_before: datetime) -> int:
    """Delete what is of no one meeting: tasks whose day was long ago, what was unclear, and what texts have offered."""
    gone = 0
    for table, is_old in (
        (meeting_tasks, meeting_tasks.c.due_on < before.date()),
        (guidance_questions, guidance_questions.c.asked_at < before),
        (meeting_offers, meeting_offers.c.made_at < offers_before),
        (meeting_invitations, meeting_invitations.c.expires_at < offers_before),
    ):
        gone += (await tx.execute(delete(table).where(is_old))).rowcount
    return gone
