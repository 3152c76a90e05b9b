"""A citizen opens the page of their meeting by its link, on both databases. No log-in, no cookies, no script."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from citizen_pages.api.writing import load_words
from citizen_pages.links import Links
from citizen_pages.times import value_of
from core.events import Event
from core.ids import AgentId
from core.language import Language
from dashboard.meeting_ports import Written
from meetings.api.wording import PAGE
from meetings.changing import wish_of
from meetings.events import PreparationGiven
from meetings.model import Choice, ConsentKind, Meeting, MeetingId, State
from meetings.service import Meetings
from storage.database import Database
from tests.builders.desk_world import ROOT
from tests.builders.meeting_pages import KEY, TILDA, Front, booked, front_of, row
from tests.fakes.clock import HandClock
from tests.integration.meetings.books import faults

MARK = re.compile(r'name="mark" value="([^"]+)"')
HOSTILE = '"><script>alert(1)</script>\u202e{{ 7*7 }}\x00'


@pytest.fixture
async def front(meetings: Meetings, redis: Redis) -> AsyncIterator[Front]:
    async with front_of(meetings, redis) as front:
        yield front


@pytest.fixture
async def meeting(meetings: Meetings) -> Meeting:
    return await booked(meetings)


def form(page: str, **more: str) -> dict[str, str]:
    found = MARK.search(page)
    assert found
    return {"mark": found[1], **more}


async def test_it_tells_when_where_whom_and_whom_to_ring_and_nothing_of_who_it_is(
    front: Front, meeting: Meeting
) -> None:
    link = front.links.to(meeting.meeting)
    status, page = await front.page(link)
    assert status == 200
    for told in ("Vi ses måndag 16 november klockan", "Storgatan 1, Norrby", "ingång utan trappsteg", "45 minuter"):
        assert told in page
    assert re.search(r"070-174 06 6\d går till din handläggare", page)
    for kept in (TILDA, "sjukpenning", meeting.meeting, "<script"):
        assert kept not in page
    english = (await front.page(f"{link}?lang=en"))[1]
    assert '<html lang="en">' in english and "We meet on Monday 16 November" in english


async def test_whoever_speaks_a_language_in_which_we_have_no_words_reads_english(
    front: Front, meetings: Meetings
) -> None:
    one = await booked(meetings, language="ar")
    assert '<html lang="en">' in (await front.page(front.links.to(one.meeting)))[1]
    assert '<html lang="sv">' in (await front.page(f"{front.links.to(one.meeting)}?lang=sv"))[1]


async def test_its_policy_allows_no_script_and_nobody_keeps_it(front: Front, meeting: Meeting) -> None:
    async with front.session.get(front.here(front.links.to(meeting.meeting))) as answer:
        headers = answer.headers
    assert "script-src" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


async def test_a_citizen_moves_the_meeting_and_then_cancels_it(
    front: Front, meetings: Meetings, database: Database, meeting: Meeting
) -> None:
    link = front.links.to(meeting.meeting)
    _, page = await front.page(link)
    values = re.findall(r'name="when" value="(\d+)"', page)
    assert len(values) >= 10 and value_of(meeting.starts_at) in values
    status, moved = await front.page(f"{link}/flytta", form(page, when=values[-1]))
    assert (status, "Tiden är bytt." in moved) == (200, True)
    now = await row(meetings, meeting.meeting)
    assert (value_of(now.starts_at), now.sequence) == (values[-1], 1)
    assert re.search(r"checked><label[^>]*>klockan [0-9.]+–[0-9.]+ \(vald nu\)", moved)
    assert "Vill du avboka mötet?" in (await front.page(f"{link}/avboka"))[1]
    assert (await row(meetings, meeting.meeting)).state is State.BOOKED
    status, done = await front.page(f"{link}/avboka", form(moved))
    assert (status, "Mötet är avbokat" in done) == (200, True)
    assert (await row(meetings, meeting.meeting)).state is State.CANCELLED
    assert await faults(database) == []


async def test_a_time_that_was_just_taken_is_told_kindly_and_changes_nothing(
    front: Front, meetings: Meetings, meeting: Meeting
) -> None:
    link = front.links.to(meeting.meeting)
    _, page = await front.page(link)
    taken = meeting.starts_at + timedelta(days=200)
    status, told = await front.page(f"{link}/flytta", form(page, when=value_of(taken)))
    assert (status, "hann någon annan ta" in told) == (409, True)
    assert await row(meetings, meeting.meeting) == meeting


@pytest.mark.parametrize("when", ["", "99999999999999999999", "9999999999", "-1", "٣", "<script>"])
async def test_what_is_no_time_is_answered_by_the_page_itself(
    front: Front, meetings: Meetings, meeting: Meeting, when: str
) -> None:
    link = front.links.to(meeting.meeting)
    _, page = await front.page(link)
    status, told = await front.page(f"{link}/flytta", form(page, when=when))
    assert status in (409, 422)
    assert "<script" not in told
    assert await row(meetings, meeting.meeting) == meeting


async def test_a_citizen_answers_the_questions_and_changes_an_answer(
    front: Front, meetings: Meetings, meeting: Meeting, told: list[Event]
) -> None:
    link = front.links.to(meeting.meeting)
    async with meetings.database.reading() as tx:
        assert not await meetings.preparing.is_prepared(tx, meeting.meeting)
    _, page = await front.page(f"{link}/forbered")
    assert "Har något ändrats sedan vi hördes sist?" in page and "Du kan hoppa över frågor" in page
    status, thanks = await front.page(f"{link}/forbered", form(page, q_changed=HOSTILE, q_ask="", q_other="x"))
    assert (status, "dina svar är sparade" in thanks) == (200, True)
    _, again = await front.page(f"{link}/forbered")
    assert "&lt;script&gt;" in again and "<script" not in again and "\u202e" not in again and "{{ 7*7 }}" in again
    async with meetings.database.reading() as tx:
        assert set(await meetings.preparing.answers(tx, meeting.meeting)) == {"changed"}
        assert await meetings.preparing.is_prepared(tx, meeting.meeting)
    await front.page(f"{link}/forbered", form(again, q_changed=""))
    async with meetings.database.reading() as tx:
        assert await meetings.preparing.answers(tx, meeting.meeting) == {}
    assert [type(one) for one in told].count(PreparationGiven) == 2


@pytest.mark.parametrize(
    ("said", "stands", "words"), [("yes", True, "Du har sagt ja"), ("no", False, "Vi skickar ingen")]
)
async def test_yes_and_no_are_both_kept_and_nobody_is_asked_again(
    front: Front, meetings: Meetings, said: str, stands: bool, words: str
) -> None:
    one = await booked(meetings, type="kontaktmote")
    link = front.links.to(one.meeting)
    _, page = await front.page(link)
    assert "Säger du nej påverkar det varken mötet eller din ersättning." in page
    status, thanks = await front.page(f"{link}/samtycke", form(page, said=said))
    assert (status, words in thanks, "Ja, det får de" in thanks) == (200, True, False)
    async with meetings.database.reading() as tx:
        assert (await meetings.preparing.consents(tx, one.meeting))[ConsentKind.BRIEF].stands is stands
    if said == "no":
        assert "kontakta Arbetsförmedlingen går det bra" in thanks and "070-174 06 6" in thanks
        assert (await row(meetings, one.meeting)) == one, "a no has no consequence"
        return
    _, withdrawn = await front.page(f"{link}/samtycke", form(thanks, said="no"))
    assert "Vi skickar ingen beskrivning" in withdrawn
    async with meetings.database.reading() as tx:
        assert not (await meetings.preparing.consents(tx, one.meeting))[ConsentKind.BRIEF].stands


async def test_about_a_meeting_without_the_employment_service_nobody_is_asked(
    front: Front, meetings: Meetings, meeting: Meeting
) -> None:
    link = front.links.to(meeting.meeting)
    _, page = await front.page(link)
    assert "Arbetsförmedlingen" not in page
    await front.page(f"{link}/samtycke", form(page, said="yes"))
    async with meetings.database.reading() as tx:
        assert await meetings.preparing.consents(tx, meeting.meeting) == {}


async def test_only_a_form_of_this_very_page_changes_anything(
    front: Front, meetings: Meetings, meeting: Meeting, clock: HandClock
) -> None:
    other = await booked(meetings, nth=5)
    link = front.links.to(meeting.meeting)
    _, foreign = await front.page(front.links.to(other.meeting))
    _, own = await front.page(link)
    marks = [form(foreign), {}, {"mark": ""}, {"mark": front.links.token(meeting.meeting)}]
    for mark in marks:
        for what in ("flytta", "avboka", "forbered", "samtycke"):
            status, told = await front.page(f"{link}/{what}", {**mark, "q_changed": "x", "said": "yes"})
            assert (status, "en gång till" in told) == (409, True)
    assert await row(meetings, meeting.meeting) == meeting
    async with meetings.database.reading() as tx:
        assert await meetings.preparing.answers(tx, meeting.meeting) == {}
    clock.pass_time(minutes=30)
    assert (await front.page(f"{link}/avboka", form(own)))[0] == 200


async def test_a_link_that_is_not_ours_leads_nowhere(front: Front, meetings: Meetings, meeting: Meeting) -> None:
    token = front.links.token(meeting.meeting)
    foreign = Links(about="meeting", page=PAGE, signing_key=KEY + "x", base_url="").token(meeting.meeting)
    mark = front.links.form_mark(meeting.meeting, now=meetings.clock.now())
    unknown = front.links.token(MeetingId("mtg_none"))
    altered = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for wrong in (foreign, mark, unknown, altered, token[1:], "x", meeting.meeting, "%3Cscript%3E", "x" * 3000):
        for path in ("", "/avboka", "/forbered"):
            status, told = await front.page(f"/mote/{wrong}{path}")
            assert (status, "Länken leder ingenstans" in told) == (404, True), wrong
            assert "<script" not in told.lower()


async def test_of_whoever_is_protected_neither_place_nor_hours_are_shown(front: Front, meetings: Meetings) -> None:
    one = await booked(meetings, is_protected=True)
    link = front.links.to(one.meeting)
    for path, sent in (("", None), ("/avboka", None), ("/forbered", None), ("/flytta", {}), ("/avboka", {})):
        status, page = await front.page(link + path, sent)
        assert (status, "Din handläggare har berättat när och var ni ses." in page) == (200, True), path
        assert "070-174 06 6" in page
        for kept in ("Norrby", "november", "klockan", "<form"):
            assert kept not in page, path
    assert await row(meetings, one.meeting) == one


@pytest.mark.parametrize(
    ("state", "heading"),
    [(State.CANCELLED, "Mötet är avbokat"), (State.MISSED, "Vi sågs inte den här gången"), (State.BOOKED, "Ditt möte")],
)
async def test_a_meeting_that_is_over_or_has_begun_is_told_of_kindly(
    front: Front, meetings: Meetings, meeting: Meeting, clock: HandClock, state: State, heading: str
) -> None:
    link = front.links.to(meeting.meeting)
    _, page = await front.page(link)
    if state is State.CANCELLED:
        await meetings.cancel(meeting.meeting, by="asa")
    else:
        clock.pass_time(seconds=(meeting.starts_at - clock.now()).total_seconds() + 60)
    if state is State.MISSED:
        await meetings.missed(meeting.meeting)
    before = await row(meetings, meeting.meeting)
    for path, sent in (("", None), ("/avboka", None), ("/flytta", form(page, when="1")), ("/avboka", form(page))):
        status, told = await front.page(link + path, sent)
        assert (status, f"<h1>{heading}</h1>" in told) == (200, True), path
        assert "070-174 06 6" in told
    assert await row(meetings, meeting.meeting) == before


async def test_the_letter_can_be_saved_and_put_into_a_calendar(
    front: Front, meetings: Meetings, meeting: Meeting
) -> None:
    link = front.links.to(meeting.meeting)
    assert "kallelse.pdf" not in (await front.page(link))[1], "before there is one"
    meetings.letters.routed = lambda: {one.number for one in meetings.register.handlers.values()}
    await meetings.letters.make(meeting.meeting)
    _, page = await front.page(link)
    for file, beginning in (("kallelse.pdf", b"%PDF-"), ("kallelse.ics", b"BEGIN:VCALENDAR")):
        assert f"/{file}" in page
        async with front.session.get(front.here(f"{link}/{file}")) as answer:
            assert answer.headers["content-disposition"] == f'attachment; filename="{file}"'
            assert (await answer.read()).startswith(beginning)
    assert (await front.page("/mote/x/kallelse.pdf"))[0] == 404


@pytest.mark.parametrize("how", ["digital", "none"])
async def test_what_was_handed_over_is_read_where_the_receipt_says(
    front: Front, meetings: Meetings, meeting: Meeting, clock: HandClock, how: str
) -> None:
    link = front.links.to(meeting.meeting)
    assert (await front.page(f"{link}/dokument"))[0] == 404
    clock.pass_time(seconds=(meeting.starts_at - clock.now()).total_seconds() + 60)
    written = Written(text=f"Vi talade om {HOSTILE}", agreed="Du skickar intyget.", next_step="Vi ringer på måndag.",
                      how=how, reason="" if how == "digital" else "Det fanns ingen skrivare.")  # fmt: skip
    await meetings.documents.close(meeting.meeting, written, by=AgentId("asa"))
    status, page = await front.page(f"{link}/dokument")
    done = (await front.page(link))[1]
    assert "Vi har träffats" in done and ("/dokument" in done) is (how == "digital")
    if how == "none":
        assert (status, "Vi ringer" in page) == (404, False)
        return
    assert status == 200 and "<script" not in page
    for told in ("Du skickar intyget.", "Vi ringer på måndag.", "Det här händer nu", "&lt;script&gt;", "070-174 06 6"):
        assert told in page


async def test_what_is_only_held_has_no_page(front: Front, meetings: Meetings, meeting: Meeting) -> None:
    wish = wish_of(meeting, meetings.register.types[meeting.type])
    free = (await meetings.times(wish, most=5))[-1]
    held = await meetings.hold(wish, Choice(starts_at=free.starts_at, office=free.office, mode=free.mode), by="asa")
    assert (await front.page(front.links.to(held.meeting)))[0] == 404


async def test_whoever_loads_it_very_often_is_asked_to_wait_a_moment(
    meetings: Meetings, redis: Redis, meeting: Meeting
) -> None:
    async with front_of(meetings, redis, most=4) as front:
        link = front.links.to(meeting.meeting)
        assert [(await front.page(link))[0] for _ in range(6)] == [200, 200, 200, 200, 429, 429]


def test_both_languages_say_the_same_with_the_same_fields() -> None:
    words = load_words(ROOT / "meetings/api/words")
    assert set(words) == set(Language)
    fields = {
        language: {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in said.items()}
        for language, said in words.items()
    }
    assert fields[Language.SWEDISH] == fields[Language.ENGLISH]
