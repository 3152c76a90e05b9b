"""Makes the rows of ``config/payment_days.yaml`` for a year: ``python -m tools.payment_days 2028 >> config/payment_days.yaml``.

The product itself knows no formula, only the published table (see ``cases/payments.py``). Until the agency has
published a year, its rows are computed here by the rule that was published for the benefit, and marked so.
"""

import sys
from collections.abc import Callable
from datetime import date, timedelta

from holidays import country_holidays
from holidays.constants import DE_FACTO, PUBLIC

SOURCE = "computed from the 2015–2024 published rule, to be confirmed"
DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6

Rule = Callable[[date], date]


def is_bank_day(day: date) -> bool:
    """Tell whether Swedish banks are open: not on weekends, public holidays, or the eves that are free in practice."""
    closed = country_holidays("SE", years=day.year, categories=(PUBLIC, DE_FACTO))
    return day.weekday() < SATURDAY and day not in closed


def bank_day_before(day: date) -> date:
    """Return the day itself or the last bank day before it: child allowance and housing allowance (page of 2015)."""
    while not is_bank_day(day):
        day -= DAY
    return day


def bank_day_after(day: date) -> date:
    """Return the day itself or the first bank day after it."""
    while not is_bank_day(day):
        day += DAY
    return day


def saturday_before_else_after(day: date) -> date:
    """Saturday becomes Friday; Sunday, a holiday or midsummer eve the next bank day (pages of 2015 and 2024)."""
    friday = day - DAY
    if day.weekday() == SATURDAY and is_bank_day(friday):
        return friday
    return bank_day_after(day)


def parental(day: date) -> date:
    """As above, but 25, 26 and 27 December are paid on 23 December or the bank day before it (page of 2024)."""
    if day.month == 12 and day.day in (25, 26, 27):
        return bank_day_before(day.replace(day=23))
    return saturday_before_else_after(day)


GROUPS: list[tuple[tuple[str, ...], int, int, int, Rule]] = [
    (("barnbidrag", "flerbarnstillagg"), 20, 1, 31, bank_day_before),
    (("assistansersattning",), 20, 1, 31, bank_day_before),
    (("bostadsbidrag",), 27, 1, 31, bank_day_before),
    (("familjebidrag",), 21, 1, 31, bank_day_before),
    (("foraldrapenning",), 25, 1, 10, parental),
    (("foraldrapenning",), 26, 11, 20, parental),
    (("foraldrapenning",), 27, 21, 31, parental),
    (("aktivitetsersattning",), 18, 1, 15, saturday_before_else_after),
    (("aktivitetsersattning",), 19, 16, 31, saturday_before_else_after),
]
"""Benefits, day of the month, birth days from and to, and what happens when banks are closed."""


def days_of(year: int, day_of_month: int, rule: Rule) -> list[date]:
    """Return the twelve payment days of a year."""
    return [rule(date(year, month, day_of_month)) for month in range(1, 13)]


def rows(year: int) -> str:
    """Return the year's rows as YAML, as ``config/payment_days.yaml`` has them."""
    lines: list[str] = []
    for benefits, day_of_month, born_from, born_to, rule in GROUPS:
        lines += [f"  - benefits: [{', '.join(benefits)}]", f"    year: {year}", f"    source: {SOURCE}"]
        if (born_from, born_to) != (1, 31):
            lines.append(f"    born: [{born_from}, {born_to}]")
        days = [day.isoformat() for day in days_of(year, day_of_month, rule)]
        lines += ["    days:", *(f"      - {day}" for day in days)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        sys.stdout.write(rows(int(argument)))
