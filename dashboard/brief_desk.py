"""The brief that a partner may read before a meeting, as whoever holds the meeting writes, reads and signs it (R68)."""

from typing import Protocol

from core.ids import AgentId
from dashboard.errors import NotAllowedError
from dashboard.meeting_desk import MeetingDesk
from dashboard.meeting_views import BriefView
from storage.database import Database, Transaction


class Brief(Protocol):
    """A brief, as the desk shows it."""

    @property
    def brief(self) -> str: ...  # noqa: D102
    @property
    def meeting(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def found(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102


class Briefs(Protocol):
    """Briefs. Each method is as that of the same name of the room that keeps meetings."""

    async def is_for(self, tx: Transaction, meeting: str) -> bool:
        """Tell whether a partner may ever read anything before this meeting."""
        ...

    async def consented(self, tx: Transaction, meeting: str) -> bool | None:
        """Return what the citizen has said; ``None`` when they were not asked."""
        ...

    async def say(self, meeting: str, *, given: bool, by: str) -> None:
        """Keep what the citizen says."""
        ...

    async def newest(self, tx: Transaction, meeting: str) -> Brief | None:
        """Return the brief that was written last."""
        ...

    async def draft(self, meeting: str) -> Brief:
        """Write a brief of what was answered."""
        ...

    async def sign(self, brief: str, *, by: AgentId, text: str) -> Brief:
        """Keep the text for which a person answers."""
        ...

    async def release(self, brief: str) -> Brief:
        """Let the partner read it."""
        ...


class BriefDesk:
    """What agents do with briefs. Only whoever holds the meeting, and each look and change is noted first (I-25)."""

    def __init__(self, *, desk: MeetingDesk, database: Database, briefs: Briefs) -> None:
        self._desk = desk
        self._database = database
        self._briefs = briefs

    async def show(self, agent: AgentId, meeting: str) -> BriefView:
        """Return the brief, and what the citizen has said about it."""
        await self._desk.note(agent, "meeting_brief", meeting)
        return await self._shown(meeting)

    async def say(self, agent: AgentId, meeting: str, *, given: bool) -> BriefView:
        """Keep the yes or no that the citizen has told an agent. A no has no consequence (R72)."""
        await self._desk.note(agent, "meeting_prepare", meeting)
        await self._briefs.say(meeting, given=given, by=f"agent:{agent}")
        return await self._shown(meeting)

    async def draft(self, agent: AgentId, meeting: str) -> BriefView:
        """Have a brief written of what the citizen has answered."""
        await self._desk.note(agent, "meeting_brief", meeting)
        await self._briefs.draft(meeting)
        return await self._shown(meeting)

    async def sign(self, agent: AgentId, meeting: str, *, brief: str, text: str) -> BriefView:
        """Sign the text that this agent has read, and let the partner read it.

        Raises as the room does: with the places of what may still tell who it is.
        """
        await self._desk.note(agent, "meeting_brief_signed", meeting)
        async with self._database.reading() as tx:
            newest = await self._briefs.newest(tx, meeting)
        if newest is None or newest.brief != brief:
            raise NotAllowedError
        await self._briefs.sign(brief, by=agent, text=text)
        await self._briefs.release(brief)
        return await self._shown(meeting)

    async def _shown(self, meeting: str) -> BriefView:
        async with self._database.reading() as tx:
            newest = await self._briefs.newest(tx, meeting)
            return BriefView(
                is_for=await self._briefs.is_for(tx, meeting),
                consented=await self._briefs.consented(tx, meeting),
                brief=newest.brief if newest else "",
                state=newest.state if newest else "",
                text=newest.text if newest else "",
                found=list(newest.found) if newest else [],
            )
