"""When an office is open and a person works, as bits: one for each quarter of an hour. Pure, and right on both DST days.

Hours are Stockholm's clock on the wall. Sweden's offset is always whole hours, so a quarter on the wall is one in UTC, and
a day has 92, 96 or 100 of them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache

import holidays

from core.clock import STOCKHOLM

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span = tuple[time, time]
"""From when to when on a day; one that ends at midnight ends with the day."""


@dataclass(frozen=True)
class Hours:
    """Spans of each weekday from Monday on, and days that differ. On holidays there are none."""

    week: tuple[tuple[Span, ...], ...]
    exceptions: tuple[tuple[date, tuple[Span, ...]], ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Reckoned once: a search asks for the same hours thousands of times."""
        return hash((self.week, self.exceptions))

    def on(self, day: date) -> tuple[Span, ...]:
        """Return the spans of a day: of an exception, else none on a holiday, else those of the weekday."""
        differs = next((spans for on, spans in self.exceptions if on == day), None)
        if differs is not None:
            return differs
        return () if day in free_days(day.year) else self.week[day.weekday()]


@dataclass(frozen=True)
class Window:
    """The days that are looked at; bit 0 of every mask is the quarter in which the first of them begins."""

    first: date
    days: int

    @property
    def begins(self) -> int:
        """The number of the first quarter since 1970."""
        return midnight(self.first)

    @property
    def ends(self) -> int:
        """The number of the first quarter after the last day."""
        return midnight(self.first + timedelta(days=self.days))

    def bit(self, quarter: int) -> int:
        """Return which bit stands for a quarter."""
        return quarter - self.begins


def quarter_of(at: datetime) -> int:
    """Return the number of the quarter, since 1970 in UTC, in which an instant lies."""
    return (at - _EPOCH) // QUARTER


def first_quarter(*, after: datetime) -> int:
    """Return the number of the first quarter that begins at an instant or after it."""
    return -((_EPOCH - after) // QUARTER)


def instant_of(quarter: int) -> datetime:
    """Return the instant in which a quarter begins, in UTC."""
    return _EPOCH + quarter * QUARTER


def local_day(at: datetime) -> date:
    """Return the day that it is in Sweden at an instant."""
    return at.astimezone(STOCKHOLM).date()


def runs(mask: int, length: int) -> int:
    """Return the bits from which on so many bits are set."""
    done = 1
    while done < length:
        step = min(done, length - done)
        mask &= mask >> step
        done += step
    return mask


def ones(begins: int, ends: int) -> int:
    """Return a mask with the bits of a half-open period; none when it ends before it begins."""
    return ((1 << (ends - begins)) - 1) << begins if ends > begins else 0


@lru_cache(maxsize=20_000)
def open_mask(hours: Hours, window: Window) -> int:
    """Return the quarters of a window in which somebody with these hours is there."""
    begins, mask = window.begins, 0
    for number in range(window.days):
        day = window.first + timedelta(days=number)
        for opens, closes in hours.on(day):
            last = day + timedelta(days=1) if closes == time() else day
            mask |= ones(_quarter(day, opens) - begins, _quarter(last, closes) - begins)
    return mask


@lru_cache(maxsize=4_000)
def midnight(day: date) -> int:
    """Return the quarter in which a day begins in Sweden."""
    return _quarter(day, time())


@lru_cache(maxsize=4_000)
def aligned(length: int, every: int) -> int:
    """Return a mask of so many bits of which one in ``every`` is set, from the first on."""
    return sum(1 << bit for bit in range(0, length, every))


@lru_cache(maxsize=16)
def free_days(year: int) -> frozenset[date]:
    """Return Sweden's public holidays and the eves that are free in practice, but not the plain Sundays.

    Lag (1989:253) has the holidays; Midsommarafton, Julafton and Nyårsafton are not in it.
    """
    found = holidays.country_holidays("SE", years=[year], categories=("public", "de_facto"), language="sv")
    return frozenset(day for day, name in found.items() if name != "Söndag")


def _quarter(day: date, at: time) -> int:
    return quarter_of(datetime.combine(day, at, tzinfo=STOCKHOLM).astimezone(UTC))
