"""When an entry point is open: weekly hours, Swedish holidays and eves, and days that differ. Pure, and DST-safe.

Hours are Stockholm's clock on the wall; they are compared as instants, so the days when the clock moves are right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from core.clock import STOCKHOLM
from core.phone import PhoneNumber, parse_phone
from ivr.flow import Want

SEARCH_DAYS = 370
"""How far ahead the next opening is looked for."""


@dataclass(frozen=True)
class Span:
    """Open from ``opens`` until, not including, ``closes``; midnight as ``closes`` is the end of the day."""

    opens: time
    closes: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Return the instants of this span on a day, in UTC."""
        last = day + timedelta(days=1) if self.closes == time() else day
        return _instant(day, self.opens), _instant(last, self.closes)


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=STOCKHOLM).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """Hours per weekday (Monday is 0), hours on holidays and eves, and single days that differ from both."""

    week: Mapping[int, tuple[Span, ...]]
    on_holidays: tuple[Span, ...] = ()
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    always_open: bool = False


@dataclass(frozen=True, kw_only=True)
class EntryPoint:
    """One of our numbers (or several that are the same), when it is open, and where its calls begin."""

    id: str
    numbers: tuple[PhoneNumber, ...]
    hours: OpeningHours
    wants: tuple[Want, ...] = ()
    """What everybody who rings here needs of an agent, whatever they choose."""
    flow: str = ""
    """The flow in which calls to these numbers begin; the main one when it is empty, or there is no such flow."""
    queue: str = ""
    """The queue in which callers wait who choose none."""


def always_open(entry_point: EntryPoint) -> EntryPoint:
    """Return the entry point with agents at all hours, as for a demo."""
    return replace(entry_point, hours=replace(entry_point.hours, always_open=True))


@lru_cache(maxsize=16)
def holidays_in(year: int) -> Mapping[date, str]:
    """Return the public holidays of Sweden and the eves that are free in practice, but not the plain Sundays.

    Lag (1989:253) has the 13 holidays; Midsommarafton, Julafton and Nyårsafton are not in it (FACTS §2.9).
    """
    found = holidays.country_holidays("SE", years=[year], categories=("public", "de_facto"), language="sv")
    return {day: name for day, name in sorted(found.items()) if name != "Söndag"}


def spans_on(hours: OpeningHours, day: date) -> tuple[Span, ...]:
    """Return when it is open on a day: an exception counts before a holiday, and that before the week."""
    if hours.always_open:
        return (Span(time(), time()),)
    if day in hours.exceptions:
        return hours.exceptions[day]
    if day in holidays_in(day.year):
        return hours.on_holidays
    return hours.week.get(day.weekday(), ())


def is_open(hours: OpeningHours, *, at: datetime) -> bool:
    """Tell whether it is open at an instant."""
    today = at.astimezone(STOCKHOLM).date()
    return any(start <= at < end for start, end in _intervals(hours, today, days=1))


def next_opening(hours: OpeningHours, *, after: datetime) -> datetime | None:
    """Return the first instant later than ``after`` when it opens, in UTC; ``None`` when not within a year."""
    today = after.astimezone(STOCKHOLM).date()
    starts = (start for start, _end in _intervals(hours, today, days=SEARCH_DAYS))
    return next((start for start in starts if start > after), None)


def _intervals(hours: OpeningHours, first: date, *, days: int) -> Iterator[tuple[datetime, datetime]]:
    for number in range(days):
        day = first + timedelta(days=number)
        yield from (span.on(day) for span in sorted(spans_on(hours, day), key=lambda span: span.opens))


def entry_point_of(called: str, entry_points: Sequence[EntryPoint]) -> EntryPoint:
    """Return the entry point with the dialled number; the first one when the number is not known."""
    readings = dialled(called)
    found = (point for point in entry_points if not readings.isdisjoint(point.numbers))
    return next(found, entry_points[0])


def dialled(called: str) -> frozenset[PhoneNumber]:
    """Return which numbers may be meant by what a network says was dialled.

    Networks write the same number as ``0771524524``, ``+46771524524``, ``46771524524`` or ``771524524``.
    """
    readings = (parse_phone(called), parse_phone(f"0{called}"), parse_phone(f"+{called}"))
    return frozenset(one for one in readings if one is not None)
