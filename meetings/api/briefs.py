"""The API over which the employment service reads a brief before a meeting: without a name, consented to and signed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from core.ids import AgentId
from meetings.api.shown import Shown
from meetings.model import MeetingId
from meetings.service import Meetings
from storage.audit import Reading, note_reading

PREFIX = "/api/v1/meetings"
BRIEF = "meetings:brief"


class BriefShown(Shown):
    """A brief: what the citizen thinks of, and nothing of who they are."""

    meeting: str
    text: str
    signed_at: datetime | None


def make_briefs_router(*, may: Callable[[str], Callable[[Request], Awaitable[str]]], meetings: Meetings) -> APIRouter:
    """Return the route of the partner."""
    router = APIRouter(prefix=PREFIX, tags=["meetings"])
    reader: Any = may(BRIEF)

    @router.get("/{meeting}/brief", responses={404: {"description": "There is none that may be read."}})
    async def brief(
        system: Annotated[str, Depends(reader)], meeting: Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,60}$")]
    ) -> BriefShown:
        """Show the brief of a meeting. Who has read it, and when, is noted before it is shown."""
        async with meetings.database.transaction() as tx:
            one = await meetings.briefs.read(tx, MeetingId(meeting))
            row = await meetings.get(tx, one.meeting)
            reading = Reading(reader=AgentId(f"api:{system}"), what="meeting_brief", contact=row.contact)
            await note_reading(tx, reading, at=meetings.clock.now())
        return BriefShown(meeting=one.meeting, text=one.text, signed_at=one.signed_at)

    return router
