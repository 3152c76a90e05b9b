"""The citizen's page of a meeting and the API for other systems, at an address of their own over real stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from fastapi import FastAPI
from redis.asyncio import Redis

from app import http_errors
from citizen_pages.links import Links
from core.ids import ContactId, PersonId
from dashboard.api.headers import SecurityHeaders
from dashboard.api.pages import make_pages
from meetings.adapters import ics, pdf
from meetings.api.invitation_page import make_invitation_router
from meetings.api.invitation_pages import InvitationPages
from meetings.api.page import make_page_router
from meetings.api.pages import Pages
from meetings.api.wording import INVITATIONS, PAGE
from meetings.model import Choice, Meeting, MeetingId, Wish
from meetings.register import Asker
from meetings.service import Meetings
from storage.limits import RateLimit
from tests.builders.desk_world import ROOT, served

KEY = "a signing key of this test only, long enough"
TILDA = PersonId("per_tilda")


@dataclass
class Front:
    """What stands before the meetings."""

    url: str
    links: Links
    session: aiohttp.ClientSession
    invitations: Links
    protected: set[ContactId]
    """Whose place must be kept secret, by contact: the case systems tell so."""

    async def page(self, link: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        method = "POST" if form is not None else "GET"
        async with self.session.request(method, self.here(link), data=form) as answer:
            return answer.status, await answer.text()

    def here(self, link: str) -> str:
        return link if link.startswith("http") else self.url + link


@asynccontextmanager
async def front_of(meetings: Meetings, redis: Redis, *, most: int = 500) -> AsyncIterator[Front]:
    app = FastAPI(openapi_url=None)
    http_errors.install(app)
    app.add_middleware(SecurityHeaders)
    links = Links(about="meeting", page=PAGE, signing_key=KEY, base_url="")
    app.include_router(
        make_page_router(
            meetings=meetings,
            links=links,
            pages=Pages(meetings=meetings, links=links, number="0771-524 524"),
            limit=RateLimit(redis, name="test_meeting_page", most=most),
            papers={
                "application/pdf": pdf.letter,
                "text/calendar": lambda kallelse: ics.entry(kallelse, stamp=meetings.clock.now()),
            },
        )
    )
    invitations = Links(about="invitation", page=INVITATIONS, signing_key=KEY, base_url="")
    protected: set[ContactId] = set()

    async def who_is(contact: ContactId) -> tuple[PersonId | None, bool]:
        return TILDA, contact in protected

    app.include_router(
        make_invitation_router(
            meetings=meetings,
            links=invitations,
            pages=InvitationPages(meetings=meetings, links=invitations, booked=links, number="0771-524 524"),
            limit=RateLimit(redis, name="test_meeting_invitation", most=most),
            who_is=who_is,
        )
    )
    app.include_router(make_pages(ROOT / "dashboard" / "web" / "dist"))
    async with served(app) as (url, _), aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Front(url, links, session, invitations, protected)


async def booked(
    meetings: Meetings,
    *,
    type: str = "kundmote",
    person: PersonId = TILDA,
    asked_by: Asker = Asker.AGENT,
    nth: int = 0,
    contact: ContactId | None = None,
    is_protected: bool = False,
    language: str = "sv",
) -> Meeting:
    """Book the first time that is free at Norrby (or another of the first), as an agent does."""
    given = meetings.register.types[type].needs
    wish = Wish(type=type, person=person, asked_by=asked_by, given=given, offices=("norrby",), contact=contact,
                is_protected=is_protected, language=language, matter="sjukpenning")  # fmt: skip
    free = (await meetings.times(wish, most=nth + 1))[nth]
    choice = Choice(starts_at=free.starts_at, office=free.office, mode=free.mode)
    return await meetings.book(wish, choice, by="asa")


async def row(meetings: Meetings, meeting: MeetingId) -> Meeting:
    async with meetings.database.reading() as tx:
        return await meetings.get(tx, meeting)
