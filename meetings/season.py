"""Which days a report is of, and with which it may be compared: the same season of an earlier year, and no other (R75i). Pure."""

from dataclasses import dataclass
from datetime import date

from meetings.errors import AnotherSeasonError, PeriodRefusedError

LONGEST_DAYS = 366


@dataclass(frozen=True)
class Period:
    """Days on Sweden's calendar, half-open: from the first until, not including, the last. Raises :class:`PeriodRefusedError`
    when there is no day in it, or more than a year."""

    first: date
    until: date

    def __post_init__(self) -> None:
        """Refuse what is no period."""
        if not 0 < (self.until - self.first).days <= LONGEST_DAYS:
            raise PeriodRefusedError

    def earlier(self, years: int) -> "Period":
        """Return the same season so many years before. What begins or ends with the 29th of February does so with the 1st of
        March where there is none. Raises :class:`PeriodRefusedError` where the calendar begins."""
        return Period(_earlier(self.first, years), _earlier(self.until, years))


def require_same_season(period: Period, baseline: Period) -> None:
    """Raise :class:`AnotherSeasonError` unless the baseline is the same season of an earlier year: in another one people are
    ill, on leave and on holiday otherwise, so that a difference tells nothing."""
    years = period.first.year - baseline.first.year
    if years < 1 or baseline != period.earlier(years):
        raise AnotherSeasonError


def _earlier(day: date, years: int) -> date:
    if day.year <= years:
        raise PeriodRefusedError
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)
