"""Plays a line forward from where it stands, until one contact is served."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import log

from core.ids import AgentId, ContactId
from skills_routing.model import Idle, Requirement, Skills, Waiting
from skills_routing.simulation.virtual_line import VirtualLine

Chance = Callable[[], float]
"""Returns a number from 0 to below 1; handed in, so that the same line gives the same answer in a test."""

LONGEST = 4 * 3600.0
"""Whoever is not served in so many seconds counts as not served."""


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent at work; ``spent`` seconds on the contact in hand, ``None`` when free."""

    agent: AgentId
    skills: Skills
    scarcity: int = 0
    spent: float | None = None
    requirement: Requirement | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Contacts that come at random, so many a second, during the next seconds, and go before ours."""

    requirement: Requirement
    per_second: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where the line stands, and how to draw what is not known: ``handling`` and ``rest`` turn a chance into seconds.

    ``ahead`` are all who come before the contact, and the contact. ``patience`` is the mean, in seconds.
    """

    contact: Waiting
    ahead: Sequence[Waiting]
    workers: Sequence[Worker]
    handling: Callable[[Requirement | None, float], float]
    rest: Callable[[Requirement | None, float, float], float]
    patience: float | None = None
    coming: Sequence[Arrival] = ()


class Rehearsal:
    """One start, to be played any number of times."""

    def __init__(self, start: Start, chance: Chance) -> None:
        self._start, self._chance = start, chance
        self._line = VirtualLine()
        for one in start.ahead:
            self._line.enter(one)
        self._needs = {one.contact: one.requirement for one in start.ahead}
        self._places = {worker.agent: place for place, worker in enumerate(start.workers)}

    def play(self) -> float | None:
        """Return after how many seconds the contact is served, this time; ``None`` when not within four hours."""
        start, chance = self._start, self._chance
        line, needs, coming = self._line.copy(), self._needs, self._coming()
        free_at = [(self._free_at(worker), place) for place, worker in enumerate(start.workers)]
        heapify(free_at)
        while free_at:
            now, place = heappop(free_at)
            if now > LONGEST:
                return None
            while coming and coming[-1][0] <= now:
                at, one = coming.pop()
                needs[one.contact] = one.requirement
                taken = line.enter(one)
                if taken is not None:
                    heappush(free_at, (at + start.handling(one.requirement, chance()), self._places[taken]))
            served = self._serve(line, start.workers[place], now)
            if served == start.contact.contact:
                return now
            if served is not None:
                heappush(free_at, (now + start.handling(needs[served], chance()), place))
        return None

    def _serve(self, line: VirtualLine, worker: Worker, now: float) -> ContactId | None:
        idle = Idle(worker.agent, worker.skills, round(now * 1000), worker.scarcity)
        patience = self._start.patience
        while (found := line.free(idle)) is not None:
            if patience is None or found == self._start.contact.contact:
                return found
            if -log(1 - self._chance()) * patience > now:  # still there; else the next one
                return found
        return None

    def _free_at(self, worker: Worker) -> float:
        return 0.0 if worker.spent is None else self._start.rest(worker.requirement, worker.spent, self._chance())

    def _coming(self) -> list[tuple[float, Waiting]]:
        """Return who comes, the last first. All rank just before ours: their own order changes nothing for us."""
        found: list[tuple[float, Waiting]] = []
        for arrival in self._start.coming:
            at = -log(1 - self._chance()) / arrival.per_second
            while at < arrival.seconds:
                name = ContactId(f"coming{len(found)}")
                found.append((at, Waiting(name, self._start.contact.rank - 1, arrival.requirement)))
                at -= log(1 - self._chance()) / arrival.per_second
        return sorted(found, key=lambda one: -one[0])
