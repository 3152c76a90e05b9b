"""Makes the routes of the dashboard over the rooms: who may log in, which telephones there are, what is shown."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from fastapi import APIRouter

from app.demo import about
from app.settings import ROOT, Settings, SwitchKind
from app.switch_process import ARI_USER, DEMO_PHONES
from app.system import new_secret
from app.wiring import Rooms
from core.language import Language
from dashboard.adapters.asterisk_phones import AsteriskDemoPhones, AsteriskSoftphones
from dashboard.adapters.oidc import OidcLogin, OidcSettings
from dashboard.adapters.simulated_phones import SimulatedDemoPhones, SimulatedSoftphones
from dashboard.api.demo import make_demo_router, make_no_demo_router
from dashboard.api.desk import make_desk_router
from dashboard.api.guard import Guard
from dashboard.api.pages import make_pages
from dashboard.api.session import make_session_router
from dashboard.desk import Desk
from dashboard.feed import Feed
from dashboard.login_limit import LoginGate
from dashboard.phone_leases import PhoneLeases
from dashboard.ports import DemoPhones, Softphones
from dashboard.sessions import Sessions
from dashboard.users import LocalUsers, Role
from storage.redis import blocking
from telephony.asterisk.softphones import SoftphoneSecrets
from telephony.simulator.remote import RemotePhones


@dataclass(frozen=True)
class Dashboard:
    """The routes, the feed that must be kept running beside them, and where pages may connect to."""

    routers: tuple[APIRouter, ...]
    feed: Feed
    connect_to: tuple[str, ...]


def make_dashboard(rooms: Rooms, stack: AsyncExitStack) -> Dashboard:
    """Return the dashboard's routes; ``stack`` lets go of what they hold."""
    settings = rooms.settings
    sessions = Sessions(
        database=rooms.database,
        clock=rooms.clock,
        new_secret=new_secret,
        signing_key=settings.session_secret.get_secret_value(),
    )
    guard = Guard(
        sessions=sessions, origins=_origins(settings.base_url), secure_cookie=settings.base_url.startswith("https://")
    )
    feed = Feed(blocking=lambda: blocking(settings.live_url))
    softphones, phones = _telephones(rooms, stack)
    routers = [
        make_session_router(
            guard=guard,
            sessions=sessions,
            gate=LoginGate(database=rooms.database, clock=rooms.clock),
            choices=rooms.configuration.desk,
            users=_local_users(rooms),
            oidc=_oidc(rooms),
            demo=settings.demo,
        ),
        make_desk_router(
            guard=guard,
            desk=_desk(rooms),
            feed=feed,
            routing=rooms.routing,
            callbacks=rooms.callbacks,
            softphones=softphones,
            choices=rooms.configuration.desk,
        ),
        _demo_router(rooms, guard, phones),
        make_pages(ROOT / "dashboard" / "web" / "dist"),
    ]
    return Dashboard(tuple(routers), feed, (_websocket(settings),))


def _origins(base_url: str) -> list[str]:
    """The address of our pages; on this machine also by the name that people type."""
    named = base_url.replace("//127.0.0.1:", "//localhost:")
    return [base_url] if named == base_url else [base_url, named]


def _desk(rooms: Rooms) -> Desk:
    return Desk(
        database=rooms.database,
        clock=rooms.clock,
        routing=rooms.routing,
        contacts=rooms.contacts,
        callbacks=rooms.callbacks,
        cases=rooms.cases,
        benefits={one.benefit: one.label[Language.SWEDISH] for one in rooms.configuration.catalogue.benefits},
        steps=rooms.configuration.desk.steps,
    )


def _telephones(rooms: Rooms, stack: AsyncExitStack) -> tuple[Softphones, DemoPhones]:
    settings = rooms.settings
    if settings.switch is SwitchKind.SIMULATOR:
        buttons = RemotePhones(rooms.redis)
        return SimulatedSoftphones(buttons), SimulatedDemoPhones(buttons, DEMO_PHONES)
    address = settings.ari_url or f"http://127.0.0.1:{settings.ari_port}"
    secrets = SoftphoneSecrets(address, ARI_USER, settings.ari_password.get_secret_value())
    stack.push_async_callback(secrets.close)
    softphones = AsteriskSoftphones(
        switch=secrets, new_secret=new_secret, ws_url=f"{_websocket(settings)}/ws", domain="127.0.0.1"
    )
    return softphones, AsteriskDemoPhones(softphones, DEMO_PHONES)


def _websocket(settings: Settings) -> str:
    address = settings.ari_url or f"http://127.0.0.1:{settings.ari_port}"
    return address.replace("http", "ws", 1)


def _local_users(rooms: Rooms) -> LocalUsers | None:
    if not rooms.settings.demo:
        return None
    return LocalUsers(rooms.configuration.users, demo_password=rooms.settings.demo_password.get_secret_value())


def _oidc(rooms: Rooms) -> OidcLogin | None:
    settings = rooms.settings
    if not settings.oidc_issuer:
        return None
    signing_key = settings.session_secret.get_secret_value()
    oidc = OidcSettings(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        return_address=f"{settings.base_url}/api/login/return",
        roles=OIDC_ROLES,
    )
    return OidcLogin(settings=oidc, clock=rooms.clock, new_secret=new_secret, signing_key=signing_key)


def _demo_router(rooms: Rooms, guard: Guard, phones: DemoPhones) -> APIRouter:
    if not rooms.settings.demo:
        return make_no_demo_router()
    leases = PhoneLeases(redis=rooms.redis, phones=phones.names(), new_secret=new_secret)
    return make_demo_router(
        guard=guard,
        phones=phones,
        leases=leases,
        about=about(rooms.settings, rooms.configuration),
        blocking=lambda: blocking(rooms.settings.live_url),
    )


OIDC_ROLES: Mapping[str, Role] = {"kundcenter-agents": Role.AGENT, "kundcenter-supervisors": Role.SUPERVISOR}
"""The organisation's groups → our roles."""
