"""The brief for a partner over HTTP, for whoever holds the meeting."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.guard import Guard
from dashboard.brief_desk import BriefDesk
from dashboard.meeting_views import BriefView
from dashboard.sessions import Session

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]


class Said(BaseModel):
    """What the citizen has told the agent: yes or no."""

    model_config = ConfigDict(extra="forbid")

    given: bool


class Signed(BaseModel):
    """The text for which the agent answers, of the brief that they have read."""

    model_config = ConfigDict(extra="forbid")

    brief: str = Field(pattern=r"^[A-Za-z0-9_]{1,60}$")
    text: str = Field(min_length=1, max_length=4_000, repr=False)


def make_briefs_router(*, guard: Guard, desk: BriefDesk) -> APIRouter:
    """Return the routes of agents over briefs."""
    router = APIRouter(prefix="/api", tags=["meetings at the desk"])
    agent = Depends(guard.agent)

    @router.get("/meetings/{meeting}/brief")
    async def show(me: Annotated[Session, agent], meeting: Id) -> BriefView:
        return await desk.show(me.agent, meeting)

    @router.post("/meetings/{meeting}/brief/consent")
    async def say(me: Annotated[Session, agent], meeting: Id, said: Said) -> BriefView:
        return await desk.say(me.agent, meeting, given=said.given)

    @router.post("/meetings/{meeting}/brief")
    async def draft(me: Annotated[Session, agent], meeting: Id) -> BriefView:
        return await desk.draft(me.agent, meeting)

    @router.post("/meetings/{meeting}/brief/sign")
    async def sign(me: Annotated[Session, agent], meeting: Id, signed: Signed) -> BriefView:
        return await desk.sign(me.agent, meeting, brief=signed.brief, text=signed.text)

    return router
