"""Texts at the desk: the thread of whom an agent talks with, read after it is noted, and an answer by the rules for all."""

from typing import Any

import pytest

from core.ids import PersonId, Subject
from core.phone import PhoneNumber
from sms.adapters.simulator import SimulatedProvider
from sms.model import Purpose
from storage.audit import audit
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import Caller, until

HOSTILE = "<script>alert(1)</script> =1+1 \u202egnir"
KEY = "key-of-this-text-1"


@pytest.fixture
async def caller(desk: DeskWorld, browser: Browser) -> Caller:
    """Somebody who talks with Bo, and has written to us before."""
    await browser.log_in("bo")
    await browser.post("/api/softphone")
    desk.world.phone("bo")
    await browser.post("/api/agent/state", {"state": "READY"})
    caller = await desk.world.caller("bostad")
    await desk.sms.receive(provider="simulator", provider_id="s1", number=number_of(caller).e164, text=HOSTILE)
    offer = (await browser.get("/api/desk"))["offer"]
    await browser.post(f"/api/offers/{offer['offer']}/accept", {"token": offer["token"]})
    await until(lambda: caller.phone.connected_to == "agent-bo")
    return caller


def number_of(caller: Caller) -> PhoneNumber:
    return PhoneNumber(caller.phone.number)


async def read(desk: DeskWorld) -> list[str]:
    async with desk.database.reading() as tx:
        return [row.what for row in await tx.execute(audit.select().order_by(audit.c.number))]


async def on_handset(desk: DeskWorld, caller: Caller) -> list[str]:
    await desk.sms.send_due()
    provider = SimulatedProvider(desk.database, desk.world.time)
    return [one.text for one in await provider.on_handset(number_of(caller))]


def address(caller: Caller) -> str:
    return f"/api/contacts/{caller.contact}/texts"


async def test_the_thread_is_shown_once_it_is_noted_and_an_answer_goes_once(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    thread = await browser.get(address(caller))
    assert [(one["is_ours"], one["text"]) for one in thread["texts"]] == [
        (False, "<script>alert(1)</script> =1+1 gnir")
    ]
    assert (thread["refused"], await read(desk)) == ("", ["text_thread"])
    template = thread["templates"][0]["text"]
    assert "0771-524 524" in template
    for _ in range(2):
        await browser.post(address(caller), {"key": KEY, "text": template})
    assert await on_handset(desk, caller) == [template]
    assert (await browser.get(address(caller)))["texts"][-1]["state"] == "delivered"
    assert await read(desk) == ["text_thread", "text_written", "text_written", "text_thread"]


async def test_what_was_told_of_somebodys_matters_is_shown_only_once_they_have_shown_who_they_are(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    async with desk.database.transaction() as tx:
        await desk.sms.intend(
            tx, purpose=Purpose.NOTICE, subject="evt", name="notice_decision", number=number_of(caller),
            values={"benefit": "barnbidrag"},
        )  # fmt: skip
    hidden = (await browser.get(address(caller)))["texts"][-1]
    assert (hidden["is_hidden"], hidden["text"]) == (True, "")
    await desk.identified(caller)
    shown = (await browser.get(address(caller)))["texts"][-1]
    assert not shown["is_hidden"]
    assert "barnbidrag" in shown["text"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (" ", "empty"),
        ("Se www.example.org", "link"),
        ("Läs på forsakringskassan.se", "link"),
        ("Ditt nummer är 19900602-2397", "number"),
        ("Ring 070-174 06 05", "number"),
        ("Hej 🙂", "character"),
        ("hej " * 200, "too_long"),
    ],
)
async def test_the_rules_for_what_we_write_hold_for_agents_too(
    desk: DeskWorld, browser: Browser, caller: Caller, text: str, word: str
) -> None:
    status, problem = await browser.ask("POST", address(caller), {"key": KEY, "text": text})
    assert (status, problem["detail"].split()[-1]) == (422, word)
    assert await on_handset(desk, caller) == []


async def test_nothing_is_written_to_who_wants_none_or_is_protected(
    desk: DeskWorld, browser: Browser, caller: Caller
) -> None:
    await desk.sms.receive(provider="simulator", provider_id="s2", number=number_of(caller).e164, text="STOPP")
    await refuses(browser, caller, "opted_out")
    await desk.sms.receive(provider="simulator", provider_id="s3", number=number_of(caller).e164, text="START")
    async with desk.database.transaction() as tx:
        await desk.world.contacts.identified(
            tx, caller.contact, person=PersonId("per_8"), subject=Subject("demo-08"), level=2
        )
    await refuses(browser, caller, "protected")
    assert await on_handset(desk, caller) == []


async def refuses(browser: Browser, caller: Caller, why: str) -> None:
    assert (await browser.get(address(caller)))["refused"] == why
    status, problem = await browser.ask("POST", address(caller), {"key": KEY, "text": "Hej"})
    assert (status, problem["detail"].split()[-1]) == (422, why)


async def test_only_who_talks_with_somebody_reads_or_writes(desk: DeskWorld, browser: Browser, caller: Caller) -> None:
    async with await desk.browser() as another:
        await another.log_in("asa")
        body: Any = {"key": KEY, "text": "Hej"}
        assert (await another.ask("GET", address(caller)))[0] == 403
        assert (await another.ask("POST", address(caller), body))[0] == 403
    assert await read(desk) == []
