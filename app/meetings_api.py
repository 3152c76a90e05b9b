"""Puts the API for other systems and citizens' pages before the room that books meetings."""

from functools import partial

from fastapi import APIRouter

from app.api_tokens import ApiDoor, read_tokens
from app.meetings_wiring import invitations_of, links_of
from app.wiring import Rooms
from cases.errors import CasesUnavailableError
from cases.model import CannotSee
from core.ids import ContactId, PersonId
from core.phone import grouped, parse_phone
from meetings.adapters import ics, pdf
from meetings.api.briefs import make_briefs_router
from meetings.api.calendar import Addresses, make_calendar_router
from meetings.api.invitation_page import WhoIs, make_invitation_router
from meetings.api.invitation_pages import InvitationPages
from meetings.api.page import make_page_router
from meetings.api.pages import Pages
from meetings.api.systems import make_systems_router
from meetings.kallelse import Kallelse
from storage.limits import IdempotencyKeys, RateLimit

PAGES_A_MINUTE = 60


def meetings_routers(rooms: Rooms) -> tuple[APIRouter, ...]:
    """Return the routes over meetings for other systems, and of citizens' pages."""
    tokens = read_tokens(rooms.settings.api_tokens.get_secret_value())

    async def who_is(contact: ContactId) -> tuple[PersonId | None, bool]:
        """Whoever may be protected and cannot be looked up just now is not booked: their place must not be told."""
        async with rooms.database.reading(short=True) as tx:
            row = await rooms.contacts.get(tx, contact)
        person = await rooms.cases.card(row.subject) if row.subject else None
        if isinstance(person, CannotSee):
            raise CasesUnavailableError(person.reason)
        return row.person, person is not None and person.protected

    keys = IdempotencyKeys(rooms.redis)
    return (
        make_systems_router(may=ApiDoor(tokens).may, meetings=rooms.meetings, keys=keys, who_is=who_is),
        make_briefs_router(may=ApiDoor(tokens).may, meetings=rooms.meetings),
        _calendar_router(rooms),
        _page_router(rooms),
        _invitation_router(rooms, who_is),
    )


def _calendar_router(rooms: Rooms) -> APIRouter:
    settings = rooms.settings
    key = settings.session_secret.get_secret_value()
    return make_calendar_router(
        may=ApiDoor(read_tokens(settings.api_tokens.get_secret_value())).may,
        meetings=rooms.meetings,
        addresses=Addresses(signing_key=key, base_url=settings.base_url),
        write=ics.times,
        limit=RateLimit(rooms.redis, name="meeting_calendar", most=PAGES_A_MINUTE),
    )


def _page_router(rooms: Rooms) -> APIRouter:
    links = links_of(rooms.settings)
    return make_page_router(
        meetings=rooms.meetings,
        links=links,
        pages=Pages(meetings=rooms.meetings, links=links, number=_our_number(rooms)),
        limit=RateLimit(rooms.redis, name="meeting_page", most=PAGES_A_MINUTE),
        papers={"application/pdf": pdf.letter, "text/calendar": partial(_entry, rooms)},
    )


def _invitation_router(rooms: Rooms, who_is: WhoIs) -> APIRouter:
    links, booked = invitations_of(rooms.settings), links_of(rooms.settings)
    return make_invitation_router(
        meetings=rooms.meetings,
        links=links,
        pages=InvitationPages(meetings=rooms.meetings, links=links, booked=booked, number=_our_number(rooms)),
        limit=RateLimit(rooms.redis, name="meeting_invitation", most=PAGES_A_MINUTE),
        who_is=who_is,
    )


def _our_number(rooms: Rooms) -> str:
    number = parse_phone(rooms.settings.national_number)
    return grouped(number) if number else rooms.settings.national_number


def _entry(rooms: Rooms, kallelse: Kallelse) -> bytes:
    return ics.entry(kallelse, stamp=rooms.clock.now())
