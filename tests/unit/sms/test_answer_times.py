"""What is said of how soon a person answers: only what held for four of five at such an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from sms.answer_times import FEWEST, IN_WORDS, Answered, usually_within

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)


def answered(*, after: timedelta | None, days_ago: int, hours: float = 0, count: int = 1) -> list[Answered]:
    asked = NOW - timedelta(days=days_ago) + timedelta(hours=hours)
    return [Answered(asked, None if after is None else asked + after)] * count


def test_four_of_five_make_it_usual() -> None:
    quick, slow = answered(after=HOUR / 2, days_ago=1, count=16), answered(after=3 * HOUR, days_ago=2, count=4)
    assert usually_within(quick + slow, at=NOW) == HOUR
    assert usually_within(quick[1:] + slow + slow[:1], at=NOW) == 4 * HOUR


def test_whoever_was_never_answered_counts() -> None:
    never = answered(after=None, days_ago=3, count=5)
    assert usually_within(answered(after=HOUR, days_ago=1, count=19) + never, at=NOW) is None
    assert usually_within(answered(after=HOUR, days_ago=1, count=20) + never, at=NOW) == HOUR


def test_nothing_is_said_of_too_few() -> None:
    assert usually_within(answered(after=HOUR, days_ago=1, count=FEWEST - 1), at=NOW) is None
    assert usually_within([], at=NOW) is None


@pytest.mark.parametrize(
    ("days_ago", "hours", "counts"),
    [
        (1, 2, True),
        (1, -2, True),
        (1, 2.5, False),  # another hour
        (1, 12, False),
        (6, 0, False),  # a Saturday
        (7, 0, True),
    ],
)
def test_only_such_an_hour_of_such_a_day_tells(days_ago: int, hours: float, counts: bool) -> None:
    found = usually_within(answered(after=HOUR, days_ago=days_ago, hours=hours, count=40), at=NOW)
    assert (found is not None) is counts


def test_who_wrote_just_now_says_nothing_yet_in_either_way() -> None:
    quick = answered(after=timedelta(minutes=5), days_ago=0, hours=-0.5, count=100)
    waiting = answered(after=None, days_ago=0, hours=-0.5, count=100)
    assert usually_within(quick, at=NOW) is None
    slow = answered(after=8 * HOUR, days_ago=1, count=20)
    assert usually_within(slow + quick + waiting, at=NOW) == 8 * HOUR


def test_each_time_has_words_and_the_shortest_comes_first() -> None:
    assert list(IN_WORDS) == sorted(IN_WORDS)
    assert all(words for each in IN_WORDS.values() for words in each.values())
