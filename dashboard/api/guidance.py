"""Questions about the guidance on meetings over HTTP: agents ask and read the answers, supervisors answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.guard import Guard
from dashboard.guidance_desk import GuidanceDesk
from dashboard.guidance_views import AnsweredGuidanceView, GuidanceBoardView, OwnerView
from dashboard.sessions import Session

TYPE = r"^[a-z0-9_-]{1,40}$"


class Unclear(BaseModel):
    """What is unclear in the guidance on a type of meeting."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(pattern=TYPE)
    text: str = Field(min_length=1, max_length=2_000, repr=False)


class Answer(BaseModel):
    """What the owner of the guidance answers, and to which question."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(pattern=r"^gui_[A-Za-z0-9_.:-]{1,56}$")
    text: str = Field(min_length=1, max_length=2_000, repr=False)


def make_guidance_router(*, guard: Guard, desk: GuidanceDesk) -> APIRouter:
    """Return the routes by which agents ask about the guidance and supervisors answer."""
    router = APIRouter(prefix="/api/guidance", tags=["guidance on meetings"])
    agent, supervisor = Depends(guard.agent), Depends(guard.supervisor)

    @router.post("", dependencies=[agent])
    async def unclear(asked: Unclear) -> OwnerView:
        return OwnerView(owner=await desk.unclear(asked.type, asked.text))

    @router.get("/answers", dependencies=[agent])
    async def answers(kind: Annotated[str, Query(alias="type", pattern=TYPE)]) -> AnsweredGuidanceView:
        return await desk.of_type(kind)

    @router.get("", dependencies=[supervisor])
    async def board() -> GuidanceBoardView:
        return await desk.board()

    @router.put("/answer", status_code=204)
    async def answer(me: Annotated[Session, supervisor], given: Answer) -> None:
        await desk.answer(me.agent, given.question, given.text)

    return router
