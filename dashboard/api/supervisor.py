"""What supervisors do over HTTP. Everything here changes what happens to callers at once, and is noted with a name."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from core.errors import UnavailableError
from core.ids import AgentId
from dashboard.api.guard import Guard
from dashboard.sessions import Session
from dashboard.supervision import Supervision
from dashboard.supervision_views import SupervisionView
from dashboard.views import View
from ivr.notices import Message, Place

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Changed = Callable[[], Awaitable[object]]


class SkillsWish(BaseModel):
    """What an agent shall be able to do: levels 1 to 5 by skill. ``confirm`` after a warning that was read."""

    skills: dict[str, int] = Field(max_length=200)
    confirm: bool = False


class NoticeWish(BaseModel):
    """A message to callers: a text of one's own (English, too, if there is time), or a ready-made one."""

    text: str = Field(default="", max_length=2000)
    text_en: str = Field(default="", max_length=2000)
    wording: str = Field(default="", max_length=80)
    hours: float = Field(default=4, gt=0, le=72)


class NoticePutUp(View):
    """Until when the message is said, unless it is put up again."""

    ends_at: datetime


def make_supervisor_router(*, guard: Guard, supervision: Supervision, changed: Changed) -> APIRouter:
    """Return the routes for supervisors; ``changed`` has every desk look again."""
    router = APIRouter(prefix="/api", tags=["supervisor"])
    supervisor = Depends(guard.supervisor)
    _add_skills(router, supervisor, supervision)
    _add_notices(router, supervisor, supervision, changed)
    return router


def _add_skills(router: APIRouter, supervisor: Any, supervision: Supervision) -> None:
    @router.get("/supervision")
    async def picture(_me: Annotated[Session, supervisor]) -> SupervisionView:
        return await supervision.picture()

    @router.put("/agents/{agent}/skills", status_code=204)
    async def set_skills(me: Annotated[Session, supervisor], agent: Name, wish: SkillsWish) -> None:
        await supervision.set_skills(me.agent, AgentId(agent), wish.skills, confirm=wish.confirm)

    @router.delete("/agents/{agent}/skills", status_code=204)
    async def reset_skills(
        me: Annotated[Session, supervisor], agent: Name, confirm: Annotated[bool, Query()] = False
    ) -> None:
        await supervision.reset_skills(me.agent, AgentId(agent), confirm=confirm)


class _Spoken:
    """Puts up and takes down what is said to callers, and has the desks look again."""

    def __init__(self, supervision: Supervision, changed: Changed) -> None:
        self._supervision, self._changed = supervision, changed

    async def put_up(self, me: Session, place: Place, name: str, wish: NoticeWish) -> NoticePutUp:
        message = Message(text=wish.text, text_en=wish.text_en, wording=wish.wording)
        ends_at = await self._supervision.put_up(me.agent, place, name, message, lasts=timedelta(hours=wish.hours))
        await _tell(self._changed)
        return NoticePutUp(ends_at=ends_at)

    async def take_down(self, me: Session, place: Place, name: str) -> None:
        await self._supervision.take_down(me.agent, place, name)
        await _tell(self._changed)


def _add_notices(router: APIRouter, supervisor: Any, supervision: Supervision, changed: Changed) -> None:
    spoken = _Spoken(supervision, changed)

    @router.put("/entry-points/{entry_point}/emergency")
    async def emergency_on(me: Annotated[Session, supervisor], entry_point: Name, wish: NoticeWish) -> NoticePutUp:
        return await spoken.put_up(me, Place.ENTRY_POINT, entry_point, wish)

    @router.delete("/entry-points/{entry_point}/emergency", status_code=204)
    async def emergency_off(me: Annotated[Session, supervisor], entry_point: Name) -> None:
        await spoken.take_down(me, Place.ENTRY_POINT, entry_point)

    @router.put("/queues/{queue}/spare-message")
    async def spare_message_on(me: Annotated[Session, supervisor], queue: Name, wish: NoticeWish) -> NoticePutUp:
        return await spoken.put_up(me, Place.QUEUE, queue, wish)

    @router.delete("/queues/{queue}/spare-message", status_code=204)
    async def spare_message_off(me: Annotated[Session, supervisor], queue: Name) -> None:
        await spoken.take_down(me, Place.QUEUE, queue)

    @router.put("/skills/{skill}/spare-message")
    async def skill_message_on(me: Annotated[Session, supervisor], skill: Name, wish: NoticeWish) -> NoticePutUp:
        return await spoken.put_up(me, Place.SKILL, skill, wish)

    @router.delete("/skills/{skill}/spare-message", status_code=204)
    async def skill_message_off(me: Annotated[Session, supervisor], skill: Name) -> None:
        await spoken.take_down(me, Place.SKILL, skill)


async def _tell(changed: Changed) -> None:
    with contextlib.suppress(UnavailableError):  # it is committed; desks see it within seconds all the same
        await changed()
