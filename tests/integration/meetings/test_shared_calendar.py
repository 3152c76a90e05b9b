"""The shared calendar tells which times are free and taken, and nothing of whom, about what, or with whom (R69, R75b)."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest
import vobject
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import update

from app import http_errors
from app.api_tokens import ApiDoor, read_tokens
from core.ids import ContactId, PersonId
from meetings import store
from meetings.adapters import ics
from meetings.api.calendar import PREFIX, Addresses, make_calendar_router
from meetings.model import Meeting
from meetings.service import Meetings
from storage.limits import RateLimit
from tests.builders.desk_world import served
from tests.builders.meeting_pages import KEY, TILDA, booked

BOARD, OTHER = "board-token-of-this-test-only-0000001", "other-token-of-this-test-only-0000002"
TOKENS = f"board:meetings:calendar={BOARD}, other:meetings:read={OTHER}"
SAMVERKAN = {"office": "norrby", "pool": "samverkan"}
ALLOWED = (
    r"BEGIN:VCALENDAR|END:VCALENDAR|VERSION:2.0|PRODID:-//Kundcenter//Meetings//SV|METHOD:PUBLISH|BEGIN:VEVENT|END:VEVENT"
    r"|SUMMARY:(kontaktmote|gemensam_kartlaggning|omstallningsmote|busy)|TRANSP:(OPAQUE|TRANSPARENT)"
    r"|(DTSTAMP|DTSTART|DTEND):\d{8}T\d{6}Z|UID:[0-9a-f]{24}@kundcenter"
)


@dataclass
class Front:
    url: str
    session: aiohttp.ClientSession

    async def address(self, token: str = BOARD, **of: str) -> tuple[int, str]:
        sent = {"Authorization": f"Bearer {token}"}
        async with self.session.post(f"{self.url}{PREFIX}/calendar", json=SAMVERKAN | of, headers=sent) as answer:
            return answer.status, (await answer.json()).get("address", "")

    async def feed(self, address: str, **headers: str) -> tuple[int, str, str]:
        async with self.session.get(self.url + address, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers.get("ETag", "")


@pytest.fixture
async def front(meetings: Meetings, redis: Redis) -> AsyncIterator[Front]:
    app = FastAPI(openapi_url=None)
    http_errors.install(app)
    app.include_router(
        make_calendar_router(
            may=ApiDoor(read_tokens(TOKENS)).may,
            meetings=meetings,
            addresses=Addresses(signing_key=KEY, base_url=""),
            write=ics.times,
            limit=RateLimit(redis, name="test_calendar", most=8),
        )
    )
    async with AsyncExitStack() as stack:
        url, _ = await stack.enter_async_context(served(app))
        yield Front(url, await stack.enter_async_context(aiohttp.ClientSession()))


@pytest.fixture
async def meeting(meetings: Meetings) -> Meeting:
    return await booked(meetings, type="kontaktmote", contact=None)


async def test_every_line_is_a_time_a_type_or_a_number_and_nothing_else(
    front: Front, meetings: Meetings, meeting: Meeting
) -> None:
    status, address = await front.address()
    assert status == 200
    status, feed, _ = await front.feed(address)
    assert status == 200
    strange = [line for line in feed.splitlines() if not re.fullmatch(ALLOWED, line)]
    assert strange == []
    for kept in (TILDA, meeting.meeting, "sjukpenning", "lena", "Lena", "norrby-1", "Norrby", "070"):
        assert kept not in feed
    [calendar] = vobject.readComponents(feed)
    taken = [one for one in calendar.vevent_list if one.transp.value == "OPAQUE"]
    assert [(one.dtstart.value, one.dtend.value) for one in taken] == [(meeting.starts_at, meeting.ends_at)]
    free = [one for one in calendar.vevent_list if one.transp.value == "TRANSPARENT"]
    assert {one.summary.value for one in free} == {"kontaktmote", "gemensam_kartlaggning", "omstallningsmote"}
    assert not [one for one in free if one.dtstart.value < meeting.ends_at and one.dtend.value > meeting.starts_at]


async def test_of_whoever_is_protected_not_even_the_type_is_told(
    front: Front, meetings: Meetings, meeting: Meeting
) -> None:
    async with meetings.database.transaction() as tx:
        await tx.execute(update(store.meetings).values(is_protected=True))
    _, feed, _ = await front.feed((await front.address())[1])
    [calendar] = vobject.readComponents(feed)
    assert [one.summary.value for one in calendar.vevent_list if one.transp.value == "OPAQUE"] == ["busy"]


async def test_nothing_new_is_not_sent_again_and_something_new_is(
    front: Front, meetings: Meetings, meeting: Meeting
) -> None:
    address = (await front.address())[1]
    _, _, mark = await front.feed(address)
    assert (await front.feed(address, **{"If-None-Match": mark}))[:2] == (304, "")
    await meetings.cancel(meeting.meeting, by="citizen")
    status, feed, other = await front.feed(address, **{"If-None-Match": mark})
    assert (status, "OPAQUE" in feed, other != mark) == (200, False, True)


async def test_only_a_system_that_may_gets_an_address_and_only_ours_opens(front: Front) -> None:
    assert (await front.address(OTHER))[0] == 403
    assert (await front.address(office="nowhere"))[0] == 404
    assert (await front.address(pool="nobody"))[0] == 404
    foreign = Addresses(signing_key=KEY + "x", base_url="").to(office="norrby", pool="samverkan")
    gone = Addresses(signing_key=KEY, base_url="").to(office="norrby", pool="nobody")
    for address in (foreign, gone, f"{PREFIX}/calendar/x.ics", f"{PREFIX}/calendar/%3Cscript%3E.ics"):
        assert (await front.feed(address))[0] == 404
    ours = (await front.address())[1]
    assert [(await front.feed(ours))[0] for _ in range(10)].count(429) == 2


async def test_another_citizens_name_as_an_id_is_in_no_line(front: Front, meetings: Meetings) -> None:
    await booked(meetings, type="kontaktmote", person=PersonId("per_kvistgren"))
    _, feed, _ = await front.feed((await front.address())[1])
    assert "kvistgren" not in feed and "per_" not in feed and "con_" not in feed and ContactId("mtg_") not in feed
