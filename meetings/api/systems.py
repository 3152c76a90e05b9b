"""The API by which other systems of the agency find times, hold and book meetings, move and cancel them."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.ids import AgentId, ContactId, PersonId
from meetings.api.shown import MeetingShown, TimeShown, shown, time_shown
from meetings.errors import OtherContentError
from meetings.model import Choice, Meeting, MeetingId, Wish
from meetings.register import Asker, Mode
from meetings.service import Meetings
from storage.limits import IdempotencyKeys

PREFIX = "/api/v1/meetings"
READ, WRITE = "meetings:read", "meetings:write"
PUBLIC_ROUTES = {
    ("GET", f"{PREFIX}/openapi.json"): "tells other systems how to use this API; it holds no data",
}
"""The routes of this file that need no token, each with the reason."""

MaySystem = Callable[[str], Callable[[Request], Awaitable[str]]]
"""Returns, for a scope, what recognises the system behind a request."""

WhoIs = Callable[[ContactId], Awaitable[tuple[PersonId | None, bool]]]
"""Returns who a contact was with, if that is known, and whether their identity is protected."""

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,60}$")]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Your own name for this request. Sent again with the same body, the answer is the same meeting.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", pattern=r'^"[0-9]{1,9}"$', description="The ETag that you have seen; another: 412."),
]


class What(BaseModel):
    """What kind of meeting is wished, and what it needs."""

    model_config = ConfigDict(extra="forbid")

    type: Word = Field(examples=["kundmote"])
    language: Word = "sv"
    needs: list[Word] = Field(default=[], max_length=10, examples=[["step_free"]])
    given: list[Word] = Field(default=[], max_length=10, description="consent, checklist: what is there already.")
    handler: str = Field(default="", pattern=r"^[a-z0-9_-]{0,40}$")
    matter: str = Field(default="", pattern=r"^[a-z0-9_]{0,60}$", description="A benefit.")
    about_decision: bool = False
    enrols: bool = False
    asked_by: Asker = Asker.PARTNER
    contact: str = Field(default="", pattern=r"^[A-Za-z0-9_]{0,60}$", description="The contact whom it is for.")


class When(BaseModel):
    """A time that ``times`` gave."""

    model_config = ConfigDict(extra="forbid")

    starts_at: AwareDatetime
    office: Word
    mode: Mode = Mode.PHYSICAL


class Look(What):
    """Where and how a meeting may be; the nearest offices first, or those that are named."""

    offices: list[Word] = Field(default=[], max_length=50)
    postcode: str = Field(default="", pattern=r"^([0-9]{3} ?[0-9]{2})?$")
    mode: Mode | None = None


class Wanted(What):
    """A meeting to book, or with ``hold`` to keep for five minutes until it is confirmed."""

    at: When
    hold: bool = False


def make_systems_router(*, may: MaySystem, meetings: Meetings, keys: IdempotencyKeys, who_is: WhoIs) -> APIRouter:
    """Return the routes for other systems."""
    router = APIRouter(prefix=PREFIX, tags=["meetings"])
    _add_looking(router, may(READ), meetings, who_is)
    _add_asking(router, may(WRITE), meetings, keys, who_is)
    _add_changing(router, may(WRITE), meetings)
    return router


def _add_looking(router: APIRouter, reader: Any, meetings: Meetings, who_is: WhoIs) -> None:
    @router.get("/openapi.json", include_in_schema=False)
    async def description() -> dict[str, Any]:
        said = get_openapi(title="Kundcenter: meetings", version="1", routes=router.routes)
        said["components"]["securitySchemes"] = {"system": {"type": "http", "scheme": "bearer"}}
        return said | {"security": [{"system": []}]}

    @router.post("/times", responses={409: _PROBLEM, 422: _PROBLEM})
    async def times(
        _: Annotated[str, Depends(reader)], look: Look, most: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> Sequence[TimeShown]:
        """Find the next free times, in person first. A question with a body: what somebody needs stands in no address."""
        offices = tuple(look.offices) or meetings.nearest(look.postcode)
        wish = await _wish(look, who_is, offices=offices, mode=look.mode)
        return [time_shown(one) for one in await meetings.times(wish, most=most)]

    @router.get("/{meeting}", responses={404: _PROBLEM})
    async def show(_: Annotated[str, Depends(reader)], meeting: Id, response: Response) -> MeetingShown:
        """Show a meeting."""
        async with meetings.database.reading() as tx:
            return _answer(response, await meetings.get(tx, MeetingId(meeting)))


def _add_asking(router: APIRouter, writer: Any, meetings: Meetings, keys: IdempotencyKeys, who_is: WhoIs) -> None:
    @router.post("", status_code=201, responses={409: _PROBLEM, 422: _PROBLEM})
    async def create(
        response: Response, system: Annotated[str, Depends(writer)], wanted: Wanted, key: Key
    ) -> MeetingShown:
        """Book or hold a time with all its parts, or nothing of it. 409 with ``alternatives`` when it is taken."""
        name = sha256(f"meetings|{system}|{key}".encode()).hexdigest()
        if await keys.is_other_content(name, sha256(wanted.model_dump_json().encode()).hexdigest()):
            raise OtherContentError
        wish = await _wish(wanted, who_is)
        make = meetings.hold if wanted.hold else meetings.book
        return _answer(response, await make(wish, _choice(wanted.at), by=f"api:{system}", key=key))

    @router.post("/{meeting}/confirm", responses={404: _PROBLEM, 409: _PROBLEM})
    async def confirm(_: Annotated[str, Depends(writer)], meeting: Id, response: Response) -> MeetingShown:
        """Book what is held."""
        return _answer(response, await meetings.confirm(MeetingId(meeting)))


def _add_changing(router: APIRouter, writer: Any, meetings: Meetings) -> None:
    @router.post("/{meeting}/move", responses={404: _PROBLEM, 409: _PROBLEM, 412: _PROBLEM})
    async def move(
        system: Annotated[str, Depends(writer)], meeting: Id, to: When, response: Response, seen: IfMatch = None
    ) -> MeetingShown:
        """Give a meeting another time, place or mode, all at once. 409 with ``alternatives`` when it is taken."""
        moved = await meetings.move(MeetingId(meeting), _choice(to), by=f"api:{system}", expected=_version(seen))
        return _answer(response, moved)

    @router.delete("/{meeting}", responses={404: _PROBLEM, 412: _PROBLEM})
    async def cancel(
        system: Annotated[str, Depends(writer)], meeting: Id, response: Response, seen: IfMatch = None
    ) -> MeetingShown:
        """Cancel a meeting, and show what it is now; one that is over stays as it was."""
        over = await meetings.cancel(MeetingId(meeting), by=f"api:{system}", expected=_version(seen))
        return _answer(response, over)


_PROBLEM: dict[str, Any] = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}


async def _wish(what: What, who_is: WhoIs, **more: Any) -> Wish:
    person, is_protected = await who_is(ContactId(what.contact)) if what.contact else (None, False)
    return Wish(
        type=what.type,
        asked_by=what.asked_by,
        matter=what.matter,
        person=person,
        contact=ContactId(what.contact) if what.contact else None,
        language=what.language,
        needs=frozenset(what.needs),
        given=frozenset(what.given),
        handler=AgentId(what.handler) if what.handler else None,
        about_decision=what.about_decision,
        enrols=what.enrols,
        is_protected=is_protected,
        **more,
    )


def _choice(at: When) -> Choice:
    return Choice(starts_at=at.starts_at, office=at.office, mode=at.mode)


def _version(seen: str | None) -> int | None:
    return int(seen.strip('"')) if seen else None


def _answer(response: Response, one: Meeting) -> MeetingShown:
    response.headers["ETag"] = f'"{one.version}"'
    return shown(one)
