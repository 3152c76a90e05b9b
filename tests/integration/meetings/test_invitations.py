"""A citizen books a meeting for themselves by the link of an invitation, on both databases. No log-in, no script."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from citizen_pages.links import Links
from core.events import Event
from core.ids import ContactId
from meetings.api.wording import INVITATIONS
from meetings.errors import MeetingRefusedError
from meetings.events import MeetingBooked
from meetings.inviting import LASTS
from meetings.model import Choice, Invitation, State, Wish
from meetings.register import Asker
from meetings.service import Meetings
from storage.database import Database
from tests.builders.meeting_pages import KEY, TILDA, Front, front_of, row
from tests.fakes.clock import HandClock
from tests.integration.meetings.books import faults

MARK = re.compile(r'name="mark" value="([^"]+)"')
TIME = re.compile(r'name="tid" value="(\d+)"')
CALL = ContactId("con_of_tilda")
WISH = Wish(type="kundmote", person=TILDA, contact=CALL, asked_by=Asker.AGENT, matter="sjukpenning")
HOSTILE = '"><script>alert(1)</script>\u202e{{ 7*7 }}'


@pytest.fixture
async def front(meetings: Meetings, redis: Redis) -> AsyncIterator[Front]:
    async with front_of(meetings, redis) as front:
        yield front


@pytest.fixture
async def invited(meetings: Meetings) -> Invitation:
    return await meetings.inviting.invite(WISH, by="agent:asa", key="a")


def mark_of(page: str) -> str:
    found = MARK.search(page)
    assert found
    return found[1]


async def sure(front: Front, link: str, *, nth: int = 0, office: str = "norrby") -> tuple[str, dict[str, str]]:
    """Choose one of the three times that are shown, and return the page that asks whether to book, with its form."""
    _, offered = await front.page(f"{link}?kontor={office}&satt=physical")
    _, page = await front.page(f"{link}/bekrafta?kontor={office}&satt=physical&tid={TIME.findall(offered)[nth]}")
    return page, dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))


async def all_booked(meetings: Meetings) -> int:
    async with meetings.database.reading() as tx:
        return len(await meetings.listed(tx, person=TILDA, days=90))


async def test_a_citizen_finds_the_nearest_office_chooses_a_time_and_has_a_meeting(
    front: Front, meetings: Meetings, invited: Invitation, told: list[Event], database: Database
) -> None:
    link = front.invitations.to(invited.invitation)
    status, page = await front.page(link)
    assert (status, "Boka ditt möte" in page) == (200, True)
    assert "till och med måndag 30 november" in page and "0771-524 524" in page
    for kept in (TILDA, CALL, "sjukpenning", invited.invitation, "<script"):
        assert kept not in page
    status, offered = await front.page(f"{link}/var", {"mark": mark_of(page), "postnummer": "852 31"})
    assert (status, len(TIME.findall(offered))) == (200, 3)
    assert "852" not in (re.search(r'href="([^"]+)">Visa senare tider', offered) or [""])[1]
    place = re.search(r'kc-citizen__lead">([^<]+)<', offered)
    assert place
    more = re.search(r'href="([^"]+)">Visa senare tider', offered)
    assert more
    _, later = await front.page(more[1].replace("&amp;", "&"))
    assert len(TIME.findall(later)) == 3 and not set(TIME.findall(later)) & set(TIME.findall(offered))
    page, form = await sure(front, link, nth=1)
    assert "Stämmer det här?" in page and "Storgatan 1, Norrby" in page and await all_booked(meetings) == 0
    status, done = await front.page(f"{link}/boka", form)
    assert (status, "Mötet är bokat." in done, "Vem du träffar" in done) == (200, True, True)
    (made,) = [fact for fact in told if isinstance(fact, MeetingBooked)]
    meeting = await row(meetings, made.meeting)
    assert (meeting.person, meeting.contact, meeting.matter, meeting.by, meeting.state) == (
        TILDA, CALL, "sjukpenning", "citizen", State.BOOKED,
    )  # fmt: skip
    assert await faults(database) == []


async def test_however_often_it_is_sent_there_is_one_meeting_and_the_link_then_leads_to_it(
    front: Front, meetings: Meetings, invited: Invitation
) -> None:
    link = front.invitations.to(invited.invitation)
    _, first = await sure(front, link)
    _, other = await sure(front, link, nth=2)
    answers = await asyncio.gather(*(front.page(f"{link}/boka", form) for form in (first, other, first, other)))
    assert {status for status, _ in answers} == {200}
    assert await all_booked(meetings) == 1
    for path in ("", "/bekrafta?kontor=norrby&satt=physical&tid=1"):
        status, page = await front.page(link + path)
        assert (status, "<h1>Ditt möte</h1>" in page) == (200, True)


async def test_whoever_has_cancelled_does_not_book_again_by_the_same_link(
    front: Front, meetings: Meetings, invited: Invitation
) -> None:
    link = front.invitations.to(invited.invitation)
    _, form = await sure(front, link)
    await front.page(f"{link}/boka", form)
    async with meetings.database.reading() as tx:
        (meeting,) = await meetings.listed(tx, person=TILDA, days=90)
    await meetings.cancel(meeting.meeting, by="citizen")
    status, page = await front.page(f"{link}/boka", form)
    assert (status, "Mötet är avbokat" in page) == (200, True)
    assert (await row(meetings, meeting.meeting)).state is State.CANCELLED


async def test_a_time_that_somebody_else_has_taken_is_told_kindly_with_others_to_choose(
    front: Front, meetings: Meetings, invited: Invitation
) -> None:
    link = front.invitations.to(invited.invitation)
    _, form = await sure(front, link)
    while True:
        somebody = replace(WISH, person=None, contact=None, offices=("norrby",))
        free = (await meetings.times(somebody, most=1))[0]
        if int(free.starts_at.timestamp()) > int(form["when"]):
            break
        await meetings.book(somebody, Choice(starts_at=free.starts_at, office="norrby", mode=free.mode), by="asa")
    status, page = await front.page(f"{link}/boka", form)
    assert (status, "hann någon annan ta" in page, len(TIME.findall(page))) == (409, True, 3)
    status, page = await front.page(f"{link}/bekrafta?kontor=norrby&satt=physical&tid={form['when']}")
    assert (status, "hann någon annan ta" in page) == (409, True)
    assert await all_booked(meetings) == 0


async def test_after_two_weeks_it_says_how_to_book_and_books_nothing(
    front: Front, meetings: Meetings, invited: Invitation, clock: HandClock
) -> None:
    link = front.invitations.to(invited.invitation)
    _, form = await sure(front, link)
    clock.pass_time(seconds=LASTS.total_seconds())
    for path, sent in (("", None), ("/bekrafta?kontor=norrby", None), ("/boka", form), ("/var", form)):
        status, page = await front.page(link + path, sent)
        assert (status, "Länkens tid är ute" in page, "0771-524 524" in page) == (410, True, True), path
    assert await all_booked(meetings) == 0


async def test_only_a_form_of_this_very_page_books(front: Front, meetings: Meetings, invited: Invitation) -> None:
    other = await meetings.inviting.invite(WISH, by="agent:asa", key="b")
    link = front.invitations.to(invited.invitation)
    _, foreign = await sure(front, front.invitations.to(other.invitation))
    for mark in (foreign["mark"], "", front.invitations.token(invited.invitation), HOSTILE):
        for what in ("boka", "var"):
            status, page = await front.page(f"{link}/{what}", {**foreign, "mark": mark})
            assert (status, "en gång till" in page, "<script" in page) == (409, True, False)
    assert await all_booked(meetings) == 0


@pytest.mark.parametrize("value", ["", "-1", "9999999999", "99999999999999999999", "٣", HOSTILE, "x" * 5000])
async def test_whatever_comes_in_is_answered_by_a_page_and_books_nothing(
    front: Front, meetings: Meetings, invited: Invitation, value: str
) -> None:
    link = front.invitations.to(invited.invitation)
    _, form = await sure(front, link)
    sent = [("var", "postnummer"), ("var", "kontor"), ("boka", "kontor"), ("boka", "when")]
    for what, field in sent:
        status, page = await front.page(f"{link}/{what}", {**form, "postnummer": "", field: value})
        assert status in ((200, 409, 422) if what == "var" else (409, 422)), (what, field)
        assert "<script" not in page
    for query in ("kontor", "satt", "tid", "efter", "lang"):
        async with front.session.get(front.here(link + "/bekrafta"), params={"kontor": "norrby", query: value}) as got:
            assert got.status in (200, 409, 422) and "<script" not in await got.text()
    assert await all_booked(meetings) == 0


async def test_a_link_that_is_not_ours_or_is_of_a_meeting_leads_nowhere(front: Front, invited: Invitation) -> None:
    foreign = Links(about="invitation", page=INVITATIONS, signing_key=KEY + "x", base_url="")
    for wrong in (
        foreign.token(invited.invitation), front.links.token(invited.invitation), front.invitations.token("inv_none"),
        "x", "%3Cscript%3E",
    ):  # fmt: skip
        status, page = await front.page(f"{INVITATIONS}/{wrong}")
        assert (status, "Länken leder ingenstans" in page) == (404, True), wrong


async def test_whoever_is_protected_by_now_books_with_a_person_and_is_shown_no_place(
    front: Front, meetings: Meetings, invited: Invitation
) -> None:
    link = front.invitations.to(invited.invitation)
    _, form = await sure(front, link)
    front.protected.add(CALL)
    for path, sent in (("", None), ("?kontor=norrby", None), ("/boka", form)):
        status, page = await front.page(link + path, sent)
        assert (status, "Vi bokar mötet tillsammans" in page, "Norrby" in page) == (200, True, False)
    assert await all_booked(meetings) == 0


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (replace(WISH, person=None), "person_unknown"),
        (replace(WISH, is_protected=True), "protected"),
        (replace(WISH, type="kontaktmote"), "consent_missing"),
    ],
)
async def test_nobody_is_invited_to_what_they_cannot_have(meetings: Meetings, wish: Wish, reason: str) -> None:
    with pytest.raises(MeetingRefusedError) as refused:
        await meetings.inviting.invite(wish, by="agent:asa", key="a")
    assert refused.value.reason == reason


async def test_the_same_key_is_the_same_invitation_and_it_is_forgotten_a_week_after_its_time(
    meetings: Meetings, invited: Invitation, clock: HandClock
) -> None:
    clock.pass_time(minutes=1)
    assert await meetings.inviting.invite(WISH, by="agent:asa", key="a") == invited
    clock.pass_time(seconds=(LASTS + timedelta(days=6)).total_seconds())
    assert await meetings.forgetting.forget() == 0
    clock.pass_time(seconds=timedelta(days=2).total_seconds())
    assert await meetings.forgetting.forget() == 1
