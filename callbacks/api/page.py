"""The citizen's own page of a promise, by a signed link: when we ring, another time, or no call after all. No script."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from callbacks.api.pages import PLACE, Pages
from callbacks.errors import CallbackNotFoundError, LinkNotOursError, SlotTakenError
from callbacks.model import Callback, CallbackState
from callbacks.service import Callbacks
from citizen_pages.api.forms import Asked, Done, Mark, When, asks_too_often, back, time_of
from citizen_pages.links import Links
from core.clock import Clock
from core.errors import ConflictError
from core.ids import CallbackId
from storage.limits import RateLimit

PAGE = "/aterringning"
"""Where the page of a promise is."""
PUBLIC_ROUTES = {
    ("GET", f"{PAGE}/{{token}}"): "a citizen has no log-in: the signed link is what opens the page of one promise",
    ("POST", f"{PAGE}/{{token}}/flytta"): "needs the signed link, and the mark of a form on its own page",
    ("GET", f"{PAGE}/{{token}}/avboka"): "needs the signed link; asks whether to cancel, and changes nothing",
    ("POST", f"{PAGE}/{{token}}/avboka"): "needs the signed link, and the mark of a form on its own page",
}
"""The routes of this file, each with the reason why it needs no log-in."""


def make_page_router(*, callbacks: Callbacks, links: Links, pages: Pages, limit: RateLimit, clock: Clock) -> APIRouter:
    """Return the routes of the citizen's page."""
    router = APIRouter(prefix=PAGE, include_in_schema=False)
    door = _Door(callbacks, links, pages, limit)
    _add_looking(router, door)
    _add_changing(router, door, links, clock)
    return router


@dataclass(frozen=True)
class _Door:
    """Finds the promise behind a link, or answers with a plain page."""

    callbacks: Callbacks
    links: Links
    pages: Pages
    limit: RateLimit

    async def opened(
        self, request: Request, token: str, asked: str, show: Callable[[Callback], Awaitable[Response]]
    ) -> Response:
        if await asks_too_often(self.limit, request, token):
            return self.pages.plain("too_fast", self.pages.asked_for(asked), HTTPStatus.TOO_MANY_REQUESTS)
        try:
            row = await self._row(token)
        except (LinkNotOursError, CallbackNotFoundError):
            return self.pages.plain("unknown", self.pages.asked_for(asked), HTTPStatus.NOT_FOUND)
        return await show(row)

    async def _row(self, token: str) -> Callback:
        callback = self.links.read(token)
        if callback is None:
            raise LinkNotOursError
        async with self.callbacks.database.reading() as tx:
            return await self.callbacks.get(tx, CallbackId(callback))


def _add_looking(router: APIRouter, door: _Door) -> None:
    @router.get("/{token}")
    async def look(request: Request, token: str, asked: Asked = "", done: Done = "") -> Response:
        return await door.opened(
            request, token, asked, lambda row: door.pages.promise(door.callbacks, row, asked, done=done)
        )

    @router.get("/{token}/avboka")
    async def ask(request: Request, token: str, asked: Asked = "") -> Response:
        async def show(row: Callback) -> Response:
            return door.pages.cancel(row, asked)

        return await door.opened(request, token, asked, show)


def _add_changing(router: APIRouter, door: _Door, links: Links, clock: Clock) -> None:
    @router.post("/{token}/flytta")
    async def move(request: Request, token: str, mark: Mark = "", when: When = "", asked: Asked = "") -> Response:
        async def change(row: Callback) -> Response:
            if not links.is_own_form(mark, row.callback, now=clock.now()):
                return await door.pages.promise(door.callbacks, row, asked, trouble="form_old")
            return await _moved(door, row, when, asked)

        return await door.opened(request, token, asked, change)

    @router.post("/{token}/avboka")
    async def cancel(request: Request, token: str, mark: Mark = "", asked: Asked = "") -> Response:
        async def change(row: Callback) -> Response:
            if not links.is_own_form(mark, row.callback, now=clock.now()):
                return await door.pages.promise(door.callbacks, row, asked, trouble="form_old")
            if row.state is not CallbackState.TAKEN:
                await door.callbacks.cancel(row.callback, by="citizen")
            return back(door.links.path(row.callback), asked)

        return await door.opened(request, token, asked, change)


async def _moved(door: _Door, row: Callback, when: str, asked: str) -> Response:
    slot_at = None if when == PLACE else time_of(when)
    if slot_at is None and when != PLACE:
        return await door.pages.promise(door.callbacks, row, asked, trouble="choose")
    if row.slot is not None and row.slot.starts_at == slot_at:
        return back(door.links.path(row.callback), asked, done="moved")
    try:
        await door.callbacks.move(row.callback, slot_at=slot_at, by="citizen")
    except SlotTakenError:
        return await door.pages.promise(door.callbacks, row, asked, trouble="slot_taken")
    except ConflictError:  # it was kept, cancelled or begun meanwhile: the page says which
        return back(door.links.path(row.callback), asked)
    return back(door.links.path(row.callback), asked, done=PLACE if slot_at is None else "moved")
