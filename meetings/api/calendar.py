"""The shared calendar over HTTP: a feed that any calendar reads by a signed address, and who may have that address (R69)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, Field

from meetings.api.shown import Shown
from meetings.errors import CalendarNotFoundError
from meetings.hours import instant_of, local_day, midnight
from meetings.service import Meetings
from meetings.shared_calendar import Slot, pools_of, slots
from storage.limits import RateLimit

PREFIX = "/api/v1/meetings"
CALENDAR = "meetings:calendar"
PUBLIC_ROUTES = {
    (
        "GET",
        f"{PREFIX}/calendar/{{token}}.ics",
    ): "calendars cannot log in: the signed address opens times and types only",
}
"""The routes of this file that need no token, each with the reason."""

MaySystem = Callable[[str], Callable[[Request], Awaitable[str]]]
Write = Callable[[Sequence[Slot], datetime], bytes]
"""Returns times as iCalendar, as of an instant."""
Word = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]


class WhoseCalendar(BaseModel):
    """Whose times: of a pool, at an office."""

    model_config = ConfigDict(extra="forbid")

    office: Word = Field(examples=["norrby"])
    pool: Word = Field(examples=["samverkan"])


class AddressShown(Shown):
    """Where a calendar reads the times. It opens nothing else."""

    address: str


class Addresses:
    """Makes and reads the addresses of feeds."""

    def __init__(self, *, signing_key: str, base_url: str) -> None:
        self._signed = URLSafeSerializer(signing_key, salt="kundcenter calendar")
        self._base_url = base_url

    def to(self, *, office: str, pool: str) -> str:
        """Return the address of a feed."""
        return f"{self._base_url}{PREFIX}/calendar/{self._signed.dumps([office, pool])}.ics"

    def read(self, token: str) -> tuple[str, str]:
        """Return the office and the pool; raises :class:`CalendarNotFoundError` for what we have not made."""
        try:
            office, pool = self._signed.loads(token)
        except (BadData, TypeError, ValueError):
            raise CalendarNotFoundError from None
        return str(office), str(pool)


def make_calendar_router(
    *, may: MaySystem, meetings: Meetings, addresses: Addresses, write: Write, limit: RateLimit
) -> APIRouter:
    """Return the routes of the shared calendar."""
    router = APIRouter(prefix=PREFIX, tags=["meetings"])
    reader: Any = may(CALENDAR)

    @router.post("/calendar")
    async def address(_: Annotated[str, Depends(reader)], of: WhoseCalendar) -> AddressShown:
        """Return the address at which a calendar reads the times of a pool at an office."""
        if of.pool not in pools_of(meetings, of.office):
            raise CalendarNotFoundError
        return AddressShown(address=addresses.to(office=of.office, pool=of.pool))

    @router.get("/calendar/{token}.ics", include_in_schema=False)
    async def feed(
        token: str, seen: Annotated[str | None, Header(alias="If-None-Match", max_length=200)] = None
    ) -> Response:
        if await limit.is_too_many(sha256(token.encode()).hexdigest()[:32]):
            return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "60"})
        office, pool = addresses.read(token)
        if pool not in pools_of(meetings, office):
            raise CalendarNotFoundError
        today = instant_of(
            midnight(local_day(meetings.clock.now()))
        )  # the same all day, so that nothing new is the same
        written = write(await slots(meetings, office=office, pool=pool), today)
        mark = f'"{sha256(written).hexdigest()[:32]}"'
        headers = {"ETag": mark, "Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex"}
        if seen is not None and mark in seen:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(written, media_type="text/calendar", headers=headers)

    return router
