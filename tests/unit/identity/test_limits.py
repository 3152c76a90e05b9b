"""How often a code may be tried, and when a Swedish day begins."""

from datetime import UTC, datetime

import pytest

from identity.codes import is_code, is_too_simple
from identity.model import Limits, Tried, day_began, may_try


@pytest.mark.parametrize(
    ("tried", "allowed"),
    [
        (Tried(1, 1, 1), True),  # the first try
        (Tried(3, 5, 30), True),  # the last of each
        (Tried(4, 4, 4), False),  # the fourth in a call
        (Tried(1, 6, 1), False),  # the sixth for a person today, though in a new call
        (Tried(1, 1, 31), False),  # one number has tried many persons
    ],
)
def test_a_try_counts_within_every_limit_or_not_at_all(tried: Tried, allowed: bool) -> None:
    assert may_try(tried, limits=Limits()) is allowed


@pytest.mark.parametrize(
    ("at", "began"),
    [
        ("2026-11-16T09:00+00:00", "2026-11-15T23:00+00:00"),  # winter: an hour before UTC
        ("2026-06-30T22:30+00:00", "2026-06-30T22:00+00:00"),  # summer: already the next day
        ("2026-10-25T12:00+00:00", "2026-10-24T22:00+00:00"),  # the day of 25 hours began in summer time
        ("2026-03-29T12:00+00:00", "2026-03-28T23:00+00:00"),  # the day of 23 hours began in winter time
    ],
)
def test_a_day_is_a_swedish_day(at: str, began: str) -> None:
    assert day_began(datetime.fromisoformat(at)) == datetime.fromisoformat(began).astimezone(UTC)


@pytest.mark.parametrize("code", ["000000", "123456", "654321", "789012", "999999", "098765"])
def test_a_run_or_one_digit_is_too_simple(code: str) -> None:
    assert is_too_simple(code)


@pytest.mark.parametrize("code", ["274913", "112233", "135790", "246802"])
def test_other_codes_are_not(code: str) -> None:
    assert not is_too_simple(code)


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "１２３４５６", "12 456", "12345\n"])
def test_a_code_is_six_ascii_digits(text: str) -> None:
    assert not is_code(text)
