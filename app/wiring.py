"""Makes every service once and hands each what it needs. The one page on which all rooms meet."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from redis.asyncio import Redis

from app import meetings_wiring, texts
from app.configuration import Configuration
from app.dispatch import Dispatcher
from app.figures import Figures
from app.last_good import configuration_to_start_with
from app.promises import KeptPromises
from app.reactions import reactions
from app.settings import Settings
from app.system import SystemClock, chance, new_id, new_proof
from app.tellings import reach_of, subscriptions_of
from app.text_providers import is_known, routes_of
from app.waiting import as_told
from callbacks.model import Policy as CallbackPolicy
from callbacks.places import is_kept_for
from callbacks.service import Callbacks
from cases.adapters.http import HttpRegister
from cases.adapters.register import EmbeddedRegister
from cases.ports import CaseRegister
from cases.service import Cases
from contacts.service import Contacts
from core.clock import STOCKHOLM, Clock
from core.language import Language
from core.phone import PhoneNumber, grouped, parse_phone
from dashboard.feed import STREAM as DESK_STREAM
from identity.bindings import Bindings
from identity.model import Limits
from identity.service import Identity
from ivr.editions import Editions
from ivr.notice_board import NoticeBoard
from ivr.notices import Place
from ivr.service import CallFlow
from ivr.texting import TextAnswers
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.waits import Waits
from skills_routing.model import Policy as RoutingPolicy
from skills_routing.rules.queues import SkillKind
from skills_routing.service import Routing
from sms.answering import Answering
from sms.service import Sms
from storage.database import Database
from storage.job_queue import JobQueue
from storage.redis import live, our_errors
from telephony.ports import Performs
from telephony.remote import RemoteSwitch
from webhooks.adapters.http import HttpPost
from webhooks.service import Webhooks

if TYPE_CHECKING:
    from meetings.service import Meetings

TELL_AGAIN = "facts.tell_again"
FACT_ID = "fact-"
"""A job that tells one fact of the outbox once more, and how it names the fact."""

Renewal = Callable[[Configuration], None]
"""Has one part go by a changed configuration."""

TEXT_RELAY = "+4620600650"
"""Texttelefoni.se, from which many persons ring: wrong codes from it are not counted as one caller's."""


@dataclass(kw_only=True)
class Rooms:
    """Every service of one process."""

    settings: Settings
    configuration: Configuration
    clock: Clock
    database: Database
    redis: Redis
    jobs: JobQueue
    switch: Performs
    identity: Identity
    bindings: Bindings
    cases: Cases
    contacts: Contacts
    callbacks: Callbacks
    routing: Routing
    waits: Waits
    call_flow: CallFlow
    dispatcher: Dispatcher
    figures: Figures
    notices: NoticeBoard
    sms: Sms
    webhooks: Webhooks
    answering: Answering = field(init=False)
    meetings: "Meetings" = field(init=False)
    renewals: list[Renewal] = field(default_factory=list)
    process_id: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{new_id('prc')}")

    def renew(self, configuration: Configuration) -> None:
        """Have every part go by another configuration from now on, all at once."""
        self.configuration = configuration
        for renewal in self.renewals:
            renewal(configuration)

    async def learn_notices(self) -> bool:
        """Learn which notices are up, have every desk show it when that has changed, and tell whether it has."""
        changed = await self.notices.refresh()
        if changed:
            await self.desks_look_again()
        return changed

    async def desks_look_again(self) -> None:
        """Have every agent's desk show what is true now."""
        async with our_errors():
            await self.redis.xadd(DESK_STREAM, {"kind": "changed"}, maxlen=10_000, approximate=True)


@asynccontextmanager
async def rooms_of(
    settings: Settings,
    *,
    switch: Performs | None = None,
    clock: Clock | None = None,
    configuration: Configuration | None = None,
) -> AsyncIterator[Rooms]:
    """Make the services; ``switch`` is the real one in the controller's process, and a way to it everywhere else.

    ``clock`` is another than the machine's where hours are to pass in minutes; ``configuration`` is what the folder says
    for whoever has read it already.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        configuration = configuration or configuration_to_start_with(settings)
        database = Database(settings.sql_url)
        stack.push_async_callback(database.close)
        redis = live(settings.live_url)
        stack.push_async_callback(redis.aclose)
        jobs = JobQueue(settings.live_url)
        stack.push_async_callback(jobs.close)
        cases = Cases(
            register=await _register(settings, configuration, stack, clock),
            calendar=configuration.calendar,
            catalogue=configuration.catalogue,
            clock=clock,
        )
        rooms = _assemble(settings, configuration, database, redis, jobs, cases, switch or RemoteSwitch(redis), clock)
        stack.push_async_callback(rooms.sms.close)
        stack.push_async_callback(rooms.webhooks.close)
        yield rooms
        await rooms.dispatcher.settled()
        await rooms.routing.settled()
        await rooms.dispatcher.settled()  # of what routing has told since


def _assemble(
    settings: Settings,
    configuration: Configuration,
    database: Database,
    redis: Redis,
    jobs: JobQueue,
    cases: Cases,
    switch: Performs,
    clock: Clock,
) -> Rooms:
    figures = Figures()

    async def ask_again(number: int) -> None:
        figures.reaction_failed()
        await jobs.wake(TELL_AGAIN, f"{FACT_ID}{number}")

    dispatcher = Dispatcher(database, clock, ask_again=ask_again)
    contacts = Contacts(database=database, clock=clock, keeps_place=is_kept_for)
    waits = Waits(live=LiveWaits(redis), database=database, clock=clock)
    parts = _Parts(settings, configuration, database, redis, clock, switch, contacts, waits)
    identity, callbacks = _identity(parts), _callbacks(parts)
    editions = Editions(configuration.flows, configuration.entry_points)
    notices = _notices(parts, editions)
    routing, sms = _routing(parts, dispatcher, callbacks), _sms(parts)
    bindings = _bindings(parts, sms)
    rooms = Rooms(
        settings=settings,
        configuration=configuration,
        clock=clock,
        database=database,
        redis=redis,
        jobs=jobs,
        switch=switch,
        identity=identity,
        bindings=bindings,
        cases=cases,
        contacts=parts.contacts,
        callbacks=callbacks,
        routing=routing,
        waits=parts.waits,
        call_flow=_call_flow(parts, identity, cases, editions, notices, callbacks, _text_answers(sms, bindings)),
        dispatcher=dispatcher,
        figures=figures,
        notices=notices,
        sms=sms,
        webhooks=_webhooks(parts),
        renewals=[*_renewals(editions, cases, routing, sms), _renewal_of(callbacks, settings)],
    )
    _connect(rooms)
    return rooms


def _connect(rooms: Rooms) -> None:
    """Have the services hear of each other, now that all of them are there."""
    rooms.sms.still_wanted = lambda message: texts.still_wanted(rooms, message)
    rooms.answering = Answering(
        sms=rooms.sms,
        bindings=rooms.bindings,
        cases=rooms.cases,
        contacts=rooms.contacts,
        promise=lambda received, language: texts.promise_to_ring(rooms, received, language),
    )
    meetings_wiring.connect(rooms)
    rooms.sms.is_known = lambda tx, number: is_known(rooms, tx, number)
    rooms.figures.configuration_in_use(rooms.configuration.version, refused=rooms.configuration.is_fallback)
    rooms.dispatcher.react(reactions(rooms))
    rooms.database.on_commit(rooms.dispatcher.committed)


@dataclass(frozen=True)
class _Parts:
    """What most services need."""

    settings: Settings
    configuration: Configuration
    database: Database
    redis: Redis
    clock: Clock
    switch: Performs
    contacts: Contacts
    waits: Waits


def _renewals(editions: Editions, cases: Cases, routing: Routing, sms: Sms) -> list[Renewal]:
    return [
        lambda new: editions.renew(new.flows, new.entry_points),
        lambda new: cases.renew(calendar=new.calendar, catalogue=new.catalogue),
        lambda new: routing.renew(new.routing),
        lambda new: sms.renew(new.sms),
    ]


def _renewal_of(callbacks: Callbacks, settings: Settings) -> Renewal:
    return lambda new: callbacks.renew(_callback_policy(settings, new))


def _identity(parts: _Parts) -> Identity:
    return Identity(
        database=parts.database,
        clock=parts.clock,
        pepper=parts.settings.pepper.get_secret_value().encode(),
        limits=Limits(shared_numbers=frozenset({TEXT_RELAY})),
    )


def _callbacks(parts: _Parts) -> Callbacks:
    return Callbacks(
        database=parts.database,
        clock=parts.clock,
        new_id=new_id,
        contacts=parts.contacts,
        policy=_callback_policy(parts.settings, parts.configuration),
        new_proof=new_proof,
    )


def _callback_policy(settings: Settings, configuration: Configuration) -> CallbackPolicy:
    edited = configuration.callbacks
    ours = {number.e164 for point in configuration.entry_points for number in point.numbers}
    hours = replace(edited.hours, always=settings.demo)  # who tries the demonstration at night has nobody to wake
    return replace(edited, own_numbers=edited.own_numbers | ours | {settings.national_number}, hours=hours)


def _routing(parts: _Parts, dispatcher: Dispatcher, callbacks: Callbacks) -> Routing:
    return Routing(
        redis=parts.redis,
        database=parts.database,
        clock=parts.clock,
        new_id=new_id,
        switch=parts.switch,
        contacts=parts.contacts,
        configuration=parts.configuration.routing,
        tell=dispatcher.tell,
        dial=callbacks.dial,
        policy=RoutingPolicy(offer=timedelta(seconds=parts.settings.offer_seconds)),
        shown_number=parts.settings.national_number,
    )


def _sms(parts: _Parts) -> Sms:
    number = parse_phone(parts.settings.national_number)
    return Sms(
        database=parts.database,
        clock=parts.clock,
        new_id=new_id,
        texts=parts.configuration.sms,
        own_number=grouped(number) if number else parts.settings.national_number,
        routes=routes_of(parts.settings, parts.database, parts.clock),
    )


def _webhooks(parts: _Parts) -> Webhooks:
    return Webhooks(
        database=parts.database,
        clock=parts.clock,
        chance=chance,
        post=HttpPost(reach=reach_of(parts.settings)),
        subscriptions=subscriptions_of(parts.settings),
    )


def _bindings(parts: _Parts, sms: Sms) -> Bindings:
    return Bindings(database=parts.database, clock=parts.clock, new_id=new_id, lifetime=lambda: texts.lifetime_of(sms))


def _text_answers(sms: Sms, bindings: Bindings) -> TextAnswers | None:
    async def takes_texts(number: PhoneNumber) -> bool:
        return not await sms.is_opted_out(number)

    return TextAnswers(bindings, takes_texts) if sms.is_on else None


def _notices(parts: _Parts, editions: Editions) -> NoticeBoard:
    routing = parts.configuration.routing  # the same object through every renewal

    def names(place: Place) -> tuple[str, ...]:
        match place:
            case Place.ENTRY_POINT:
                return tuple(point.id for point in editions.entry_points)
            case Place.QUEUE:
                return tuple(routing.queues)
            case Place.SKILL:  # who needs clearance is told nothing that others are not
                kinds = {name: row.kind for name, row in routing.skills.items()}
                return tuple(name for name, kind in kinds.items() if kind is not SkillKind.PROTECTED)

    def skills_of(queue: str, language: Language) -> frozenset[str]:
        found = routing.known(queue)
        return frozenset(need.skill for need in found.requirement(language).needs) if found else frozenset()

    return NoticeBoard(
        database=parts.database,
        clock=parts.clock,
        wordings=lambda: editions.newest.wordings,
        places=names,
        skills_of=skills_of,
    )


def _call_flow(
    parts: _Parts,
    identity: Identity,
    cases: Cases,
    editions: Editions,
    notices: NoticeBoard,
    callbacks: Callbacks,
    texts: TextAnswers | None,
) -> CallFlow:
    return CallFlow(
        switch=parts.switch,
        redis=parts.redis,
        database=parts.database,
        clock=parts.clock,
        new_id=new_id,
        identity=identity,
        cases=cases,
        contacts=parts.contacts,
        editions=editions,
        notices=notices,
        timers=asyncio.get_running_loop(),
        wait_of=as_told(parts.waits, parts.clock),
        texts=texts,
        promises=KeptPromises(callbacks, how_often=lambda: callbacks.policy.most_attempts),
        our_number=parts.settings.national_number,
    )


async def _register(
    settings: Settings, configuration: Configuration, stack: AsyncExitStack, clock: Clock
) -> CaseRegister:
    if not settings.cases_url:
        return EmbeddedRegister(persons=configuration.persons, today=lambda: today(clock))
    token = settings.cases_token.get_secret_value()
    return await stack.enter_async_context(HttpRegister(url=settings.cases_url, token=token, clock=clock))


def today(clock: Clock | None = None) -> date:
    """Return the day that it is in Sweden."""
    return (clock or SystemClock()).now().astimezone(STOCKHOLM).date()
