"""How honest we were with callers: each range that they were told is held against the wait that followed, and the forecasts
against what app_queue would have said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from skills_routing.forecast.told_store import waits_told
from skills_routing.forecast.wait_store import HowItEnded, waits
from storage.database import Transaction

_GAVE_UP = (HowItEnded.HUNG_UP, HowItEnded.LEFT)


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """Of the callers who were first foreseen in a period. Seconds; ``None`` where there is nothing to measure by.

    ``foreseen`` are all of them: ``still_waiting``, ``gave_up`` (hung up or chose something else, so nobody knows how
    long it would have been) or ``served``; and besides, ``told`` a range at least once or ``silent``, told none, because
    we were not sure. ``promised`` stood in the line meanwhile without listening, are told nothing, and are in no figure.
    ``spoken`` are the ranges that they were told: ``spoken_waiting``, ``spoken_gave_up`` and ``spoken_served`` by what
    became of those who were. ``inside`` is the share of ``spoken_served`` after which the wait was in the range;
    ``outlasted`` of ``spoken_gave_up`` had been waited out. ``error`` and ``app_queue_error`` are the mean distances from
    the truth, at the moment of each of ``compared`` ranges; the ``first_`` ones those of the first forecast of each of
    ``first_compared`` callers who were served, also of those whom we told nothing.
    """

    foreseen: int
    still_waiting: int
    gave_up: int
    served: int
    told: int
    promised: int
    spoken: int
    spoken_waiting: int
    spoken_gave_up: int
    spoken_served: int
    outlasted: int
    inside: float | None
    error: float | None
    app_queue_error: float | None
    compared: int
    first_error: float | None
    first_app_queue_error: float | None
    first_compared: int

    @property
    def silent(self) -> int:
        """How many were told no time."""
        return self.foreseen - self.told

    @property
    def error_over_app_queue(self) -> float | None:
        """Our mean error divided by app_queue's: below 1 ours is better."""
        return _ratio(self.error, self.app_queue_error)

    @property
    def first_error_over_app_queue(self) -> float | None:
        """The same of first forecasts."""
        return _ratio(self.first_error, self.first_app_queue_error)

    @property
    def silent_share(self) -> float | None:
        """The share of all who were told no time."""
        return self.silent / self.foreseen if self.foreseen else None


async def read_accuracy(tx: Transaction, *, start: datetime, end: datetime, queue: str = "") -> Accuracy:
    """Return how good what we said in ``[start, end)`` was, of all queues or of one."""
    column = waits.c
    of_period = [column.foreseen_at >= start, column.foreseen_at < end]
    if queue:
        of_period.append(column.queue == queue)
    callers = (await tx.execute(_callers().where(*of_period))).one()._mapping
    ranges = dict((await tx.execute(_ranges().where(*of_period, column.promised.is_(False)))).one()._mapping)
    were_inside = ranges.pop("were_inside")
    return Accuracy(
        **callers, **ranges, inside=were_inside / ranges["spoken_served"] if ranges["spoken_served"] else None
    )


def _callers() -> Select[Any]:
    column = waits.c
    listens = column.promised.is_(False)
    served = and_(listens, column.how == HowItEnded.SERVED)
    compared = and_(served, column.expected_seconds.is_not(None))
    was_told = select(waits_told.c.contact).where(waits_told.c.contact == column.contact).exists()
    return select(
        _count(listens).label("foreseen"),
        _count(and_(listens, column.ended_at.is_(None))).label("still_waiting"),
        _count(and_(listens, column.how.in_(_GAVE_UP))).label("gave_up"),
        _count(served).label("served"),
        _count(and_(listens, was_told)).label("told"),
        _count(column.promised).label("promised"),
        _count(compared).label("first_compared"),
        _mean_distance(column.expected_seconds, column.rest_seconds, compared).label("first_error"),
        _mean_distance(column.app_queue_seconds, column.rest_seconds, compared).label("first_app_queue_error"),
    )


def _ranges() -> Select[Any]:
    column, said = waits.c, waits_told.c
    over, served = said.rest_seconds, said.how == HowItEnded.SERVED
    gave_up = said.how.in_(_GAVE_UP)
    was_inside = and_(over >= 60 * said.low_minutes, over <= 60 * said.high_minutes)
    compared = and_(served, said.expected_seconds.is_not(None), said.app_queue_seconds.is_not(None))
    return select(
        func.count().label("spoken"),
        _count(said.how == "").label("spoken_waiting"),
        _count(gave_up).label("spoken_gave_up"),
        _count(served).label("spoken_served"),
        _count(and_(gave_up, over > 60 * said.high_minutes)).label("outlasted"),
        _count(and_(served, was_inside)).label("were_inside"),
        _count(compared).label("compared"),
        _mean_distance(said.expected_seconds, over, compared).label("error"),
        _mean_distance(said.app_queue_seconds, over, compared).label("app_queue_error"),
    ).select_from(waits_told.join(waits, column.contact == said.contact))


def _mean_distance(said: Any, truth: Any, among: Any) -> Any:
    return func.avg(case((among, func.abs(said - truth))))


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours is not None and theirs else None


def _count(condition: Any) -> Any:
    return func.count(case((condition, 1)))
