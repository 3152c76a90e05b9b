"""Brings together who foresees waits, who tells callers of them, and who counts how good it was."""

from datetime import timedelta
from math import nan
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge

from app.system import chance
from core.clock import Clock
from core.ids import ContactId
from ivr.events import WaitTold
from ivr.model import Wait
from ivr.ringing_back import WaitOf
from skills_routing.agents.desk import newcomers_line
from skills_routing.forecast.accuracy_store import Accuracy
from skills_routing.forecast.forecasting import Forecasting
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.waits import Waits

if TYPE_CHECKING:
    from app.wiring import Rooms

KEPT = timedelta(days=90)
"""How long is known how a wait went."""
SHOWN = timedelta(days=1)
"""Of how long back the figures of accuracy are."""


class WaitFigures:
    """How good what callers were told of their waits was, over the last day, and what it costs to foresee."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._foreseen = Gauge(
            "kc_waits_foreseen", "Callers whose wait was foreseen in the last day", ["became"], registry=registry
        )
        self._inside = Gauge(
            "kc_waits_inside_ratio", "Share of true waits inside the range that was told", registry=registry
        )
        self._silent = Gauge("kc_waits_silent_ratio", "Share told no time, as nobody was sure", registry=registry)
        self._error = Gauge("kc_waits_error_seconds", "Mean distance from the truth", ["by"], registry=registry)
        self._round = Gauge("kc_waits_round_seconds", "How long it last took to foresee every wait", registry=registry)

    def show(self, accuracy: Accuracy, *, round_seconds: float) -> None:
        """Show what is true now; without anything to measure by it is NaN."""
        for became in ("served", "gave_up", "still_waiting"):
            self._foreseen.labels(became).set(getattr(accuracy, became))
        self._inside.set(_known(accuracy.inside))
        self._silent.set(_known(accuracy.silent_share))
        self._error.labels("forecast").set(_known(accuracy.error))
        self._error.labels("app_queue").set(_known(accuracy.app_queue_error))
        self._round.set(round_seconds)


def as_told(waits: Waits, clock: Clock) -> WaitOf:
    """Return what the IVR asks before it tells a caller of the wait."""

    async def wait_of(contact: ContactId) -> Wait | None:
        told = await waits.of(contact)
        if told is None:
            return None
        if told.foreseen is None:
            return Wait(at=clock.now(), place=told.place)
        sure = told.foreseen
        return Wait(at=sure.at, place=told.place, least=sure.low_minutes, most=sure.high_minutes)

    return wait_of


def make_forecasting(rooms: "Rooms") -> Forecasting:
    """Make what foresees waits, for the process that does."""

    def newcomers() -> set[str]:
        return {newcomers_line(queue) for queue in rooms.configuration.routing.queues.values()}

    return Forecasting(
        live=LiveWaits(rooms.redis),
        database=rooms.database,
        clock=rooms.clock,
        chance=chance,
        holder=rooms.process_id,
        newcomers=newcomers,
        forecast_passed=rooms.routing.forecast_passed,
    )


async def told(rooms: "Rooms", fact: WaitTold) -> None:
    """Record what a caller was told of the wait, to be held against what it comes to."""
    await rooms.waits.told(
        fact.contact, low_minutes=fact.least_minutes, high_minutes=fact.most_minutes, at=fact.occurred_at
    )


async def count(rooms: "Rooms", figures: WaitFigures, forecasting: Forecasting) -> None:
    """Show how good the forecasts of the last day were, and what they cost."""
    figures.show(await rooms.waits.accuracy(last=SHOWN), round_seconds=forecasting.round_seconds)


async def forget(rooms: "Rooms") -> int:
    """Remove what is older than we keep it."""
    return await rooms.waits.forget(older_than=KEPT)


def _known(figure: float | None) -> float:
    return nan if figure is None else figure
