"""What is foreseen of a wait, as it is kept beside the line for whoever wants to say or show it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from skills_routing.forecast.forecast import Caution, Forecast, is_sure
from skills_routing.model import instant, milliseconds


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The rest of a wait as it looked at ``at``; not ``sure``: too uncertain to be said to anybody."""

    at: datetime
    low_minutes: int
    high_minutes: int
    expected: timedelta
    sure: bool


@dataclass(frozen=True, slots=True)
class WaitTold:
    """What may be told to somebody who waits: the place, from 1, and the minutes, if we are sure of them."""

    place: int
    foreseen: Foreseen | None


def kept(found: Forecast, caution: Caution, *, at: datetime) -> Foreseen:
    """Return a forecast as it is kept."""
    return Foreseen(at, found.low_minutes, found.high_minutes, found.expected, is_sure(found, caution))


def write_foreseen(one: Foreseen) -> str:
    """Return it as one short line of numbers."""
    numbers = (milliseconds(one.at), one.low_minutes, one.high_minutes, one.expected // timedelta(milliseconds=1))
    return " ".join(map(str, (*numbers, int(one.sure))))


def read_foreseen(text: str | None) -> Foreseen | None:
    """Read it back; ``None`` when there is none."""
    if not text:
        return None
    at, low, high, expected, sure = map(int, text.split())
    return Foreseen(instant(at), low, high, timedelta(milliseconds=expected), bool(sure))
