"""Meetings at the desk: booked in a call, held, moved, closed with its documentation; every reading is noted before it is shown."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.ids import PersonId, Subject
from storage.audit import audit
from tests.builders.desk_meetings import HANDLERS
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.meetings.books import faults
from tests.integration.skills_routing.world import BO, Caller, until

WANTED = {"type": "kundmote", "office": "norrby"}
PROTECTED = "demo-08"


@pytest.fixture
async def caller(desk: DeskWorld, browser: Browser) -> Caller:
    """Vera, who has shown who she is, and talks with Bo. Bo meets citizens, too, as the handler Lena."""
    await at_the_desk(desk, browser, "bo")
    caller = await talks(desk, browser)
    await desk.identified(caller)
    return caller


async def at_the_desk(desk: DeskWorld, browser: Browser, name: str) -> None:
    await browser.log_in(name)
    await browser.post("/api/softphone")
    desk.world.phone(name)
    await browser.post("/api/agent/state", {"state": "READY"})


async def talks(desk: DeskWorld, browser: Browser, *, name: str = "bo", queue: str = "bostad") -> Caller:
    caller = await desk.world.caller(queue)
    offer = (await browser.get("/api/desk"))["offer"]
    await browser.post(f"/api/offers/{offer['offer']}/accept", {"token": offer["token"]})
    await until(lambda: caller.phone.connected_to == f"agent-{name}")
    return caller


async def read(desk: DeskWorld) -> list[tuple[str, str, str]]:
    async with desk.database.reading() as tx:
        rows = await tx.execute(audit.select().order_by(audit.c.number))
        return [(row.reader, row.what, row.subject) for row in rows]


def of(caller: Caller, what: str) -> str:
    return f"/api/contacts/{caller.contact}/{what}"


def at(time: dict[str, Any]) -> dict[str, Any]:
    return {name: time[name] for name in ("starts_at", "office", "mode")}


async def times(browser: Browser, caller: Caller, **more: Any) -> list[dict[str, Any]]:
    return list(await browser.post(of(caller, "meeting-times"), WANTED | more))


async def hold(
    browser: Browser, caller: Caller, time: dict[str, Any], *, key: str = "key-00000001", **more: Any
) -> Any:
    body = {"wanted": WANTED | more, "at": at(time)}
    return await browser.ask("POST", of(caller, "meetings"), body, {"Idempotency-Key": key})


async def booked(browser: Browser, caller: Caller, *, with_me: bool = True, **more: Any) -> dict[str, Any]:
    (first, *_) = await times(browser, caller, with_me=with_me, **more)
    status, held = await hold(browser, caller, first, with_me=with_me, **more)
    assert (status, held["state"]) == (200, "held"), held
    made = await browser.post(f"/api/meetings/{held['meeting']}/confirm")
    assert made["state"] == "booked"
    return dict(made)


async def begins(desk: DeskWorld, browser: Browser, meeting: dict[str, Any]) -> None:
    """It takes place now; who was logged in when it was booked no longer is."""
    starts_at = datetime.fromisoformat(meeting["starts_at"])
    desk.world.time.advance((starts_at - desk.world.time.now()).total_seconds() + 60)
    await browser.log_in("bo")


CLOSED = {
    "text": "Vi pratade om hyran.",
    "agreed": "",
    "next_step": "Vi ringer på fredag.",
    "how": "print",
    "reason": "",
}


async def test_an_agent_books_for_whom_they_talk_with_and_several_days_are_offered(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    choices = await browser.get(of(caller, "meetings"))
    assert {"kundmote", "kontaktmote"} <= {one["id"] for one in choices["types"]}
    assert "gemensam_kartlaggning" not in {one["id"] for one in choices["types"]}  # asked for by another authority
    assert (choices["is_known"], choices["holds_meetings"], choices["booked"]) == (True, True, [])
    found = await times(browser, caller)
    assert len({one["starts_at"][:10] for one in found}) >= 2  # R75d
    assert all(one["office_label"] == "Försäkringskassan Norrby" for one in found)
    status, held = await hold(browser, caller, found[0])
    assert (status, held["state"]) == (200, "held")
    assert await hold(browser, caller, found[0]) == (status, held)  # sent again
    made = await browser.post(f"/api/meetings/{held['meeting']}/confirm")
    assert (made["state"], made["place"], made["address"]) == (
        "booked",
        "Försäkringskassan Norrby",
        "Storgatan 1, Norrby",
    )
    assert made["staff"] and made["direct"].startswith("070-174 06 6")
    assert [one["meeting"] for one in (await browser.get(of(caller, "meetings")))["booked"]] == [made["meeting"]]
    assert await read(desk) == [
        ("bo", "meeting_list", "demo-03"), ("bo", "meeting_book", "demo-03"), ("bo", "meeting_book", "demo-03"),
        ("bo", "meeting_list", "demo-03"),
    ]  # fmt: skip
    assert await faults(desk.database) == []


async def test_an_agent_makes_a_link_by_which_the_citizen_books_and_it_is_noted(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    async def invite(more: dict[str, Any], key: str = "key-00000001") -> Any:
        asked = WANTED | more
        return await browser.ask("POST", of(caller, "meeting-invitations"), asked, {"Idempotency-Key": key})

    status, made = await invite({})
    assert status == 200 and made["link"].startswith("https://kc.example/boka-mote/inv_")
    assert datetime.fromisoformat(made["expires_at"]) == desk.world.time.now() + timedelta(days=14)
    assert await invite({}) == (status, made)
    assert (await invite({}, "key-00000002"))[1]["link"] != made["link"]
    status, refused = await invite({"type": "kontaktmote"}, "key-00000003")
    assert (status, refused["reason"]) == (422, "consent_missing")
    assert await read(desk) == [("bo", "meeting_invite", "demo-03")] * 4
    assert (await browser.get(of(caller, "meetings")))["booked"] == []


async def test_a_time_that_somebody_else_took_comes_with_others_and_what_is_kept_is_let_go(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    (first, *_) = await times(browser, caller, with_me=True)
    _, held = await hold(browser, caller, first, with_me=True)
    status, problem = await hold(browser, caller, first, key="key-00000002", with_me=True)
    assert status == 409 and len(problem["alternatives"]) == 3
    await browser.post(f"/api/meetings/{held['meeting']}/cancel")
    assert at((await times(browser, caller, with_me=True))[0]) == at(first)
    assert await faults(desk.database) == []


async def test_what_the_rules_refuse_comes_with_the_word_and_the_type_that_is_meant(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    for more, word, instead in (
        ({"type": "kontaktmote"}, "consent_missing", ""),
        ({"type": "kontaktmote", "given": ["consent"], "about_decision": True}, "about_a_decision", "kundmote"),
        ({"type": "avstamningsmote", "mode": "phone"}, "mode_not_offered", ""),
    ):
        status, problem = await browser.ask("POST", of(caller, "meeting-times"), WANTED | more)
        assert (status, problem["reason"], problem["instead"]) == (422, word, instead)


async def test_whoever_holds_a_meeting_sees_it_moves_it_and_its_citizen_is_on_the_card(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    made = await booked(browser, caller)
    address = f"/api/meetings/{made['meeting']}"
    day = await browser.get("/api/meetings")
    assert (day["holds_meetings"], day["to_close"]) == (True, [])
    assert [one["meeting"] for one in (*day["today"], *day["coming"])] == [made["meeting"]]
    assert "Vera" not in str(day)
    card = await browser.get(address)
    assert (card["person"]["name"], card["shown"]["is_own"], card["document"]) == ("Vera Provsson", True, None)
    assert card["answers"][0]["answer"] == "<b>Pengarna</b>"
    assert (await read(desk))[-2:] == [("bo", "meeting_list", ""), ("bo", "meeting_card", "demo-03")]
    other = (await browser.get(f"{address}/times"))[-1]
    moved = await browser.post(f"{address}/move", {"at": at(other), "version": made["version"]})
    assert moved["starts_at"] == other["starts_at"]
    status, _ = await browser.ask("POST", f"{address}/move", {"at": at(other), "version": made["version"]})
    assert status == 412  # somebody has changed it since
    await browser.post(f"{address}/cancel", {"version": moved["version"]})
    assert [what for _, what, _ in await read(desk)][-3:] == ["meeting_move", "meeting_move", "meeting_cancel"]
    assert await faults(desk.database) == []


async def test_a_meeting_is_closed_with_its_documentation_or_not_at_all(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    made = await booked(browser, caller)
    address, version = f"/api/meetings/{made['meeting']}", made["version"]
    status, problem = await browser.ask("POST", f"{address}/close", CLOSED | {"version": version})
    assert (status, problem["type"]) == (409, "urn:kundcenter:TooEarlyError")
    await begins(desk, browser, made)
    assert [one["meeting"] for one in (await browser.get("/api/meetings"))["to_close"]] == [made["meeting"]]
    for more, kind in (({"text": ""}, "DocumentMissingError"), ({"next_step": " "}, "NextStepMissingError")):
        status, problem = await browser.ask("POST", f"{address}/close", CLOSED | more | {"version": version})
        assert (status, problem["type"]) == (422, f"urn:kundcenter:{kind}")
    await browser.post(f"{address}/close", CLOSED | {"version": version})
    card = await browser.get(address)
    assert (card["shown"]["state"], card["document"]["how"], card["document"]["made_by"]) == ("done", "print", "Bo")
    assert card["document"]["handed_over_at"] is not None
    await browser.post(f"{address}/correct", CLOSED | {"text": "Vi pratade om bidraget."})
    assert (await browser.get(address))["document"]["edition"] == 2
    assert (await browser.get("/api/meetings"))["today"][0]["state"] == "done"
    assert [what for _, what, _ in await read(desk)].count("meeting_document") == 5  # tried or done: noted before
    assert await faults(desk.database) == []


async def test_who_did_not_come_is_noted_by_whoever_was_there(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    made = await booked(browser, caller)
    await begins(desk, browser, made)
    await browser.post(f"/api/meetings/{made['meeting']}/missed")
    assert (await browser.get(f"/api/meetings/{made['meeting']}"))["shown"]["state"] == "missed"
    assert ("bo", "meeting_missed", "demo-03") in await read(desk)


async def test_a_decision_is_discussed_in_a_meeting_of_its_own_one_click_away(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    made = await booked(browser, caller, type="kontaktmote", given=["consent"])
    address = f"/api/meetings/{made['meeting']}"
    assert (await browser.get(address))["separately"] == "kundmöte"
    (first, *_) = await browser.get(f"{address}/separate")
    assert first["starts_at"] >= made["ends_at"]
    for _ in range(2):  # sent again
        status, one = await browser.ask("POST", f"{address}/separate", at(first), {"Idempotency-Key": "key-00000009"})
        assert (status, one["type_label"], one["state"]) == (200, "kundmöte", "booked")
    assert len((await browser.get(of(caller, "meetings")))["booked"]) == 2
    assert await faults(desk.database) == []


async def test_another_agent_sees_and_does_nothing_and_nothing_is_noted(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    made = await booked(browser, caller)
    await begins(desk, browser, made)
    address, version = f"/api/meetings/{made['meeting']}", made["version"]
    before = await read(desk)
    (other, *_) = await browser.get(f"{address}/times")
    async with await desk.browser() as another:
        await another.log_in("asa")
        for method, path, body in (
            ("GET", address, None),
            ("GET", f"{address}/times", None),
            ("GET", f"{address}/separate", None),
            ("POST", f"{address}/move", {"at": at(other), "version": version}),
            ("POST", f"{address}/cancel", {"version": version}),
            ("POST", f"{address}/confirm", {}),
            ("POST", f"{address}/missed", {}),
            ("POST", f"{address}/close", CLOSED | {"version": version}),
            ("POST", f"{address}/correct", CLOSED),
            ("GET", of(caller, "meetings"), None),
            ("POST", of(caller, "meeting-times"), WANTED),
        ):
            assert (await another.ask(method, path, body))[0] == 403, path
        assert (await hold(another, caller, other))[0] == 403
        assert (await another.get("/api/meetings"))["today"] == []  # Åsa's own day
    assert [one for one in await read(desk) if one not in before] == [("asa", "meeting_list", "")]


async def test_whoever_is_protected_is_booked_and_seen_by_the_cleared_only(desk: DeskWorld, browser: Browser) -> None:
    await at_the_desk(desk, browser, "bo")
    caller = await talks(desk, browser)
    await desk.identified(caller, PROTECTED)
    for path, body in (("meeting-times", WANTED), ("meetings", None)):
        if body:
            status, problem = await browser.ask("POST", of(caller, path), body)
            assert (status, problem["type"]) == (422, "urn:kundcenter:NeedsClearanceError")
    async with await desk.browser() as cleared:
        await at_the_desk(desk, cleared, "carin")
        another = await talks(desk, cleared, name="carin", queue="allmant")
        async with desk.database.transaction() as tx:
            await desk.world.contacts.identified(
                tx, another.contact, person=PersonId("per_8"), subject=Subject(PROTECTED), level=2
            )
        made = await booked(cleared, another)
        assert (made["is_protected"], made["staff"]) == (True, ["Nora"])
        assert (await cleared.get(f"/api/meetings/{made['meeting']}"))["person"]["protected"]
        shown = await cleared.get("/api/meetings")
        assert [one["meeting"] for one in (*shown["today"], *shown["coming"])] == [made["meeting"]]
    assert (await browser.ask("GET", f"/api/meetings/{made['meeting']}"))[0] == 403


async def test_whoever_holds_a_protected_meeting_and_is_not_cleared_is_not_shown_it(
    desk: DeskWorld, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, BO, "nora")
    async with await desk.browser() as cleared:
        await at_the_desk(desk, cleared, "carin")
        caller = await talks(desk, cleared, name="carin", queue="allmant")
        await desk.identified(caller, PROTECTED)
        made = await booked(cleared, caller)
    await browser.log_in("bo")
    day = await browser.get("/api/meetings")
    assert (day["today"], day["coming"]) == ([], [])
    assert (await browser.ask("GET", f"/api/meetings/{made['meeting']}"))[0] == 403


async def test_an_agent_who_meets_nobody_has_no_day_and_a_hold_lapses_after_five_minutes(
    desk: DeskWorld, browser: Browser, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(HANDLERS, BO)
    assert not (await browser.get("/api/meetings"))["holds_meetings"]
    (first, *_) = await times(browser, caller)
    _, held = await hold(browser, caller, first)
    desk.world.time.advance(timedelta(minutes=5).total_seconds())
    status, problem = await browser.ask("POST", f"/api/meetings/{held['meeting']}/confirm", {})
    assert (status, problem["type"]) == (409, "urn:kundcenter:HoldLapsedError")
