"""Too many promises are refused, whichever way somebody tries to have us ring many."""

import pytest

from callbacks.caps import Recent, Used, is_flood, is_too_many, looks_like_fraud
from callbacks.model import Caps

CAPS = Caps(number_per_day=2, person_per_day=3, range_per_hour=5, all_per_hour=9)


@pytest.mark.parametrize(
    ("recent", "too_many"),
    [
        (Recent(), False),  # the first one
        (Recent(of_number=1, of_person=2, of_range=4, of_all=8), False),  # just below each
        (Recent(of_number=2), True),  # one number, again and again
        (Recent(of_person=3), True),  # one person, on several numbers
        (Recent(of_range=5), True),  # a rented row of numbers
        (Recent(of_all=9), False),  # numbers from everywhere: on the worst of days it is citizens
    ],
)
def test_one_more_is_too_many_or_not(recent: Recent, too_many: bool) -> None:
    assert is_too_many(recent, caps=CAPS) is too_many


def test_a_flood_is_seen() -> None:
    assert [is_flood(Recent(of_all=many), caps=CAPS) for many in (8, 9)] == [False, True]


@pytest.mark.parametrize(
    ("hour_used", "ranges", "numbers", "persons", "is_fraud"),
    [
        (0.8, 0, 9, 9, False),  # a busy hour, and some who ring again and again
        (0.81, 0, 0, 0, True),  # everybody together
        (0, 1, 0, 0, True),  # a rented row of numbers
        (0, 0, 10, 0, True),  # many numbers at once
        (0, 0, 0, 10, True),  # many persons at once
    ],
)
def test_somebody_is_told_when_it_is_no_coincidence(
    hour_used: float, ranges: int, numbers: int, persons: int, is_fraud: bool
) -> None:
    used = Used(hour_used=hour_used, full_ranges=ranges, full_numbers=numbers, full_persons=persons)
    assert looks_like_fraud(used) is is_fraud
