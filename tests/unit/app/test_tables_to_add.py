"""Whoever looks after the payment tables is told before callers can no longer be told a day."""

from datetime import date, timedelta

from app.configuration_checks import tables_to_add
from cases.configuration import load_benefits
from cases.payments import RUNS_OUT, PaymentCalendar, PaymentTable
from tests.architecture.tree import ROOT

CATALOGUE = load_benefits((ROOT / "config/benefits.yaml").read_text("utf-8"))


def table(benefit: str, year: int, *, born: tuple[int, int] = (1, 31), day: int = 20) -> PaymentTable:
    days = tuple(date(year, month, day) for month in range(1, 13))
    return PaymentTable(benefits=(benefit,), year=year, days=days, source="a test", born_from=born[0], born_to=born[1])


def named(*tables: PaymentTable, on: date) -> list[str]:
    return [said.split(": ")[1] for said in tables_to_add(CATALOGUE, PaymentCalendar(tables), on=on)]


def test_ninety_days_before_the_last_day_a_table_is_missed_and_not_before() -> None:
    last = date(2026, 12, 20)
    assert named(table("barnbidrag", 2026), on=last - RUNS_OUT) == []
    assert named(table("barnbidrag", 2026), on=last - RUNS_OUT + timedelta(days=1)) == ["barnbidrag"]


def test_a_benefit_that_the_newest_tables_left_behind_is_missed_at_once() -> None:
    tables = (table("barnbidrag", 2026), table("barnbidrag", 2027), table("bostadsbidrag", 2026))
    assert named(*tables, on=date(2026, 2, 1)) == ["bostadsbidrag"]


def test_a_year_without_a_table_between_two_is_missed() -> None:
    tables = (table("barnbidrag", 2026), table("barnbidrag", 2028))
    assert named(*tables, on=date(2026, 2, 1)) == ["barnbidrag"]
    assert "2026-12-20" in tables_to_add(CATALOGUE, PaymentCalendar(tables), on=date(2026, 2, 1))[0]


def test_the_first_birth_days_that_run_out_decide() -> None:
    last = date(2026, 12, 10)
    tables = (table("barnbidrag", 2026, born=(1, 10), day=10), table("barnbidrag", 2026, born=(11, 31), day=20))
    assert named(*tables, on=last - RUNS_OUT) == []
    assert named(*tables, on=last - RUNS_OUT + timedelta(days=1)) == ["barnbidrag"]


def test_a_benefit_that_is_no_more_needs_no_table() -> None:
    assert named(table("vardbidrag", 2018), on=date(2018, 12, 28)) == []
    assert named(table("barnbidrag", 2018), on=date(2018, 12, 28)) == ["barnbidrag"]
