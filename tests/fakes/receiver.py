"""Another system of the agency that is told by webhooks: it believes what the standard's own library believes."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import time_machine
from aiohttp import web
from standardwebhooks import Webhook

SECRET, OLDER = "whsec_" + "bmV3" * 8, "whsec_" + "b2xk" * 8


class Receiver:
    """``answers`` are what it does with the next requests: a status, ``slow``, ``lost`` (kept, and no reply), ``redirect``,
    ``endless`` (200, and words without end)."""

    def __init__(self) -> None:
        self.url = ""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.knows = SECRET
        self.answers: deque[str] = deque()
        self.chance: Callable[[], str] = lambda: "200"
        self.told: list[tuple[str, dict[str, Any]]] = []
        """What was signed right: the webhook-id and what was said, each time that it came."""
        self.led_astray = 0
        self.says = "tack"
        self.retry_after = ""

    @property
    def ids(self) -> list[str]:
        return [name for name, _ in self.told]

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/hook", self.take), web.post("/elsewhere", self.elsewhere)]

    async def elsewhere(self, _request: web.Request) -> web.Response:
        self.led_astray += 1
        return web.Response()

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        with time_machine.travel(self.now(), tick=False):  # nothing but the check happens in here
            said = Webhook(self.knows).verify(body, dict(request.headers))
        self.told.append((request.headers["webhook-id"], said))
        answer = self.answers.popleft() if self.answers else self.chance()
        if answer == "redirect":
            return web.Response(status=307, headers={"Location": "/elsewhere"})
        if answer == "lost":
            assert request.transport is not None
            request.transport.close()
        if answer == "slow":
            while request.transport is not None and not request.transport.is_closing():
                await asyncio.sleep(0.02)  # until nobody waits for it any more
        if answer == "endless":
            return await self._endless(request)
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return web.Response(status=int(answer) if answer.isdigit() else 200, text=self.says, headers=headers)

    @staticmethod
    async def _endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 100)
            await asyncio.sleep(0.05)
