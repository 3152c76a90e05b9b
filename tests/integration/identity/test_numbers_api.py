"""Other systems have a number count as somebody's: with a token, about a person in the body, and never for the protected."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app import http_errors
from app.numbers_api import numbers_routers
from app.wiring import Rooms
from identity.api.numbers import PREFIX
from tests.builders.desk_world import served
from tests.builders.texting import CITIZEN, Writer, handset, texting_rooms
from tests.fakes.clock import HandClock

WRITER, READER = "writer-token-of-this-test-only-0001", "reader-token-of-this-test-only-0002"
TOKENS = f"mina-sidor:numbers:read+numbers:write={WRITER}, board:numbers:read={READER}"
MAJA, PROTECTED, NOBODY = "199107172380", "199710182396", "190001022391"
NUMBER = "070-174 06 05"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def rooms(tmp_path: Path, valkey_url: str, clock: HandClock) -> AsyncIterator[Rooms]:
    async with texting_rooms(tmp_path, valkey_url, clock, api_tokens=SecretStr(TOKENS)) as rooms:
        yield rooms


class MinaSidor:
    """Another system, which knows its citizens."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self._session = url, session

    async def ask(self, what: str, *, token: str = WRITER, **body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.post(f"{self._url}{PREFIX}/{what}", json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None) if answer.status != 204 else None


@pytest.fixture
async def system(rooms: Rooms) -> AsyncIterator[MinaSidor]:
    app = FastAPI()
    http_errors.install(app)
    for router in numbers_routers(rooms):
        app.include_router(router)
    async with served(app) as (url, _), aiohttp.ClientSession() as session:
        yield MinaSidor(url, session)


async def test_from_mina_sidor_to_an_answer_with_its_amount_and_to_the_end(
    rooms: Rooms, system: MinaSidor, clock: HandClock
) -> None:
    status, asked = await system.ask("bind", personnummer=MAJA, number=NUMBER, kinds=["payment", "amount"])
    assert (status, asked["number"], asked["confirmed_at"]) == (202, CITIZEN.e164, None)
    await rooms.dispatcher.settled()
    assert "Någon har bett oss" in (await handset(rooms))[0]
    citizen = Writer(rooms, clock)
    await citizen.writes("1")
    assert "1 250 kr" in await citizen.writes("pengar")
    assert "inte valt att få svar" in await citizen.writes("status")
    assert (await system.ask("allow", personnummer=MAJA, number=NUMBER, kinds=["status"]))[0] == 204
    assert "inget öppet ärende" in await citizen.writes("status")
    status, shown = await system.ask("look", token=READER, personnummer=MAJA)
    assert [(one["number"], one["kinds"]) for one in shown] == [(CITIZEN.e164, ["status"])]
    assert await system.ask("unbind", personnummer=MAJA) == (200, {"ended": 1})
    assert "veta att det är du" in await citizen.writes("status")


@pytest.mark.parametrize(
    ("what", "body", "token", "status"),
    [
        ("bind", {"personnummer": MAJA, "number": NUMBER}, READER, 403),
        ("bind", {"personnummer": MAJA, "number": NUMBER}, "nobody", 401),
        ("bind", {"personnummer": PROTECTED, "number": NUMBER}, WRITER, 422),
        ("bind", {"personnummer": NOBODY, "number": NUMBER}, WRITER, 422),
        ("bind", {"personnummer": "19910717", "number": NUMBER}, WRITER, 422),
        ("bind", {"personnummer": MAJA, "number": "08-123 456"}, WRITER, 422),
        ("bind", {"personnummer": MAJA, "number": "x"}, WRITER, 422),
        ("bind", {"personnummer": MAJA, "number": NUMBER, "kinds": ["all"]}, WRITER, 422),
        ("allow", {"personnummer": MAJA, "number": NUMBER, "kinds": []}, WRITER, 422),
        ("look", {}, READER, 422),
    ],
)
async def test_what_cannot_be_is_refused_and_holds_no_number_back(
    rooms: Rooms, system: MinaSidor, what: str, body: dict[str, Any], token: str, status: int
) -> None:
    told, problem = await system.ask(what, token=token, **body)
    assert told == status, problem
    assert MAJA[2:] not in str(problem)
    assert await handset(rooms) == []


async def test_the_protected_and_who_does_not_exist_are_told_apart_by_nothing(system: MinaSidor) -> None:
    told = [await system.ask("bind", personnummer=whose, number=NUMBER) for whose in (PROTECTED, NOBODY)]
    assert told[0] == told[1]
