"""The API for other systems and the citizen's page, at an address of their own over real stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from fastapi import FastAPI
from redis.asyncio import Redis

from app import http_errors
from app.api_tokens import ApiDoor, read_tokens
from callbacks.api.page import PAGE, make_page_router
from callbacks.api.pages import Pages, Says
from callbacks.api.systems import PREFIX, make_systems_router
from callbacks.service import Callbacks
from citizen_pages.links import Links
from core.clock import Clock
from dashboard.api.headers import SecurityHeaders
from dashboard.api.pages import make_pages
from storage.limits import IdempotencyKeys, RateLimit
from tests.builders.desk_world import ROOT, served

WRITER, READER = "writer-token-of-this-test-only-0001", "reader-token-of-this-test-only-0002"
TOKENS = f"form:callbacks:read+callbacks:write={WRITER}, board:callbacks:read={READER}"
KEY = "a signing key of this test only, long enough"
QUEUES = ("foralder", "sjuk")


@dataclass
class Front:
    """What stands before the promises, and how other systems ask it."""

    url: str
    links: Links
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str = "", body: Any = None, *, token: str = WRITER, key: str = ""
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        async with self.session.request(method, f"{self.url}{PREFIX}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def create(self, key: str = "key-1", **wish: Any) -> tuple[int, Any]:
        return await self.ask("POST", "", {"number": "070-174 06 05", "queue": "foralder"} | wish, key=key)

    async def page(self, link: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        method = "POST" if form is not None else "GET"
        async with self.session.request(method, self.here(link), data=form) as answer:
            return answer.status, await answer.text()

    def here(self, link: str) -> str:
        return link if link.startswith("http") else self.url + link


@asynccontextmanager
async def front_of(callbacks: Callbacks, redis: Redis, clock: Clock, *, most: int = 500) -> AsyncIterator[Front]:
    app = FastAPI(openapi_url=None)
    http_errors.install(app)
    app.add_middleware(SecurityHeaders)
    links = Links(about="callback", page=PAGE, signing_key=KEY, base_url="")
    says = Says(number="0771-524 524", most_attempts=lambda: 3, minutes_between=lambda: 30)
    app.include_router(
        make_systems_router(
            may=ApiDoor(read_tokens(TOKENS)).may,
            callbacks=callbacks,
            keys=IdempotencyKeys(redis),
            links=links,
            queues=lambda: QUEUES,
        )
    )
    app.include_router(
        make_page_router(
            callbacks=callbacks,
            links=links,
            pages=Pages(links=links, clock=clock, says=says),
            limit=RateLimit(redis, name="test_page", most=most),
            clock=clock,
        )
    )
    app.include_router(make_pages(ROOT / "dashboard" / "web" / "dist"))
    async with served(app) as (url, _), aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Front(url, links, session)
