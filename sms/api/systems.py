"""The API by which other systems of the agency have texts sent, see what became of them, and read what was written."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from core.clock import Clock
from core.descriptions import described
from core.language import Language
from core.phone import parse_phone
from sms.errors import NotANumberError, OtherContentError, TextRefusedError, UnknownTextError
from sms.model import Message, Purpose, Refused, State
from sms.service import Sms
from sms.threads import Line
from storage.limits import IdempotencyKeys

PREFIX = "/api/v1/texts"
READ, WRITE = "texts:read", "texts:write"
PUBLIC_ROUTES = {
    ("GET", f"{PREFIX}/openapi.json"): "tells other systems how to use this API; it holds no data",
}
"""The routes of this file that need no token, each with the reason."""

LONGEST_BACK = timedelta(days=30)

MaySystem = Callable[[str], Callable[[Request], Awaitable[str]]]
"""Returns, for a scope, what recognises the system behind a request."""

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,60}$")]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Your own name for this request. Sent again with the same body, the answer is the same text.",
    ),
]
_PROBLEM: dict[str, Any] = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}


class Wish(BaseModel):
    """Which of our texts is to go to whom. Its words are in ``config/sms.yaml``; nobody can send words of their own."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(max_length=40, repr=False, examples=["070-174 06 05"])
    purpose: Purpose = Field(description="An answer goes at once; what is none waits for the morning.")
    template: str = Field(max_length=60, examples=["help"])
    language: Language = Language.SWEDISH


class TextShown(BaseModel):
    """A text of ours: never the whole number. ``segments`` is what it costs."""

    model_config = ConfigDict(frozen=True)

    message: str
    state: State
    reason: str
    purpose: Purpose
    language: Language
    number_ends_with: str
    segments: int
    provider: str
    created_at: datetime
    ended_at: datetime | None


class LineShown(BaseModel):
    """One text of a thread. What a citizen wrote is theirs: show it as text, never as markup."""

    model_config = ConfigDict(frozen=True)

    text_id: str
    at: datetime
    ours: bool
    text: str
    state: str


class ThreadShown(BaseModel):
    """What was written with one number lately; ``last`` is a text of it, by which the whole thread is read."""

    model_config = ConfigDict(frozen=True)

    number_ends_with: str
    texts: int
    last_at: datetime
    last: str


def make_texts_router(*, may: MaySystem, sms: Sms, keys: IdempotencyKeys, clock: Clock) -> APIRouter:
    """Return the routes for other systems."""
    router = APIRouter(prefix=PREFIX, tags=["texts"])

    @router.get("/openapi.json", include_in_schema=False)
    async def description() -> dict[str, Any]:
        return described(get_openapi(title="Kundcenter: texts", version="1", routes=router.routes))

    _add_sending(router, may(WRITE), sms, keys)
    _add_reading(router, may(READ), sms, clock)
    return router


def _add_sending(router: APIRouter, writer: Any, sms: Sms, keys: IdempotencyKeys) -> None:
    @router.post("", status_code=202, responses={409: _PROBLEM, 422: _PROBLEM})
    async def send(system: Annotated[str, Depends(writer)], wish: Wish, key: Key) -> TextShown:
        """Have a text sent, once. The same key with the same body is answered with the same text."""
        if not sms.stands_alone(wish.template):
            raise UnknownTextError
        number = parse_phone(wish.number)
        if number is None:
            raise NotANumberError
        name = sha256(f"{system}|{key}".encode()).hexdigest()
        if await keys.is_other_content(name, sha256(wish.model_dump_json().encode()).hexdigest()):
            raise OtherContentError
        async with sms.database.transaction() as tx:
            made = await sms.intend(
                tx, purpose=wish.purpose, subject=name, name=wish.template, number=number, language=wish.language,
                system=system,
            )  # fmt: skip
        if isinstance(made, Refused):
            raise TextRefusedError(made)
        return _shown(made)


def _add_reading(router: APIRouter, reader: Any, sms: Sms, clock: Clock) -> None:
    @router.get("/threads")
    async def threads(
        _: Annotated[str, Depends(reader)], limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> list[ThreadShown]:
        """List with whom something was written in the last thirty days, the newest first."""
        async with sms.database.reading() as tx:
            found = await sms.threads(tx, since=clock.now() - LONGEST_BACK, limit=limit)
            lasts = [(await sms.thread(tx, one.number, limit=1))[-1].id for one in found]
        return [
            ThreadShown(number_ends_with=one.number.e164[-2:], texts=one.texts, last_at=one.last_at, last=last)
            for one, last in zip(found, lasts, strict=True)
        ]

    @router.get("/{message}", responses={404: _PROBLEM})
    async def show(_: Annotated[str, Depends(reader)], message: Id) -> TextShown:
        """Show a text of ours and what became of it."""
        async with sms.database.reading() as tx:
            return _shown(await sms.get(tx, message))

    @router.get("/{message}/thread", responses={404: _PROBLEM})
    async def thread(
        _: Annotated[str, Depends(reader)], message: Id, limit: Annotated[int, Query(ge=1, le=200)] = 100
    ) -> list[LineShown]:
        """Show all that was written with whom a text went to or came from, the oldest first."""
        async with sms.database.reading() as tx:
            return [_line(one) for one in await sms.thread(tx, await sms.number_of(tx, message), limit=limit)]


def _shown(one: Message) -> TextShown:
    return TextShown(
        message=one.message, state=one.state, reason=one.reason, purpose=one.purpose, language=one.language,
        number_ends_with=one.number.e164[-2:], segments=one.segments, provider=one.provider,
        created_at=one.created_at, ended_at=one.ended_at,
    )  # fmt: skip


def _line(one: Line) -> LineShown:
    return LineShown(text_id=one.id, at=one.at, ours=one.is_ours, text=one.text, state=one.state)
