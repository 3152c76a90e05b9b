"""Watch the switch over AMI: who is refused at its door, which softphones can be rung, how calls sound, restarts.

It is never in a call's path: when it cannot connect, calls go on and the report says that nobody watches.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from asterisk.ami import Action, Event, LoginAction, Response

from core.clock import Clock
from core.ids import LegId
from telephony.asterisk.ami_client import Answer, HardenedClient
from telephony.asterisk.watch_metrics import WatchMetrics
from telephony.asterisk.watching import (
    CallQuality,
    Fact,
    SecurityEvent,
    SecurityKind,
    SoftphoneReachable,
    SoftphonesListed,
    SwitchStarted,
    SwitchStopping,
    WatchReport,
    WatchState,
    read_event,
)
from telephony.errors import SwitchUnavailableError

_SLOWEST_RETRY_SECONDS = 5.0
_LEGS_REMEMBERED = 2000
_TIME_TO_START = timedelta(seconds=15)
_SAME_START = timedelta(seconds=5)
"""Uptime is told in whole seconds and on another clock; a start that differs by less is the same start."""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class WatcherSignIn:
    """Where and as whom the watcher signs in."""

    port: int = 5038
    address: str = "127.0.0.1"
    user: str = "watcher"
    password: str = field(repr=False)


class SwitchWatcher:
    """Watches one switch for as long as :meth:`run` runs; every fact goes to ``on_fact`` on the event loop."""

    def __init__(
        self,
        sign_in: WatcherSignIn,
        *,
        clock: Clock,
        metrics: WatchMetrics,
        on_fact: Callable[[Fact], None] = lambda fact: None,
        ping_every_seconds: float = 5.0,
        answer_within_seconds: float = 3.0,
        silent_for_seconds: float = 15.0,
    ) -> None:
        self._ping_every_seconds = ping_every_seconds
        self._answer_within_seconds = answer_within_seconds
        self._silent_for_seconds = silent_for_seconds
        self._begun_at = clock.now()
        self._sign_in = sign_in
        self._clock = clock
        self._metrics = metrics
        self._on_fact = on_fact
        self._connected = False
        self._started_at: datetime | None = None
        self._restarts = 0
        self._security: Counter[SecurityKind] = Counter()
        self._reachable: set[str] = set()
        self._listed = False
        self._quality: OrderedDict[tuple[LegId, bool], CallQuality] = OrderedDict()

    def report(self) -> WatchReport:
        """Return what is known just now."""
        return WatchReport(
            state=self._state(),
            started_at=self._started_at,
            restarts=self._restarts,
            security_events=dict(self._security),
            reachable=frozenset(self._reachable),
            knows_reachable=self._connected and self._listed,
            quality=dict(self._quality),
        )

    async def run(self) -> None:
        """Watch until cancelled; connects again, ever more patiently up to 5 s, whenever the connection is lost.

        It is lost when it ends, or when nothing at all has come for 15 s in spite of pings. An answer that is only late
        is none of it: a busy switch has better things to do.
        """
        self._begun_at = self._clock.now()
        pause = 0.2
        while True:
            try:
                await self._watch_once()
                pause = 0.2
            except (OSError, TimeoutError, SwitchUnavailableError) as error:
                _log.info("switch_not_watched", reason=type(error).__name__)
            finally:
                self._set_connected(False)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _SLOWEST_RETRY_SECONDS)

    async def _watch_once(self) -> None:
        loop = asyncio.get_running_loop()
        lost = asyncio.Event()
        client = HardenedClient(self._sign_in.address, self._sign_in.port, timeout_seconds=self._answer_within_seconds)
        client.add_listener(
            on_event=lambda source, event: loop.call_soon_threadsafe(self._take, event),
            on_disconnect=lambda source, error: loop.call_soon_threadsafe(lost.set),
        )
        try:
            await asyncio.to_thread(client.connect)
            await self._log_in(client)
            self._set_connected(True)
            await self._ping_until(lost, client)
        finally:
            await asyncio.to_thread(client.disconnect)

    async def _log_in(self, client: HardenedClient) -> None:
        answer = client.send_action(LoginAction(self._sign_in.user, self._sign_in.password))
        if (await self._settled(answer)).is_error():
            raise SwitchUnavailableError("The watcher's sign-in was refused.")
        self._reachable.clear()  # what has changed while nobody watched was told to nobody
        await self._settled(client.send_action(Action("DeviceStateList")))

    async def _ping_until(self, lost: asyncio.Event, client: HardenedClient) -> None:
        while not lost.is_set():
            try:
                async with asyncio.timeout(self._ping_every_seconds):  # wait_for of 3.11 can lose a cancellation
                    await lost.wait()
            except TimeoutError:
                if client.silent_seconds > self._silent_for_seconds:
                    raise SwitchUnavailableError("It is silent.") from None
                client.send_action(Action("Ping"))

    def _state(self) -> WatchState:
        if self._connected:
            return WatchState.WATCHING
        new = self._clock.now() - self._begun_at < _TIME_TO_START
        return WatchState.STARTING if new and self._started_at is None else WatchState.LOST

    def _set_connected(self, connected: bool) -> None:
        if connected != self._connected:
            _log.info("switch_watched", connected=connected)
        self._connected = connected
        self._listed = self._listed and connected
        self._metrics.connected.set(connected)

    def _take(self, event: Event) -> None:
        fact = read_event(event.name, event.keys, now=self._clock.now())
        if fact is None:
            return
        self._note(fact)
        self._metrics.count(fact)
        self._on_fact(fact)

    def _note(self, fact: Fact) -> None:
        match fact:
            case SecurityEvent():
                self._security[fact.kind] += 1
                _log.warning("switch_refused", kind=fact.kind, account=fact.account, address=fact.address)
            case SoftphoneReachable(name=name, reachable=reachable):
                (self._reachable.add if reachable else self._reachable.discard)(name)
                self._metrics.reachable.set(len(self._reachable))
            case SoftphonesListed():
                self._listed = True
            case CallQuality():
                of_end = (fact.leg, fact.heard_by_us)
                self._quality[of_end] = fact
                self._quality.move_to_end(of_end)
                if len(self._quality) > 2 * _LEGS_REMEMBERED:
                    self._quality.popitem(last=False)
            case SwitchStarted(started_at=started_at):
                self._note_start(started_at)
            case SwitchStopping():
                _log.warning("switch_stopping")

    def _note_start(self, started_at: datetime) -> None:
        before = self._started_at
        self._started_at = started_at
        self._metrics.started.set(started_at.timestamp())
        if before is not None and started_at - before > _SAME_START:
            self._restarts += 1
            self._reachable.clear()
            self._metrics.restarts.inc()
            _log.warning("switch_restarted", started_at=started_at.isoformat())

    async def _settled(self, answer: Answer) -> Response:
        async with asyncio.timeout(self._answer_within_seconds):
            return await asyncio.wrap_future(answer)
