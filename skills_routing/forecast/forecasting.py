"""Foresees every wait, again and again, in one process at a time and never with more than a part of a core."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from core.clock import Clock
from core.ids import ContactId
from skills_routing.forecast import wait_store
from skills_routing.forecast.forecast import Caution, foresee
from skills_routing.forecast.foreseen import Foreseen, kept
from skills_routing.forecast.history import History
from skills_routing.forecast.history_store import Memory, app_queue_says, read_history
from skills_routing.forecast.live_waits import LiveWaits, Stepping
from skills_routing.forecast.reading import Heads, unwidened
from skills_routing.forecast.wait_store import FirstForecast
from skills_routing.model import read_requirement
from skills_routing.rules.steps import widens_at
from skills_routing.simulation.ahead import LONGEST, Chance
from storage.database import Database

log = structlog.get_logger()

ForecastPassed = Callable[[ContactId, timedelta], Awaitable[object]]

_HOLD = timedelta(seconds=15)
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How often we foresee, and read again what forecasts go by. ``share`` is the part of one core that it may take."""

    between_rounds: timedelta = timedelta(seconds=10)
    between_histories: timedelta = timedelta(minutes=3)
    until_enough: timedelta = timedelta(seconds=5)
    share: float = 0.05


class Forecasting:
    """Keeps up what is foreseen for everybody who waits, and records the first forecast of each."""

    def __init__(
        self,
        *,
        live: LiveWaits,
        database: Database,
        clock: Clock,
        chance: Chance,
        holder: str,
        newcomers: Callable[[], Collection[str]],
        forecast_passed: ForecastPassed,
        caution: Caution = Caution(),  # noqa: B008 - frozen
        memory: Memory = Memory(),  # noqa: B008 - frozen
        rhythm: Rhythm = Rhythm(),
    ) -> None:
        self._live, self._database, self._clock, self._chance = live, database, clock, chance
        self._holder, self._newcomers, self._forecast_passed = holder, newcomers, forecast_passed
        self._caution, self._memory, self._rhythm = caution, memory, rhythm
        self._history: History | None = None
        self._history_at = self._next_round = self._rests_until = datetime.min.replace(tzinfo=UTC)
        self._recorded: set[ContactId] = set()
        self.round_seconds, self._slow = 0.0, False

    async def run_due(self) -> bool:
        """Foresee every wait if it is time, and tell whether it was. Call it every second, in any number of processes."""
        if self._clock.now() < self._rests_until or not await self._live.claim(self._holder, hold=_HOLD):
            return False
        lines = await self._live.lines()
        waiting = {ContactId(name): line for line, heads in lines.items() for name, _ in heads}
        if self._clock.now() < self._next_round and waiting.keys() <= self._recorded:
            return False
        await self._round(lines, waiting)
        return True

    async def _round(self, lines: Mapping[str, Heads], waiting: Mapping[ContactId, str]) -> None:
        now, started = self._clock.now(), asyncio.get_running_loop().time()
        try:
            stepping = await self._live.stepping()
            foreseen = await self._foresee(lines, stepping, now)
            imagined = {unwidened(contact) for contact in stepping}
            await self._live.keep({name: one for name, one in foreseen.items() if name not in imagined})
            await self._record(waiting, foreseen, now)
            for contact, expected in too_long(stepping, foreseen):
                await self._forecast_passed(contact, expected)
        finally:
            self._rest(asyncio.get_running_loop().time() - started, now)

    async def _foresee(
        self, lines: Mapping[str, Heads], stepping: Stepping, now: datetime
    ) -> dict[ContactId, Foreseen]:
        history = await self._history_at_hand(lines, now)
        if not history.knows_enough():
            return {}
        snapshot = await self._live.snapshot(lines, stepping, newcomers=self._newcomers(), now=now)
        found = await asyncio.to_thread(
            foresee, snapshot, history, now, chance=self._chance, caution=self._caution
        )  # fmt: skip
        return {contact: kept(one, self._caution, at=now) for contact, one in found.items()}

    async def _history_at_hand(self, lines: Collection[str], now: datetime) -> History:
        enough = self._history is not None and self._history.knows_enough()
        age = self._rhythm.between_histories if enough else self._rhythm.until_enough
        if self._history is None or now - self._history_at >= age:
            known = {read_requirement(line).for_anybody.line for line in (*lines, *self._newcomers())}
            async with self._database.reading() as tx:
                self._history = await read_history(tx, known, now=now, memory=self._memory)
            self._history_at = now
        return self._history

    async def _record(
        self, waiting: Mapping[ContactId, str], foreseen: Mapping[ContactId, Foreseen], now: datetime
    ) -> None:
        new = sorted(waiting.keys() - self._recorded)
        said = await self._app_queue_says({waiting[contact] for contact in new})
        first = [first_forecast(contact, foreseen.get(contact), said[waiting[contact]]) for contact in new]
        for start in range(0, len(first), _AT_ONCE):
            async with self._database.transaction() as tx:
                await wait_store.foreseen(tx, first[start : start + _AT_ONCE], at=now)
        self._recorded = set(waiting)

    async def _app_queue_says(self, lines: Collection[str]) -> dict[str, float]:
        if not lines:
            return {}
        async with self._database.reading() as tx:
            return {
                line: await app_queue_says(tx, read_requirement(line).for_anybody.line, memory=self._memory)
                for line in lines
            }

    def _rest(self, seconds: float, began: datetime) -> None:
        slow = seconds > self._rhythm.share * self._rhythm.between_rounds.total_seconds()
        if slow != self._slow:
            log.info("waits are foreseen more seldom" if slow else "waits are foreseen as often as wanted again")
        self.round_seconds, self._slow = seconds, slow
        self._next_round = began + self._rhythm.between_rounds
        self._rests_until = self._clock.now() + timedelta(seconds=seconds * (1 / self._rhythm.share - 1))


def too_long(stepping: Stepping, foreseen: Mapping[ContactId, Foreseen]) -> list[tuple[ContactId, timedelta]]:
    """Return those whose next step is to be taken now, with the wait that is expected if it were not.

    That is for ever where nobody at work can serve the contact as it is, but somebody could after the step.
    """
    found = []
    for contact, (plan, step) in stepping.items():
        stays = foreseen.get(unwidened(contact))
        expected = stays.expected if stays else timedelta(seconds=LONGEST)
        if contact in foreseen and widens_at(plan, step, expected=expected):
            found.append((contact, expected))
    return found


def first_forecast(contact: ContactId, found: Foreseen | None, app_queue: float) -> FirstForecast:
    """Return what is recorded of a first forecast; with nothing foreseen only what app_queue would have said."""
    if found is None:
        return FirstForecast(contact=contact, app_queue_seconds=app_queue)
    return FirstForecast(
        contact=contact,
        sure=found.sure,
        low_minutes=found.low_minutes,
        high_minutes=found.high_minutes,
        expected_seconds=found.expected.total_seconds(),
        app_queue_seconds=app_queue,
    )
