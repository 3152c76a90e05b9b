"""The agent's desk over HTTP: what it shows, live, and what the agent does."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core.errors import UnavailableError
from core.ids import AgentId, ContactId, OfferId
from dashboard.api.events import EventStream, ServerEvent
from dashboard.api.guard import Guard
from dashboard.configuration import DeskChoices
from dashboard.desk import Desk
from dashboard.errors import UnknownChoiceError
from dashboard.feed import Feed
from dashboard.promise_desk import PromiseDesk
from dashboard.sessions import Session
from dashboard.softphone_leases import SoftphoneLeases
from dashboard.views import CardView, DeskView, LeavingView, SoftphoneView
from skills_routing.model import AgentState
from skills_routing.service import Routing

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]
PING_SECONDS = 3.0
SETTLE_SECONDS = 0.25


class StateWish(BaseModel):
    """The state that an agent chooses."""

    state: Literal["READY", "NOT_READY", "LOGGED_OFF"]
    reason: str = Field(default="", max_length=40)


class OfferAnswer(BaseModel):
    """The answer to an offer carries the token that came with it."""

    token: int


class WrapUp(BaseModel):
    """How a conversation ended, and what the agent does next."""

    code: str = Field(min_length=1, max_length=40)
    note: str = Field(default="", max_length=2000, repr=False)
    next_state: Literal["READY", "NOT_READY"] = "READY"
    reason: str = Field(default="", max_length=40)


def make_desk_router(
    *,
    guard: Guard,
    desk: Desk,
    feed: Feed,
    routing: Routing,
    promises: PromiseDesk,
    softphones: SoftphoneLeases,
    choices: DeskChoices,
) -> APIRouter:
    """Return the routes of the agent's desk."""
    router = APIRouter(prefix="/api", tags=["desk"])
    agent = Depends(guard.agent)
    _add_looking(router, agent, desk, feed, routing)
    _add_own_state(router, agent, desk, routing, softphones, choices)
    _add_offers(router, agent, routing, softphones)
    _add_conversation(router, agent, routing, choices, promises)
    return router


def _add_looking(router: APIRouter, agent: Any, desk: Desk, feed: Feed, routing: Routing) -> None:
    @router.get("/desk")
    async def picture(me: Annotated[Session, agent]) -> DeskView:
        return await desk.picture(me.agent)

    @router.get("/feed", response_class=EventStream)
    async def live(me: Annotated[Session, agent]) -> EventStream:
        await routing.heartbeat(me.agent)
        return EventStream(_pictures(desk, feed, me.agent))

    @router.get("/contacts/{contact}")
    async def card(me: Annotated[Session, agent], contact: Id) -> CardView:
        return await desk.card(me.agent, ContactId(contact))


def _add_own_state(
    router: APIRouter, agent: Any, desk: Desk, routing: Routing, softphones: SoftphoneLeases, choices: DeskChoices
) -> None:
    @router.post("/agent/alive", status_code=204)
    async def alive(me: Annotated[Session, agent]) -> None:
        await routing.heartbeat(me.agent)
        await softphones.keep(me.agent, me.family)

    @router.get("/agent/leaving")
    async def leaving(
        me: Annotated[Session, agent], state: Literal["LOGGED_OFF", "NOT_READY"] = "LOGGED_OFF"
    ) -> LeavingView:
        return await desk.leaving(me.agent, pausing=state == "NOT_READY")

    @router.post("/agent/state", status_code=204)
    async def set_state(me: Annotated[Session, agent], wish: StateWish) -> None:
        state, reason = _chosen(wish.state, wish.reason, choices)
        await routing.set_state(me.agent, state=state, reason=reason)
        if state is AgentState.LOGGED_OFF:
            await routing.written.let_go(me.agent)
            await softphones.log_off(me.agent)

    @router.post("/softphone")
    async def softphone(me: Annotated[Session, agent]) -> SoftphoneView:
        account = await softphones.issue(me.agent, me.family)
        if account is None:
            return SoftphoneView(mode="simulator")
        return SoftphoneView(mode="sip", uri=account.uri, password=account.password, ws_url=account.ws_url)


def _add_offers(router: APIRouter, agent: Any, routing: Routing, softphones: SoftphoneLeases) -> None:
    @router.post("/offers/{offer}/accept", status_code=204)
    async def accept(me: Annotated[Session, agent], offer: Id, answer: OfferAnswer) -> None:
        if await routing.accept(me.agent, offer=OfferId(offer), token=answer.token):
            await softphones.answer(me.agent)

    @router.post("/offers/{offer}/reject", status_code=204)
    async def reject(me: Annotated[Session, agent], offer: Id, answer: OfferAnswer) -> None:
        await routing.reject(me.agent, offer=OfferId(offer), token=answer.token)


def _add_conversation(
    router: APIRouter, agent: Any, routing: Routing, choices: DeskChoices, promises: PromiseDesk
) -> None:
    @router.post("/contacts/{contact}/hold", status_code=204)
    async def hold(me: Annotated[Session, agent], contact: Id) -> None:
        await routing.hold(me.agent, contact=ContactId(contact))

    @router.post("/contacts/{contact}/unhold", status_code=204)
    async def unhold(me: Annotated[Session, agent], contact: Id) -> None:
        await routing.unhold(me.agent, contact=ContactId(contact))

    @router.post("/contacts/{contact}/hang-up", status_code=204)
    async def hang_up(me: Annotated[Session, agent], contact: Id) -> None:
        await routing.hang_up(me.agent, contact=ContactId(contact))

    @router.post("/contacts/{contact}/wrap-up", status_code=204)
    async def wrap_up(me: Annotated[Session, agent], contact: Id, done: WrapUp) -> None:
        if done.code not in {**choices.wrap_up_codes, **choices.ring_back_codes}:
            raise UnknownChoiceError
        if done.code in choices.ring_back_codes:
            await promises.not_reached(me.agent, ContactId(contact), done.code)
        state, reason = _chosen(done.next_state, done.reason, choices)
        await routing.wrap_up(
            me.agent, contact=ContactId(contact), code=done.code, note=done.note, state=state, reason=reason
        )


def _chosen(state: str, reason: str, choices: DeskChoices) -> tuple[AgentState, str]:
    if state != AgentState.NOT_READY:
        return AgentState(state), ""
    if reason not in choices.not_ready_reasons:
        raise UnknownChoiceError
    return AgentState.NOT_READY, reason


async def _pictures(desk: Desk, feed: Feed, agent: AgentId) -> AsyncGenerator[ServerEvent, None]:
    """Yield the agent's desk whenever it looks different, and a ping every three seconds, which the page answers."""
    loop, next_ping = asyncio.get_running_loop(), 0.0
    shown: DeskView | None = None
    with feed.listening(agent) as listener:
        while not listener.replaced:
            if loop.time() >= next_ping:
                next_ping = loop.time() + PING_SECONDS
                yield ServerEvent(event="ping")
            picture = await _seen(desk, agent)
            if picture is not None and not picture.looks_like(shown):
                shown = picture
                yield ServerEvent(event="desk", data=picture, id=feed.last_id)
            await listener.changed(within=max(0.05, next_ping - loop.time()), settle=SETTLE_SECONDS)
    yield ServerEvent(event="replaced")


async def _seen(desk: Desk, agent: AgentId) -> DeskView | None:
    try:
        return await desk.picture(agent)
    except UnavailableError:
        return None  # the page keeps what it shows; the next look is within three seconds
