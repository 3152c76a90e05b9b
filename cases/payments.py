"""When benefits are paid: a published table per benefit and year. No table, no answer; never a guess. Pure.

The rules for days that banks are closed differ by benefit and year, so the product knows no formula.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from cases.model import PayDay


@dataclass(frozen=True, kw_only=True)
class PaymentTable:
    """The payment days of some benefits in one year for those born on days ``born_from`` to ``born_to`` of a month."""

    benefits: tuple[str, ...]
    year: int
    days: tuple[date, ...]
    source: str
    born_from: int = 1
    born_to: int = 31


RUNS_OUT = timedelta(days=90)
"""So long before callers hear no day any more, whoever looks after the tables is told."""


class PaymentCalendar:
    """All tables."""

    def __init__(self, tables: Iterable[PaymentTable]) -> None:
        self.tables = tuple(tables)
        self._by_year: dict[tuple[str, int], list[PaymentTable]] = {}
        for table in self.tables:
            for benefit in table.benefits:
                self._by_year.setdefault((benefit, table.year), []).append(table)

    def covered_until(self, benefit: str, *, on: date) -> date | None:
        """Return the last day that everybody can be told from ``on`` on, without a year missing between; ``None``: none."""
        last, year = None, on.year
        while groups := self._by_year.get((benefit, year)):
            last, year = min(max(group.days) for group in groups), year + 1
        return last

    def benefits(self) -> tuple[str, ...]:
        """Return the benefits that have or had a table, in the order of the file."""
        return tuple(dict.fromkeys(benefit for table in self.tables for benefit in table.benefits))

    def next_days(self, benefit: str, *, on: date) -> tuple[PayDay, ...]:
        """Return the first payment day at or after ``on`` for each group of birth days; none without a table.

        All groups or none: a year of which a table is missing gives no half answer.
        """
        groups = self._by_year.get((benefit, on.year), [])
        found = [self._next(benefit, group, on) for group in groups]
        return tuple(day for day in found if day is not None) if None not in found else ()

    def next_day(self, benefit: str, *, on: date, born_day: int) -> date | None:
        """Return the first payment day at or after ``on`` for somebody born on this day of a month."""
        group = self._group(benefit, on.year, born_day)
        day = self._next(benefit, group, on) if group else None
        return day.on if day else None

    def _next(self, benefit: str, group: PaymentTable, on: date) -> PayDay | None:
        following = self._group(benefit, on.year + 1, group.born_from)
        days = (*group.days, *(following.days if following else ()))
        later = min((day for day in days if day >= on), default=None)
        return PayDay(on=later, born_from=group.born_from, born_to=group.born_to) if later else None

    def _group(self, benefit: str, year: int, born_day: int) -> PaymentTable | None:
        groups = self._by_year.get((benefit, year), [])
        return next((group for group in groups if group.born_from <= born_day <= group.born_to), None)
