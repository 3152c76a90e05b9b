"""Telephones that we did not make, and names and numbers that are meant to do harm, over real SIP."""

from pathlib import Path

import pytest

from tests.fakes.sip_phone import SipPhone
from tests.fixtures_running import real_switch_only
from tests.journeys.agents import BrowserAgent
from tests.journeys.callers import SipCaller
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import NATIONAL, eventually
from tests.sipp.sipp import run_sipp

MAJA, MAJAS_CODE = "199107172380", "274913"
HOSTILE_NAMES = [
    "<img src=x onerror=\"document.title='owned'\">",
    "${SHELL(touch owned)} ${CALLERID(all)}",
    "'; DROP TABLE contacts; --",
    "\u202eÅsa\u0000\u0007 %s %n {{7*7}}",
]
HOSTILE_NUMBERS = [
    "0771524524%0d%0aAction:%20Originate",
    "${SHELL(touch${IFS}owned)}",
    "../../etc/passwd",
    "9" * 200,
]


@real_switch_only
async def test_a_plain_sip_telephone_hears_when_the_money_comes(world: World, tmp_path: Path) -> None:
    keys = {"choice.pcap": "1", "number.pcap": MAJA, "code.pcap": MAJAS_CODE}
    world.uses(MAJA, MAJAS_CODE)
    run = await run_sipp(
        "payment_date.xml", folder=tmp_path, at=("127.0.0.1", world.system.sip_port), called=NATIONAL, keys=keys,
        words={"caller": "0701740650", "display_name": "Maja"}, within=60,
    )  # fmt: skip
    assert run.status == 0, run.said
    assert run.sound_packets > 250, (run.sound_packets, run.said)  # five seconds that are not silence
    found = "SELECT * FROM contacts WHERE caller = '0701740650' AND outcome IS NOT NULL"
    rows = await eventually(lambda: world.system.rows(found), within=5, what="the call is in the books")
    assert [(row["outcome"], row["level"], row["display_name"]) for row in rows] == [("self_served", 2, "Maja")]
    assert rows[0]["answers"] == '["payment"]'


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=["markup", "dialplan", "sql", "control"])
@real_switch_only
async def test_a_hostile_name_is_served_and_shown_as_text(world: World, name: str) -> None:
    caller, asa = world.caller(), await world.agent("asa")
    assert isinstance(asa, BrowserAgent)
    assert isinstance(caller, SipCaller)
    caller.display_name = name.replace("\0", "")
    await asks_for(caller, "2")
    await asa.sees_offer()
    await asa.accept()
    await caller.is_connected()
    await asa.talks()
    page = asa.page
    assert page
    shown = await page.locator("[data-test=talk] ~ *, .kc-desk__pair").first.inner_text()
    start = "".join(letter for letter in name if letter.isprintable())[:12]
    assert start.strip() in shown, shown
    assert await page.locator("img[src=x]").count() == 0
    assert "owned" not in await page.title()
    await asa.hang_up()
    await asa.wrap_up("finished")
    assert await caller.outcome() == "answered"
    assert not list(world.system.state.rglob("owned"))


@real_switch_only
async def test_hostile_numbers_lead_nowhere_and_the_next_caller_is_served(world: World) -> None:
    switch, caller = ("127.0.0.1", world.system.sip_port), world.caller()
    async with await SipPhone.open() as phone:
        # Asterisk does not even answer to an address that is none; the next caller shows that it has passed them by.
        lines = [await phone.call(number, at=switch, caller="0701740651") for number in HOSTILE_NUMBERS]
        await caller.call()
        await caller.hears("Välkommen till Försäkringskassan.")
        assert [line.status for line in lines if line.up.is_set() or 0 < line.status < 400] == []
        assert world.system.rows("SELECT 1 FROM contacts WHERE caller = '0701740651'") == []
        line = await phone.call(f"{NATIONAL};npdi;DROP=TABLE", at=switch, caller="0701740651")
        await line.answered(within=10)  # what networks write after a semicolon is no part of the number
        await line.hang_up()
    called = "SELECT called FROM contacts WHERE caller = '0701740651'"
    assert [row["called"] for row in world.system.rows(called)] == [NATIONAL]
    assert not list(world.system.state.rglob("owned"))
    await caller.hang_up()
    await caller.outcome()
