"""A brief at the desk: whoever holds the meeting asks, reads, signs; what may tell who it is does not leave."""

import pytest

from core.ids import AgentId
from meetings.model import Choice, Meeting, Wish
from meetings.register import Asker
from meetings.service import Meetings
from storage.audit import audit
from tests.builders.desk_meetings import meetings_of
from tests.builders.desk_world import Browser, DeskWorld
from tests.builders.meeting_pages import TILDA


@pytest.fixture
def meetings(desk: DeskWorld) -> Meetings:
    return meetings_of(desk.world)


@pytest.fixture
async def meeting(meetings: Meetings) -> Meeting:
    """A contact meeting that Bo holds, as the handler Lena; the citizen has answered a question, and told who they are."""
    wish = Wish(type="kontaktmote", person=TILDA, asked_by=Asker.AGENT, handler=AgentId("lena"), offices=("norrby",),
                given=frozenset({"consent"}))  # fmt: skip
    free = (await meetings.times(wish))[0]
    row = await meetings.book(wish, Choice(starts_at=free.starts_at, office=free.office, mode=free.mode), by="bo")
    async with meetings.database.transaction() as tx:
        said = "Jag heter Tilda Kvistgren och vill prova att arbeta 25 procent."
        await meetings.preparing.answer(tx, row, "work", said, channel="page")
    return row


async def test_who_holds_the_meeting_notes_a_yes_reads_what_is_left_and_signs(
    desk: DeskWorld, browser: Browser, meeting: Meeting
) -> None:
    await browser.log_in("bo")
    path = f"/api/meetings/{meeting.meeting}/brief"
    shown = await browser.get(path)
    assert (shown["is_for"], shown["consented"], shown["state"]) == (True, None, "")
    assert (await browser.post(f"{path}/consent", {"given": True}))["consented"] is True
    draft = await browser.post(path)
    assert "25 procent" in draft["text"] and "kvistgren" not in draft["text"].lower() and "name" in draft["found"]
    status, problem = await browser.ask("POST", f"{path}/sign", {"brief": draft["brief"], "text": "Kvistgren vill."})
    assert status == 422 and problem["found"] == [{"kind": "name", "start": 0, "end": 9}]
    signed = await browser.post(f"{path}/sign", {"brief": draft["brief"], "text": draft["text"]})
    assert (signed["state"], signed["text"]) == ("released", draft["text"])
    async with desk.database.reading() as tx:
        noted = [row.what for row in await tx.execute(audit.select().order_by(audit.c.number))]
    assert noted == ["meeting_brief", "meeting_prepare", "meeting_brief", *["meeting_brief_signed"] * 2]


async def test_nobody_but_who_holds_the_meeting_sees_or_changes_it(browser: Browser, meeting: Meeting) -> None:
    await browser.log_in("asa")
    path = f"/api/meetings/{meeting.meeting}/brief"
    for method, more, body in (
        ("GET", "", None),
        ("POST", "", {}),
        ("POST", "/consent", {"given": True}),
        ("POST", "/sign", {"brief": "brf_x", "text": "x"}),
    ):
        assert (await browser.ask(method, path + more, body))[0] == 403, (method, more)


async def test_a_no_that_is_told_to_an_agent_ends_it(browser: Browser, meeting: Meeting) -> None:
    await browser.log_in("bo")
    path = f"/api/meetings/{meeting.meeting}/brief"
    assert (await browser.post(f"{path}/consent", {"given": False}))["consented"] is False
    status, problem = await browser.ask("POST", path, {})
    assert (status, problem["type"]) == (409, "urn:kundcenter:BriefConsentMissingError")
