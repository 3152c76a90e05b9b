"""Promises to ring back at the desk: seen as such, rung, corrected, moved, made in person, followed up and counted."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from callbacks.model import CallbackState
from contacts.store import contacts as books
from core.ids import AgentId, CallbackId
from skills_routing.model import AgentState
from storage.audit import audit
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import BO, until


async def at_the_desk(desk: DeskWorld, browser: Browser, name: str = "bo") -> None:
    await browser.log_in(name)
    await browser.post("/api/softphone")
    desk.world.phone(AgentId(name))
    await browser.post("/api/agent/state", {"state": "READY"})


async def accept(desk: DeskWorld, browser: Browser) -> dict[str, Any]:
    offer = (await browser.get("/api/desk"))["offer"]
    await browser.post(f"/api/offers/{offer['offer']}/accept", {"token": offer["token"]})
    return dict(offer)


async def read(desk: DeskWorld) -> list[tuple[str, str]]:
    async with desk.database.reading() as tx:
        return [(row.reader, row.what) for row in await tx.execute(audit.select())]


async def test_a_promise_is_offered_as_such_and_its_number_is_whole_only_once_we_ring(
    desk: DeskWorld, browser: Browser
) -> None:
    await at_the_desk(desk, browser)
    callback = await desk.promised("+46701740620")
    desk.world.time.advance(2)
    citizen = await desk.comes_due(callback)
    shown = (await browser.get("/api/desk"))["offer"]
    promise = shown["ring_back"]
    assert (promise["callback"], promise["attempt"], promise["most_attempts"]) == (callback, 1, 3)
    assert shown["about"]["path"] == ["Prata med någon", "Barn och familj"]
    assert "123456" not in str(shown) and "701740620" not in str(shown)
    contact = shown["about"]["contact"]
    card = await browser.get(f"/api/contacts/{contact}")
    assert (card["number"], card["code"], card["rings_back"]) == ("070-••• •• 20", "123 456", True)

    await accept(desk, browser)
    await until(lambda: citizen.ringing)
    assert (await desk.promise(callback)).state is CallbackState.TAKEN
    talk = (await browser.get("/api/desk"))["talk"]
    assert (talk["connected"], talk["ring_back"]["attempt"]) == (False, 1)
    assert talk["about"]["queue_label"] == "Barn och familj"
    assert (await browser.get(f"/api/contacts/{contact}"))["number"] == "070-174 06 20"
    assert await read(desk) == [("bo", "contact_card")] * 2


@pytest.mark.parametrize("how", ["machine", "wrong_person"])
async def test_a_machine_or_somebody_else_leaves_the_promise_standing(
    desk: DeskWorld, browser: Browser, how: str
) -> None:
    await at_the_desk(desk, browser)
    callback = await desk.promised("+46701740620")
    citizen = await desk.comes_due(callback)
    offer = await accept(desk, browser)
    await until(lambda: citizen.ringing)
    assert citizen.line is not None
    citizen.line.answer()
    await desk.talks_begin(callback, BO)
    assert (await desk.promise(callback)).state is CallbackState.KEPT
    contact = offer["about"]["contact"]
    await browser.post(f"/api/contacts/{contact}/hang-up")
    await desk.world.until_state(BO, AgentState.WRAP_UP)
    assert (await browser.get("/api/desk"))["wrap_up"]["ring_back"]["callback"] == callback
    await browser.post(f"/api/contacts/{contact}/wrap-up", {"code": how, "next_state": "READY"})
    promise = await desk.promise(callback)
    assert (promise.state, promise.attempts, promise.last_reason) == (CallbackState.WAITING, 1, how)
    assert promise.next_at == desk.world.time.now() + timedelta(minutes=30)


async def test_only_whoever_rang_can_say_that_it_was_a_machine(desk: DeskWorld, browser: Browser) -> None:
    callback = await desk.promised("+46701740620")
    contact = (await desk.promise(callback)).contact
    await desk.callbacks.take(CallbackId(callback), BO)
    await desk.callbacks.kept(CallbackId(callback))
    await browser.log_in("asa")
    wrapped = {"code": "machine", "next_state": "READY"}
    assert (await browser.ask("POST", f"/api/contacts/{contact}/wrap-up", wrapped))[0] == 403
    assert (await desk.promise(callback)).state is CallbackState.KEPT


async def test_an_agent_promises_in_person_whom_they_talk_with(desk: DeskWorld, browser: Browser) -> None:
    await at_the_desk(desk, browser)
    caller = await desk.world.caller("bostad")
    await accept(desk, browser)
    await until(lambda: caller.phone.connected_to == "agent-bo")
    await desk.world.until_ledger(caller, "talking")
    address = f"/api/contacts/{caller.contact}/callback"
    choices = await browser.get(address)
    assert "bo" not in {one["id"] for one in choices["deputies"]}
    at = choices["times"][5]
    told = await browser.post(address, {"at": at, "deputy": choices["deputies"][0]["id"], "number": "070-174 06 33"})
    assert (told["code"], told["calls_from"]) == ("123 456", "0771-524 524")
    assert datetime.fromisoformat(told["told_from"]) == datetime.fromisoformat(at)
    [own] = (await browser.get("/api/callbacks"))["own"]
    assert (own["number"], own["is_own"]) == ("070-••• •• 33", True)
    promise = await desk.promise(own["callback"])
    assert (promise.bound_to, promise.deputy, promise.next_at) == (
        BO, choices["deputies"][0]["id"], datetime.fromisoformat(at),
    )  # fmt: skip


async def test_after_the_talk_nobody_can_be_told_a_code_and_none_is_said_when_they_are_rung(
    desk: DeskWorld, browser: Browser
) -> None:
    await at_the_desk(desk, browser)
    caller = await desk.world.caller("bostad")
    await accept(desk, browser)
    await until(lambda: caller.phone.connected_to == "agent-bo")
    caller.phone.hang_up()

    async def wraps_up() -> bool:
        return (await browser.get("/api/desk"))["wrap_up"] is not None

    await until(wraps_up)
    address = f"/api/contacts/{caller.contact}/callback"
    told = await browser.post(address, {"at": (await browser.get(address))["times"][5]})
    assert told["code"] == ""
    assert not (await desk.promise((await browser.get("/api/callbacks"))["own"][0]["callback"])).proof


async def test_what_cannot_be_promised_in_person_is_refused_by_name(desk: DeskWorld, browser: Browser) -> None:
    await at_the_desk(desk, browser)
    caller = await desk.world.caller("bostad")
    await accept(desk, browser)
    await until(lambda: caller.phone.connected_to == "agent-bo")
    await desk.world.until_ledger(caller, "talking")
    address = f"/api/contacts/{caller.contact}/callback"
    at = (await browser.get(address))["times"][0]
    night = datetime.fromisoformat(at).replace(hour=2).isoformat()
    for wish, status, kind in (
        ({"at": night}, 409, "NotNowError"),
        ({"at": at, "number": "112"}, 409, "NumberNotAllowedError"),
        ({"at": at, "deputy": "nobody"}, 403, "NotAllowedError"),
        ({"at": at[:19]}, 422, ""),
    ):
        answered, problem = await browser.ask("POST", address, wish)
        assert (answered, problem["type"].removeprefix("urn:kundcenter:")) == (status, kind or "about:blank"), wish
    async with await desk.browser() as asas:
        await asas.log_in("asa")
        assert (await asas.ask("GET", address))[0] == 403
        assert (await asas.ask("POST", address, {"at": at}))[0] == 403


async def test_an_agent_moves_and_cancels_for_a_citizen(desk: DeskWorld, browser: Browser) -> None:
    callback = await desk.promised("+46701740620")
    await browser.log_in("bo")
    times = await browser.get(f"/api/callbacks/{callback}/times")
    await browser.post(f"/api/callbacks/{callback}/move", {"slot_at": times[2]["starts_at"]})
    [coming] = (await browser.get("/api/callbacks"))["coming"]
    assert coming["told_from"] == times[2]["starts_at"]
    link = await browser.post(f"/api/callbacks/{callback}/link")
    assert link == {"address": f"https://kc.example/page/{callback}"}
    assert ("bo", "callback_link") in await read(desk)
    await browser.post(f"/api/callbacks/{callback}/cancel")
    status, problem = await browser.ask("POST", f"/api/callbacks/{callback}/move", {"slot_at": None})
    assert (status, problem["type"]) == (409, "urn:kundcenter:CallbackOverError")
    assert (await desk.promise(callback)).last_reason == "agent:bo"
    changes = [entry for entry in await read(desk) if entry[1] in ("callback_move", "callback_cancel")]
    assert changes == [("bo", "callback_move"), ("bo", "callback_cancel"), ("bo", "callback_move")], "refused ones, too"


async def give_up(desk: DeskWorld, number: str = "+46701740620") -> str:
    callback = await desk.promised(number)
    for _ in range(3):
        promise = await desk.promise(callback)
        desk.world.time.advance(max(0.0, (promise.next_at - desk.world.time.now()).total_seconds()))  # type: ignore[operator]
        await desk.callbacks.take(CallbackId(callback), BO)
        await desk.callbacks.missed(CallbackId(callback), "no_answer")
    return callback


async def test_of_a_protected_person_only_who_is_cleared_sees_whom_to_follow_up(
    desk: DeskWorld, browser: Browser
) -> None:
    callback = await give_up(desk)
    contact = (await desk.promise(callback)).contact
    async with desk.database.transaction() as tx:
        await tx.execute(update(books).where(books.c.contact == contact).values(subject="demo-08", person="per_1"))
    await browser.log_in("bo")
    who = await browser.get(f"/api/callbacks/{callback}/person")
    assert (who["number"], who["person"]["name"]) == ("070-••• •• 20", "")
    await browser.log_in("carin")
    who = await browser.get(f"/api/callbacks/{callback}/person")
    assert (who["number"], who["person"]["name"]) == ("070-174 06 20", "Sixten Hemlighet")


async def test_whom_nobody_reached_is_followed_up_with_a_note(desk: DeskWorld, browser: Browser) -> None:
    callback, open_one = await give_up(desk), await desk.promised("+46701740621")
    await browser.log_in("asa")
    assert (await browser.get("/api/desk"))["callbacks_to_follow_up"] == 1
    [shown] = (await browser.get("/api/callbacks"))["to_follow_up"]
    assert (shown["callback"], shown["last_reason"], shown["number"]) == (callback, "no_answer", "070-••• •• 20")
    who = await browser.get(f"/api/callbacks/{callback}/person")
    assert (who["number"], who["code"]) == ("070-174 06 20", "")
    assert (await browser.ask("GET", f"/api/callbacks/{open_one}/person"))[0] == 403
    assert await read(desk) == [("asa", "callbacks"), ("asa", "follow_up")]
    await browser.post(f"/api/callbacks/{callback}/followed-up", {"note": "Brev skickat."})
    await browser.post(f"/api/callbacks/{callback}/followed-up", {"note": "En gång till."})
    assert (await browser.get("/api/callbacks"))["to_follow_up"] == []


async def test_supervisors_see_what_became_of_promises_and_no_agent(desk: DeskWorld, browser: Browser) -> None:
    await give_up(desk)
    await desk.promised("+46701740621")
    gone = await desk.promised("+46701740622")
    await desk.callbacks.cancel(CallbackId(gone), by="agent:bo")
    desk.world.time.advance(1)
    await browser.log_in("disa")
    shown = await browser.get("/api/callbacks/count?days=2")
    assert (shown["promised"], shown["open"]) == (3, 1)
    assert shown["failed"] == [{"reason": "no_answer", "number": 1}]
    assert shown["cancelled"] == [{"reason": "agent", "number": 1}]
    assert (await browser.ask("GET", "/api/callbacks"))[0] == 403
    async with await desk.browser() as agents:
        await agents.log_in("bo")
        assert (await agents.ask("GET", "/api/callbacks/count"))[0] == 403
