"""The live feed: the desk is told what happens, and the agent is there only while the page answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from dashboard.api import desk as desk_api
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import ASA, BO


class Heard:
    """Events as they come from the server."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self, event: str, *, seconds: float = 5) -> Any:
        """The next event of this name; others are passed by."""
        async with asyncio.timeout(seconds):
            while True:
                lines: dict[str, str] = {}
                while (line := (await self._answer.content.readline()).decode().rstrip("\n")) or not lines:
                    if not line and self._answer.content.at_eof():
                        raise EOFError
                    name, _, value = line.partition(": ")
                    lines[name] = value
                if lines.get("event") == event:
                    return json.loads(lines["data"])

    async def desk(self, state: str) -> Any:
        """The desk once it shows this state."""
        while (shown := await self.next("desk"))["state"] != state:
            pass
        return shown


@asynccontextmanager
async def listening(browser: Browser, path: str = "/api/feed") -> AsyncIterator[Heard]:
    headers = {"Accept": "text/event-stream"}
    async with browser.session.get(browser.url + path, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        yield Heard(answer)


async def test_an_offer_reaches_the_desk_at_once_and_whole(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    await browser.post("/api/softphone")
    async with listening(browser) as heard:
        assert (await heard.desk("LOGGED_OFF"))["offer"] is None
        await browser.post("/api/agent/state", {"state": "READY"})
        await heard.desk("READY")
        caller = await desk.world.caller("sjuk")
        shown = await heard.desk("RESERVED")
    assert shown["offer"]["about"]["contact"] == caller.contact


async def test_what_happens_to_the_line_is_gathered_and_told(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    async with listening(browser) as heard:
        await heard.desk("LOGGED_OFF")
        for _ in range(5):
            await desk.world.caller("foralder")
        shown = await heard.next("desk")
    [queue] = [queue for queue in shown["queues"] if queue["queue"] == "foralder"]
    assert queue["waiting"] >= 1


async def test_one_who_comes_back_gets_the_whole_desk_again(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    for _ in range(3):
        async with listening(browser) as heard:
            await heard.next("desk")


async def test_a_page_that_answers_keeps_its_agent_and_one_that_does_not_loses_it(
    desk: DeskWorld, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_api, "PING_SECONDS", 0.05)
    await browser.log_in("asa")
    await browser.post("/api/softphone")
    async with listening(browser) as heard:
        await browser.post("/api/agent/state", {"state": "READY"})
        await heard.desk("READY")
        for _ in range(5):
            await heard.next("ping")
            await browser.post("/api/agent/alive")
            desk.world.time.advance(9)
            await desk.world.routing.run_due()
        assert (await desk.world.desk(ASA)).state == "READY"
        for _ in range(3):
            await heard.next("ping")  # the connection stands, but nobody is there to answer
        desk.world.time.advance(11)
        await desk.world.routing.run_due()
        shown = await heard.desk("NOT_READY")
    assert shown["reason"] == "browser_gone"


async def test_a_desk_that_is_opened_anew_closes_the_old_one(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    async with await desk.browser() as other, listening(browser) as old:
        await old.next("desk")
        await other.log_in("asa")
        async with listening(other) as new:
            await new.next("desk")
            await old.next("replaced")
            with pytest.raises(EOFError):
                await old.next("desk")


async def test_one_agent_never_sees_the_desk_of_another(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    async with listening(browser) as heard:
        await heard.next("desk")
        await desk.world.ready(BO)
        caller = await desk.world.caller("foralder")
        await desk.world.caller("sjuk")
        shown = await heard.next("desk")
    assert caller.contact not in json.dumps(shown)


async def test_the_feed_needs_a_log_in(desk: DeskWorld, browser: Browser) -> None:
    assert (await browser.ask("GET", "/api/feed"))[0] == 401


async def test_the_feed_ends_cleanly_when_the_browser_goes(desk: DeskWorld, browser: Browser) -> None:
    await browser.log_in("asa")
    async with listening(browser) as heard:
        await heard.next("desk")
        assert desk.feed.listeners == 1
    async with asyncio.timeout(5):
        while desk.feed.listeners:
            await asyncio.sleep(0.01)
