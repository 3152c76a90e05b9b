"""When it is open: holidays and eves of a whole year, exceptions, and the days when the clock moves."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.clock import STOCKHOLM
from core.errors import ConfigurationError
from ivr.opening_hours import (
    OpeningHours,
    Span,
    always_open,
    entry_point_of,
    holidays_in,
    is_open,
    next_opening,
    spans_on,
)
from ivr.opening_hours_file import load_opening_hours
from tests.unit.ivr.shipped import CONFIG

OFFICE = (Span(time(8), time(20)),)
WEEKEND = (Span(time(10), time(16)),)
HOURS = OpeningHours(week={**dict.fromkeys(range(5), OFFICE), 5: WEEKEND, 6: WEEKEND})

FREE_IN_2026 = [
    date(2026, 1, 1),  # nyårsdagen
    date(2026, 1, 6),  # trettondedag jul
    date(2026, 4, 3),  # långfredagen
    date(2026, 4, 5),  # påskdagen, a Sunday
    date(2026, 4, 6),  # annandag påsk
    date(2026, 5, 1),  # första maj
    date(2026, 5, 14),  # Kristi himmelsfärdsdag, the sixth Thursday after Easter
    date(2026, 5, 24),  # pingstdagen, a Sunday
    date(2026, 6, 6),  # nationaldagen, a Saturday
    date(2026, 6, 19),  # midsommarafton, free in practice
    date(2026, 6, 20),  # midsommardagen
    date(2026, 10, 31),  # alla helgons dag
    date(2026, 12, 24),  # julafton, free in practice
    date(2026, 12, 25),  # juldagen
    date(2026, 12, 26),  # annandag jul
    date(2026, 12, 31),  # nyårsafton, free in practice
]


def at(text: str) -> datetime:
    """Read Stockholm's clock on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def test_every_holiday_and_eve_of_a_year_is_known_and_no_other_day() -> None:
    assert list(holidays_in(2026)) == FREE_IN_2026


@pytest.mark.parametrize("month", range(1, 13))
def test_each_day_of_a_year_has_its_hours(month: int) -> None:
    first = date(2026, month, 1)
    for day in (first + timedelta(days=number) for number in range(31)):
        _has_its_hours(day)


def _has_its_hours(day: date) -> None:
    expected = () if day in FREE_IN_2026 else WEEKEND if day.weekday() >= 5 else OFFICE
    assert spans_on(HOURS, day) == expected
    for hour in range(24):
        moment = datetime.combine(day, time(hour, 30), tzinfo=STOCKHOLM).astimezone(UTC)
        assert is_open(HOURS, at=moment) == any(span.opens.hour <= hour < span.closes.hour for span in expected)


@pytest.mark.parametrize("year", [2015, 2020, 2024, 2027, 2030, 2035])
def test_there_are_thirteen_holidays_and_three_eves_in_any_year(year: int) -> None:
    assert len(holidays_in(year)) == 16
    midsummer = next(day for day, name in holidays_in(year).items() if name == "Midsommardagen")
    assert midsummer.weekday() == 5
    assert date(year, 6, 20) <= midsummer <= date(year, 6, 26)


TABLE = [
    # a minute before we open
    ("2026-11-24T07:59:59", False),
    # the first second
    ("2026-11-24T08:00:00", True),
    # the last second
    ("2026-11-24T19:59:59", True),
    # closing is closed
    ("2026-11-24T20:00:00", False),
    # a Saturday is shorter
    ("2026-11-28T09:00:00", False),
    ("2026-11-28T10:00:00", True),
    # a holiday on a weekday
    ("2026-05-14T12:00:00", False),
    # the day after it
    ("2026-05-15T12:00:00", True),
    # the Sunday when the clock goes from 02 to 03: opens at ten by the new time
    ("2026-03-29T09:59:00", False),
    ("2026-03-29T10:00:00", True),
    # the Sunday when the clock goes from 03 to 02
    ("2026-10-25T09:59:00", False),
    ("2026-10-25T10:00:00", True),
]


@pytest.mark.parametrize(("wall", "open_"), TABLE)
def test_it_is_open_by_the_clock_on_the_wall(wall: str, open_: bool) -> None:
    assert is_open(HOURS, at=at(wall)) is open_


NEXT = [
    # in the night: this morning
    ("2026-11-24T03:00:00", "2026-11-24T08:00:00"),
    # while it is open the next opening is that of the day after
    ("2026-11-24T12:00:00", "2026-11-25T08:00:00"),
    # exactly when it opens: the one after
    ("2026-11-24T08:00:00", "2026-11-25T08:00:00"),
    # Friday evening: Saturday at ten
    ("2026-11-27T21:00:00", "2026-11-28T10:00:00"),
    # over Christmas: the Sunday after
    ("2026-12-24T09:00:00", "2026-12-27T10:00:00"),
    # over the new year
    ("2026-12-30T21:00:00", "2027-01-02T10:00:00"),
    # the night when an hour is missing
    ("2026-03-28T23:00:00", "2026-03-29T10:00:00"),
]


@pytest.mark.parametrize(("wall", "opens"), NEXT)
def test_the_next_opening_is_found(wall: str, opens: str) -> None:
    assert next_opening(HOURS, after=at(wall)) == at(opens)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 4), 24)])
def test_a_day_that_is_open_around_the_clock_is_as_long_as_the_day(day: date, hours: int) -> None:
    start, end = Span(time(), time()).on(day)
    assert (end - start) == timedelta(hours=hours)


def test_an_exception_counts_before_a_holiday_and_the_week() -> None:
    short = (Span(time(9), time(12)),)
    hours = replace(HOURS, exceptions={date(2026, 12, 24): short, date(2026, 12, 23): ()})
    assert is_open(hours, at=at("2026-12-24T10:00:00"))
    assert not is_open(hours, at=at("2026-12-23T10:00:00"))


def test_who_never_opens_has_no_next_opening() -> None:
    assert next_opening(OpeningHours(week={}), after=at("2026-11-24T12:00:00")) is None


def test_the_shipped_file_knows_the_national_number_however_it_is_written() -> None:
    point, *_ = load_opening_hours((CONFIG / "opening_hours.yaml").read_text("utf-8"))
    other = replace(point, id="other", numbers=())
    for called in ("0771524524", "+46771524524", "46771524524", "771524524", "0771-524 524"):
        assert entry_point_of(called, (other, point)).id == "national"


@pytest.mark.parametrize("called", ["", "112", "0771000000", "${EXTEN}", "x" * 500])
def test_an_unknown_number_comes_to_the_first_entry_point(called: str) -> None:
    points = load_opening_hours((CONFIG / "opening_hours.yaml").read_text("utf-8"))
    assert entry_point_of(called, points) == points[0]


def test_a_demo_can_be_open_at_all_hours() -> None:
    point, *_ = load_opening_hours((CONFIG / "opening_hours.yaml").read_text("utf-8"))
    assert is_open(always_open(point).hours, at=at("2026-12-25T03:00:00"))


GOOD = 'entry_points: [{id: a, numbers: ["0771524524"], week: {monday: ["08:00-12:00", "13:00-24:00"]}}]'
BAD = [
    # a time that is none
    (GOOD.replace("08:00-12:00", "8-12"), "08:00-16:30"),
    # ends before it begins
    (GOOD.replace("08:00-12:00", "12:00-08:00"), "must end after"),
    # past midnight
    (GOOD.replace("13:00-24:00", "13:00-24:30"), "must end after"),
    # not a phone number
    (GOOD.replace("0771524524", "hej"), "entry point a: numbers"),
    # a misspelt day
    (GOOD.replace("monday", "mandag"), "week: mandag"),
    # no entry point at all
    ("entry_points: []", "entry_points"),
    # not YAML
    ("entry_points: [", "line"),
    # a list
    ("- 1", "mapping"),
]


def test_a_day_may_have_several_spans() -> None:
    (point,) = load_opening_hours(GOOD)
    assert not is_open(point.hours, at=at("2026-11-23T12:30:00"))
    assert is_open(point.hours, at=at("2026-11-23T23:59:00"))


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_broken_file_is_refused_with_its_name_and_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=r"opening_hours\.yaml") as error:
        load_opening_hours(text)
    assert says in str(error.value)
