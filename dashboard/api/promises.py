"""Promises to ring back over HTTP, for agents; and for supervisors what became of them, never by agent (N1)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from core.ids import AgentId, CallbackId, ContactId
from dashboard.api.guard import Guard
from dashboard.promise_desk import PromiseDesk
from dashboard.promise_views import CallbackCountView, CallbackListsView, LinkView, OwnPromiseView, TimeView, ToldView
from dashboard.sessions import Session
from dashboard.views import CardView

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]


class Move(BaseModel):
    """The beginning of a free time; without one the promise has its place in the line again."""

    slot_at: AwareDatetime | None = None


class FollowedUp(BaseModel):
    """What an agent did about a promise that was given up."""

    note: str = Field(default="", max_length=2000, repr=False)


class OwnPromise(BaseModel):
    """When an agent will ring, who does so instead, and on which number if it is not that of the contact."""

    at: AwareDatetime
    deputy: str = Field(default="", max_length=80)
    number: str = Field(default="", max_length=40, repr=False)


def make_promises_router(*, guard: Guard, desk: PromiseDesk) -> APIRouter:
    """Return the routes of agents and supervisors over promises to ring back."""
    router = APIRouter(prefix="/api", tags=["callbacks"])
    agent = Depends(guard.agent)
    _add_lists(router, agent, desk)
    _add_changing(router, agent, desk)
    _add_own(router, agent, desk)
    _add_counting(router, Depends(guard.supervisor), desk)
    return router


def _add_lists(router: APIRouter, agent: Any, desk: PromiseDesk) -> None:
    @router.get("/callbacks")
    async def lists(me: Annotated[Session, agent]) -> CallbackListsView:
        return await desk.lists(me.agent)

    @router.post("/callbacks/{callback}/ring", status_code=204)
    async def ring(me: Annotated[Session, agent], callback: Id) -> None:
        await desk.ring(me.agent, CallbackId(callback))


def _add_changing(router: APIRouter, agent: Any, desk: PromiseDesk) -> None:
    @router.get("/callbacks/{callback}/times")
    async def times(_me: Annotated[Session, agent], callback: Id) -> list[TimeView]:
        return await desk.times(CallbackId(callback))

    @router.post("/callbacks/{callback}/move", status_code=204)
    async def move(me: Annotated[Session, agent], callback: Id, to: Move) -> None:
        await desk.move(me.agent, CallbackId(callback), to.slot_at)

    @router.post("/callbacks/{callback}/cancel", status_code=204)
    async def cancel(me: Annotated[Session, agent], callback: Id) -> None:
        await desk.cancel(me.agent, CallbackId(callback))

    @router.post("/callbacks/{callback}/link")
    async def link(me: Annotated[Session, agent], callback: Id) -> LinkView:
        return await desk.link(me.agent, CallbackId(callback))

    @router.get("/callbacks/{callback}/person")
    async def person(me: Annotated[Session, agent], callback: Id) -> CardView:
        return await desk.whom_to_follow_up(me.agent, CallbackId(callback))

    @router.post("/callbacks/{callback}/followed-up", status_code=204)
    async def followed_up(me: Annotated[Session, agent], callback: Id, done: FollowedUp) -> None:
        await desk.followed_up(me.agent, CallbackId(callback), done.note)


def _add_own(router: APIRouter, agent: Any, desk: PromiseDesk) -> None:
    @router.get("/contacts/{contact}/callback")
    async def choices(me: Annotated[Session, agent], contact: Id) -> OwnPromiseView:
        return await desk.choices(me.agent, ContactId(contact))

    @router.post("/contacts/{contact}/callback")
    async def promise(me: Annotated[Session, agent], contact: Id, wish: OwnPromise) -> ToldView:
        deputy = AgentId(wish.deputy) if wish.deputy else None
        return await desk.promise(me.agent, ContactId(contact), at=wish.at, deputy=deputy, number=wish.number)


def _add_counting(router: APIRouter, supervisor: Any, desk: PromiseDesk) -> None:
    @router.get("/callbacks/count")
    async def count(
        _me: Annotated[Session, supervisor], days: Annotated[int, Query(ge=1, le=366)] = 7
    ) -> CallbackCountView:
        return await desk.counts(days=days)
