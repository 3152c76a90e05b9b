"""A system sees and replays its own deliveries, and nobody else's."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI

from app import http_errors
from app.api_tokens import ApiDoor, read_tokens
from storage.database import Database
from tests.builders.desk_world import served
from tests.fakes.clock import HandClock
from tests.fakes.receiver import Receiver
from tests.integration.webhooks.conftest import subscribed, webhooks_of
from webhooks.adapters.http import HttpPost
from webhooks.api.deliveries import PREFIX, make_webhooks_router
from webhooks.model import Happening
from webhooks.service import Webhooks

JOURNAL, FORM, READER, OTHER = "j" * 40, "f" * 40, "r" * 40, "o" * 40
TOKENS = (
    f"journal:webhooks:read+webhooks:write={JOURNAL}, form:webhooks:read+webhooks:write={FORM}, "
    f"reader:webhooks:read={READER}, other:texts:read+texts:write={OTHER}"
)


class Front:
    def __init__(self, url: str, session: aiohttp.ClientSession, webhooks: Webhooks) -> None:
        self.url, self.session, self.webhooks = url, session, webhooks

    async def ask(self, method: str, path: str, *, token: str = JOURNAL) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.request(method, f"{self.url}{PREFIX}{path}", headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
async def front(database: Database, clock: HandClock, post: HttpPost, receiver: Receiver) -> AsyncIterator[Front]:
    hook = f"{receiver.url}/hook"
    webhooks = webhooks_of(database, clock, post, subscribed(hook), subscribed(hook, system="form"))
    app = FastAPI(openapi_url=None)
    http_errors.install(app)
    app.include_router(make_webhooks_router(may=ApiDoor(read_tokens(TOKENS)).may, webhooks=webhooks))
    async with served(app) as (url, _), aiohttp.ClientSession() as session:
        yield Front(url, session, webhooks)


async def test_a_system_sees_and_replays_its_own_only(front: Front, receiver: Receiver, clock: HandClock) -> None:
    for number in range(3):
        clock.pass_time(seconds=1)
        happening = Happening(type="text.received", data={"received": f"smr_{number}"}, occurred_at=clock.now())
        await front.webhooks.tell(happening)
    receiver.answers.append("500")
    await front.webhooks.deliver_due("journal")
    _, page = await front.ask("GET", "/deliveries?limit=2")
    _, rest = await front.ask("GET", f"/deliveries?before={page[-1]['delivery']}")
    assert (len(page), len(rest)) == (2, 1)
    assert {one["state"] for one in page + rest} == {"delivered", "waiting"}
    _, theirs = await front.ask("GET", "/deliveries", token=FORM)
    assert {one["state"] for one in theirs} == {"waiting"}
    assert {one["delivery"] for one in theirs}.isdisjoint({one["delivery"] for one in page + rest})
    mine, foreign = page[0]["delivery"], theirs[0]["delivery"]
    assert (await front.ask("GET", f"/deliveries/{mine}"))[1] == page[0]
    status, again = await front.ask("POST", f"/deliveries/{mine}/replay")
    assert (status, again["state"], again["attempts"]) == (202, "waiting", 0)
    for method, path in (
        ("GET", f"/deliveries/{foreign}"),
        ("POST", f"/deliveries/{foreign}/replay"),
        ("GET", f"/deliveries?before={foreign}"),
    ):
        status, problem = await front.ask(method, path)
        assert (status, problem["type"]) == (404, "urn:kundcenter:DeliveryNotFoundError"), path


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("GET", "/deliveries", "guess", 401),
        ("GET", "/deliveries", OTHER, 403),
        ("POST", f"/deliveries/whd_{'a' * 26}/replay", READER, 403),
        ("POST", f"/deliveries/whd_{'a' * 26}/replay", JOURNAL, 404),
        ("GET", "/deliveries/x'--", JOURNAL, 422),
        ("GET", "/deliveries?limit=0", JOURNAL, 422),
        ("GET", "/openapi.json", "", 200),
    ],
)
async def test_each_may_do_what_it_was_given(front: Front, method: str, path: str, token: str, status: int) -> None:
    assert (await front.ask(method, path, token=token))[0] == status
