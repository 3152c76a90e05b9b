"""The API by which a system sees what it was told and was not, and has it told again: its own deliveries only."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from core.descriptions import described
from webhooks.model import Delivery, State
from webhooks.service import Webhooks

PREFIX = "/api/v1/webhooks"
READ, WRITE = "webhooks:read", "webhooks:write"
PUBLIC_ROUTES = {
    ("GET", f"{PREFIX}/openapi.json"): "tells other systems how to use this API; it holds no data",
}
"""The routes of this file that need no token, each with the reason."""

MaySystem = Callable[[str], Callable[[Request], Awaitable[str]]]
"""Returns, for a scope, what recognises the system behind a request."""

_ID = r"^whd_[0-9a-f]{26}$"
Id = Annotated[str, Path(pattern=_ID)]
_PROBLEM: dict[str, Any] = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}


class DeliveryShown(BaseModel):
    """What a system was told of, and what became of it. ``delivery`` is its ``webhook-id``."""

    model_config = ConfigDict(frozen=True)

    delivery: str
    type: str
    state: State
    reason: str
    attempts: int
    status: int | None = Field(description="What the receiver answered last; null: nothing.")
    answer: str = Field(description="The beginning of what it said, or why there was no answer. Show it as text.")
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    ended_at: datetime | None


def make_webhooks_router(*, may: MaySystem, webhooks: Webhooks) -> APIRouter:
    """Return the routes for other systems."""
    router = APIRouter(prefix=PREFIX, tags=["webhooks"])

    @router.get("/openapi.json", include_in_schema=False)
    async def description() -> dict[str, Any]:
        return described(get_openapi(title="Kundcenter: webhooks", version="1", routes=router.routes))

    @router.get("/deliveries", responses={404: _PROBLEM, 422: _PROBLEM})
    async def deliveries(
        system: Annotated[str, Depends(may(READ))],
        state: State | None = None,
        before: Annotated[str, Query(pattern=_ID, description="The last delivery of the page before.")] | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[DeliveryShown]:
        """List your deliveries of the last thirty days, the newest first."""
        found = await webhooks.listed(system=system, state=state, before=before or "", limit=limit)
        return [_shown(one) for one in found]

    @router.get("/deliveries/{delivery}", responses={404: _PROBLEM, 422: _PROBLEM})
    async def delivery(system: Annotated[str, Depends(may(READ))], delivery: Id) -> DeliveryShown:
        """Show one of your deliveries."""
        return _shown(await webhooks.get(delivery, system=system))

    @router.post(
        "/deliveries/{delivery}/replay", status_code=202, responses={404: _PROBLEM, 409: _PROBLEM, 422: _PROBLEM}
    )
    async def replay(system: Annotated[str, Depends(may(WRITE))], delivery: Id) -> DeliveryShown:
        """Have one of your deliveries told again, under its ``webhook-id``."""
        return _shown(await webhooks.replay(delivery, system=system))

    return router


def _shown(one: Delivery) -> DeliveryShown:
    return DeliveryShown(
        delivery=one.delivery, type=one.type, state=one.state, reason=one.reason, attempts=one.attempts,
        status=one.status, answer=one.answer, created_at=one.created_at, tried_at=one.tried_at, next_at=one.next_at,
        ended_at=one.ended_at,
    )  # fmt: skip
