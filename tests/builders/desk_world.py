"""The agent's desk over a real socket: real stores, real routing, the simulator's telephones, invented citizens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp
import uvicorn
from fastapi import APIRouter, FastAPI
from redis.asyncio import Redis
from sqlalchemy import update

from app import http_errors
from callbacks.model import Callback
from callbacks.service import Callbacks
from callbacks.store import callbacks as promises_table
from cases.adapters.register import EmbeddedRegister
from cases.configuration import load_benefits, load_demo_persons, load_payment_days
from cases.service import Cases
from core.ids import AgentId, CallbackId, ContactId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from dashboard.adapters.simulated_phones import SimulatedDemoPhones, SimulatedSoftphones
from dashboard.api.demo import make_demo_router
from dashboard.api.desk import make_desk_router
from dashboard.api.explanations import make_explanations_router
from dashboard.api.guard import Guard
from dashboard.api.headers import SecurityHeaders
from dashboard.api.pages import make_pages
from dashboard.api.promises import make_promises_router
from dashboard.api.session import make_session_router
from dashboard.api.supervisor import make_supervisor_router
from dashboard.api.texts import make_text_rates_router, make_texts_router
from dashboard.api.waits import make_waits_router
from dashboard.api.written import make_written_router
from dashboard.configuration import load_desk, load_users
from dashboard.desk import Desk
from dashboard.feed import STREAM, Feed
from dashboard.login_limit import LoginGate
from dashboard.phone_leases import PhoneLeases
from dashboard.promise_desk import PromiseDesk
from dashboard.sessions import Sessions
from dashboard.softphone_leases import SoftphoneLeases
from dashboard.supervision import Supervision
from dashboard.users import LocalUsers
from dashboard.views import DemoPersonView, DemoView
from ivr.notice_board import NoticeBoard
from ivr.notices import Place
from ivr.wording_file import load_wordings
from skills_routing.configuration import load_agents
from skills_routing.events import AgentStateChanged
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.waits import Waits
from sms.service import Sms
from storage.database import Database
from storage.redis import blocking
from telephony.phone_feed import PhoneFeed
from telephony.simulator.phone import SimulatedPhone
from telephony.simulator.remote import RemotePhones, obey_remote_phones
from tests.builders.desk_meetings import meetings_of, meetings_router
from tests.builders.desk_texts import text_desk, texts_of, written_desk
from tests.integration.skills_routing.world import Caller, World, configuration, open_world, until

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
PASSWORD = "a demo password of this test only"
PHONES = {"phone-1": "+46701740611", "phone-2": "+46701740612"}


def text(name: str) -> str:
    return (CONFIG / name).read_text("utf-8")


@dataclass
class DeskWorld:
    """Everything that stands behind the desk, and the address at which it is served."""

    world: World
    app: FastAPI
    url: str
    callbacks: Callbacks
    sessions: Sessions
    softphones: SoftphoneLeases
    feed: Feed
    phone_feed: PhoneFeed
    notices: NoticeBoard
    sms: Sms
    server: Any = None

    @property
    def database(self) -> Database:
        return self.world.database

    async def identified(self, caller: Caller, subject: str = "demo-03") -> None:
        """The caller has shown who they are."""
        async with self.database.transaction() as tx:
            await self.world.contacts.identified(
                tx, caller.contact, person=PersonId("per_1"), subject=Subject(subject), level=2
            )

    async def walked(self, caller: Caller, *path: str) -> None:
        async with self.database.transaction() as tx:
            await self.world.contacts.walked(tx, caller.contact, path)

    async def promised(self, number: str = "+46701740620", queue: str = "foralder") -> str:
        """Somebody has been promised to be rung back."""
        contact = ContactId(self.world.new_id("con"))
        async with self.database.transaction() as tx:
            await self.world.contacts.open(tx, contact=contact, caller=number)
            await self.world.contacts.walked(tx, contact, ("main/menu:choice_talk", "talk/which:choice_family"))
            await self.world.contacts.wants_callback(tx, contact, PhoneNumber(number))
        fact: Any = await self.callbacks.on_callback_requested(
            contact=contact, leg=None, queue=queue, language=Language.SWEDISH, reason="waiting"
        )
        async with self.database.transaction() as tx:
            await self.world.contacts.close(tx, contact)
        return str(fact.callback)

    async def is_own(self, callback: str, agent: AgentId, *, deputy: str = "") -> None:
        """It was this agent who promised it."""
        change = update(promises_table).where(promises_table.c.callback == callback)
        async with self.database.transaction() as tx:
            await tx.execute(change.values(bound_to=agent, deputy=deputy or None))

    async def comes_due(self, callback: str, *, citizen_first: bool = False) -> SimulatedPhone:
        """A promise stands in the line from now on; returns the citizen's telephone."""
        self.world.dials = self.callbacks.dial
        await self.callbacks.due(only=CallbackId(callback))
        promise = await self.promise(callback)
        await self.world.routing.promised.enter(
            promise.callback,
            contact=promise.contact,
            queue=promise.queue,
            language=promise.language,
            waiting_since=promise.first_requested_at,
            citizen_first=citizen_first,
        )
        return self.world.switch.phone(promise.number.e164)

    async def promise(self, callback: str) -> Callback:
        async with self.database.reading() as tx:
            return await self.callbacks.get(tx, CallbackId(callback))

    async def talks_begin(self, callback: str, agent: AgentId) -> None:
        """The room that keeps promises hears that the two talk, as the table of reactions has it."""
        promise = await self.promise(callback)
        await until(lambda: self.world.phone(agent).connected_to == promise.number.e164)
        await self.callbacks.on_agent_connected(contact=promise.contact, agent=agent)

    async def browser(self) -> "Browser":
        return Browser(self.url)

    def state_changes(self, agent: AgentId) -> list[str]:
        return [fact.state for fact in self.world.facts(AgentStateChanged) if fact.agent == agent]


class Browser:
    """What a browser does on our pages: keeps cookies, sends the mark of the log-in."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.csrf = "none"
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        marks = {"Origin": self.url, "X-KC-CSRF": self.csrf} | dict(headers or {})
        async with self.session.request(method, self.url + path, json=body, headers=marks) as answer:
            content = await answer.read()
            is_json = "json" in answer.headers.get("content-type", "")
            return answer.status, (await answer.json(content_type=None)) if content and is_json else content

    async def get(self, path: str) -> Any:
        status, body = await self.ask("GET", path)
        assert status == 200, (status, body)
        return body

    async def post(self, path: str, body: Any = None) -> Any:
        status, answer = await self.ask("POST", path, body if body is not None else {})
        assert status in (200, 204), (status, answer)
        return answer

    async def log_in(self, name: str = "asa", password: str = PASSWORD) -> Any:
        await self.post("/api/session", {"name": name, "password": password})
        me = await self.get("/api/me")
        self.csrf = me["csrf"]
        return me


@asynccontextmanager
async def open_desk_world(database: Database, redis: Redis, valkey_url: str) -> AsyncIterator[DeskWorld]:
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(open_world(database, redis, name="d"))
        secrets = iter(f"secret-{number:06d}-{'x' * 20}" for number in range(1_000_000))
        desk_world = assemble(world, valkey_url, new_secret=lambda: next(secrets))
        hear_phones(desk_world)
        obeying = blocking(valkey_url)
        stack.push_async_callback(obeying.aclose)
        await obeying.ping()  # connected before a slow first log-in can hold it up beyond its time-out
        for work in (
            desk_world.feed.run(),
            desk_world.phone_feed.run(),
            obey_remote_phones(obeying, world.switch),
        ):
            task = asyncio.create_task(work)
            stack.push_async_callback(stop, task)
        desk_world.url, desk_world.server = await stack.enter_async_context(served(desk_world.app))
        desk_world.app.state.origins.add(desk_world.url)
        yield desk_world


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def hear_phones(desk_world: DeskWorld) -> None:
    """Have what the demonstration's telephones notice published, as the controller does."""
    for number in PHONES.values():
        phone = desk_world.world.switch.phone(number)
        phone._on_sound = lambda number, sound: desk_world.phone_feed.tell(number, kind=sound.kind, text=sound.text)


def assemble(world: World, valkey_url: str, *, new_secret: Any) -> DeskWorld:
    database, redis, clock = world.database, world.redis, world.time
    callbacks = Callbacks(
        database=database, clock=clock, new_id=world.new_id, contacts=world.contacts, new_proof=lambda: "123456"
    )
    sessions = Sessions(database=database, clock=clock, new_secret=new_secret, signing_key="k" * 32)
    app = FastAPI()
    app.state.origins = set()
    http_errors.install(app)
    app.add_middleware(SecurityHeaders)
    desk_world = DeskWorld(
        world,
        app,
        "",
        callbacks,
        sessions,
        SoftphoneLeases(
            redis=redis, clock=clock, softphones=SimulatedSoftphones(RemotePhones(redis)), sessions=sessions
        ),
        Feed(blocking=lambda: blocking(valkey_url)),
        PhoneFeed(redis),
        notice_board(world),
        texts_of(world),
    )
    guard = Guard(sessions=sessions, origins=app.state.origins, secure_cookie=False)
    for router in (
        session_router(desk_world, guard),
        *desk_routers(desk_world, guard),
        supervisor_router(desk_world, guard),
        waits_router(desk_world, guard),
        make_explanations_router(guard=guard, routing=desk_world.world.routing),
    ):
        app.include_router(router)
    app.include_router(demo_router(desk_world, guard, valkey_url, new_secret))
    app.include_router(make_pages(ROOT / "dashboard" / "web" / "dist"))
    return desk_world


def session_router(desk_world: DeskWorld, guard: Guard) -> APIRouter:
    return make_session_router(
        guard=guard,
        sessions=desk_world.sessions,
        softphones=desk_world.softphones,
        gate=LoginGate(database=desk_world.database, clock=desk_world.world.time),
        choices=load_desk(text("desk.yaml")),
        users=LocalUsers(load_users(text("demo/users.yaml")), demo_password=PASSWORD),
        oidc=None,
        demo=True,
    )


def desk_routers(desk_world: DeskWorld, guard: Guard) -> tuple[APIRouter, ...]:
    world, choices = desk_world.world, load_desk(text("desk.yaml"))
    catalogue = load_benefits(text("benefits.yaml"))
    register = EmbeddedRegister(
        persons=load_demo_persons(text("demo/persons.yaml")), today=lambda: world.time.now().date()
    )
    calendar = load_payment_days(text("payment_days.yaml"))
    desk = Desk(
        database=world.database,
        clock=world.time,
        routing=world.routing,
        contacts=world.contacts,
        callbacks=desk_world.callbacks,
        cases=Cases(register=register, calendar=calendar, catalogue=catalogue, clock=world.time),
        notices=desk_world.notices,
        texts=desk_world.sms,
        benefits={benefit.benefit: benefit.label[Language.SWEDISH] for benefit in catalogue.benefits},
        steps=choices.steps,
    )
    promises = PromiseDesk(
        database=world.database,
        clock=world.time,
        routing=world.routing,
        contacts=world.contacts,
        promises=desk_world.callbacks,
        queues=lambda: configuration().queues,
        person=desk.person,
        calls_from="0771-524 524",
        page_of=lambda callback: f"https://kc.example/page/{callback}",
    )
    return (
        make_desk_router(
            guard=guard,
            desk=desk,
            feed=desk_world.feed,
            routing=world.routing,
            promises=promises,
            softphones=desk_world.softphones,
            choices=choices,
        ),
        make_promises_router(guard=guard, desk=promises),
        make_texts_router(guard=guard, desk=text_desk(world, desk_world.sms, desk)),
        make_text_rates_router(guard=guard, rates=desk_world.sms, clock=world.time),
        make_written_router(guard=guard, desk=written_desk(world, desk_world.callbacks, choices, desk_world.sms)),
        meetings_router(world, meetings_of(world), desk, guard),
    )


def notice_board(world: World) -> NoticeBoard:
    wordings = load_wordings({path.name: path.read_text("utf-8") for path in (CONFIG / "wording").glob("*.yaml")})
    known = configuration()
    names = {Place.ENTRY_POINT: ["national"], Place.QUEUE: list(known.queues), Place.SKILL: list(known.skills)}
    return NoticeBoard(
        database=world.database, clock=world.time, wordings=lambda: wordings, places=lambda at: names[at]
    )


def supervisor_router(desk_world: DeskWorld, guard: Guard) -> APIRouter:
    world = desk_world.world

    async def changed() -> None:
        await world.redis.xadd(STREAM, {"kind": "changed"})

    supervision = Supervision(
        database=world.database,
        clock=world.time,
        routing=world.routing,
        notices=desk_world.notices,
        configured=lambda: load_agents(text("demo/agents.yaml"), skills=configuration().skills),
    )
    return make_supervisor_router(guard=guard, supervision=supervision, changed=changed)


def waits_router(desk_world: DeskWorld, guard: Guard) -> APIRouter:
    world = desk_world.world
    waits = Waits(live=LiveWaits(world.redis), database=world.database, clock=world.time)
    return make_waits_router(guard=guard, waits=waits)


def demo_router(desk_world: DeskWorld, guard: Guard, valkey_url: str, new_secret: Any) -> APIRouter:
    redis = desk_world.world.redis
    persons = [
        DemoPersonView(name=one.name, personnummer=one.personnummer, code=one.code, about=one.about)
        for one in load_demo_persons(text("demo/persons.yaml"))
    ]
    return make_demo_router(
        guard=guard,
        numbers=PHONES,
        phones=SimulatedDemoPhones(RemotePhones(redis)),
        buttons=RemotePhones(redis),
        leases=PhoneLeases(redis=redis, phones=list(PHONES), new_secret=new_secret),
        about=DemoView(demo=True, national_number="0771-524 524", sound=False, persons=persons),
        blocking=lambda: blocking(valkey_url),
    )


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """Serve on a free port of this machine only."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="warning", lifespan="off", timeout_graceful_shutdown=1, timeout_keep_alive=75,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(5):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        await task
