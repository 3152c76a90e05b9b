"""How many promises are too many, against fraud: somebody who has us ring numbers to run up their bills. Pure."""

from dataclasses import dataclass

from callbacks.model import Caps

SAME_BUT = 3
"""Numbers that differ only in so many last digits are one range: whoever rents a row of numbers has them side by side."""


MANY_FULL, NEARLY_USED = 10, 0.8
"""So many numbers or persons at their caps, or such a part of everybody's hour, are no coincidence; deploy/prometheus/alerts.yaml
says the same."""


@dataclass(frozen=True, kw_only=True)
class Recent:
    """How many promises were made: in the last 24 hours to a number and to a person, in the last hour to a range and
    to everybody."""

    of_number: int = 0
    of_person: int = 0
    of_range: int = 0
    of_all: int = 0


@dataclass(frozen=True, kw_only=True)
class Used:
    """How near the caps are: promises of the last hour as a part of the most for everybody; and how many ranges, numbers and
    persons have all that their cap allows."""

    hour_used: float
    full_ranges: int
    full_numbers: int
    full_persons: int


def looks_like_fraud(used: Used) -> bool:
    """Tell whether a person should look into it: a row of numbers, many numbers or persons at once, or everybody together.

    One number or two are somebody who rings again and again.
    """
    return bool(
        used.full_ranges
        or used.full_numbers >= MANY_FULL
        or used.full_persons >= MANY_FULL
        or used.hour_used > NEARLY_USED
    )


def in_words(used: Used) -> str:
    """Say how near the caps are; nobody is named."""
    full = ((used.full_ranges, "ranges of numbers"), (used.full_numbers, "numbers"), (used.full_persons, "persons"))
    at_cap = [f"{word} at their cap: {many}" for many, word in full if many]
    return "; ".join([f"{used.hour_used:.0%} of the promises of an hour are used", *at_cap])


def is_too_many(recent: Recent, *, caps: Caps) -> bool:
    """Tell whether one more promise would be beyond a cap of its number, its range or its person."""
    return (
        recent.of_number >= caps.number_per_day
        or recent.of_person >= caps.person_per_day
        or recent.of_range >= caps.range_per_hour
    )


def is_flood(recent: Recent, *, caps: Caps) -> bool:
    """Tell whether so many promises were made in an hour that machines may be asking for them.

    On the worst of days it is citizens: so nobody who rings is refused for it.
    """
    return recent.of_all >= caps.all_per_hour
