"""How honest the forecasts were: held against the waits that came true, and against what app_queue would have said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from skills_routing.forecast.wait_store import HowItEnded, waits
from storage.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """Of the contacts that were first foreseen in a period. Seconds; ``None`` where there is nothing to measure by.

    ``foreseen`` are all of them: ``still_waiting``, ``gave_up`` (hung up or chose something else, so nobody knows how
    long it would have been) or ``served``. ``silent`` of all were told no time, because we were not sure.
    ``inside`` is the share of the ``spoken``, those served who were told a range, whose wait was in it; ``outlasted`` of
    those who gave up had already waited longer than any range that they were told. ``error`` and ``app_queue_error``
    are the mean distances from the truth over the same ``compared``, also those whom we told nothing.
    """

    foreseen: int
    still_waiting: int
    gave_up: int
    outlasted: int
    served: int
    spoken: int
    silent: int
    inside: float | None
    error: float | None
    app_queue_error: float | None
    compared: int

    @property
    def error_over_app_queue(self) -> float | None:
        """Our mean error divided by app_queue's: below 1 ours is better."""
        if self.error is None or not self.app_queue_error:
            return None
        return self.error / self.app_queue_error

    @property
    def silent_share(self) -> float | None:
        """The share of all who were told no time."""
        return self.silent / self.foreseen if self.foreseen else None


async def read_accuracy(tx: Transaction, *, start: datetime, end: datetime, queue: str = "") -> Accuracy:
    """Return how good the forecasts of ``[start, end)`` were, of all queues or of one."""
    column = waits.c
    served, over = column.how == HowItEnded.SERVED, column.rest_seconds
    was_inside = and_(over >= 60 * column.low_minutes, over <= 60 * column.high_minutes)
    spoken = and_(served, column.sure)
    compared = and_(served, column.expected_seconds.is_not(None))
    gave_up = column.how.in_([HowItEnded.HUNG_UP, HowItEnded.LEFT])
    query = select(
        func.count().label("foreseen"),
        _count(column.ended_at.is_(None)).label("still_waiting"),
        _count(gave_up).label("gave_up"),
        _count(and_(gave_up, column.sure, over > 60 * column.high_minutes)).label("outlasted"),
        _count(served).label("served"),
        _count(spoken).label("spoken"),
        _count(column.sure.is_(False)).label("silent"),
        _count(and_(spoken, was_inside)).label("were_inside"),
        _count(compared).label("compared"),
        func.avg(case((compared, func.abs(column.expected_seconds - over)))).label("error"),
        func.avg(case((compared, func.abs(column.app_queue_seconds - over)))).label("app_queue_error"),
    ).where(column.foreseen_at >= start, column.foreseen_at < end)
    if queue:
        query = query.where(column.queue == queue)
    found = dict((await tx.execute(query)).one()._mapping)
    were_inside = found.pop("were_inside")
    return Accuracy(**found, inside=were_inside / found["spoken"] if found["spoken"] else None)


def _count(condition: Any) -> Any:
    return func.count(case((condition, 1)))
