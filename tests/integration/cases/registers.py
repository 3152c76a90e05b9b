"""The two registers over the same persons: the embedded one, and the agency's over real HTTP on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from cases.adapters.register import EmbeddedRegister
from cases.configuration import load_demo_persons
from core.ids import Subject

ROOT = Path(__file__).parents[3]
PERSONS = load_demo_persons((ROOT / "config/demo/persons.yaml").read_text("utf-8"))
TOKEN = "a token for this test"
TODAY = date(2026, 11, 16)

Spoil = Callable[[web.Request, Any], Awaitable[web.StreamResponse | None]]


def embedded() -> EmbeddedRegister:
    return EmbeddedRegister(persons=PERSONS, today=lambda: TODAY)


class Agency:
    """The agency's side of the contract in ``cases/README.md``. ``spoil`` may answer in its place."""

    def __init__(self) -> None:
        self.register = embedded()
        self.asked: list[str] = []
        self.spoil: Spoil | None = None

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/agency/v1/locate", self.locate)
        app.router.add_get("/agency/v1/subjects/{subject}/{what}", self.about)
        return app

    async def locate(self, request: web.Request) -> web.StreamResponse:
        number = (await request.json())["personnummer"]
        subject = await self.register.locate(number)
        return await self._answer(request, {"personnummer": number, "subject": subject} if subject else None)

    async def about(self, request: web.Request) -> web.StreamResponse:
        subject, what = Subject(request.match_info["subject"]), request.match_info["what"]
        if what == "person":
            content = asdict(await self.register.person(subject))
        elif what == "payments":
            content = {"payments": [asdict(row) for row in await self.register.payments(subject)]}
        else:
            content = {"matters": [asdict(row) for row in await self.register.matters(subject)]}
        return await self._answer(request, {"subject": subject, **content})

    async def _answer(self, request: web.Request, content: Any) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        spoilt = await self.spoil(request, content) if self.spoil else None
        if spoilt is not None:
            return spoilt
        return web.Response(status=404) if content is None else web.json_response(content, dumps=_dumps)


def _dumps(content: Any) -> str:
    import json

    return json.dumps(content, default=str)


@asynccontextmanager
async def served(agency: Agency) -> AsyncIterator[str]:
    """Serve on a free loopback port and give the address."""
    runner = web.AppRunner(agency.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/agency/"
    finally:
        await asyncio.wait_for(runner.cleanup(), 5)
