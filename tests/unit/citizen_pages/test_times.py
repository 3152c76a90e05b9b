"""Times on a page: by day of the clock on the wall in Stockholm, in order, each but once, one of them chosen."""

from datetime import UTC, datetime, timedelta

import pytest

from citizen_pages.api.forms import time_of
from citizen_pages.times import days, value_of
from core.language import Language

HOUR = timedelta(hours=1)
WORDS = {"time": "{from}-{until}"}


def test_times_stand_under_their_day_by_stockholms_clock() -> None:
    late, early = datetime(2026, 11, 16, 23, tzinfo=UTC), datetime(2026, 11, 16, 22, tzinfo=UTC)
    found = days(
        [(late, late + HOUR), (early, early + HOUR), (late, late + HOUR)], WORDS, Language.ENGLISH, chosen=late
    )
    assert [(day.name, [time.name for time in day.times], day.is_chosen) for day in found] == [
        ("Monday 16 November", ["23:00-0:00"], False),
        ("Tuesday 17 November", ["0:00-1:00"], True),
    ]


def test_on_the_night_when_an_hour_comes_twice_both_are_told_apart() -> None:
    first, again = datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
    (day,) = days([(first, first + HOUR), (again, again + HOUR)], WORDS, Language.SWEDISH)
    assert [time.name for time in day.times] == ["2.00-2.00", "2.00-3.00"]
    assert [time_of(time.value) for time in day.times] == [first, again]


@pytest.mark.parametrize("value", ["", "-1", "٣", "²", "12345678901", "1 ", "1e3", "<script>"])
def test_what_stands_for_no_time_is_none(value: str) -> None:
    assert time_of(value) is None


def test_what_stands_for_a_time_is_that_time() -> None:
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert time_of(value_of(at)) == at
