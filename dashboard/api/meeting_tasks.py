"""The tasks before day 90 over HTTP, for the personal handler. The task is in the body: an address holds nobody's key."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.guard import Guard
from dashboard.meeting_views import MeetingTasksView
from dashboard.sessions import Session
from dashboard.task_desk import TaskDesk


class Told(BaseModel):
    """Of which task somebody was told."""

    model_config = ConfigDict(extra="forbid")

    task: str = Field(pattern=r"^tsk_[0-9a-f]{32}$")


class Answered(Told):
    """What they answered; either is fine."""

    wants: bool


def make_meeting_tasks_router(*, guard: Guard, desk: TaskDesk) -> APIRouter:
    """Return the routes of agents over their own tasks."""
    router = APIRouter(prefix="/api", tags=["meetings at the desk"])
    agent = Depends(guard.agent)

    @router.get("/meeting-tasks")
    async def tasks(me: Annotated[Session, agent]) -> MeetingTasksView:
        return await desk.shown(me.agent)

    @router.post("/meeting-tasks/informed", status_code=204)
    async def informed(me: Annotated[Session, agent], told: Told) -> None:
        await desk.informed(me.agent, told.task)

    @router.post("/meeting-tasks/answer", status_code=204)
    async def answered(me: Annotated[Session, agent], said: Answered) -> None:
        await desk.answered(me.agent, said.task, wants=said.wants)

    return router
