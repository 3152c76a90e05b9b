"""Other systems have texts sent and read what became of them, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from app import http_errors
from app.api_tokens import ApiDoor, read_tokens
from sms.api.systems import PREFIX, make_texts_router
from sms.service import Sms
from storage.limits import IdempotencyKeys
from tests.builders.desk_world import served
from tests.fakes.clock import HandClock
from tests.fakes.elks import Elks

WRITER, READER, OTHER = "writer-token-of-this-test-only-0001", "reader-token-of-this-test-only-0002", "c" * 40
TOKENS = f"form:texts:read+texts:write={WRITER}, board:texts:read={READER}, calls:callbacks:read={OTHER}"
NUMBER = "+46701740605"


@dataclass
class Front:
    url: str
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str = "", body: Any = None, *, token: str = WRITER, key: str = ""
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        async with self.session.request(method, f"{self.url}{PREFIX}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def send(self, key: str = "key-1", **wish: Any) -> tuple[int, Any]:
        usual = {"number": "070-174 06 05", "purpose": "answer", "template": "help"}
        return await self.ask("POST", "", usual | wish, key=key)


@pytest.fixture
async def front(sms: Sms, redis: Redis, clock: HandClock) -> AsyncIterator[Front]:
    app = FastAPI(openapi_url=None)
    http_errors.install(app)
    may = ApiDoor(read_tokens(TOKENS)).may
    app.include_router(make_texts_router(may=may, sms=sms, keys=IdempotencyKeys(redis), clock=clock))
    async with served(app) as (url, _), aiohttp.ClientSession() as session:
        yield Front(url, session)


async def test_a_text_is_sent_once_however_often_it_is_asked_for(front: Front, sms: Sms, elks: Elks) -> None:
    answers = await asyncio.gather(*(front.send("same") for _ in range(10)))
    assert {status for status, _ in answers} == {202}
    (message,) = {body["message"] for _, body in answers}
    await sms.send_due()
    status, shown = await front.ask("GET", f"/{message}", token=READER)
    assert (status, shown["state"], shown["number_ends_with"], shown["provider"]) == (200, "accepted", "05", "46elks")
    assert NUMBER[3:] not in str(answers) + str(shown)
    assert len(elks.kept) == 1


async def test_the_same_key_for_another_text_is_refused_and_no_key_too(front: Front) -> None:
    await front.send("k")
    status, problem = await front.send("k", template="stopped")
    assert (status, problem["type"]) == (422, "urn:kundcenter:OtherContentError")
    assert (await front.ask("POST", "", {"number": NUMBER}))[0] == 422


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"template": "no_such"}, 422),
        ({"template": "place_kept"}, 422),  # needs a time that only we know
        ({"number": "112"}, 422),
        ({"number": "<script>"}, 422),
        ({"number": "0771-524 524"}, 409),  # no mobile number
        ({"purpose": "advertising"}, 422),
        ({"text": "Klicka här"}, 422),  # nobody sends words of their own
    ],
)
async def test_what_cannot_be_sent_is_refused_with_the_reason(
    front: Front, sms: Sms, wish: dict[str, str], status: int
) -> None:
    answered, problem = await front.send(**wish)
    assert answered == status
    assert problem["title"]
    assert await sms.send_due() == 0


async def test_whoever_wants_no_texts_gets_none_by_other_systems_either(front: Front, sms: Sms) -> None:
    await sms.receive(provider="46elks", provider_id="s1", number=NUMBER, text="STOPP")
    status, problem = await front.send()
    assert (status, "opted_out" in problem["detail"]) == (409, True)


async def test_a_thread_is_read_by_any_text_of_it_and_shows_no_number(front: Front, sms: Sms, clock: HandClock) -> None:
    _, made = await front.send()
    clock.pass_time(seconds=5)
    await sms.receive(provider="46elks", provider_id="s1", number=NUMBER, text="Ring <b>mig</b>")
    await sms.receive(provider="46elks", provider_id="s2", number="+46701740606", text="hej")
    _, threads = await front.ask("GET", "/threads", token=READER)
    assert sorted((one["number_ends_with"], one["texts"]) for one in threads) == [("05", 2), ("06", 1)]
    last = next(one["last"] for one in threads if one["number_ends_with"] == "05")
    for by in (last, made["message"]):
        _, lines = await front.ask("GET", f"/{by}/thread", token=READER)
        assert [(one["ours"], one["text"][:4]) for one in lines] == [(True, "Svar"), (False, "Ring")]
    assert NUMBER[3:] not in str(threads) + str(lines)
    assert (await front.ask("GET", "/sms_nothing/thread"))[0] == (await front.ask("GET", "/sms_nothing"))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("POST", "", READER, 403),
        ("POST", "", OTHER, 403),
        ("GET", "/threads", OTHER, 403),
        ("GET", "/sms_1", OTHER, 403),
        ("GET", "/sms_1/thread", OTHER, 403),
        ("POST", "", "guess", 401),
        ("GET", "/threads", "guess", 401),
    ],
)
async def test_each_system_may_do_what_it_was_given(
    front: Front, method: str, path: str, token: str, status: int
) -> None:
    assert (await front.ask(method, path, {}, token=token, key="k"))[0] == status


async def test_the_description_is_one_that_tools_can_read(front: Front) -> None:
    status, said = await front.ask("GET", "/openapi.json")
    assert status == 200
    assert set(said["paths"]) == {PREFIX, f"{PREFIX}/threads", f"{PREFIX}/{{message}}", f"{PREFIX}/{{message}}/thread"}
