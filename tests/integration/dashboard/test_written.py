"""Those who have written, at the desk: offered, accepted, answered, closed, handed back; beside a call."""

from typing import Any

import pytest

from contacts.model import Outcome
from core.ids import ContactId
from core.phone import PhoneNumber
from sms.adapters.simulator import SimulatedProvider
from storage.audit import audit
from tests.builders.desk_texts import writes
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import agents, until

NUMBER = "+46701740630"


@pytest.fixture
async def bo(desk: DeskWorld, browser: Browser) -> Browser:
    """Bo, who is ready."""
    await browser.log_in("bo")
    await browser.post("/api/softphone")
    await browser.post("/api/agent/state", {"state": "READY"})
    return browser


async def accept(browser: Browser) -> str:
    offer = (await browser.get("/api/desk"))["offer"]
    await browser.post(f"/api/offers/{offer['offer']}/accept", {"token": offer["token"]})
    return str(offer["about"]["contact"])


async def close(browser: Browser, contact: str, code: str = "answered") -> Any:
    return await browser.ask("POST", f"/api/contacts/{contact}/close", {"code": code, "note": "Undrade om datum."})


async def on_handset(desk: DeskWorld) -> list[str]:
    await desk.sms.send_due()
    provider = SimulatedProvider(desk.database, desk.world.time)
    return [one.text for one in await provider.on_handset(PhoneNumber(NUMBER))]


async def test_what_somebody_wrote_is_offered_read_answered_and_closed(desk: DeskWorld, bo: Browser) -> None:
    contact = await writes(desk.world, desk.sms, "Hur ansöker jag om bostadsbidrag?")
    offer = (await bo.get("/api/desk"))["offer"]
    assert (offer["is_written"], offer["is_ring_back"]) == (True, False)
    about = offer["about"]
    assert (about["channel"], about["queue_label"], about["level"]) == ("sms", "Bostad", 0)
    assert about["path"] == ["Bad om en handläggare i sms"]
    thread = await bo.get(f"/api/contacts/{contact}/texts")
    assert [one["text"] for one in thread["texts"]] == ["Hur ansöker jag om bostadsbidrag?"]
    status, _ = await bo.ask("POST", f"/api/contacts/{contact}/texts", {"key": "key-before-1", "text": "Hej"})
    assert status == 403, "who is offered it may read, and writes once it is accepted"
    assert await accept(bo) == contact
    assert not desk.world.phone("bo").ringing
    shown = await bo.get("/api/desk")
    assert (shown["state"], shown["offer"], shown["talk"]) == ("BUSY", None, None)
    (one,) = shown["written"]
    assert (one["about"]["contact"], one["last_is_ours"]) == (contact, False)
    assert (await bo.get(f"/api/contacts/{contact}"))["number"] == "070-174 06 30"
    status, problem = await close(bo, contact)
    assert (status, problem["type"]) == (409, "urn:kundcenter:NotAnsweredError"), "nobody has written anything yet"
    await bo.post(f"/api/contacts/{contact}/texts", {"key": "key-of-answer-1", "text": "Du ansöker på en blankett."})
    assert await on_handset(desk) == ["Du ansöker på en blankett."]
    (one,) = (await bo.get("/api/desk"))["written"]
    assert (one["last_is_ours"], one["last_state"]) == (True, "delivered")
    assert (await close(bo, contact, "no_such_code"))[0] == 422
    assert (await close(bo, contact))[0] == 204
    shown = await bo.get("/api/desk")
    assert (shown["state"], shown["written"]) == ("READY", [])
    row = await desk.world.ledger(contact)
    assert (row.outcome, row.wrap_up_code, row.note) == (Outcome.ANSWERED, "answered", "Undrade om datum.")
    async with desk.database.reading() as tx:
        read = [row.what for row in await tx.execute(audit.select().order_by(audit.c.number))]
    assert read == ["text_thread", "contact_card", "text_written"]


async def test_whoever_is_to_be_rung_instead_has_our_promise(desk: DeskWorld, bo: Browser) -> None:
    contact = await writes(desk.world, desk.sms, "Det här är för långt att skriva om")
    await accept(bo)
    assert (await close(bo, contact, "to_callback"))[0] == 204
    async with desk.database.reading() as tx:
        (promise,) = await desk.callbacks.waiting(tx)
    assert promise.number.e164 == NUMBER


async def test_only_who_has_it_ends_it_and_what_is_handed_back_goes_to_another(desk: DeskWorld, bo: Browser) -> None:
    contact = await writes(desk.world, desk.sms, "Hej", queue="foralder")
    await accept(bo)
    async with await desk.browser() as carin:
        await carin.log_in("carin")
        await carin.post("/api/agent/state", {"state": "READY"})
        assert (await close(carin, contact))[0] == 403
        assert (await carin.ask("GET", f"/api/contacts/{contact}/texts"))[0] == 403
        await bo.post(f"/api/contacts/{contact}/hand-back")
        assert await accept(carin) == contact
        assert (await close(bo, contact))[0] == 403
        assert (await close(carin, contact, "no_reply"))[0] == 204


async def test_what_somebody_has_at_hand_who_logs_off_goes_to_another_at_once(desk: DeskWorld, bo: Browser) -> None:
    contacts = [
        await writes(desk.world, desk.sms, f"Hej {number}", queue="foralder", name=f"w{number}") for number in range(2)
    ]
    assert [await accept(bo), await accept(bo)] == contacts
    await bo.post("/api/agent/state", {"state": "LOGGED_OFF"})
    shown = await bo.get("/api/desk")
    assert (shown["state"], shown["written"]) == ("LOGGED_OFF", [])
    async with await desk.browser() as carin:
        await carin.log_in("carin")
        await carin.post("/api/agent/state", {"state": "READY"})
        assert [await accept(carin), await accept(carin)] == contacts


async def test_a_call_comes_in_between_for_who_allows_it_and_both_are_shown(desk: DeskWorld, bo: Browser) -> None:
    contact = await writes(desk.world, desk.sms, "Hej")
    await accept(bo)
    caller = await desk.world.caller("bostad")
    shown = await bo.get("/api/desk")
    assert (shown["offer"], shown["lets_calls_in"]) == (None, False)
    await bo.post("/api/agent/calls-in", {"yes": True})
    await desk.world.routing.sync_agents(agents())
    shown = await bo.get("/api/desk")
    assert shown["lets_calls_in"], "what an agent has said stands when the files are read again"
    offer = shown["offer"]
    assert (offer["is_written"], offer["about"]["contact"]) == (False, caller.contact)
    await accept(bo)
    await until(lambda: caller.phone.connected_to == "agent-bo")
    shown = await bo.get("/api/desk")
    assert shown["talk"]["about"]["contact"] == caller.contact
    assert [one["about"]["contact"] for one in shown["written"]] == [contact]
    assert shown["written"][0]["about"]["queue_label"] == "Bostad"
    await bo.post(f"/api/contacts/{contact}/texts", {"key": "key-in-talk-1", "text": "Jag svarar strax."})
    assert (await close(bo, ContactId(contact)))[0] == 204
    assert (await bo.get("/api/desk"))["talk"] is not None
