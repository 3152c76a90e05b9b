"""The report on meetings over HTTP, for supervisors."""

from datetime import date
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query

from dashboard.api.guard import Guard
from dashboard.report_views import MeetingReportView


class Reports(Protocol):
    """Whoever counts meetings. What is returned has the attributes of :class:`MeetingReportView`."""

    async def report(self, first: date, until: date, *, baseline: tuple[date, date] | None = None) -> object:
        """Return the report of a period beside the same season before."""
        ...


def make_meeting_report_router(*, guard: Guard, reports: Reports) -> APIRouter:
    """Return the route by which supervisors see how meetings go, and never how somebody does."""
    router = APIRouter(prefix="/api", tags=["supervisor"])

    @router.get("/meeting-report", dependencies=[Depends(guard.supervisor)])
    async def report(
        first: Annotated[date, Query(alias="from")],
        until: Annotated[date, Query(alias="to")],
        base_first: Annotated[date | None, Query(alias="baseline_from")] = None,
        base_until: Annotated[date | None, Query(alias="baseline_to")] = None,
    ) -> MeetingReportView:
        named = [day for day in (base_first, base_until) if day]
        # One day without the other is no period, and is refused as such.
        baseline = (named[0], named[-1]) if named else None
        found = await reports.report(first, until, baseline=baseline)
        return MeetingReportView.model_validate(found, from_attributes=True)

    return router
