"""How many promises are too many, against fraud: somebody who has us ring numbers to run up their bills. Pure."""

from dataclasses import dataclass

from callbacks.model import Caps

SAME_BUT = 3
"""Numbers that differ only in so many last digits are one range: whoever rents a row of numbers has them side by side."""


@dataclass(frozen=True, kw_only=True)
class Recent:
    """How many promises were made: in the last 24 hours to a number and to a person, in the last hour to a range and
    to everybody."""

    of_number: int = 0
    of_person: int = 0
    of_range: int = 0
    of_all: int = 0


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
