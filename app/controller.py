"""The process that drives the telephone switch: tells the rooms what happens on each leg, and does what they ask."""

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from app.configuration import Configuration
from app.demo import give_codes
from app.figures import LineFigures
from app.health import SWITCH_ALIVE_KEY, SWITCH_ALIVE_SECONDS
from app.metrics import WATCH_KEY, publish
from app.obeying import obey
from app.periodic import every, until_stopped
from app.reloading import Reloader
from app.settings import Settings, SwitchKind
from app.switch_process import AMI_USER
from app.switches import Voice, the_switch
from app.system import SystemClock
from app.wiring import Rooms, rooms_of, today
from core.errors import KundcenterError
from ivr.prompts import unchanging
from storage.redis import blocking, our_errors
from telephony.asterisk.ami import SwitchWatcher, WatcherSignIn
from telephony.asterisk.spool import StrandedCall, import_stranded
from telephony.asterisk.watch_metrics import WatchMetrics
from telephony.asterisk.watching import CallQuality
from telephony.model import COUNTED_EVERY_SECONDS, PhonesCounted, SwitchConnected, SwitchLost
from telephony.ports import Switch
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.remote import obey_remote_phones

_LONGEST_SPEECH_SECONDS = 30.0
"""Changed prompts may take so long to be spoken beforehand; what is left is spoken when a caller comes to it."""

log = structlog.get_logger()


async def control(settings: Settings) -> None:
    """Drive the switch until told to stop."""
    async with AsyncExitStack() as stack:
        voice = Voice()
        switch = await stack.enter_async_context(the_switch(settings, voice))
        rooms = await stack.enter_async_context(rooms_of(settings, switch=switch))
        warming = asyncio.create_task(voice.speak(unchanging(rooms.configuration.flows)))
        stack.callback(warming.cancel)
        if settings.demo:
            persons = rooms.configuration.persons
            await give_codes(rooms.identity, persons, today=today(), folder=settings.state_dir)
        registry = rooms.figures.registry
        lines = LineFigures(registry)
        connected = asyncio.Event()
        tasks: list[Coroutine[Any, Any, None]] = [
            _take_events(rooms, switch, connected),
            every(0.5, "obey other processes", lambda: _obey(rooms, switch)),
            every(1, "tell that we live", lambda: _tell_alive(rooms, switch, connected)),
            every(2, "mend routing", rooms.routing.reconcile),
            every(0.5, "end what is due", rooms.routing.run_due),
            every(5, "publish figures", lambda: _publish(rooms, lines)),
            every(2, "learn notices", lambda: _learn_notices(rooms, voice)),
            every(10, "let go of skills that nobody waits for", lambda: _let_go(rooms)),
            _reloader(rooms, voice).run(),
            rooms.dispatcher.run(),
        ]
        if settings.switch is SwitchKind.ASTERISK:
            tasks += _of_asterisk(settings, rooms, registry)
        if isinstance(switch, LineSimulator):
            tasks.append(every(0.5, "obey the telephones' buttons", lambda: _obey_phones(rooms, switch)))
            tasks.append(every(COUNTED_EVERY_SECONDS, "count legs", lambda: rooms.dispatcher.tell(switch.counted())))
        await until_stopped(*tasks)


# --- what is done all the while ---------------------------------------------------------------------------------------


async def _take_events(rooms: Rooms, switch: Switch, connected: asyncio.Event) -> None:
    await rooms.routing.start()
    await rooms.routing.sync_agents(rooms.configuration.agents)
    async for event in switch.events():
        match event:
            case SwitchConnected():
                connected.set()
                log.info("the switch is connected", switch=event.switch, calls=len(event.legs))
            case SwitchLost():
                connected.clear()
                await _tell_lost(rooms)
                log.warning("the switch is lost", switch=event.switch)
        await rooms.dispatcher.tell(event)


def _reloader(rooms: Rooms, voice: Voice) -> Reloader:
    async def lines(new: Configuration) -> None:
        await rooms.routing.prepare(new.routing)

    async def prompts(new: Configuration) -> None:
        await voice.speak(unchanging(new.flows), within=_LONGEST_SPEECH_SECONDS)

    async def agents(new: Configuration) -> None:
        await rooms.routing.sync_agents(new.agents)

    return Reloader(rooms, prepare=[lines, prompts], follow=[agents])


async def _learn_notices(rooms: Rooms, voice: Voice) -> None:
    if await rooms.learn_notices():
        await voice.speak(rooms.notices.everything_said(), within=_LONGEST_SPEECH_SECONDS)


async def _let_go(rooms: Rooms) -> None:
    if await rooms.routing.staffing.holds_retired_skills():
        await rooms.routing.sync_agents(rooms.configuration.agents)


async def _obey(rooms: Rooms, switch: Switch) -> None:
    client = blocking(rooms.settings.live_url)
    try:
        await obey(client, switch)
    finally:
        await client.aclose()


async def _obey_phones(rooms: Rooms, simulator: LineSimulator) -> None:
    client = blocking(rooms.settings.live_url)
    try:
        await obey_remote_phones(client, simulator)
    finally:
        await client.aclose()


async def _tell_lost(rooms: Rooms) -> None:
    with contextlib.suppress(KundcenterError):  # then nobody can ask either
        async with our_errors():
            await rooms.redis.delete(SWITCH_ALIVE_KEY)


async def _publish(rooms: Rooms, lines: LineFigures) -> None:
    lines.show(await rooms.routing.lengths(), await rooms.routing.states(), now=rooms.clock.now())
    await publish(rooms.redis, "switch", rooms.figures.registry)


async def _tell_alive(rooms: Rooms, switch: Switch, connected: asyncio.Event) -> None:
    if connected.is_set():
        await switch.ping()
        async with our_errors():
            await rooms.redis.set(SWITCH_ALIVE_KEY, "1", ex=SWITCH_ALIVE_SECONDS)


# --- an Asterisk of ours ----------------------------------------------------------------------------------------------


def _of_asterisk(settings: Settings, rooms: Rooms, registry: CollectorRegistry) -> list[Coroutine[Any, Any, None]]:
    sign_in = WatcherSignIn(port=settings.ami_port, user=AMI_USER, password=settings.ami_password.get_secret_value())
    watcher = SwitchWatcher(sign_in, clock=SystemClock(), metrics=WatchMetrics(registry))
    return [
        watcher.run(),
        every(2, "tell what the watcher saw", lambda: _tell_watch(rooms, watcher)),
        every(1, "tell which telephones can be rung", lambda: _tell_phones(rooms, watcher)),
        every(1, "take in stranded callers", lambda: _take_in_stranded(settings, rooms)),
    ]


async def _tell_watch(rooms: Rooms, watcher: SwitchWatcher) -> None:
    report = watcher.report()
    words = {
        "state": report.state,
        "restarts": report.restarts,
        "reachable": len(report.reachable),
        "refused": report.security_events,
        "sound": report.sound,
        "worst": _told(report.worst, rooms) if report.worst else None,
    }
    async with our_errors():
        await rooms.redis.set(WATCH_KEY, json.dumps(words), ex=30)


def _told(worst: CallQuality, rooms: Rooms) -> dict[str, Any]:
    """Return how a leg sounds, and whose it is, by ids alone."""
    return {
        "contact": rooms.dispatcher.contact_of(worst.leg),
        "leg": worst.leg,
        "side": worst.side,
        "heard_by": worst.heard_by,
        "loss_percent": worst.loss_percent,
        "jitter_ms": worst.jitter_ms,
        "round_trip_ms": worst.round_trip_ms,
        "is_bad": worst.is_bad,
    }


async def _tell_phones(rooms: Rooms, watcher: SwitchWatcher) -> None:
    report = watcher.report()
    if report.knows_reachable:
        counted = PhonesCounted(occurred_at=rooms.clock.now(), switch="asterisk", phones=report.reachable)
        await rooms.dispatcher.tell(counted)


async def _take_in_stranded(settings: Settings, rooms: Rooms) -> None:
    async def promise(call: StrandedCall) -> None:
        await rooms.callbacks.import_stranded(number=call.number, called=call.called, at=call.at, key=call.name)

    spool = settings.state_dir / "stranded"
    if spool.is_dir():
        await import_stranded(spool, promise, now=SystemClock().now())
