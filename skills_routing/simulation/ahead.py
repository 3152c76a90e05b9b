"""Plays a line forward from where it stands, and tells when each who waits would be served.

One play answers for everybody: who comes later never makes somebody ahead wait. Whoever would have hung up by then is
told all the same when it would have been; only those behind gain by it.
"""

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
    """Contacts that come at random, so many a second, for so many seconds, each with a head start (seconds)."""

    requirement: Requirement
    per_second: float
    seconds: float
    head_start: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where the line stands at ``now`` (milliseconds), and how to draw what is not known.

    ``asked`` are those whose waits are wanted. ``imagined`` are among those who wait, but only ask: they take nobody's
    time. ``later`` says after how many seconds one who waits can also be served by others (a routing step).
    ``handling`` and ``rest`` turn a chance into seconds. ``patience`` is the mean, in seconds.
    """

    now: int
    waiting: Sequence[Waiting]
    asked: frozenset[ContactId]
    workers: Sequence[Worker]
    handling: Callable[[Requirement | None, float], float]
    rest: Callable[[Requirement | None, float, float], float]
    patience: float | None = None
    coming: Sequence[Arrival] = ()
    later: Sequence[tuple[float, Waiting]] = ()
    imagined: frozenset[ContactId] = frozenset()


class Rehearsal:
    """One start, to be played any number of times."""

    def __init__(self, start: Start, chance: Chance) -> None:
        self._start, self._chance = start, chance
        self._line = VirtualLine()
        for one in start.waiting:
            self._line.enter(one)
        self._needs = {one.contact: one.requirement for one in start.waiting}
        self._places = {worker.agent: place for place, worker in enumerate(start.workers)}

    def play(self) -> dict[ContactId, float]:
        """Return after how many seconds each contact is served, this time; who is not within four hours is left out."""
        return _Play(self._start, self._chance, self._line.copy(), dict(self._needs), self._places).to_the_end()


class _Play:
    def __init__(
        self,
        start: Start,
        chance: Chance,
        line: VirtualLine,
        needs: dict[ContactId, Requirement],
        places: dict[AgentId, int],
    ) -> None:
        self._start, self._chance, self._line, self._needs, self._places = start, chance, line, needs, places
        self._came: dict[ContactId, float] = {}
        self._served: set[ContactId] = set()
        self._waits: dict[ContactId, float] = {}
        self._free_at = [(self._rest(worker), place) for place, worker in enumerate(start.workers)]
        heapify(self._free_at)

    def to_the_end(self) -> dict[ContactId, float]:
        """Go on until all who were asked about are served."""
        coming, free_at, wanted = self._coming(), self._free_at, len(self._start.asked)
        while len(self._waits) < wanted and (free_at or coming):
            if coming and (not free_at or coming[-1][0] <= free_at[0][0]):
                at, one = coming.pop()
                self._comes(at, one)
            else:
                at, place = heappop(free_at)
                self._frees(at, place)
            if at > LONGEST:
                break
        return self._waits

    def _comes(self, at: float, one: Waiting) -> None:
        if one.contact in self._served:
            return
        if one.contact not in self._needs:
            self._needs[one.contact], self._came[one.contact] = one.requirement, at
        agent = self._line.enter(one)
        if agent is not None:
            self._gives(at, one.contact, self._places[agent])

    def _frees(self, at: float, place: int) -> None:
        worker = self._start.workers[place]
        idle = Idle(worker.agent, worker.skills, round(at * 1000), worker.scarcity)
        while (contact := self._line.free(idle)) is not None:
            if self._takes(at, contact):
                heappush(self._free_at, (at + self._handling(contact), place))
                return

    def _gives(self, at: float, contact: ContactId, place: int) -> None:
        spent = self._handling(contact) if self._takes(at, contact) else 0.0
        heappush(self._free_at, (at + spent, place))

    def _takes(self, at: float, contact: ContactId) -> bool:
        """Note that it is this contact's turn, and tell whether it is still there and takes an agent's time."""
        if contact in self._served:  # by another line, after a step
            return False
        self._served.add(contact)
        if contact in self._start.asked:
            self._waits[contact] = at
        if contact in self._start.imagined:
            return False
        patience = self._start.patience
        return patience is None or -log(1 - self._chance()) * patience > at - self._came.get(contact, 0.0)

    def _handling(self, contact: ContactId) -> float:
        return self._start.handling(self._needs[contact], self._chance())

    def _rest(self, worker: Worker) -> float:
        return 0.0 if worker.spent is None else self._start.rest(worker.requirement, worker.spent, self._chance())

    def _coming(self) -> list[tuple[float, Waiting]]:
        """Return who comes, or can be served by more, the last first."""
        found = list(self._start.later)
        for arrival in self._start.coming:
            at = -log(1 - self._chance()) / arrival.per_second
            while at < arrival.seconds:
                rank = self._start.now + round((at - arrival.head_start) * 1000)
                found.append((at, Waiting(ContactId(f"coming{len(found)}"), rank, arrival.requirement)))
                at -= log(1 - self._chance()) / arrival.per_second
        return sorted(found, key=lambda one: -one[0])
