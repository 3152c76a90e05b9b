"""Every route asks who one is, or stands on a list of public ones with the reason. Tried on the whole application."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
import pytest_asyncio
from fastapi.routing import iter_route_contexts

from app.dashboard_wiring import make_dashboard
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.web import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_APP
from app.web import create_app
from app.wiring import rooms_of
from callbacks.api.page import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_CITIZENS
from callbacks.api.systems import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_SYSTEMS
from dashboard.public_routes import PUBLIC_ROUTES
from identity.api.numbers import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_NUMBERS
from meetings.api.calendar import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_CALENDARS
from meetings.api.invitation_page import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_INVITATIONS
from meetings.api.page import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_MEETING_PAGES
from meetings.api.systems import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_MEETINGS
from sms.api.handsets import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_HANDSETS
from sms.api.systems import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_TEXTS
from sms.api.webhooks import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_WEBHOOKS
from storage.schema import metadata
from tests.builders.desk_world import served
from webhooks.api.deliveries import PUBLIC_ROUTES as PUBLIC_ROUTES_OF_DELIVERIES

PUBLIC = (
    PUBLIC_ROUTES
    | PUBLIC_ROUTES_OF_APP
    | PUBLIC_ROUTES_OF_CITIZENS
    | PUBLIC_ROUTES_OF_SYSTEMS
    | PUBLIC_ROUTES_OF_NUMBERS
    | PUBLIC_ROUTES_OF_MEETINGS
    | PUBLIC_ROUTES_OF_MEETING_PAGES
    | PUBLIC_ROUTES_OF_INVITATIONS
    | PUBLIC_ROUTES_OF_CALENDARS
    | PUBLIC_ROUTES_OF_HANDSETS
    | PUBLIC_ROUTES_OF_TEXTS
    | PUBLIC_ROUTES_OF_WEBHOOKS
    | PUBLIC_ROUTES_OF_DELIVERIES
)
AT_LEAST = 15
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Served:
    """The whole application at an address, and its routes as pairs of method and path."""

    def __init__(self, url: str, routes: set[tuple[str, str]], own_port: int) -> None:
        self.url, self.routes, self.own_port = url, routes, own_port


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> AsyncIterator[Served]:
    settings = Settings(
        demo=True, switch=SwitchKind.SIMULATOR, state_dir=tmp_path_factory.mktemp("state"), redis_url=valkey_url,
        oidc_issuer="http://127.0.0.1:1", oidc_client_id="kundcenter",
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        rooms = await stack.enter_async_context(rooms_of(complete(settings)))
        async with rooms.database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        app = create_app(rooms, make_dashboard(rooms, stack))
        routes = {(method, str(one.path)) for one in iter_route_contexts(app.routes) for method in one.methods or ()}
        url, _ = await stack.enter_async_context(served(app))
        yield Served(url, routes, settings.web_port)


async def test_every_route_that_is_not_public_refuses_strangers(everything: Served) -> None:
    guarded = sorted(everything.routes - set(PUBLIC))
    assert len(guarded) >= AT_LEAST
    async with aiohttp.ClientSession() as stranger:
        for method, path in guarded:
            address = everything.url + re.sub(r"\{[^}]+\}", "x", path)
            async with stranger.request(method, address, json={}, headers={"X-KC-CSRF": "guess"}) as answer:
                assert answer.status == 401, (method, path, answer.status)


async def test_every_public_route_exists_and_says_why(everything: Served) -> None:
    assert set(PUBLIC) <= everything.routes, "a line for a route that is gone"
    assert all(len(reason) > 15 for reason in PUBLIC.values())


async def test_the_demonstrations_telephones_open_only_with_their_own_cookie(everything: Served) -> None:
    telephones = sorted((method, path) for method, path in everything.routes if "/phones/{phone}/" in path)
    assert len(telephones) == 5
    async with aiohttp.ClientSession() as stranger:
        for method, path in telephones:
            address = everything.url + path.replace("{phone}", "phone-1")
            body = {"number": "0771524524", "keys": "1"}
            async with stranger.request(method, address, json=body, headers={"X-KC-CSRF": "x"}) as answer:
                assert answer.status == 403, (method, path)


async def test_nothing_personal_is_ever_part_of_an_address(everything: Served) -> None:
    names = {name for _, path in everything.routes for name in re.findall(r"\{(\w+)", path)}
    assert names == {
        "contact",
        "offer",
        "callback",
        "phone",
        "path",
        "agent",
        "entry_point",
        "queue",
        "skill",
        "token",
        "provider",
        "message",
        "delivery",
        "meeting",
    }


async def test_the_pages_may_also_be_opened_by_the_name_of_this_machine(everything: Served) -> None:
    port = everything.own_port
    async with aiohttp.ClientSession() as visitor:
        for origin, refused in (
            (f"http://127.0.0.1:{port}", False),
            (f"http://localhost:{port}", False),
            (f"http://localhost.example.org:{port}", True),
        ):
            marks = {"Origin": origin, "X-KC-CSRF": "none"}
            async with visitor.post(f"{everything.url}/api/demo/phones/lease", headers=marks) as answer:
                assert (answer.status == 403) is refused, (origin, await answer.text())
