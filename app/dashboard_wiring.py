"""Makes the routes of the dashboard over the rooms: who may log in, which telephones there are, what is shown."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from fastapi import APIRouter

from app.callbacks_api import links_of
from app.configuration import Configuration
from app.demo import about
from app.desk_meetings import Beforehand, handler_of
from app.settings import ROOT, Settings, SwitchKind
from app.switch_process import ARI_USER, DEMO_PHONES
from app.system import new_secret
from app.texts import ring_instead
from app.wiring import Renewal, Rooms
from core.language import Language
from dashboard.adapters.asterisk_phones import AsteriskDemoPhones, AsteriskSoftphones
from dashboard.adapters.oidc import OidcLogin, OidcSettings
from dashboard.adapters.simulated_phones import SimulatedDemoPhones, SimulatedSoftphones
from dashboard.api.briefs import make_briefs_router
from dashboard.api.demo import make_demo_router, make_no_demo_router
from dashboard.api.desk import make_desk_router
from dashboard.api.explanations import make_explanations_router
from dashboard.api.guard import Guard
from dashboard.api.guidance import make_guidance_router
from dashboard.api.meeting_report import make_meeting_report_router
from dashboard.api.meeting_tasks import make_meeting_tasks_router
from dashboard.api.meetings import make_meetings_router
from dashboard.api.pages import make_pages
from dashboard.api.promises import make_promises_router
from dashboard.api.session import make_session_router
from dashboard.api.supervisor import make_supervisor_router
from dashboard.api.texts import make_text_rates_router, make_texts_router
from dashboard.api.waits import make_waits_router
from dashboard.api.written import make_written_router
from dashboard.brief_desk import BriefDesk
from dashboard.configuration import DeskChoices
from dashboard.desk import Desk
from dashboard.feed import Feed
from dashboard.guidance_desk import GuidanceDesk
from dashboard.login_limit import LoginGate
from dashboard.meeting_desk import MeetingDesk
from dashboard.phone_leases import PhoneLeases
from dashboard.ports import DemoPhones, PhoneButtons, Softphones
from dashboard.promise_desk import PromiseDesk
from dashboard.sessions import Sessions
from dashboard.softphone_leases import SoftphoneLeases
from dashboard.supervision import Supervision
from dashboard.task_desk import TaskDesk
from dashboard.text_desk import TextDesk
from dashboard.users import LocalUsers, Role
from dashboard.written_desk import WrittenDesk
from storage.redis import blocking
from telephony.asterisk.softphones import SoftphoneSecrets
from telephony.simulator.remote import RemotePhones


@dataclass(frozen=True)
class Dashboard:
    """The routes, what must be kept running beside them, and where pages may connect to."""

    routers: tuple[APIRouter, ...]
    feed: Feed
    softphones: SoftphoneLeases
    connect_to: tuple[str, ...]


def make_dashboard(rooms: Rooms, stack: AsyncExitStack) -> Dashboard:
    """Return the dashboard's routes; ``stack`` lets go of what they hold."""
    settings, sessions = rooms.settings, _sessions(rooms)
    guard = Guard(
        sessions=sessions, origins=_origins(settings.base_url), secure_cookie=settings.base_url.startswith("https://")
    )
    desk, users = _desk(rooms), _local_users(rooms)
    choices = rooms.configuration.desk  # the same object through every renewal
    rooms.renewals.append(_desk_renewal(desk, choices))
    if users is not None:
        rooms.renewals.append(lambda new: users.renew(new.users))
    feed = Feed(blocking=lambda: blocking(settings.live_url))
    telephones, promises = _telephones(rooms, stack), _promise_desk(rooms, desk)
    softphones = SoftphoneLeases(redis=rooms.redis, clock=rooms.clock, softphones=telephones.agents, sessions=sessions)
    routers = [
        make_session_router(
            guard=guard,
            sessions=sessions,
            softphones=softphones,
            gate=LoginGate(database=rooms.database, clock=rooms.clock),
            choices=choices,
            users=users,
            oidc=_oidc(rooms),
            demo=settings.demo,
        ),
        make_desk_router(
            guard=guard,
            desk=desk,
            feed=feed,
            routing=rooms.routing,
            promises=promises,
            softphones=softphones,
            choices=choices,
        ),
        make_promises_router(guard=guard, desk=promises),
        *_meeting_routers(rooms, guard, desk),
        make_texts_router(guard=guard, desk=_text_desk(rooms, desk)),
        make_text_rates_router(guard=guard, rates=rooms.sms, clock=rooms.clock),
        make_written_router(guard=guard, desk=_written_desk(rooms)),
        make_supervisor_router(guard=guard, supervision=_supervision(rooms), changed=rooms.desks_look_again),
        make_waits_router(guard=guard, waits=rooms.waits),
        make_explanations_router(guard=guard, routing=rooms.routing),
        _demo_router(rooms, guard, telephones),
        make_pages(ROOT / "dashboard" / "web" / "dist"),
    ]
    return Dashboard(tuple(routers), feed, softphones, (_websocket(settings),))


def _meeting_routers(rooms: Rooms, guard: Guard, desk: Desk) -> tuple[APIRouter, ...]:
    meeting_desk = _meeting_desk(rooms, desk)
    brief_desk = BriefDesk(desk=meeting_desk, database=rooms.database, briefs=rooms.meetings.briefs)
    return (
        make_meetings_router(guard=guard, desk=meeting_desk),
        make_meeting_report_router(guard=guard, reports=rooms.meetings.reports),
        make_guidance_router(guard=guard, desk=_guidance_desk(rooms)),
        make_briefs_router(guard=guard, desk=brief_desk),
        make_meeting_tasks_router(guard=guard, desk=_task_desk(rooms, desk)),
    )


def _guidance_desk(rooms: Rooms) -> GuidanceDesk:
    return GuidanceDesk(database=rooms.database, clock=rooms.clock, guidance=rooms.meetings.guidance)


def _sessions(rooms: Rooms) -> Sessions:
    return Sessions(
        database=rooms.database,
        clock=rooms.clock,
        new_secret=new_secret,
        signing_key=rooms.settings.session_secret.get_secret_value(),
    )


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
        notices=rooms.notices,
        texts=rooms.sms,
        benefits=_benefit_names(rooms.configuration),
        steps=rooms.configuration.desk.steps,
    )


def _promise_desk(rooms: Rooms, desk: Desk) -> PromiseDesk:
    return PromiseDesk(
        database=rooms.database,
        clock=rooms.clock,
        routing=rooms.routing,
        contacts=rooms.contacts,
        promises=rooms.callbacks,
        queues=lambda: rooms.configuration.routing.queues,
        person=desk.person,
        calls_from=rooms.sms.own_number,
        page_of=links_of(rooms).to,
    )


def _meeting_desk(rooms: Rooms, desk: Desk) -> MeetingDesk:
    return MeetingDesk(
        database=rooms.database,
        clock=rooms.clock,
        routing=rooms.routing,
        contacts=rooms.contacts,
        meetings=rooms.meetings.at_desk,
        documents=rooms.meetings.documents,
        prepared=Beforehand(rooms),
        person=desk.person,
        handler_of=lambda agent: handler_of(rooms, agent),
    )


def _task_desk(rooms: Rooms, desk: Desk) -> TaskDesk:
    return TaskDesk(
        database=rooms.database,
        clock=rooms.clock,
        routing=rooms.routing,
        tasks=rooms.meetings.tasks,
        person=desk.person,
        handler_of=lambda agent: handler_of(rooms, agent),
    )


def _text_desk(rooms: Rooms, desk: Desk) -> TextDesk:
    return TextDesk(
        database=rooms.database,
        clock=rooms.clock,
        routing=rooms.routing,
        contacts=rooms.contacts,
        texts=rooms.sms,
        person=desk.person,
    )


def _written_desk(rooms: Rooms) -> WrittenDesk:
    return WrittenDesk(
        database=rooms.database,
        routing=rooms.routing,
        contacts=rooms.contacts,
        choices=rooms.configuration.desk,
        ring_instead=lambda row: ring_instead(rooms, row),
        texts=rooms.sms,
    )


def _supervision(rooms: Rooms) -> Supervision:
    return Supervision(
        database=rooms.database,
        clock=rooms.clock,
        routing=rooms.routing,
        notices=rooms.notices,
        configured=lambda: rooms.configuration.agents,
    )


def _desk_renewal(desk: Desk, choices: DeskChoices) -> Renewal:
    def renew(new: Configuration) -> None:
        choices.renew(new.desk)
        desk.renew(benefits=_benefit_names(new), steps=new.desk.steps)

    return renew


def _benefit_names(configuration: Configuration) -> dict[str, str]:
    return {one.benefit: one.label[Language.SWEDISH] for one in configuration.catalogue.benefits}


@dataclass(frozen=True)
class _Telephones:
    """The agents' telephones, the demonstration's, and the buttons of the latter where no browser has them."""

    agents: Softphones
    demo: DemoPhones
    buttons: PhoneButtons | None = None


def _telephones(rooms: Rooms, stack: AsyncExitStack) -> _Telephones:
    settings = rooms.settings
    if settings.switch is SwitchKind.SIMULATOR:
        buttons = RemotePhones(rooms.redis)
        return _Telephones(SimulatedSoftphones(buttons), SimulatedDemoPhones(buttons), buttons)
    address = settings.ari_url or f"http://127.0.0.1:{settings.ari_port}"
    secrets = SoftphoneSecrets(address, ARI_USER, settings.ari_password.get_secret_value())
    stack.push_async_callback(secrets.close)
    softphones = AsteriskSoftphones(
        switch=secrets, new_secret=new_secret, ws_url=f"{_websocket(settings)}/ws", domain="127.0.0.1"
    )
    return _Telephones(softphones, AsteriskDemoPhones(softphones))


def _websocket(settings: Settings) -> str:
    """Where browsers reach the switch: where our pages are, behind whoever ends TLS there, else on this machine."""
    if settings.base_url.startswith("https://"):
        return settings.base_url.replace("https", "wss", 1)
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


def _demo_router(rooms: Rooms, guard: Guard, telephones: _Telephones) -> APIRouter:
    if not rooms.settings.demo:
        return make_no_demo_router()
    leases = PhoneLeases(redis=rooms.redis, phones=tuple(DEMO_PHONES), new_secret=new_secret)
    return make_demo_router(
        guard=guard,
        numbers=DEMO_PHONES,
        phones=telephones.demo,
        buttons=telephones.buttons,
        leases=leases,
        about=about(rooms.settings, rooms.configuration),
        blocking=lambda: blocking(rooms.settings.live_url),
    )


OIDC_ROLES: Mapping[str, Role] = {"kundcenter-agents": Role.AGENT, "kundcenter-supervisors": Role.SUPERVISOR}
"""The organisation's groups → our roles."""
