"""The secret of an agent's telephone works as long as the desk that asked for it lives, and no longer."""

from datetime import timedelta

import pytest

from core.errors import UnavailableError
from core.ids import AgentId
from dashboard.ports import SipAccount
from dashboard.sessions import SessionRules
from dashboard.softphone_leases import WITHOUT_SIGN_OF_LIFE
from dashboard.store import sessions
from tests.builders.desk_world import Browser, DeskWorld

ASA = AgentId("asa")
SECONDS = WITHOUT_SIGN_OF_LIFE.total_seconds()


class Switch:
    """A switch that knows whose secrets work."""

    def __init__(self) -> None:
        self.working: set[str] = set()
        self.revoked = 0
        self.is_away = False

    async def issue(self, agent: AgentId) -> SipAccount | None:
        self.working.add(agent)
        return SipAccount(uri=f"sip:{agent}@127.0.0.1", password="p" * 20, ws_url="ws://127.0.0.1")

    async def revoke(self, agent: AgentId) -> None:
        if self.is_away:
            raise UnavailableError
        self.working.discard(agent)
        self.revoked += 1

    async def answer(self, agent: AgentId) -> None: ...


@pytest.fixture
def switch(desk: DeskWorld) -> Switch:
    switch = Switch()
    desk.softphones._softphones = switch
    return switch


async def test_logging_out_takes_the_secret_back_at_once(browser: Browser, switch: Switch) -> None:
    await browser.log_in("asa")
    assert (await browser.post("/api/softphone"))["password"]
    assert switch.working == {"asa"}
    assert (await browser.ask("DELETE", "/api/session"))[0] == 204
    assert not switch.working


async def test_going_off_duty_takes_it_back_whichever_desk_says_so(
    desk: DeskWorld, browser: Browser, switch: Switch
) -> None:
    await browser.log_in("asa")
    await browser.post("/api/softphone")
    async with await desk.browser() as other:
        await other.log_in("asa")
        await other.post("/api/agent/state", {"state": "LOGGED_OFF"})
    assert not switch.working


async def test_logging_out_elsewhere_leaves_the_telephone_of_another_desk_alone(
    desk: DeskWorld, browser: Browser, switch: Switch
) -> None:
    async with await desk.browser() as forgotten:
        await forgotten.log_in("asa")
        await forgotten.post("/api/softphone")
        await browser.log_in("asa")
        await browser.post("/api/softphone")
        await forgotten.post("/api/agent/alive")
        assert (await forgotten.ask("DELETE", "/api/session"))[0] == 204
    desk.world.time.advance(SECONDS - 1)
    await desk.softphones.take_back()
    assert switch.working == {"asa"}
    assert switch.revoked == 0


async def test_signs_of_life_keep_it_and_a_desk_that_is_gone_loses_it(
    desk: DeskWorld, browser: Browser, switch: Switch
) -> None:
    await browser.log_in("asa")
    await browser.post("/api/softphone")
    for _ in range(3):
        desk.world.time.advance(SECONDS - 1)
        await browser.post("/api/agent/alive")
        await desk.softphones.take_back()
    assert switch.working == {"asa"}
    desk.world.time.advance(SECONDS + 1)
    await desk.softphones.take_back()
    await desk.softphones.take_back()
    assert not switch.working
    assert switch.revoked == 1, "what was taken back is not taken back again"


async def test_a_log_in_that_runs_out_takes_the_secret_with_it_whatever_the_live_store_forgot(
    desk: DeskWorld, browser: Browser, switch: Switch
) -> None:
    await browser.log_in("asa")
    await browser.post("/api/softphone")
    await desk.world.redis.flushall()
    await desk.softphones.take_back()
    assert switch.working == {"asa"}
    desk.world.time.advance((SessionRules().idle + timedelta(minutes=3)).total_seconds())
    await desk.softphones.take_back()
    assert not switch.working
    async with desk.database.reading() as tx:
        assert (await tx.execute(sessions.select())).all() == [], "nobody asks for the same log-in for ever"


async def test_a_switch_that_is_away_keeps_nobody_from_logging_out_and_is_told_later(
    desk: DeskWorld, browser: Browser, switch: Switch
) -> None:
    await browser.log_in("asa")
    await browser.post("/api/softphone")
    switch.is_away = True
    assert (await browser.ask("DELETE", "/api/session"))[0] == 204
    await desk.softphones.take_back()
    switch.is_away = False
    desk.world.time.advance(11)
    await desk.softphones.take_back()
    assert not switch.working
