"""The organisation's log-in, against a provider that really speaks OpenID Connect, honestly and not."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from redis.asyncio import Redis

from app import http_errors
from dashboard.adapters.oidc import OidcLogin, OidcSettings
from dashboard.adapters.simulated_phones import SimulatedSoftphones
from dashboard.api.guard import Guard
from dashboard.api.session import make_session_router
from dashboard.configuration import DeskChoices
from dashboard.errors import LoginRefusedError, LoginServiceError
from dashboard.login_limit import LoginGate
from dashboard.sessions import Sessions
from dashboard.softphone_leases import SoftphoneLeases
from dashboard.users import Role
from storage.database import Database
from telephony.simulator.remote import RemotePhones
from tests.builders.desk_world import served
from tests.fakes.clock import HandClock
from tests.fakes.oidc_provider import OidcProvider, oidc_provider

NOBODY = DeskChoices(not_ready_reasons={}, wrap_up_codes={}, steps={})


@pytest.fixture
async def provider() -> AsyncIterator[OidcProvider]:
    async with oidc_provider() as provider:
        provider.now = int(HandClock().now().timestamp())
        provider.person = {"preferred_username": "carin", "name": "Carin Provdotter", "groups": ["kundcenter"]}
        yield provider


def login_of(provider: OidcProvider, **more: str) -> OidcLogin:
    secrets = (f"secret-{number:040d}" for number in itertools.count())
    settings = OidcSettings(
        issuer=provider.issuer,
        client_id="kundcenter",
        client_secret="client secret",
        return_address="http://127.0.0.1/api/login/return",
        roles={"kundcenter": Role.AGENT, "kundcenter-lead": Role.SUPERVISOR},
    )
    return OidcLogin(
        settings=replace(settings, **more), clock=HandClock(), new_secret=lambda: next(secrets), signing_key="k" * 32
    )


async def begin(login: OidcLogin) -> tuple[dict[str, str], str]:
    address, pending = await login.start()
    return dict(parse_qsl(urlsplit(address).query)), pending


async def test_a_person_comes_back_with_name_and_role(provider: OidcProvider) -> None:
    login = login_of(provider)
    query, pending = await begin(login)
    assert query["code_challenge_method"] == "S256"
    user = await login.finish(provider.consent(query), pending=pending)
    assert (user.id, user.name, user.roles) == ("carin", "Carin Provdotter", {Role.AGENT})


@pytest.mark.parametrize(
    "bent",
    [
        {"iss": "https://example.org"},  # somebody else's word
        {"aud": "another-client"},  # meant for another system
        {"nonce": "of another log-in"},  # replayed
        {"exp": 1},  # long over
        {"groups": ["everybody"]},  # no role of ours
        {"preferred_username": ""},  # nobody
        {"preferred_username": "x" * 500},
    ],
)
async def test_a_token_that_is_not_right_lets_nobody_in(provider: OidcProvider, bent: dict[str, object]) -> None:
    provider.bent = bent
    login = login_of(provider)
    query, pending = await begin(login)
    with pytest.raises(LoginRefusedError):
        await login.finish(provider.consent(query), pending=pending)


async def test_a_token_signed_by_somebody_else_lets_nobody_in(provider: OidcProvider) -> None:
    provider.sign_with = RSAKey.generate_key(2048, {"kid": "one"})
    login = login_of(provider)
    query, pending = await begin(login)
    with pytest.raises(LoginRefusedError):
        await login.finish(provider.consent(query), pending=pending)


async def test_one_browsers_answer_does_not_fit_another_browser(provider: OidcProvider) -> None:
    login = login_of(provider)
    query, _ = await begin(login)
    _, others = await begin(login)
    answer = provider.consent(query)
    for pending in (others, "", "forged", others + "x"):
        with pytest.raises(LoginRefusedError):
            await login.finish(answer, pending=pending)


async def test_a_code_works_once(provider: OidcProvider) -> None:
    login = login_of(provider)
    query, pending = await begin(login)
    answer = provider.consent(query)
    await login.finish(answer, pending=pending)
    with pytest.raises(LoginServiceError):
        await login.finish(answer, pending=pending)


async def test_a_provider_that_is_not_who_it_says_is_not_used(provider: OidcProvider) -> None:
    issuer, provider.issuer = provider.issuer, "https://example.org"
    with pytest.raises(LoginServiceError):
        await login_of(provider, issuer=issuer).start()
    with pytest.raises(LoginServiceError):
        await login_of(provider, issuer="http://127.0.0.1:1").start()


async def test_a_browser_goes_there_and_back_and_is_logged_in(
    provider: OidcProvider, database: Database, redis: Redis
) -> None:
    clock = HandClock()
    secrets = (f"session-{number:040d}" for number in itertools.count())
    sessions = Sessions(database=database, clock=clock, new_secret=lambda: next(secrets), signing_key="k" * 32)
    phones = SimulatedSoftphones(RemotePhones(redis))
    app = FastAPI()
    http_errors.install(app)
    app.include_router(
        make_session_router(
            guard=Guard(sessions=sessions, origins=[], secure_cookie=False),
            sessions=sessions,
            softphones=SoftphoneLeases(redis=redis, clock=clock, softphones=phones, sessions=sessions),
            gate=LoginGate(database=database, clock=clock),
            choices=NOBODY,
            users=None,
            oidc=login_of(provider),
            demo=False,
        )
    )
    async with served(app) as (url, _), aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{url}/api/login") as answer:
            assert await answer.json() == {"password": False, "organisation": True, "demo": False}
        async with browser.get(f"{url}/api/login/organisation", allow_redirects=False) as answer:
            query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        back = provider.consent(query)
        async with browser.get(f"{url}/api/login/return", params=back, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["location"]) == (303, "/desk")
        async with browser.get(f"{url}/api/me") as answer:
            assert (await answer.json())["agent"] == "carin"
        async with browser.get(f"{url}/api/login/return", params=back, allow_redirects=False) as answer:
            assert answer.headers["location"] == "/desk?login=failed"
