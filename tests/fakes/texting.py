"""What the doubles of providers of texts share: each keeps what it is sent, and can lose replies, refuse, be slow."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web

Row = dict[str, Any]
Kind = TypeVar("Kind", bound="Double")


def nothing_goes_wrong() -> str:
    return ""


def nobody_is_told(_row: Row, _address: str) -> None:
    """Tell no receipts."""


class Double:
    """One provider. ``receipts`` are the addresses that each text came with; ``tell`` is called with each."""

    def __init__(self) -> None:
        self.url = ""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.kept: list[Row] = []
        self.receipts: list[str] = []
        self.faults: deque[str] = deque()
        """What goes wrong with the next requests to send, in order: ``lost`` (taken, and no reply), ``500 taken``,
        ``garbled`` (taken), ``slow`` (taken, and answered late), ``dropped`` (not taken, and no reply), or a status that
        it refuses with."""
        self.chance: Callable[[], str] = nothing_goes_wrong
        """What goes wrong when nothing is in the list."""
        self.tell: Callable[[Row, str], None] = nobody_is_told
        self.slow_seconds = 0.5
        self.history_is_down = False
        self.page = 100
        self.asked = 0

    def fault(self) -> str:
        self.asked += 1
        return self.faults.popleft() if self.faults else self.chance()

    async def taken(self, request: web.Request, row: Row, address: str, fault: str) -> web.Response:
        """Keep a text, and answer as the fault has it."""
        if fault == "dropped":
            return self._gone(request)
        self.kept.append(row)
        self.receipts.append(address)
        self.tell(row, address)
        if fault == "lost":
            return self._gone(request)
        if fault == "garbled":
            return web.Response(text="{")
        if fault == "500 taken":
            return web.Response(status=500)
        if fault == "slow":
            await asyncio.sleep(self.slow_seconds)
        return web.json_response(row, status=self.status)

    status = 200

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    @staticmethod
    def _gone(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()


@asynccontextmanager
async def serving(double: Kind) -> AsyncIterator[Kind]:
    """Serve a double on a free port of this machine only."""
    app = web.Application()
    app.add_routes(double.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield double
    finally:
        await runner.cleanup()
