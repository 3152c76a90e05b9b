"""How honest the forecasts of waits were, over HTTP, for supervisors: figures of the whole, never of a person (N1)."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from dashboard.api.guard import Guard
from dashboard.sessions import Session
from dashboard.views import View
from skills_routing.forecast.accuracy_store import Accuracy
from skills_routing.forecast.waits import Waits

Queue = Annotated[str, Query(pattern=r"^[a-z0-9_]{0,40}$")]


class AccuracyView(View):
    """Of the callers first foreseen in the last days; seconds, and ``null`` where there is nothing to measure by.

    The words are those of :class:`skills_routing.forecast.accuracy_store.Accuracy`.
    """

    days: int
    queue: str
    foreseen: int
    still_waiting: int
    gave_up: int
    served: int
    told: int
    silent: int
    silent_share: float | None
    promised: int
    spoken: int
    spoken_waiting: int
    spoken_gave_up: int
    spoken_served: int
    outlasted: int
    inside: float | None
    compared: int
    error: float | None
    app_queue_error: float | None
    error_over_app_queue: float | None
    first_compared: int
    first_error: float | None
    first_app_queue_error: float | None
    first_error_over_app_queue: float | None


def make_waits_router(*, guard: Guard, waits: Waits) -> APIRouter:
    """Return the route that tells how good what callers were told of their waits was."""
    router = APIRouter(prefix="/api/routing", tags=["supervisor"])
    supervisor = Depends(guard.supervisor)

    @router.get("/accuracy")
    async def accuracy(
        _me: Annotated[Session, supervisor], days: Annotated[int, Query(ge=1, le=31)] = 7, queue: Queue = ""
    ) -> AccuracyView:
        return accuracy_view(await waits.accuracy(last=timedelta(days=days), queue=queue), days=days, queue=queue)

    return router


def accuracy_view(found: Accuracy, *, days: int, queue: str) -> AccuracyView:
    """Return the figures of the last days, of all queues or of one, as they are shown."""
    return AccuracyView(
        days=days,
        queue=queue,
        silent=found.silent,
        silent_share=found.silent_share,
        first_error_over_app_queue=found.first_error_over_app_queue,
        error_over_app_queue=found.error_over_app_queue,
        **vars(found),
    )
