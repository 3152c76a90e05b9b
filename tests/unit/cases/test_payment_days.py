"""The payment tables are whole, agree with the published rules, and give no answer beyond themselves."""

from datetime import date
from pathlib import Path

import pytest

from cases.configuration import load_benefits, load_payment_days, load_published_examples
from cases.model import PayDay
from cases.payments import PaymentCalendar
from tools.payment_days import GROUPS, days_of, is_bank_day

CONFIG = Path(__file__).parents[3] / "config"
TEXT = (CONFIG / "payment_days.yaml").read_text("utf-8")
CALENDAR = load_payment_days(TEXT)


def rule_days(benefit: str, year: int) -> set[date]:
    groups = [(day, rule) for benefits, day, _, _, rule in GROUPS if benefit in benefits]
    assert groups, benefit
    return {day for of_month, rule in groups for day in days_of(year, of_month, rule)}


@pytest.mark.parametrize(
    ("benefit", "day"),
    [(benefit, day) for benefits, days in load_published_examples(TEXT) for benefit in benefits for day in days],
)
def test_the_rules_give_what_the_agency_published_in_earlier_years(benefit: str, day: date) -> None:
    assert day in rule_days(benefit, day.year)
    of_month = {other for other in rule_days(benefit, day.year) if other.month == day.month}
    assert len(of_month) == len({day for benefits, day, *_ in GROUPS if benefit in benefits}) or of_month == {day}


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_tables_that_are_marked_computed_are_what_the_rules_compute(year: int) -> None:
    computed = [table for table in CALENDAR.tables if table.year == year and table.source.startswith("computed")]
    for table in computed:
        [(of_month, rule)] = [
            (day, rule)
            for benefits, day, born_from, born_to, rule in GROUPS
            if benefits == table.benefits and (born_from, born_to) == (table.born_from, table.born_to)
        ]
        assert list(table.days) == days_of(year, of_month, rule), table.benefits


def test_every_payment_day_is_a_bank_day() -> None:
    assert CALENDAR.tables
    assert all(is_bank_day(day) for table in CALENDAR.tables for day in table.days)


def test_every_benefit_of_the_tables_is_in_the_catalogue() -> None:
    catalogue = load_benefits((CONFIG / "benefits.yaml").read_text("utf-8"))
    for table in CALENDAR.tables:
        for benefit in table.benefits:
            assert catalogue.find(benefit), benefit


@pytest.mark.parametrize(
    ("benefit", "on", "born_day", "next_day"),
    [
        ("barnbidrag", "2026-11-16", 1, "2026-11-20"),  # a Friday
        ("barnbidrag", "2026-11-20", 1, "2026-11-20"),  # the day itself
        ("barnbidrag", "2026-11-21", 1, "2026-12-18"),  # 20 December is a Sunday: the Friday before
        ("barnbidrag", "2026-06-01", 1, "2026-06-18"),  # Saturday, and midsummer eve before it
        ("barnbidrag", "2026-12-19", 1, "2027-01-20"),  # into the next year
        ("foraldrapenning", "2026-11-16", 10, "2026-11-25"),  # born on the 10th
        ("foraldrapenning", "2026-11-16", 11, "2026-11-26"),  # born on the 11th
        ("foraldrapenning", "2026-11-16", 31, "2026-11-27"),  # born on the 31st
        ("foraldrapenning", "2026-12-01", 31, "2026-12-23"),  # before Christmas for everybody
        ("foraldrapenning", "2026-04-01", 5, "2026-04-24"),  # Saturday becomes Friday
        ("foraldrapenning", "2026-04-01", 15, "2026-04-27"),  # Sunday becomes Monday
        ("aktivitetsersattning", "2026-04-01", 15, "2026-04-17"),  # Saturday becomes Friday
        ("aktivitetsersattning", "2026-04-01", 16, "2026-04-20"),  # Sunday becomes Monday
        ("aktivitetsersattning", "2026-06-19", 16, "2026-06-22"),  # midsummer eve becomes the next weekday
        ("bostadsbidrag", "2026-12-01", 1, "2026-12-23"),  # Sunday after Christmas
    ],
)
def test_the_next_payment_day(benefit: str, on: str, born_day: int, next_day: str) -> None:
    found = CALENDAR.next_day(benefit, on=date.fromisoformat(on), born_day=born_day)
    assert found == date.fromisoformat(next_day)


@pytest.mark.parametrize(
    ("benefit", "on"),
    [
        ("sjukpenning", "2026-11-16"),  # its days are not published
        ("no_such_benefit", "2026-11-16"),  # nor is this one's anything
        ("barnbidrag", "2025-12-31"),  # a year without a table
        ("barnbidrag", "2028-01-01"),  # another
        ("barnbidrag", "2027-12-24"),  # the last day of the last table is past
        ("barnbidrag", "2015-06-01"),  # examples of earlier years are no tables
    ],
)
def test_without_a_table_there_is_no_answer(benefit: str, on: str) -> None:
    assert CALENDAR.next_day(benefit, on=date.fromisoformat(on), born_day=1) is None
    assert CALENDAR.next_days(benefit, on=date.fromisoformat(on)) == ()


def test_for_anybody_to_hear_there_is_a_day_for_each_group_of_birth_days() -> None:
    assert CALENDAR.next_days("foraldrapenning", on=date(2026, 11, 16)) == (
        PayDay(on=date(2026, 11, 25), born_from=1, born_to=10),
        PayDay(on=date(2026, 11, 26), born_from=11, born_to=20),
        PayDay(on=date(2026, 11, 27), born_from=21, born_to=31),
    )


def test_when_the_next_day_of_one_group_is_not_known_there_is_no_half_answer() -> None:
    last = CALENDAR.next_day("foraldrapenning", on=date(2027, 12, 1), born_day=1)
    assert last == date(2027, 12, 23)
    short = PaymentCalendar(table for table in CALENDAR.tables if table.born_from != 11)
    assert short.next_day("foraldrapenning", on=date(2026, 11, 16), born_day=15) is None
