"""How long somebody who waits will still wait: the line played forward, many times, from how it really stands now.

It says a range or nothing. What an agent does after this call, and who comes later, cannot be known; who is ahead, who
can serve them and for how long calls last can. ADR 0011 says how this was chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import fmean

from core.ids import AgentId, ContactId
from skills_routing.forecast.history import History, Passing
from skills_routing.model import AgentState, Requirement, Skills, Waiting, milliseconds
from skills_routing.simulation.ahead import Arrival, Chance, Rehearsal, Start, Worker

WORKING = (AgentState.RESERVED, AgentState.BUSY, AgentState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent as the line knows it. ``since`` is when the contact in hand began, ``requirement`` what it needs.

    ``leaves`` when the agent has asked for a break after this contact.
    """

    agent: AgentId
    skills: Skills
    state: AgentState
    since: datetime
    scarcity: int = 0
    requirement: Requirement | None = None
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class StepAhead:
    """A routing step that is to come: after this time the contact can also be served by those who meet this."""

    contact: ContactId
    after: timedelta
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class LineSnapshot:
    """The line as it stands: everybody who waits, under their ranks, all agents, and the steps to come.

    ``imagined`` are among those who wait, and take nobody's time: somebody who would come in now, for instance.
    """

    waiting: Sequence[Waiting]
    agents: Sequence[AgentNow]
    steps: Sequence[StepAhead] = ()
    imagined: frozenset[ContactId] = frozenset()


@dataclass(frozen=True)
class Caution:
    """How wide to be and when to be silent; chosen by measurement (``benchmarks/wait_estimate.py``).

    ``low`` and ``high`` are the parts of all rehearsals between which the range lies. Silent when fewer than
    ``ends`` of them end, and when the range is wider than ``widest`` and ``width`` times what is expected together.
    A long line is rehearsed less often, down to ``fewest`` times: so many steps together, because what happens to many
    varies little.
    """

    rehearsals: int = 100
    fewest: int = 30
    steps: int = 10_000
    low: float = 0.1
    high: float = 0.9
    ends: float = 0.9
    widest: timedelta = timedelta(minutes=5)
    width: float = 0.75

    def times(self, size: int) -> int:
        """Return how often a line with so many agents and contacts is rehearsed."""
        return max(self.fewest, min(self.rehearsals, self.steps // max(1, size)))


@dataclass(frozen=True, slots=True)
class Forecast:
    """How much longer the wait is: the range to be spoken, and what is expected, to be held against the truth."""

    low: timedelta
    high: timedelta
    expected: timedelta

    @property
    def low_minutes(self) -> int:
        """The lower end in whole minutes, rounded down; 0 means less than a minute."""
        return self.low // _MINUTE

    @property
    def high_minutes(self) -> int:
        """The upper end in whole minutes, rounded up; at least 1."""
        return max(1, ceil(self.high / _MINUTE))

    def holds(self, wait: timedelta) -> bool:
        """Tell whether a wait was in the range that was said."""
        return self.low_minutes * _MINUTE <= wait <= self.high_minutes * _MINUTE


def is_sure(found: Forecast, caution: Caution) -> bool:
    """Tell whether the range is narrow enough to be of use to somebody who waits."""
    return found.high - found.low <= caution.widest + caution.width * found.expected


_USUAL = Caution()
_MINUTE = timedelta(minutes=1)


def forecast(
    snapshot: LineSnapshot, history: History, now: datetime, *, chance: Chance, caution: Caution = _USUAL
) -> dict[ContactId, Forecast]:
    """Return for each who waits the range in which the rest of the wait will lie, eight times in ten at least.

    Whoever is missing is told nothing, because we are not sure: when too little was measured, when nobody at work can
    serve this contact, when one rehearsal in ten does not come to an end, or when the range is too wide to be of use.
    """
    found = foresee(snapshot, history, now, chance=chance, caution=caution)
    return {contact: one for contact, one in found.items() if is_sure(one, caution)}


def foresee(
    snapshot: LineSnapshot, history: History, now: datetime, *, chance: Chance, caution: Caution = _USUAL
) -> dict[ContactId, Forecast]:
    """Return the ranges also when they are too wide to be spoken, for the record of how good we are."""
    times = caution.times(len(snapshot.agents) + len(snapshot.waiting))
    waits = rehearse(snapshot, history, now, chance=chance, times=times)
    enough = caution.ends * times
    return {contact: _range(sorted(some), caution) for contact, some in waits.items() if len(some) >= enough}


def rehearse(
    snapshot: LineSnapshot, history: History, now: datetime, *, chance: Chance, times: int
) -> dict[ContactId, list[float]]:
    """Play the line forward from here many times, and return after how many seconds each was answered each time."""
    workers = [_worker(agent, now) for agent in snapshot.agents if _serves(agent)]
    asked = _can_be_served(snapshot, [worker.skills for worker in workers])
    if not asked or not history.knows_enough():
        return {}
    start = Start(
        now=milliseconds(now),
        waiting=snapshot.waiting,
        asked=asked,
        workers=workers,
        handling=history.handling,
        rest=history.rest,
        patience=history.patience,
        coming=[one for passing in history.passing if (one := _arrival(passing, snapshot.waiting, now))],
        later=_later(snapshot),
        imagined=snapshot.imagined,
    )
    rehearsal, found = Rehearsal(start, chance), {contact: list[float]() for contact in sorted(asked)}
    for _ in range(times):
        for contact, wait in rehearsal.play().items():
            found[contact].append(wait + history.answering)
    return found


def _can_be_served(snapshot: LineSnapshot, skills: Sequence[Skills]) -> frozenset[ContactId]:
    """Return who can be served by somebody at work, now or after a step."""
    kinds, here = set(skills), {one.contact for one in snapshot.waiting}
    able: dict[Requirement, bool] = {}
    wanted = [(one.contact, one.requirement) for one in snapshot.waiting]
    wanted += [(one.contact, one.requirement) for one in snapshot.steps]
    for _, requirement in wanted:
        if requirement not in able:
            able[requirement] = any(requirement.met_by(kind) for kind in kinds)
    return frozenset(contact for contact, requirement in wanted if able[requirement]) & here


def _later(snapshot: LineSnapshot) -> list[tuple[float, Waiting]]:
    ranks = {one.contact: one.rank for one in snapshot.waiting}
    return [
        (one.after.total_seconds(), Waiting(one.contact, ranks[one.contact], one.requirement))
        for one in snapshot.steps
        if one.contact in ranks
    ]


def _serves(agent: AgentNow) -> bool:
    return agent.state is AgentState.READY or (agent.state in WORKING and not agent.leaves)


def _worker(agent: AgentNow, now: datetime) -> Worker:
    spent = max(0.0, (now - agent.since).total_seconds()) if agent.state in WORKING else None
    return Worker(agent.agent, agent.skills, agent.scarcity, spent, agent.requirement)


def _arrival(passing: Passing, waiting: Sequence[Waiting], now: datetime) -> Arrival | None:
    """Who comes within the head start after the last in line may rank before somebody."""
    head_start = passing.head_start.total_seconds()
    till = head_start - (milliseconds(now) - max(one.rank for one in waiting)) / 1000
    return Arrival(passing.requirement, passing.per_second, till, head_start) if till > 0 < passing.per_second else None


def _range(waits: Sequence[float], caution: Caution) -> Forecast:
    low, high = (_part(waits, part) for part in (caution.low, caution.high))
    return Forecast(timedelta(seconds=low), timedelta(seconds=high), timedelta(seconds=fmean(waits)))


def _part(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
