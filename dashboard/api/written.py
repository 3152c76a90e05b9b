"""Written contacts over HTTP, for agents: how one ends, and how it goes back to the line."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core.ids import ContactId
from dashboard.api.guard import Guard
from dashboard.sessions import Session
from dashboard.written_desk import WrittenDesk

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]


class Ending(BaseModel):
    """How it ended, and what the agent notes of it."""

    code: str = Field(min_length=1, max_length=40)
    note: str = Field(default="", max_length=2000, repr=False)


class CallsIn(BaseModel):
    """Whether calls may come while the agent writes."""

    yes: bool


def make_written_router(*, guard: Guard, desk: WrittenDesk) -> APIRouter:
    """Return the routes of written contacts at the desk."""
    router = APIRouter(prefix="/api", tags=["written"])
    agent = Depends(guard.agent)

    @router.post("/agent/calls-in", status_code=204)
    async def let_calls_in(me: Annotated[Session, agent], said: CallsIn) -> None:
        await desk.let_calls_in(me.agent, yes=said.yes)

    @router.post("/contacts/{contact}/close", status_code=204)
    async def close(me: Annotated[Session, agent], contact: Id, ending: Ending) -> None:
        await desk.close(me.agent, ContactId(contact), code=ending.code, note=ending.note)

    @router.post("/contacts/{contact}/hand-back", status_code=204)
    async def hand_back(me: Annotated[Session, agent], contact: Id) -> None:
        await desk.hand_back(me.agent, ContactId(contact))

    return router
