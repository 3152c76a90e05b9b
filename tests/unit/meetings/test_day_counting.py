"""Which day of a sick leave a date is: over leap days, and over both nights on which the clock changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import Subject
from meetings.day_counting import date_of, day_of, in_time, is_over, is_to_tell
from meetings.hours import local_day
from meetings.model import Task, TaskState

FIRST = date(2026, 9, 1)


def test_the_first_day_is_day_1_and_day_90_is_the_last_of_the_own_work() -> None:
    assert (day_of(FIRST, FIRST), day_of(FIRST, FIRST - timedelta(days=1))) == (1, 0)
    assert date_of(FIRST, 90) == date(2026, 11, 29), "30 days of September, 31 of October, 29 of November"
    assert (is_over(FIRST, date(2026, 11, 29)), is_over(FIRST, date(2026, 11, 30))) == (False, True)


@pytest.mark.parametrize(
    ("since", "day_90"),
    [
        (date(2027, 1, 1), date(2027, 3, 31)),
        (date(2028, 1, 1), date(2028, 3, 30)),
        (date(2028, 2, 29), date(2028, 5, 28)),
    ],
)
def test_the_29th_of_february_is_a_day_as_any_other(since: date, day_90: date) -> None:
    assert date_of(since, 90) == day_90


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2027, 3, 27, 22, 59, tzinfo=UTC), 27),  # the night before summer time begins
        (datetime(2027, 3, 27, 23, 0, tzinfo=UTC), 28),
        (datetime(2027, 3, 28, 21, 59, tzinfo=UTC), 28),  # a day of 23 hours
        (datetime(2027, 3, 28, 22, 0, tzinfo=UTC), 29),
        (datetime(2027, 10, 30, 22, 0, tzinfo=UTC), 31),
        (datetime(2027, 10, 31, 22, 59, tzinfo=UTC), 31),  # a day of 25 hours
        (datetime(2027, 10, 31, 23, 0, tzinfo=UTC), 32),
    ],
)
def test_a_night_of_the_clock_makes_no_day_more_or_less(at: datetime, day: int) -> None:
    assert day_of(at.date().replace(day=1), local_day(at)) == day


def test_it_is_told_from_its_day_until_day_90_is_over() -> None:
    told = [day for day in range(-1, 100) if is_to_tell(FIRST, date_of(FIRST, day), from_day=60)]
    assert told == list(range(60, 91))


def test_told_on_day_90_is_not_told_before_it() -> None:
    assert in_time(FIRST, date_of(FIRST, 89)) and not in_time(FIRST, date_of(FIRST, 90))
    late = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)  # half past midnight in Sweden, on day 90
    task = Task(task="t", subject=Subject("s"), since_on=FIRST, due_on=FIRST, state=TaskState.OFFERED, informed_at=late)
    assert (task.is_in_time, task.day_90, task.day_180) == (False, date(2026, 11, 29), date(2027, 2, 27))


@given(since=st.dates(date(1990, 1, 1), date(2199, 12, 31)), day=st.integers(-400, 400))
def test_a_day_and_its_date_are_the_same(since: date, day: int) -> None:
    assert day_of(since, date_of(since, day)) == day
