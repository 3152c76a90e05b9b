"""When citizens may be rung: hours per weekday, Swedish holidays and eves, and days that differ. Pure, and DST-safe.

Hours are Stockholm's clock on the wall; they are compared as instants, so the days when the clock moves are right.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from callbacks.model import Period, RingingHours, Span
from core.clock import STOCKHOLM

SEARCH_DAYS = 370
"""How far ahead the next opening is looked for."""


def is_open(hours: RingingHours, *, at: datetime) -> bool:
    """Tell whether citizens may be rung at an instant."""
    return any(period.starts_at <= at < period.ends_at for period in periods_on(hours, stockholm_day(at)))


def next_open(hours: RingingHours, *, at: datetime) -> datetime:
    """Return the first instant, not before ``at``, when citizens may be rung; a year later when there is none."""
    if is_open(hours, at=at):
        return at
    starts = (period.starts_at for period in periods_after(hours, first=stockholm_day(at), days=SEARCH_DAYS))
    return next((start for start in starts if start > at), at + timedelta(days=SEARCH_DAYS))


def periods_after(hours: RingingHours, *, first: date, days: int) -> Iterator[Period]:
    """Yield the periods of so many days from the first one on, in order."""
    for number in range(days):
        yield from periods_on(hours, first + timedelta(days=number))


def periods_on(hours: RingingHours, day: date) -> list[Period]:
    """Return when citizens may be rung on a day, in order."""
    return [on_the_clock(day, span) for span in sorted(_spans(hours, day))]


def is_working_day(day: date) -> bool:
    """Tell whether a day is one from Monday to Friday and neither a holiday nor an eve that is free in practice."""
    return day.weekday() < 5 and day not in free_days(day.year)


def stockholm_day(at: datetime) -> date:
    """Return the day that it is in Sweden at an instant."""
    return at.astimezone(STOCKHOLM).date()


@lru_cache(maxsize=16)
def free_days(year: int) -> frozenset[date]:
    """Return Sweden's public holidays and the eves that are free in practice, but not the plain Sundays.

    Lag (1989:253) has the holidays; Midsommarafton, Julafton and Nyårsafton are not in it (FACTS §2.9).
    """
    found = holidays.country_holidays("SE", years=[year], categories=("public", "de_facto"), language="sv")
    return frozenset(day for day, name in found.items() if name != "Söndag")


def _spans(hours: RingingHours, day: date) -> tuple[Span, ...]:
    if hours.always:
        return ((time(), time()),)
    if day in hours.exceptions:
        return hours.exceptions[day]
    return hours.on_holidays if day in free_days(day.year) else hours.week.get(day.weekday(), ())


def on_the_clock(day: date, span: Span) -> Period:
    """Return from when to when a span of a day lasts; one that ends at midnight ends with the day."""
    opens, closes = span
    last = day + timedelta(days=1) if closes == time() else day
    return Period(_instant(day, opens), _instant(last, closes))


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=STOCKHOLM).astimezone(UTC)
