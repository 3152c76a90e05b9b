"""Other systems find times, hold and book meetings, move and cancel them, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from app import http_errors
from app.api_tokens import ApiDoor, read_tokens
from core.ids import ContactId, PersonId
from meetings.api.systems import PREFIX, make_systems_router
from meetings.service import Meetings
from storage.database import Database
from storage.limits import IdempotencyKeys
from tests.builders.desk_world import served
from tests.integration.meetings.books import all_of, faults

WRITER, READER = "writer-token-of-this-test-only-0001", "reader-token-of-this-test-only-0002"
TOKENS = f"form:meetings:read+meetings:write={WRITER}, board:meetings:read={READER}"
WANTED = {"type": "kundmote", "handler": "lena", "asked_by": "citizen", "contact": "con_1"}


class Front:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self._session = url, session

    async def ask(
        self, method: str, path: str = "", body: Any = None, *, token: str = WRITER, **headers: str
    ) -> tuple[int, Any, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {token}"} | named
        async with self._session.request(method, f"{self._url}{PREFIX}{path}", json=body, headers=sent) as answer:
            return answer.status, await answer.json(content_type=None), answer.headers.get("ETag", "")

    async def times(self, **more: Any) -> list[dict[str, Any]]:
        status, found, _ = await self.ask("POST", "/times", WANTED | more)
        assert status == 200, found
        return found

    async def book(self, at: dict[str, Any], key: str = "k", **more: Any) -> tuple[int, Any, str]:
        chosen = {name: at[name] for name in ("starts_at", "office", "mode")}
        return await self.ask("POST", "", WANTED | more | {"at": chosen}, Idempotency_Key=key)


@pytest.fixture
async def front(meetings: Meetings, redis: Redis) -> AsyncIterator[Front]:
    async def who_is(contact: ContactId) -> tuple[PersonId | None, bool]:
        return PersonId(f"per_of_{contact}"), contact == "con_protected"

    app = FastAPI(openapi_url=None)
    http_errors.install(app)
    may, keys = ApiDoor(read_tokens(TOKENS)).may, IdempotencyKeys(redis)
    app.include_router(make_systems_router(may=may, meetings=meetings, keys=keys, who_is=who_is))
    async with served(app) as (url, _), aiohttp.ClientSession() as session:
        yield Front(url, session)


async def test_a_time_is_found_held_confirmed_moved_and_cancelled(front: Front, database: Database) -> None:
    first, _, later, *_ = await front.times(postcode="971 23")
    status, held, _ = await front.book(first, hold=True)
    assert (status, held["state"], held["handlers"]) == (201, "held", ["lena"])
    path = f"/{held['meeting']}"
    status, booked, seen = await front.ask("POST", f"{path}/confirm")
    assert (status, booked["state"], seen) == (200, "booked", f'"{booked["version"]}"')
    assert (await front.ask("GET", path, token=READER))[1:] == (booked, seen)
    to = {name: later[name] for name in ("starts_at", "office", "mode")}
    status, moved, now = await front.ask("POST", f"{path}/move", to, If_Match=seen)
    assert (status, moved["starts_at"], moved["moves"]) == (200, later["starts_at"], 1)
    status, problem, _ = await front.ask("DELETE", path, If_Match=seen)
    assert (status, problem["type"]) == (412, "urn:kundcenter:MeetingChangedError")
    status, over, _ = await front.ask("DELETE", path, If_Match=now)
    assert (status, over["state"]) == (200, "cancelled") and await faults(database) == []


async def test_ten_at_once_with_one_key_book_one_meeting_and_others_hear_what_is_free(
    front: Front, database: Database, redis: Redis
) -> None:
    first = (await front.times())[0]
    answers = await asyncio.gather(*(front.book(first) for _ in range(10)))
    assert {status for status, _, _ in answers} == {201} and len({str(body) for _, body, _ in answers}) == 1
    assert len(await all_of(database)) == 1
    status, problem, _ = await front.book(first, contact="con_2")
    assert (status, problem["type"]) == (422, "urn:kundcenter:OtherContentError")
    await redis.flushall()
    assert (await front.book(first))[1] == answers[0][1]
    status, problem, _ = await front.book(first, "other", contact="con_2")
    assert status == 409 and len(problem["alternatives"]) == 3
    assert (await front.book(problem["alternatives"][0], "third", contact="con_2"))[0] == 201


async def test_rules_scopes_and_shapes_are_refused_as_problems(front: Front) -> None:
    first = (await front.times())[0]
    status, problem, _ = await front.ask("POST", "/times", {"type": "kontaktmote", "about_decision": True, "given": ["consent"],
                                                           "asked_by": "agent"})  # fmt: skip
    assert status == 422 and problem["detail"].endswith("about_a_decision; book kundmote instead")
    assert (await front.ask("POST", "/times", {"type": "fika"}))[0] == 422
    assert (await front.ask("GET", "/mtg_nothing"))[0] == 404
    assert (await front.ask("POST", "", WANTED | {"at": first}, token=READER, Idempotency_Key="k"))[0] == 403
    status, problem, _ = await front.ask("POST", "", WANTED)
    assert status == 422 and {one["field"] for one in problem["fields"]} >= {"body.at", "header.Idempotency-Key"}
    assert (await front.ask("POST", "/times", WANTED | {"type": "'; DROP TABLE meetings; --"}))[0] == 422


async def test_where_a_protected_person_is_met_is_told_to_no_system(front: Front) -> None:
    wanted = {"contact": "con_protected", "handler": ""}
    at = (await front.times(**wanted))[0]
    status, booked, _ = await front.book(at, **wanted)
    assert (status, booked["office"], booked["handlers"], booked["room"]) == (201, "", [], "")
    assert (await front.ask("GET", f"/{booked['meeting']}"))[1] == booked
