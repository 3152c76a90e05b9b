"""The employment service reads nothing that tells who it is, nothing without a yes, and nothing without a signature (N8)."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app import http_errors
from app.api_tokens import ApiDoor, read_tokens
from core.errors import KundcenterError
from core.events import Event
from core.ids import AgentId
from meetings import store
from meetings.api.briefs import PREFIX, make_briefs_router
from meetings.errors import (
    BriefConsentMissingError,
    BriefNotFoundError,
    BriefNotSignedError,
    NameNotKnownError,
    NoBriefBeforeError,
    StillIdentifiableError,
)
from meetings.events import BriefReleased
from meetings.identifying.gate import MARK, findings
from meetings.identifying.model import Known
from meetings.model import Brief, BriefState, ConsentKind, Meeting
from meetings.register import Asker
from meetings.service import Meetings
from storage.audit import audit
from storage.database import Database
from tests.builders.desk_world import served
from tests.builders.meeting_pages import booked
from tests.fakes.clock import HandClock

PARTNER, OTHER = "partner-token-of-this-test-only-0001", "reader-token-of-this-test-only-0002"
TOKENS = f"af:meetings:brief={PARTNER}, board:meetings:read={OTHER}"
ASA = AgentId("asa")
ANSWERS = {
    "background": "Jag heter Tilda Kvistgren, 900602-2397, och har varit snickare i 12 år på Storgatan 1 i Norrby.",
    "education": "Gymnasiet. Ring 070-174 06 61 eller tilda@post.example.",
    "ahead": "Jag vill arbeta 50 procent. Det tycker doktor Snårbäck också.",
}
SECRET = ("tilda", "kvistgren", "900602", "2397", "storgatan", "norrby", "070", "post.example", "snårbäck")


@pytest.fixture(autouse=True)
def name_is_known(meetings: Meetings) -> None:
    async def names(_: Meeting) -> frozenset[str]:
        return frozenset({"Tilda Kvistgren"})

    meetings.briefs.names_of = names


@pytest.fixture
async def meeting(meetings: Meetings) -> Meeting:
    row = await booked(meetings, type="gemensam_kartlaggning", asked_by=Asker.PARTNER)
    async with meetings.database.transaction() as tx:
        for question, text in ANSWERS.items():
            await meetings.preparing.answer(tx, row, question, text, channel="page")
    return row


@pytest.fixture
async def ask(meetings: Meetings) -> AsyncIterator[Callable[..., Awaitable[tuple[int, str]]]]:
    app = FastAPI(openapi_url=None)
    http_errors.install(app)
    app.include_router(make_briefs_router(may=ApiDoor(read_tokens(TOKENS)).may, meetings=meetings))
    async with served(app) as (url, _), aiohttp.ClientSession() as session:

        async def get(meeting: str, token: str = PARTNER) -> tuple[int, str]:
            sent = {"Authorization": f"Bearer {token}"}
            async with session.get(f"{url}{PREFIX}/{meeting}/brief", headers=sent) as answer:
                return answer.status, await answer.text()

        yield get


async def say(meetings: Meetings, row: Meeting, given: bool) -> None:
    async with meetings.database.transaction() as tx:
        await meetings.preparing.consent(tx, row, kind=ConsentKind.BRIEF, given=given, by="citizen")


async def released(meetings: Meetings, row: Meeting) -> Brief:
    await say(meetings, row, True)
    draft = await meetings.briefs.draft(row.meeting)
    signed = await meetings.briefs.sign(draft.brief, by=ASA, text=draft.text)
    return await meetings.briefs.release(signed.brief)


Ask = Callable[..., Awaitable[tuple[int, str]]]


async def test_what_the_partner_reads_tells_nothing_of_who_it_is_and_who_read_it_is_noted(
    meetings: Meetings, meeting: Meeting, ask: Ask, told: list[Event], database: Database
) -> None:
    brief = await released(meetings, meeting)
    assert set(brief.found) >= {"name", "phone", "contact", "address", "personal_number"}
    status, text = await ask(meeting.meeting)
    assert status == 200
    assert not [one for one in SECRET if one in text.lower()]
    for kept in ("snickare i 12 år", "Gymnasiet.", "Jag vill arbeta 50 procent.", MARK):
        assert kept in text
    assert (await ask(meeting.meeting, OTHER))[0] == 403
    assert (await ask(meeting.meeting))[0] == 200
    [fact] = [one for one in told if isinstance(one, BriefReleased)]
    assert "kvistgren" not in repr(fact).lower()
    async with database.reading() as tx:
        read = [(row.reader, row.what) for row in await tx.execute(select(audit).order_by(audit.c.number))]
    assert read == [("api:af", "meeting_brief")] * 2


async def test_without_a_yes_nothing_is_written_and_nothing_is_read(
    meetings: Meetings, meeting: Meeting, ask: Ask
) -> None:
    with pytest.raises(BriefConsentMissingError):
        await meetings.briefs.draft(meeting.meeting)
    await say(meetings, meeting, False)
    with pytest.raises(BriefConsentMissingError):
        await meetings.briefs.draft(meeting.meeting)
    assert (await ask(meeting.meeting))[0] == 404


async def test_what_nobody_has_signed_does_not_leave(meetings: Meetings, meeting: Meeting, ask: Ask) -> None:
    await say(meetings, meeting, True)
    draft = await meetings.briefs.draft(meeting.meeting)
    with pytest.raises(BriefNotSignedError):
        await meetings.briefs.release(draft.brief)
    assert (await ask(meeting.meeting))[0] == 404
    await meetings.briefs.sign(draft.brief, by=ASA, text=draft.text)
    assert (await ask(meeting.meeting))[0] == 404, "signed, and not released"


@pytest.mark.parametrize("edited", ["Hon heter tilda.", "Ring kvist gren.", "900602-2397", "Bor i norrby.", "Zyprian"])
async def test_a_name_that_the_reviewer_writes_back_in_is_refused(
    meetings: Meetings, meeting: Meeting, edited: str
) -> None:
    await say(meetings, meeting, True)
    draft = await meetings.briefs.draft(meeting.meeting)
    with pytest.raises(StillIdentifiableError) as refused:
        await meetings.briefs.sign(draft.brief, by=ASA, text=f"{draft.text}\n{edited}")
    assert refused.value.more["found"] and edited.lower() not in f"{refused.value} {refused.value.more}".lower()
    async with meetings.database.reading() as tx:
        kept = await meetings.briefs.newest(tx, meeting.meeting)
    assert kept == draft


async def test_a_yes_that_is_taken_back_counts_at_once_and_for_good(
    meetings: Meetings, meeting: Meeting, ask: Ask
) -> None:
    brief = await released(meetings, meeting)
    await say(meetings, meeting, False)
    assert (await ask(meeting.meeting))[0] == 404, "before anybody has reacted"
    await meetings.briefs.refuse_unwanted(meeting.meeting)
    await say(meetings, meeting, True)
    assert (await ask(meeting.meeting))[0] == 404, "a new yes is for a new brief"
    with pytest.raises(BriefNotSignedError):
        await meetings.briefs.release(brief.brief)


async def test_of_a_meeting_that_is_off_or_over_nothing_is_read(
    meetings: Meetings, meeting: Meeting, ask: Ask, clock: HandClock
) -> None:
    await released(meetings, meeting)
    clock.pass_time(days=60)
    assert (await ask(meeting.meeting))[0] == 404
    clock.pass_time(days=-60)
    assert (await ask(meeting.meeting))[0] == 200
    await meetings.cancel(meeting.meeting, by="citizen")
    assert (await ask(meeting.meeting))[0] == 404
    assert (await ask("mtg_none"))[0] == 404
    await meetings.briefs.refuse_unwanted(meeting.meeting)
    async with meetings.database.reading() as tx:
        newest = await meetings.briefs.newest(tx, meeting.meeting)
    assert newest is not None and newest.state is BriefState.REFUSED


async def test_before_other_meetings_nothing_is_written(meetings: Meetings) -> None:
    plain = await booked(meetings)
    await say(meetings, plain, True)
    with pytest.raises(NoBriefBeforeError):
        await meetings.briefs.draft(plain.meeting)


async def test_of_whoever_is_protected_nothing_is_read_or_written(
    meetings: Meetings, meeting: Meeting, ask: Ask
) -> None:
    await released(meetings, meeting)
    async with meetings.database.transaction() as tx:
        await tx.execute(update(store.meetings).values(is_protected=True))
    assert (await ask(meeting.meeting))[0] == 404
    with pytest.raises(NoBriefBeforeError):
        await meetings.briefs.draft(meeting.meeting)


async def test_while_the_name_is_not_known_nobody_can_tell_and_nothing_is_written(
    meetings: Meetings, meeting: Meeting
) -> None:
    brief = await released(meetings, meeting)

    async def unknown(_: Meeting) -> frozenset[str]:
        return frozenset()

    meetings.briefs.names_of = unknown
    attempts: list[Callable[[], Awaitable[Brief]]] = [
        lambda: meetings.briefs.draft(meeting.meeting),
        lambda: meetings.briefs.sign(brief.brief, by=ASA, text="x"),
        lambda: meetings.briefs.release(brief.brief),
    ]
    for attempt in attempts:
        with pytest.raises(NameNotKnownError):
            await attempt()


async def test_a_released_brief_is_not_changed_any_more(meetings: Meetings, meeting: Meeting) -> None:
    brief = await released(meetings, meeting)
    for refused in (BriefNotSignedError, BriefNotSignedError):
        with pytest.raises(refused):
            await meetings.briefs.sign(brief.brief, by=ASA, text="Något annat.")
    assert await meetings.briefs.release(brief.brief) == brief
    with pytest.raises(BriefNotFoundError):
        await meetings.briefs.release("brf_none")


def test_what_the_questions_say_themselves_tells_of_nobody(meetings: Meetings) -> None:
    for about in meetings.policy.about.values():
        for one in about.questions:
            assert not findings("\n".join(one.asks.values()), Known())


def test_no_error_says_more_than_its_sentence() -> None:
    for error in (NoBriefBeforeError, NameNotKnownError, BriefConsentMissingError, BriefNotSignedError):
        assert issubclass(error, KundcenterError)
