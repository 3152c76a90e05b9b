"""Both registers answer alike; over HTTP every fault and every wrong answer becomes "we cannot see it just now"."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from aiohttp import web

from cases.adapters.http import HttpRegister
from cases.breaker import Breaker
from cases.errors import CasesUnavailableError, WrongAnswerError
from cases.ports import CaseRegister
from core.ids import Subject
from tests.fakes.clock import HandClock
from tests.integration.cases.registers import PERSONS, TODAY, TOKEN, Agency, embedded, served

MAJA = Subject("demo-01")
NUMBER = "199107172380"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def agency() -> Agency:
    return Agency()


@pytest.fixture
async def over_http(agency: Agency, clock: HandClock) -> AsyncIterator[HttpRegister]:
    breaker = Breaker(most_failures=3, rest=timedelta(seconds=15))
    async with (
        served(agency) as url,
        HttpRegister(url=url, token=TOKEN, clock=clock, seconds=0.3, breaker=breaker) as register,
    ):
        yield register


@pytest.fixture(params=["embedded", "http"])
def register(request: pytest.FixtureRequest, over_http: HttpRegister) -> CaseRegister:
    return embedded() if request.param == "embedded" else over_http


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: str(person.subject))
async def test_a_register_tells_everything_of_everybody(register: CaseRegister, person: Any) -> None:
    subject = await register.locate(person.personnummer)
    assert subject == person.subject
    assert await register.person(person.subject) == person.as_person()
    assert await register.payments(person.subject) == person.payments_on(TODAY)
    assert await register.matters(person.subject) == person.matters_on(TODAY)


@pytest.mark.parametrize("number", ["199107172381", "", "x" * 5000, "' OR 1=1"])
async def test_a_register_knows_nobody_under_another_number(register: CaseRegister, number: str) -> None:
    assert await register.locate(number) is None


async def test_the_personnummer_is_never_in_an_address(over_http: HttpRegister, agency: Agency) -> None:
    await over_http.locate(NUMBER)
    await over_http.payments(MAJA)
    assert agency.asked == ["/agency/v1/locate", "/agency/v1/subjects/demo-01/payments"]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 429, 500, 502, 503])
async def test_any_other_status_means_that_we_cannot_see(over_http: HttpRegister, agency: Agency, status: int) -> None:
    async def spoil(*_: Any) -> web.Response:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/"}, text="Traceback: secret")

    agency.spoil = spoil
    with pytest.raises(CasesUnavailableError) as caught:
        await over_http.payments(MAJA)
    assert "secret" not in str(caught.value)


async def test_a_redirect_is_not_followed_with_our_token_in_hand(over_http: HttpRegister, agency: Agency) -> None:
    async def spoil(request: web.Request, _: Any) -> web.Response | None:
        if request.query_string:
            return None
        return web.Response(status=307, headers={"Location": f"{request.path}?again=1"})

    agency.spoil = spoil
    with pytest.raises(CasesUnavailableError):
        await over_http.payments(MAJA)
    assert agency.asked == ["/agency/v1/subjects/demo-01/payments"]


WRONG = [
    (b"", "nothing"),
    (b"<html>Login</html>", "a page"),
    (b'{"subject": "demo-01"', "cut off"),
    (b'{"subject": "demo-01"}', "a field missing"),
    (b'[{"subject": "demo-01"}]', "a list"),
    (b'{"subject": "demo-02", "payments": []}', "another person"),
    (b'{"payments": []}', "nobody's"),
    (b'{"subject": "demo-01", "payments": [{"benefit": "barnbidrag", "on": "2026-13-45"}]}', "no date"),
    (b'{"subject": "demo-01", "payments": [{"benefit": "barnbidrag", "amount_kronor": -5}]}', "less than nothing"),
    (b'{"subject": "demo-01", "payments": [{"benefit": "barnbidrag", "amount_kronor": 1e400}]}', "endless money"),
    (b'{"subject": "demo-01", "payments": [{"benefit": "<script>"}]}', "markup"),
    (b'{"subject": "demo-01", "payments": ' + json.dumps([{"benefit": "vab"}] * 201).encode() + b"}", "too many"),
    (b'{"subject": "demo-01", "payments": [], "x": "' + b"x" * 300_000 + b'"}', "too long"),
    (b"\xff\xfe\x00", "not text"),
    (b"[" * 100_000, "too deep"),
]


@pytest.mark.parametrize("body", [body for body, _ in WRONG], ids=[name for _, name in WRONG])
async def test_an_answer_that_cannot_be_trusted_is_thrown_away(
    over_http: HttpRegister, agency: Agency, body: bytes
) -> None:
    async def spoil(*_: Any) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    agency.spoil = spoil
    with pytest.raises(WrongAnswerError):
        await over_http.payments(MAJA)


async def test_control_characters_in_a_paper_or_a_name_are_refused(over_http: HttpRegister, agency: Agency) -> None:
    async def spoil(_: web.Request, content: Any) -> web.Response:
        row = {"benefit": "sjukpenning", "state": "needs_more", "missing": ["l\u00e4kar\r\nintyg"]}
        return web.json_response({"subject": content["subject"], "matters": [row]})

    agency.spoil = spoil
    with pytest.raises(WrongAnswerError):
        await over_http.matters(MAJA)


async def test_fields_that_are_new_to_us_do_no_harm(over_http: HttpRegister, agency: Agency) -> None:
    async def spoil(_: web.Request, content: Any) -> web.Response:
        return web.json_response({**content, "version": 7, "payments": [{"benefit": "vab", "bank": "x"}]})

    agency.spoil = spoil
    [payment] = await over_http.payments(MAJA)
    assert payment.benefit == "vab"


async def test_an_answer_to_locate_about_somebody_else_is_thrown_away(over_http: HttpRegister, agency: Agency) -> None:
    async def spoil(*_: Any) -> web.Response:
        return web.json_response({"personnummer": "199006022397", "subject": "demo-02"})

    agency.spoil = spoil
    with pytest.raises(WrongAnswerError):
        await over_http.locate(NUMBER)


@pytest.mark.parametrize("key", ["..", "../../admin", "a/b", "", "a b", "å", "x" * 200])
async def test_a_key_that_would_lead_to_another_address_is_refused(
    over_http: HttpRegister, agency: Agency, key: str
) -> None:
    async def spoil(*_: Any) -> web.Response:
        return web.json_response({"personnummer": NUMBER, "subject": key})

    agency.spoil = spoil
    with pytest.raises(WrongAnswerError):
        await over_http.locate(NUMBER)


@pytest.mark.parametrize("slow", ["before", "within"])
async def test_a_slow_answer_is_not_waited_for(over_http: HttpRegister, agency: Agency, slow: str) -> None:
    async def spoil(request: web.Request, _: Any) -> web.StreamResponse:
        response = web.StreamResponse()
        if slow == "within":
            await response.prepare(request)
            await response.write(b'{"subject"')
        await asyncio.sleep(0.9)
        return response

    agency.spoil = spoil
    began = time.perf_counter()
    with pytest.raises(CasesUnavailableError):
        await over_http.payments(MAJA)
    assert time.perf_counter() - began < 0.8


async def test_a_system_that_is_down_is_asked_three_times_then_left_alone_then_asked_once(
    over_http: HttpRegister, agency: Agency, clock: HandClock
) -> None:
    async def spoil(*_: Any) -> web.Response:
        return web.Response(status=503)

    agency.spoil = spoil
    for _ in range(10):
        with pytest.raises(CasesUnavailableError):
            await over_http.payments(MAJA)
    assert len(agency.asked) == 3
    clock.pass_time(seconds=15)
    agency.spoil = None
    assert await over_http.payments(MAJA)
    assert await over_http.payments(MAJA)
    assert len(agency.asked) == 5


async def test_wrong_answers_do_not_shut_others_out(over_http: HttpRegister, agency: Agency) -> None:
    async def spoil(*_: Any) -> web.Response:
        return web.Response(body=b"{}")

    agency.spoil = spoil
    for _ in range(5):
        with pytest.raises(WrongAnswerError):
            await over_http.payments(MAJA)
    agency.spoil = None
    assert await over_http.payments(MAJA)


async def test_nobody_listening_means_that_we_cannot_see(clock: HandClock) -> None:
    async with served(Agency()) as url:
        gone = url
    async with HttpRegister(url=gone, token=TOKEN, clock=clock) as register:
        with pytest.raises(CasesUnavailableError):
            await register.locate(NUMBER)


async def test_neither_number_nor_key_nor_token_is_logged_or_told(
    over_http: HttpRegister, agency: Agency, clock: HandClock
) -> None:
    said = io.StringIO()

    async def spoil(*_: Any) -> web.Response:
        return web.Response(body=b'{"personnummer": "199006022397", "subject": "demo-02", "token": "canary"}')

    as_it_was = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(said), cache_logger_on_first_use=False)
    try:
        agency.spoil = spoil
        for question in (over_http.locate(NUMBER), over_http.payments(MAJA), over_http.person(MAJA)):
            with pytest.raises(CasesUnavailableError) as caught:
                await question
            said.write(f"{caught.value} {caught.value.__cause__!r}")
        async with HttpRegister(url="http://127.0.0.1:1/x", token=TOKEN, clock=clock) as down:
            with pytest.raises(CasesUnavailableError) as caught:
                await down.payments(MAJA)
            said.write(f"{caught.value} {caught.value.__cause__!r}")
    finally:
        structlog.configure(**as_it_was)
    assert "cases.answer_about_somebody_else" in said.getvalue()
    for secret in (NUMBER, "199006022397", "demo-0", TOKEN, "canary"):
        assert secret not in said.getvalue()
