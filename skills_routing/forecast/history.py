"""What was measured lately, and how it is drawn from: handling times, patience, and who comes in ahead. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from skills_routing.model import Requirement


@dataclass(frozen=True, slots=True)
class Passing:
    """Contacts that may still come in ahead, because of a head start or a wait of their own before: how many a second."""

    requirement: Requirement
    per_second: float
    head_start: timedelta


ENOUGH = 30
"""So many handling times must have been measured before we say anything, and of one line before it counts by itself."""
LONGER = 5
"""So many of them must be longer than a contact already is, before they tell how much longer it will be."""


class History:
    """What was measured lately: how long contacts took (seconds, wrap-up included), and how long people waited for it.

    ``patience`` is the mean: all the time waited divided by how many hung up; ``None`` when nobody did. ``answering`` is
    how long an agent takes to answer a telephone that rings, in seconds.
    """

    def __init__(
        self,
        *,
        handlings: Mapping[Requirement, Sequence[float]],
        patience: float | None = None,
        passing: Sequence[Passing] = (),
        answering: float = 0.0,
    ) -> None:
        self._by_line = {line: sorted(some) for line, some in handlings.items() if len(some) >= ENOUGH}
        self._all = sorted(seconds for some in handlings.values() for seconds in some)
        self.patience, self.passing, self.answering = patience, passing, answering

    def knows_enough(self) -> bool:
        """Tell whether enough contacts were measured to say anything."""
        return len(self._all) >= ENOUGH

    def handling(self, requirement: Requirement | None, chance: float) -> float:
        """Return a handling time as they were, of this line when it has had enough of them, and the ringing before."""
        some = self._of(requirement)
        return self.answering + some[int(chance * len(some))]

    def rest(self, requirement: Requirement | None, spent: float, chance: float) -> float:
        """Return how much longer a contact may last that has lasted so long already."""
        some = self._of(requirement)
        longer = bisect_right(some, spent)
        if len(some) - longer < LONGER:  # longer than nearly all: nothing to go by but the mean
            return fmean(some) * 2 * chance
        return some[longer + int(chance * (len(some) - longer))] - spent

    def _of(self, requirement: Requirement | None) -> list[float]:
        return self._by_line.get(requirement, self._all) if requirement else self._all
