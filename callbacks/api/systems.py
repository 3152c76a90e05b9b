"""The API by which other systems of the agency ask for promises to ring back, look at them, move and cancel them."""

from collections.abc import Awaitable, Callable, Collection
from hashlib import sha256
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from callbacks import requesting
from callbacks.api.shown import PromiseMade, PromiseShown, PromisesPage, TimeShown, shown, times_shown
from callbacks.errors import OtherContentError, UnknownQueueError
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from citizen_pages.links import Links
from core.descriptions import described
from core.ids import CallbackId, ContactId
from core.language import Language
from storage.limits import IdempotencyKeys

PREFIX = "/api/v1/callbacks"
READ, WRITE = "callbacks:read", "callbacks:write"
PUBLIC_ROUTES = {
    ("GET", f"{PREFIX}/openapi.json"): "tells other systems how to use this API; it holds no data",
}
"""The routes of this file that need no token, each with the reason."""

MaySystem = Callable[[str], Callable[[Request], Awaitable[str]]]
"""Returns, for a scope, what recognises the system behind a request."""

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,60}$")]
Queue = Annotated[str, Query(max_length=60)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Your own name for this request. Sent again with the same body, the answer is the same promise.",
    ),
]


OptionalKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Your own name for this change. Sent again, it changes nothing more, whatever has happened since.",
    ),
]


class Wish(BaseModel):
    """Who is to be rung back, about what, and when: at a time that ``times`` gave, or as soon as it is their turn."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(default="", max_length=40, repr=False, examples=["070-174 06 05"])
    contact: str = Field(
        default="", pattern=r"^[A-Za-z0-9_]{0,60}$", description="An earlier contact, instead of a number."
    )
    queue: str = Field(max_length=60, examples=["foralder"])
    language: Language = Language.SWEDISH
    slot_at: AwareDatetime | None = Field(default=None, description="The beginning of a free time.")
    reason: str = Field(
        default="", max_length=40, pattern=r"^[a-z0-9_]*$", description="A word of your own, without personal data."
    )

    @model_validator(mode="after")
    def who(self) -> Self:
        """Refuse a wish that names nobody, or two."""
        if bool(self.number) == bool(self.contact):
            raise ValueError("give either a number or a contact")
        return self


class Move(BaseModel):
    """The beginning of a free time; without one the promise has its place in the line again."""

    model_config = ConfigDict(extra="forbid")

    slot_at: AwareDatetime | None


def make_systems_router(
    *,
    may: MaySystem,
    callbacks: Callbacks,
    keys: IdempotencyKeys,
    links: Links,
    queues: Callable[[], Collection[str]],
) -> APIRouter:
    """Return the routes for other systems; ``queues`` are those there are now."""
    router = APIRouter(prefix=PREFIX, tags=["callbacks"])
    _add_description(router)
    _add_asking(router, may(WRITE), callbacks, keys, links, queues)
    _add_looking(router, may(READ), callbacks, queues)
    _add_changing(router, may(WRITE), callbacks, keys)
    return router


def _add_description(router: APIRouter) -> None:
    @router.get("/openapi.json", include_in_schema=False)
    async def description() -> dict[str, Any]:
        return described(get_openapi(title="Kundcenter: callbacks", version="1", routes=router.routes))


def _add_asking(
    router: APIRouter,
    writer: Any,
    callbacks: Callbacks,
    keys: IdempotencyKeys,
    links: Links,
    queues: Callable[[], Collection[str]],
) -> None:
    @router.post("", status_code=201, responses={200: {"model": PromiseMade}, 409: _PROBLEM, 422: _PROBLEM})
    async def create(response: Response, system: Annotated[str, Depends(writer)], wish: Wish, key: Key) -> PromiseMade:
        """Ask for a promise. 201 when this request made it, 200 when there was one; the same key, the same answer."""
        _require_queue(wish.queue, queues)
        await _refuse_other_content(keys, system, key, wish.model_dump_json())
        asked = await callbacks.by_system(_request(system, key, wish))
        response.status_code = 201 if asked.is_new else 200
        row, is_ours = asked.promise, asked.is_new
        return PromiseMade(
            promise=shown(row),
            already=not is_ours,
            code=row.proof if is_ours else "",
            link=links.to(row.callback) if is_ours else "",
        )


def _add_looking(router: APIRouter, reader: Any, callbacks: Callbacks, queues: Callable[[], Collection[str]]) -> None:
    @router.get("/times")
    async def times(_: Annotated[str, Depends(reader)], queue: Queue) -> list[TimeShown]:
        """Show the times that can be chosen for a queue, in order."""
        _require_queue(queue, queues)
        return times_shown(await callbacks.times(queue=queue))

    @router.get("", responses={404: _PROBLEM})
    async def listed(
        _: Annotated[str, Depends(reader)],
        state: Annotated[list[CallbackState], Query(max_length=6)] = [],  # noqa: B006 - FastAPI copies it
        queue: Queue = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str, Query(pattern=r"^[A-Za-z0-9_]{0,60}$")] = "",
    ) -> PromisesPage:
        """List promises by rank, a page at a time."""
        async with callbacks.database.reading() as tx:
            beyond = CallbackId(after) if after else None
            rows = await callbacks.listed(tx, states=state, queue=queue, limit=limit + 1, after=beyond)
        page = list(rows)[:limit]
        return PromisesPage(promises=[shown(one) for one in page], after=page[-1].callback if len(rows) > limit else "")

    @router.get("/{callback}", responses={404: _PROBLEM})
    async def show(_: Annotated[str, Depends(reader)], callback: Id) -> PromiseShown:
        """Show a promise."""
        async with callbacks.database.reading() as tx:
            return shown(await callbacks.get(tx, CallbackId(callback)))


def _add_changing(router: APIRouter, writer: Any, callbacks: Callbacks, keys: IdempotencyKeys) -> None:
    @router.post("/{callback}/move", responses={404: _PROBLEM, 409: _PROBLEM, 422: _PROBLEM})
    async def move(
        system: Annotated[str, Depends(writer)], callback: Id, to: Move, key: OptionalKey = ""
    ) -> PromiseShown:
        """Give a promise another time, or its place in the line; it keeps its rank. The same key moves it once."""
        once = ""
        if key:
            once = await _refuse_other_content(keys, system, key, f"move|{callback}|{to.model_dump_json()}")
        return shown(await callbacks.move(CallbackId(callback), slot_at=to.slot_at, by=f"api:{system}", key=once))

    @router.delete("/{callback}", responses={404: _PROBLEM, 422: _PROBLEM})
    async def cancel(system: Annotated[str, Depends(writer)], callback: Id, key: OptionalKey = "") -> PromiseShown:
        """Cancel a promise that is open, and show what it is now; one that is over stays as it was."""
        if key:
            await _refuse_other_content(keys, system, key, f"cancel|{callback}")
        await callbacks.cancel(CallbackId(callback), by=f"api:{system}")
        async with callbacks.database.reading() as tx:
            return shown(await callbacks.get(tx, CallbackId(callback)))


_PROBLEM: dict[str, Any] = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}


async def _refuse_other_content(keys: IdempotencyKeys, system: str, key: str, content: str) -> str:
    """Return a system's key as a name of ours; raises :class:`OtherContentError` when it was used for something else."""
    name = sha256(f"{system}|{key}".encode()).hexdigest()
    if await keys.is_other_content(name, sha256(content.encode()).hexdigest()):
        raise OtherContentError
    return name


def _require_queue(queue: str, queues: Callable[[], Collection[str]]) -> None:
    if queue not in queues():
        raise UnknownQueueError


def _request(system: str, key: str, wish: Wish) -> requesting.Request:
    return requesting.Request(
        system=system,
        key=key,
        number=wish.number,
        contact=ContactId(wish.contact) if wish.contact else None,
        queue=wish.queue,
        language=wish.language,
        reason=wish.reason,
        slot_at=wish.slot_at,
    )
