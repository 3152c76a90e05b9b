"""How the texts are shared between providers: by what each is meant to get, and by how it has done lately. Pure.

A provider that fails, or is slow, gets less within seconds, and never nothing: a few texts go on trying it. What it did
wrong weighs half as much every two minutes, so that it drifts back to its share when it is well again, not all at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

SLOW = timedelta(seconds=3)
"""A provider that takes longer to answer has done wrong, even if it has the text."""

LATE = timedelta(minutes=5)
"""So long after it was taken a text should be there; telephones that are off are the same for every provider."""

LOOK_BACK = timedelta(minutes=15)
HALF_LIFE_SECONDS = 120.0
DOUBT = 5.0
"""So many texts that went well are taken for granted: one failure says little, ten at once say enough."""

WRONG_AT_MOST = 0.5
"""A provider that does this much wrong is only tried."""

TRIED = 0.05
"""The part of its share that it keeps while it is only tried."""


@dataclass(frozen=True)
class Asked:
    """One time that a provider was asked: how long ago we knew how it went, and whether it went well."""

    seconds_ago: float
    went_well: bool


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen of a provider: the last times that it was asked, and how many of the texts it took came late or never."""

    asked: Sequence[Asked] = ()
    taken: int = 0
    late: int = 0


def wellness(seen: Seen) -> float:
    """Return how well a provider does: 1 when nothing is wrong, 0 when it should only be tried."""
    weights = [(0.5 ** (one.seconds_ago / HALF_LIFE_SECONDS), one.went_well) for one in seen.asked]
    wrong = sum(weight for weight, went_well in weights if not went_well)
    failing = wrong / (sum(weight for weight, _ in weights) + DOUBT)
    being_late = seen.late / (seen.taken + DOUBT)
    return _left(failing) * _left(being_late)


@dataclass(frozen=True, kw_only=True)
class Health:
    """Which part of the texts a provider gets now, and how well it does: 1 when nothing is wrong, 0 when it is only tried."""

    share: float
    wellness: float


def shares(meant: Mapping[str, float], seen: Mapping[str, Seen]) -> dict[str, float]:
    """Return which part of the texts each provider gets now; together they are 1. ``meant`` is their part when all are well."""
    now = {name: weight * max(wellness(seen.get(name, Seen())), TRIED) for name, weight in meant.items()}
    whole = sum(now.values())
    return {name: part / whole for name, part in now.items()}


def drawn(of: dict[str, float], ticket: float) -> str:
    """Return whom a ticket (from 0, less than 1) falls to, so that each gets its share of all tickets."""
    left = ticket * sum(of.values())
    for name, part in of.items():
        left -= part
        if left < 0:
            return name
    return next(reversed(of), "")


def _left(wrong: float) -> float:
    return max(0.0, 1 - wrong / WRONG_AT_MOST)
