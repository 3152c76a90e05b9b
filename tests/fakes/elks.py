"""A provider like 46elks on a local port, which can lose replies after accepting, be busy, and keep what it was sent."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import encode_basic_auth, web

USERNAME, PASSWORD = "u0123456789abcdef", "not-a-real-password"


class Elks:
    def __init__(self) -> None:
        self.url = ""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.kept: list[dict[str, Any]] = []
        self.receipts: list[str] = []
        self.faults: deque[str] = deque()
        """What goes wrong with the next requests to send, in order: ``lost`` (taken, and no reply), ``500 taken``,
        ``garbled`` (taken), or a status that it refuses with."""
        self.history_is_down = False
        self.page = 100
        self.asked = 0

    async def send(self, request: web.Request) -> web.Response:
        self.asked += 1
        if request.headers.get("authorization") != encode_basic_auth(USERNAME, PASSWORD):
            return web.Response(status=401, text="API access requires Basic HTTP authentication")
        form, fault = await request.post(), self.faults.popleft() if self.faults else ""
        if fault.isdigit():
            return web.Response(status=int(fault), text="no")
        row = {
            "id": f"s{len(self.kept):032x}", "direction": "outgoing", "from": form["from"], "to": form["to"],
            "message": form["message"], "status": "created", "cost": 3500, "parts": 1,
            "created": self.now().replace(tzinfo=None).isoformat(),
        }  # fmt: skip
        self.kept.append(row)
        self.receipts.append(str(form.get("whendelivered", "")))
        if fault == "lost":
            assert request.transport is not None
            request.transport.close()
        if fault == "garbled":
            return web.Response(text="{")
        if fault == "500 taken":
            return web.Response(status=500)
        return web.json_response(row)

    async def history(self, request: web.Request) -> web.Response:
        if self.history_is_down:
            return web.Response(status=503)
        before, after = request.query.get("start", "9"), request.query["end"]
        found = [
            row for row in reversed(self.kept) if row["to"] == request.query["to"] and after <= row["created"] < before
        ]
        answer = {"data": found[: self.page]}
        if len(found) > self.page:
            answer["next"] = found[self.page - 1]["created"]
        return web.json_response(answer)


@asynccontextmanager
async def serving() -> AsyncIterator[Elks]:
    elks = Elks()
    app = web.Application()
    app.add_routes([web.post("/a1/sms", elks.send), web.get("/a1/sms", elks.history)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    elks.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield elks
    await runner.cleanup()
