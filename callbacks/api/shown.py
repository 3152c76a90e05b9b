"""What other systems are shown of a promise: never the whole number, never who it is."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from callbacks.model import Callback, CallbackState, Period, Wish
from core.language import Language


class Shown(BaseModel):
    """Something that is shown; it is made once and not changed."""

    model_config = ConfigDict(frozen=True)


class TimeShown(Shown):
    """From ``starts_at`` until, not including, ``ends_at``."""

    starts_at: datetime
    ends_at: datetime


class PromiseShown(Shown):
    """A promise to ring back. ``number_ends_with`` are its last two digits."""

    callback: str
    state: CallbackState
    wish: Wish
    queue: str
    language: Language
    number_ends_with: str
    first_requested_at: datetime
    promised_at: datetime
    told: TimeShown | None
    next_at: datetime | None
    attempts: int
    ended_at: datetime | None
    ended_because: str = Field(description="Why it was given up or cancelled, in a word.")


class PromiseMade(Shown):
    """The answer to a request. ``already`` when that number or person had an open promise, which stays as it is.

    ``code`` is what we say when we ring, and ``link`` leads the citizen to their page; both are empty for a promise that
    somebody else asked for.
    """

    promise: PromiseShown
    already: bool
    code: str
    link: str


class PromisesPage(Shown):
    """Promises by rank; ``after`` begins the next page, and is empty on the last."""

    promises: list[PromiseShown]
    after: str


def shown(row: Callback) -> PromiseShown:
    """Return a promise as other systems see it."""
    return PromiseShown(
        callback=row.callback,
        state=row.state,
        wish=row.wish,
        queue=row.queue,
        language=row.language,
        number_ends_with=row.number.e164[-2:],
        first_requested_at=row.first_requested_at,
        promised_at=row.promised_at,
        told=_time(row.told),
        next_at=row.next_at,
        attempts=row.attempts,
        ended_at=row.ended_at,
        ended_because="" if row.is_open or row.state is CallbackState.KEPT else row.last_reason,
    )


def times_shown(periods: Sequence[Period]) -> list[TimeShown]:
    """Return times as other systems see them."""
    return [TimeShown(starts_at=one.starts_at, ends_at=one.ends_at) for one in periods]


def _time(period: Period | None) -> TimeShown | None:
    return times_shown([period])[0] if period else None
