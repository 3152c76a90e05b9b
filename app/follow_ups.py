"""Asks by text, some days after a meeting, whoever has said yes to that; what they answer is kept in their own words."""

from datetime import timedelta
from typing import TYPE_CHECKING

from app import meeting_texts
from cases.errors import CasesUnavailableError
from core.language import Language

if TYPE_CHECKING:
    from app.wiring import Rooms
    from meetings.events import MeetingDone
    from sms.model import Message

NAME = "meeting_follow_up"
STALE = timedelta(days=3)
"""Whoever cannot be asked for so long has forgotten."""


async def after_meeting(rooms: "Rooms", fact: "MeetingDone") -> None:
    """Mean to ask, once; told twice it is meant once. Nobody is asked who has not said yes, or has no number of their own."""
    async with rooms.database.transaction() as tx:
        row = await rooms.meetings.following.to_ask(tx, fact.meeting)
        number = await meeting_texts.number_of(rooms, tx, row) if row else None
        if row is None or number is None:
            return
        at = await rooms.meetings.following.ask(tx, row)
        language = Language.ENGLISH if row.language == Language.ENGLISH else Language.SWEDISH
        await rooms.sms.ask_later(
            tx, number=number, name=NAME, about=row.meeting, language=language, not_before=at, expires_at=at + STALE
        )


async def still_wanted(rooms: "Rooms", message: "Message") -> bool:
    """Tell, just before it is asked, whether they still say yes and the number still is theirs."""
    meeting = message.key.rpartition(":")[2]
    async with rooms.database.reading() as tx:
        row = await rooms.meetings.following.to_ask(tx, meeting)
        try:
            return row is not None and await meeting_texts.number_of(rooms, tx, row) == message.number
        except CasesUnavailableError:
            return False


async def hear(rooms: "Rooms", meeting: str, text: str) -> None:
    """Keep what was answered."""
    await rooms.meetings.following.answered(meeting, text)
