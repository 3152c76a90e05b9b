"""The citizen's own page of a meeting, by a signed link: when and where, another time, preparation, or no meeting. No script."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from citizen_pages.api.forms import Asked, Done, Mark, When, asks_too_often, back, time_of
from citizen_pages.links import Links
from core.errors import ConflictError
from meetings.api.pages import Pages
from meetings.api.wording import PAGE
from meetings.errors import (
    LinkNotOursError,
    MeetingNotFoundError,
    MeetingOverError,
    MeetingRefusedError,
    TimeTakenError,
)
from meetings.kallelse import Kallelse
from meetings.model import Choice, ConsentKind, Meeting, MeetingId, State
from meetings.rules import has_brief
from meetings.service import Meetings
from storage.limits import RateLimit

PUBLIC_ROUTES = {
    ("GET", f"{PAGE}/{{token}}"): "a citizen has no log-in: the signed link is what opens the page of one meeting",
    ("POST", f"{PAGE}/{{token}}/flytta"): "needs the signed link, and the mark of a form on its own page",
    ("GET", f"{PAGE}/{{token}}/avboka"): "needs the signed link; asks whether to cancel, and changes nothing",
    ("POST", f"{PAGE}/{{token}}/avboka"): "needs the signed link, and the mark of a form on its own page",
    ("GET", f"{PAGE}/{{token}}/forbered"): "needs the signed link; shows the questions to think about",
    ("POST", f"{PAGE}/{{token}}/forbered"): "needs the signed link, and the mark of a form on its own page",
    ("POST", f"{PAGE}/{{token}}/samtycke"): "needs the signed link, and the mark of a form on its own page",
    (
        "GET",
        f"{PAGE}/{{token}}/dokument",
    ): "needs the signed link; shows what was handed over at the end of the meeting",
    ("GET", f"{PAGE}/{{token}}/kallelse.pdf"): "needs the signed link; the letter that the citizen has",
    ("GET", f"{PAGE}/{{token}}/kallelse.ics"): "needs the signed link; the same for their calendar",
}
"""The routes of this file, each with the reason why it needs no log-in."""

Said = Annotated[str, Form(max_length=5)]
Papers = Mapping[str, Callable[[Kallelse], bytes]]
"""How a kallelse becomes a file, by media type: a letter, an entry in a calendar."""
_FILES = {"kallelse.pdf": "application/pdf", "kallelse.ics": "text/calendar"}

Show = Callable[[Meeting], Awaitable[Response]]


def make_page_router(*, meetings: Meetings, links: Links, pages: Pages, limit: RateLimit, papers: Papers) -> APIRouter:
    """Return the routes of the citizen's page."""
    router = APIRouter(prefix=PAGE, include_in_schema=False)
    door = _Door(meetings, links, pages, limit)
    _add_looking(router, door)
    _add_changing(router, door)
    _add_preparing(router, door)
    _add_papers(router, door, papers)
    return router


@dataclass(frozen=True)
class _Door:
    """Finds the meeting behind a link, or answers with a plain page."""

    meetings: Meetings
    links: Links
    pages: Pages
    limit: RateLimit

    async def opened(self, request: Request, token: str, asked: str, show: Show) -> Response:
        if await asks_too_often(self.limit, request, token):
            return self.pages.plain("too_fast", self.pages.asked_for(asked), HTTPStatus.TOO_MANY_REQUESTS)
        try:
            row = await self._row(token)
        except (LinkNotOursError, MeetingNotFoundError):
            return self.pages.plain("unknown", self.pages.asked_for(asked), HTTPStatus.NOT_FOUND)
        return await show(row)

    async def changed(self, request: Request, token: str, asked: str, mark: str, change: Show) -> Response:
        """As :meth:`opened`, for a form: only one of our own page of this very meeting, which is still ahead."""

        async def show(row: Meeting) -> Response:
            if not self.pages.can_change(row) or row.is_protected:
                return await self.pages.closed(row, asked)
            if not self.links.is_own_form(mark, row.meeting, now=self.meetings.clock.now()):
                return await self.pages.meeting(row, asked, trouble="form_old")
            try:
                return await change(row)
            except MeetingOverError:  # it was cancelled, or began, meanwhile: the page says which
                return self.back(row, asked)

        return await self.opened(request, token, asked, show)

    def back(self, row: Meeting, asked: str, *, done: str = "") -> Response:
        return back(self.links.path(row.meeting), asked, done=done)

    async def _row(self, token: str) -> Meeting:
        meeting = self.links.read(token)
        if meeting is None:
            raise LinkNotOursError
        async with self.meetings.database.reading() as tx:
            row = await self.meetings.get(tx, MeetingId(meeting))
        if row.state in {State.HELD, State.LAPSED}:  # nobody was told of it yet
            raise LinkNotOursError
        return row


def _add_looking(router: APIRouter, door: _Door) -> None:
    @router.get("/{token}")
    async def look(request: Request, token: str, asked: Asked = "", done: Done = "") -> Response:
        return await door.opened(request, token, asked, lambda row: door.pages.meeting(row, asked, done=done))

    @router.get("/{token}/avboka")
    async def ask(request: Request, token: str, asked: Asked = "") -> Response:
        return await door.opened(request, token, asked, lambda row: door.pages.cancel(row, asked))

    @router.get("/{token}/forbered")
    async def prepare(request: Request, token: str, asked: Asked = "") -> Response:
        return await door.opened(request, token, asked, lambda row: door.pages.prepare(row, asked))


def _add_changing(router: APIRouter, door: _Door) -> None:
    @router.post("/{token}/flytta")
    async def move(request: Request, token: str, mark: Mark = "", when: When = "", asked: Asked = "") -> Response:
        return await door.changed(request, token, asked, mark, lambda row: _moved(door, row, when, asked))

    @router.post("/{token}/avboka")
    async def cancel(request: Request, token: str, mark: Mark = "", asked: Asked = "") -> Response:
        async def change(row: Meeting) -> Response:
            await door.meetings.cancel(row.meeting, by="citizen")
            return door.back(row, asked)

        return await door.changed(request, token, asked, mark, change)


def _add_preparing(router: APIRouter, door: _Door) -> None:
    preparing = door.meetings.preparing

    @router.post("/{token}/forbered")
    async def answer(request: Request, token: str, mark: Mark = "", asked: Asked = "") -> Response:
        said = await request.form()

        async def change(row: Meeting) -> Response:
            about = preparing.about(row)
            async with door.meetings.database.transaction() as tx:
                for one in about.questions if about else ():
                    text = said.get(f"q_{one.question}")
                    if isinstance(text, str):  # a file is no answer
                        await preparing.answer(tx, row, one.question, text, channel="page")
            return door.back(row, asked, done="prepared")

        return await door.changed(request, token, asked, mark, change)

    @router.post("/{token}/samtycke")
    async def consent(request: Request, token: str, mark: Mark = "", said: Said = "", asked: Asked = "") -> Response:
        async def change(row: Meeting) -> Response:
            if said not in {"yes", "no"} or not has_brief(door.meetings.register.types.get(row.type)):
                return door.back(row, asked)
            async with door.meetings.database.transaction() as tx:
                await preparing.consent(tx, row, kind=ConsentKind.BRIEF, given=said == "yes", by="citizen")
            return door.back(row, asked, done="said")

        return await door.changed(request, token, asked, mark, change)


def _add_papers(router: APIRouter, door: _Door, papers: Papers) -> None:
    @router.get("/{token}/dokument")
    async def document(request: Request, token: str, asked: Asked = "") -> Response:
        return await door.opened(request, token, asked, lambda row: door.pages.document(row, asked))

    async def given(request: Request, token: str, asked: str, file: str) -> Response:
        async def show(row: Meeting) -> Response:
            if row.is_protected:
                return await door.pages.closed(row, asked)
            async with door.meetings.database.reading() as tx:
                kallelse = await door.meetings.letters.newest(tx, row.meeting)
            if kallelse is None:
                return await door.pages.meeting(row, asked)
            media = _FILES[file]
            headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
            return Response(papers[media](kallelse), media_type=media, headers=headers)

        return await door.opened(request, token, asked, show)

    @router.get("/{token}/kallelse.pdf")
    async def letter(request: Request, token: str, asked: Asked = "") -> Response:
        return await given(request, token, asked, "kallelse.pdf")

    @router.get("/{token}/kallelse.ics")
    async def entry(request: Request, token: str, asked: Asked = "") -> Response:
        return await given(request, token, asked, "kallelse.ics")


async def _moved(door: _Door, row: Meeting, when: str, asked: str) -> Response:
    starts_at = time_of(when)
    if starts_at is None:
        return await door.pages.meeting(row, asked, trouble="choose")
    if starts_at == row.starts_at:
        return door.back(row, asked)
    try:
        choice = Choice(starts_at=starts_at, office=row.office, mode=row.mode)
        await door.meetings.move(row.meeting, choice, by="citizen")
    except (TimeTakenError, MeetingRefusedError):
        return await door.pages.meeting(row, asked, trouble="time_taken")
    except ConflictError:
        return door.back(row, asked)
    return door.back(row, asked, done="moved")
