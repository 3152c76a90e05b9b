"""The page on which a citizen books a meeting for themselves, by the signed link of an invitation. No script."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from citizen_pages.api.forms import Asked, Mark, When, asks_too_often, back, time_of
from citizen_pages.links import Links
from core.errors import NotFoundError, UnavailableError
from core.ids import ContactId, PersonId
from meetings.api.invitation_pages import Chosen, InvitationPages
from meetings.api.wording import INVITATIONS
from meetings.errors import InvitationOverError, MeetingRefusedError, TimeTakenError
from meetings.model import Choice, Invitation
from meetings.register import Mode
from meetings.service import Meetings
from storage.limits import RateLimit

PUBLIC_ROUTES = {
    ("GET", f"{INVITATIONS}/{{token}}"): "a citizen has no log-in: the signed link is what opens an invitation",
    ("POST", f"{INVITATIONS}/{{token}}/var"): "needs the signed link; finds an office, and changes nothing",
    ("GET", f"{INVITATIONS}/{{token}}/bekrafta"): "needs the signed link; asks whether to book, and changes nothing",
    ("POST", f"{INVITATIONS}/{{token}}/boka"): "needs the signed link, and the mark of a form on its own page",
}
"""The routes of this file, each with the reason why it needs no log-in."""

WhoIs = Callable[[ContactId], Awaitable[tuple[PersonId | None, bool]]]
"""Returns who a contact was with, and whether their identity is protected today."""
Show = Callable[[Invitation], Awaitable[Response]]
Office = Annotated[str, Query(alias="kontor", max_length=40)]
How = Annotated[str, Query(alias="satt", max_length=10)]
Then = Annotated[str, Query(alias="tid", max_length=20)]
After = Annotated[str, Query(alias="efter", max_length=20)]
Short = Annotated[str, Form(max_length=40)]
_POSTCODE = re.compile(r"([1-9][0-9]{2}) ?([0-9]{2})")


def make_invitation_router(
    *, meetings: Meetings, links: Links, pages: InvitationPages, limit: RateLimit, who_is: WhoIs
) -> APIRouter:
    """Return the routes of the page of an invitation."""
    router = APIRouter(prefix=INVITATIONS, include_in_schema=False)
    door = _Door(meetings, links, pages, limit, who_is)
    _add_looking(router, door)
    _add_finding(router, door)
    _add_booking(router, door)
    return router


@dataclass(frozen=True)
class _Door:
    """Finds the invitation behind a link, and whether it can be used, or answers with a plain page."""

    meetings: Meetings
    links: Links
    pages: InvitationPages
    limit: RateLimit
    who_is: WhoIs

    async def opened(self, request: Request, token: str, asked: str, show: Show) -> Response:
        if await asks_too_often(self.limit, request, token):
            return self.pages.plain("too_fast", asked, HTTPStatus.TOO_MANY_REQUESTS)
        name = self.links.read(token)
        if name is None:
            return self.pages.plain("unknown", asked, HTTPStatus.NOT_FOUND)
        try:
            return await self._shown(name, asked, show)
        except NotFoundError:  # forgotten since, or the contact that it came from
            return self.pages.plain("unknown", asked, HTTPStatus.NOT_FOUND)
        except InvitationOverError:
            return self.pages.plain("invite_over", asked, HTTPStatus.GONE)
        except MeetingRefusedError:  # the rules are others now
            return self.pages.plain("invite_refused", asked, HTTPStatus.CONFLICT)
        except UnavailableError:  # nobody can tell just now whether the place must be kept secret
            return self.pages.plain("invite_unsure", asked, HTTPStatus.SERVICE_UNAVAILABLE)

    async def _shown(self, name: str, asked: str, show: Show) -> Response:
        async with self.meetings.database.reading() as tx:
            one = await self.meetings.inviting.get(tx, name)
            booked = await self.meetings.inviting.booked(tx, one)
        if booked is not None:
            return back(self.pages.meeting(booked), asked)
        if not self.meetings.inviting.is_open(one):
            raise InvitationOverError
        _, is_protected = await self.who_is(one.contact)
        if is_protected:
            return self.pages.plain("invite_protected", asked)
        return await show(one)

    def nearest(self, one: Invitation, postcode: str) -> str:
        """Return the office that is nearest to what somebody wrote; ``""`` when that is no postcode."""
        found = _POSTCODE.fullmatch(postcode.strip())
        return self.meetings.inviting.nearest(one, "".join(found.groups())) if found else ""

    def chosen(self, one: Invitation, office: str, how: str, then: str = "") -> Chosen:
        """Return what somebody chose, as far as it can be chosen: whatever else came in is as if it were not there."""
        modes = self.meetings.inviting.modes(one)
        if not modes:
            raise MeetingRefusedError("mode_not_offered")
        there = {each.office for each in self.meetings.inviting.offices(one)}
        mode = next((mode for mode in modes if mode == how), modes[0])
        return Chosen(office=office if office in there else "", mode=Mode(mode), at=time_of(then))


def _add_looking(router: APIRouter, door: _Door) -> None:
    @router.get("/{token}")
    async def look(
        request: Request, token: str, asked: Asked = "", office: Office = "", how: How = "", after: After = ""
    ) -> Response:
        async def show(one: Invitation) -> Response:
            return await door.pages.offered(one, door.chosen(one, office, how, after), asked)

        return await door.opened(request, token, asked, show)

    @router.get("/{token}/bekrafta")
    async def ask(
        request: Request, token: str, asked: Asked = "", office: Office = "", how: How = "", then: Then = ""
    ) -> Response:
        async def show(one: Invitation) -> Response:
            return await door.pages.confirm(one, door.chosen(one, office, how, then), asked)

        return await door.opened(request, token, asked, show)


def _add_finding(router: APIRouter, door: _Door) -> None:
    @router.post("/{token}/var")
    async def where(
        request: Request, token: str, asked: Asked = "", mark: Mark = "",
        postnummer: Short = "", kontor: Short = "", satt: Short = "",
    ) -> Response:  # fmt: skip
        async def show(one: Invitation) -> Response:
            if not door.links.is_own_form(mark, one.invitation, now=door.meetings.clock.now()):
                return await door.pages.where(one, asked, trouble="form_old")
            chosen = door.chosen(one, kontor or door.nearest(one, postnummer), satt)
            if not chosen.office:
                return await door.pages.where(one, asked, trouble="where_unclear")
            return back(door.pages.at(one, chosen), asked)

        return await door.opened(request, token, asked, show)


def _add_booking(router: APIRouter, door: _Door) -> None:
    @router.post("/{token}/boka")
    async def book(
        request: Request, token: str, asked: Asked = "", mark: Mark = "", when: When = "",
        kontor: Short = "", satt: Short = "",
    ) -> Response:  # fmt: skip
        async def show(one: Invitation) -> Response:
            chosen = door.chosen(one, kontor, satt, when)
            if not door.links.is_own_form(mark, one.invitation, now=door.meetings.clock.now()):
                return await door.pages.offered(one, chosen, asked, trouble="form_old")
            if chosen.at is None or not chosen.office:
                return await door.pages.offered(one, chosen, asked, trouble="invite_choose")
            choice = Choice(starts_at=chosen.at, office=chosen.office, mode=chosen.mode)
            try:
                row = await door.meetings.inviting.book(one, choice)
            except TimeTakenError:
                return await door.pages.offered(one, chosen, asked, trouble="invite_taken")
            return back(door.pages.meeting(row), asked, done="booked")

        return await door.opened(request, token, asked, show)
