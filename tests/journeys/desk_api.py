"""The desk's API as a page uses it, for agents without a browser."""

import asyncio
import json
from typing import Any

import aiohttp
import structlog

from tests.running import PASSWORD

_OPENED_AGAIN_SECONDS = 0.5

log = structlog.get_logger()


class DeskApi:
    """One log-in at the desk's API, whose live feed is read and answered as the page does."""

    def __init__(self, url: str, *, without_sound: bool = False) -> None:
        self.desk: dict[str, Any] = {}
        self._url = url
        self._without_sound = without_sound
        self._put_through_for = ""
        self._csrf = "before-log-in"
        # A connection that is kept may be closed by the server in the moment that we use it again, and a POST is lost then.
        connector = aiohttp.TCPConnector(force_close=True)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._feed: asyncio.Task[None] | None = None

    async def log_in(self, name: str) -> None:
        await self.post("/api/session", {"name": name, "password": PASSWORD})
        self._csrf = (await self.get("/api/me"))["csrf"]

    def follow(self) -> None:
        self._feed = asyncio.create_task(self._read())

    async def follow_again(self) -> None:
        if self._feed is not None:
            self._feed.cancel()
            await asyncio.gather(self._feed, return_exceptions=True)
        self.desk = {}
        self.follow()

    async def get(self, path: str) -> Any:
        async with self._session.get(self._url + path) as answer:
            assert answer.status == 200, (path, answer.status, await answer.text())
            return await answer.json()

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        async with self._session.post(self._url + path, json=body or {}, headers={"X-KC-CSRF": self._csrf}) as answer:
            assert answer.status < 300, (path, answer.status, await answer.text())
            return await answer.json() if answer.content_type == "application/json" else None

    async def close(self) -> None:
        if self._feed is not None:
            self._feed.cancel()
            await asyncio.gather(self._feed, return_exceptions=True)
        await self._session.close()

    async def _read(self) -> None:
        """Follow the feed, and open it again when it breaks off, as a page does by itself."""
        while True:
            try:
                await self._read_once()
            except (aiohttp.ClientError, ConnectionError, AssertionError) as error:
                log.warning("the page of a desk lost its feed", error=repr(error))  # a story that fails shows it
            await asyncio.sleep(_OPENED_AGAIN_SECONDS)

    async def _read_once(self) -> None:
        wanted = {"Accept": "text/event-stream"}
        kind = ""
        async with self._session.get(
            f"{self._url}/api/feed", headers=wanted, timeout=aiohttp.ClientTimeout(total=None)
        ) as feed:
            async for line in feed.content:
                text = line.decode().strip()
                if text.startswith("event:"):
                    kind = text[6:].strip()
                elif text.startswith("data:") and kind == "desk":
                    self.desk = json.loads(text[5:])
                    await self._put_through()
                elif text.startswith("data:") and kind == "ping":
                    await self.post("/api/agent/alive")

    async def _put_through(self) -> None:
        """Take whoever was rung first and has pressed the key, as the page does without being asked; with sound its telephone does."""
        offer = self.desk.get("offer")
        is_on_the_line = self._without_sound and offer and (offer.get("ring_back") or {}).get("is_on_the_line")
        if is_on_the_line and offer["offer"] != self._put_through_for:
            await self.post(f"/api/offers/{offer['offer']}/accept", {"token": offer["token"]})
            self._put_through_for = offer["offer"]
