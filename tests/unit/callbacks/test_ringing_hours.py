"""Citizens are rung within hours by Stockholm's clock, also on the days when that clock moves, and never on holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.model import Period, Policy, RingingHours
from callbacks.ringing_hours import is_open, is_working_day, next_open, periods_on

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOURS = Policy().hours
ROUND_THE_CLOCK = RingingHours(week=dict.fromkeys(range(7), ((time(), time()),)))


def local(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "clock", "open_then"),
    [
        ("2026-11-16", "07:59:59", False),  # a second too early
        ("2026-11-16", "08:00", True),  # the first moment
        ("2026-11-16", "19:59:59", True),  # the last
        ("2026-11-16", "20:00", False),  # half-open
        ("2026-03-29", "08:00", True),  # the Sunday when the clock moves forward
        ("2026-03-29", "07:30", False),  # not by winter's clock
        ("2026-10-25", "19:30", True),  # the Sunday when it moves back
        ("2026-10-25", "20:30", False),  # not by summer's clock
        ("2026-12-24", "12:00", False),  # Julafton: in no law, and free all the same
        ("2026-12-31", "12:00", False),  # Nyårsafton
        ("2026-06-19", "12:00", False),  # Midsommarafton
        ("2026-06-06", "12:00", False),  # the national day
        ("2026-04-03", "12:00", False),  # Good Friday
        ("2026-04-30", "12:00", True),  # Valborgsmässoafton is no holiday
        ("2026-11-15", "12:00", True),  # a plain Sunday
    ],
)
def test_it_is_open_then_or_not(day: str, clock: str, open_then: bool) -> None:
    assert is_open(HOURS, at=local(day, clock)) is open_then


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (("2026-11-16", "12:00"), ("2026-11-16", "12:00")),  # open: at once
        (("2026-11-16", "20:00"), ("2026-11-17", "08:00")),  # the next morning
        (("2026-12-23", "21:00"), ("2026-12-27", "08:00")),  # over Christmas, to a plain Sunday
        (("2026-03-28", "22:00"), ("2026-03-29", "08:00")),  # over the hour that is not there
        (("2026-10-24", "22:00"), ("2026-10-25", "08:00")),  # over the hour that is there twice
    ],
)
def test_the_next_opening_is_by_the_clock_on_the_wall(at: tuple[str, str], opens: tuple[str, str]) -> None:
    assert next_open(HOURS, at=local(*at)) == local(*opens)


def test_a_night_is_an_hour_shorter_or_longer_when_the_clock_moves() -> None:
    (spring,), (autumn,) = (periods_on(ROUND_THE_CLOCK, date(2026, month, day)) for month, day in ((3, 29), (10, 25)))
    assert (spring.ends_at - spring.starts_at, autumn.ends_at - autumn.starts_at) == (
        timedelta(hours=23),
        timedelta(hours=25),
    )


def test_a_day_that_differs_counts_before_a_holiday_and_a_holiday_before_the_week() -> None:
    day, noon = date(2026, 12, 24), local("2026-12-24", "12:00")
    morning = ((time(9), time(13)),)
    assert is_open(RingingHours(week=HOURS.week, exceptions={day: morning}), at=noon)
    assert is_open(RingingHours(week=HOURS.week, on_holidays=morning), at=noon)
    assert not is_open(RingingHours(week=HOURS.week, exceptions={day: ()}, on_holidays=morning), at=noon)
    assert is_open(RingingHours(week={}, always=True), at=noon)


def test_without_any_hours_nobody_is_rung_for_a_year() -> None:
    at = local("2026-11-16", "12:00")
    assert next_open(RingingHours(week={}), at=at) > at + timedelta(days=365)


def test_working_days_are_neither_weekends_nor_holidays_nor_eves() -> None:
    week = [is_working_day(date(2026, 12, 21) + timedelta(days=number)) for number in range(7)]
    assert week == [True, True, True, False, False, False, False]


@settings(deadline=None)  # a busy machine is no fault
@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_the_next_opening_is_open_and_nothing_before_it_is(at: datetime) -> None:
    opens = next_open(HOURS, at=at)
    assert opens >= at and is_open(HOURS, at=opens)
    if opens > at:
        assert not is_open(HOURS, at=at) and not is_open(HOURS, at=opens - timedelta(microseconds=1))


def test_a_period_is_from_and_until_and_says_no_more() -> None:
    assert (
        Period(local("2026-11-16", "08:00"), local("2026-11-16", "20:00")) == periods_on(HOURS, date(2026, 11, 16))[0]
    )
