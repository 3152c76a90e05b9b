"""Our own descriptions of our APIs are tried on the whole application: what is answered is what is described, to nobody
without a token, and whatever is sent, we do not fall over."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import CheckFunction, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from app.api_tokens import SCOPES
from app.dashboard_wiring import make_dashboard
from app.web import create_app
from callbacks.api.systems import PREFIX as CALLBACKS
from identity.api.numbers import PREFIX as NUMBERS
from sms.api.systems import PREFIX as TEXTS
from tests.builders.desk_world import served
from tests.builders.texting import texting_rooms
from tests.fakes.clock import HandClock
from webhooks.api.deliveries import PREFIX as WEBHOOKS

TOKEN = "t" * 40
EACH = 10
"""So many requests for each route and way of making them: right ones, and wrong ones."""

RIGHT = {"number": "070-174 06 05", "personnummer": "199006022397", "template": "help", "queue": "foralder"}
"""What no description can tell from what only looks like it."""

NOTHING: Mapping[str, str] = {}
NOT_ASKED = {"positive_data_acceptance"}
"""Whatever fits a description is to be accepted: but a personnummer has a check digit, and a queue has to be there."""

pytestmark = pytest.mark.thorough


@pytest.fixture
async def url(tmp_path: Path, valkey_url: str) -> AsyncIterator[str]:
    tokens = f"tester:{'+'.join(sorted(SCOPES))}={TOKEN}"
    async with AsyncExitStack() as stack:
        rooms = await stack.enter_async_context(texting_rooms(tmp_path, valkey_url, HandClock(), api_tokens=tokens))
        address, _ = await stack.enter_async_context(served(create_app(rooms, make_dashboard(rooms, stack))))
        yield address


@pytest.mark.parametrize("prefix", [CALLBACKS, TEXTS, NUMBERS, WEBHOOKS])
async def test_an_api_does_what_its_description_says(url: str, prefix: str) -> None:
    tried = await asyncio.to_thread(try_all, f"{url}{prefix}/openapi.json")
    assert tried >= 3


def try_all(description: str) -> int:
    schema = schemathesis.openapi.from_url(description)
    load_all_checks()
    routes = [found.ok() for found in schema.get_all_operations()]
    for route in routes:
        try_one(route, GenerationMode.POSITIVE)
        try_one(route, GenerationMode.POSITIVE, RIGHT)
        try_one(route, GenerationMode.NEGATIVE)
    return len(routes)


def try_one(route: schemathesis.APIOperation, mode: GenerationMode, fill: Mapping[str, str] = NOTHING) -> None:
    @settings(
        max_examples=EACH, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=route.as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        for sent in (case.body, case.query):
            if isinstance(sent, dict):
                sent.update({name: value for name, value in fill.items() if name in sent})
        case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, checks=checks())

    holds()


def checks() -> list[CheckFunction]:
    return [one for one in CHECKS.get_all() if one.__name__ not in NOT_ASKED]
