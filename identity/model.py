"""How sure we are of who somebody is, and how often a code may be tried. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import IntEnum, StrEnum

from core.clock import STOCKHOLM


class Assurance(IntEnum):
    """The levels of DESIGN §8. A level belongs to one call and is never inherited."""

    ANONYMOUS = 0
    KNOWN_NUMBER = 1
    CODE = 2
    EID = 3


class Verification(StrEnum):
    """What came of a code. A caller hears the same sentence for ``WRONG`` and ``LOCKED``."""

    VERIFIED = "verified"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many wrong tries are allowed: in one contact, for one person in one Swedish day, from one number in an hour.

    ``shared_numbers`` are those from which many people ring (relay services for deaf and speech-impaired people),
    in E.164; the limit per number does not hold for them.
    """

    per_contact: int = 3
    per_person_and_day: int = 5
    per_caller_and_hour: int = 30
    shared_numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tried:
    """How many tries have failed or are under way, this one included."""

    in_contact: int
    for_person_today: int
    from_caller_this_hour: int


def may_try(tried: Tried, *, limits: Limits) -> bool:
    """Tell whether a try counts; it has been counted already, so that nobody gains by trying at the same time."""
    return (
        tried.in_contact <= limits.per_contact
        and tried.for_person_today <= limits.per_person_and_day
        and tried.from_caller_this_hour <= limits.per_caller_and_hour
    )


def day_began(at: datetime) -> datetime:
    """Return when the Swedish day of this instant began, in UTC."""
    return datetime.combine(at.astimezone(STOCKHOLM).date(), time(), tzinfo=STOCKHOLM).astimezone(UTC)
