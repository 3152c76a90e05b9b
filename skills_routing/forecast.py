"""How long somebody who waits will still wait: the line played forward, many times, from how it really stands now.

It says a range or nothing. What an agent does after this call, and who comes later, cannot be known; who is ahead, who
can serve them and for how long calls last can. ADR 0011 says how this was chosen.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import fmean

from core.ids import AgentId, ContactId
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
class LineSnapshot:
    """The line as it stands: whom we speak to, everybody who waits (also callbacks, under their ranks), all agents."""

    contact: ContactId
    waiting: Sequence[Waiting]
    agents: Sequence[AgentNow]


@dataclass(frozen=True, slots=True)
class Passing:
    """Contacts that may still come in ahead, because their queue has a head start: how many a second."""

    requirement: Requirement
    per_second: float
    head_start: timedelta


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


ENOUGH = 30
"""So many handling times must have been measured before we say anything, and of one line before it counts by itself."""
LONGER = 5
"""So many of them must be longer than a contact already is, before they tell how much longer it will be."""


class History:
    """What was measured lately: how long contacts took (seconds, wrap-up included), and how long people waited for it.

    ``patience`` is the mean: all the time waited divided by how many hung up; ``None`` when nobody did.
    """

    def __init__(
        self,
        *,
        handlings: Mapping[Requirement, Sequence[float]],
        patience: float | None = None,
        passing: Sequence[Passing] = (),
    ) -> None:
        self._by_line = {line: sorted(some) for line, some in handlings.items() if len(some) >= ENOUGH}
        self._all = sorted(seconds for some in handlings.values() for seconds in some)
        self.patience, self.passing = patience, passing

    def knows_enough(self) -> bool:
        """Tell whether enough contacts were measured to say anything."""
        return len(self._all) >= ENOUGH

    def handling(self, requirement: Requirement | None, chance: float) -> float:
        """Return a handling time as they were, of this line when it has had enough of them."""
        some = self._of(requirement)
        return some[int(chance * len(some))]

    def rest(self, requirement: Requirement | None, spent: float, chance: float) -> float:
        """Return how much longer a contact may last that has lasted so long already."""
        some = self._of(requirement)
        longer = bisect_right(some, spent)
        if len(some) - longer < LONGER:  # longer than nearly all: nothing to go by but the mean
            return fmean(some) * 2 * chance
        return some[longer + int(chance * (len(some) - longer))] - spent

    def _of(self, requirement: Requirement | None) -> list[float]:
        return self._by_line.get(requirement, self._all) if requirement else self._all


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
) -> Forecast | None:
    """Return the range in which the rest of the wait will lie, eight times in ten at least; ``None`` when we are not sure.

    We are silent when too little was measured, when nobody at work can serve this contact, when one rehearsal in ten
    does not come to an end, and when the range is too wide to be of use.
    """
    found = foresee(snapshot, history, now, chance=chance, caution=caution)
    return found if found is not None and is_sure(found, caution) else None


def foresee(
    snapshot: LineSnapshot, history: History, now: datetime, *, chance: Chance, caution: Caution = _USUAL
) -> Forecast | None:
    """Return the range also when it is too wide to be spoken, for the record of how good we are."""
    times = caution.times(len(snapshot.agents) + len(snapshot.waiting))
    waits = sorted(rehearse(snapshot, history, now, chance=chance, times=times))
    if not waits or len(waits) < caution.ends * times:
        return None
    low, high = (_part(waits, part) for part in (caution.low, caution.high))
    return Forecast(timedelta(seconds=low), timedelta(seconds=high), timedelta(seconds=fmean(waits)))


def rehearse(snapshot: LineSnapshot, history: History, now: datetime, *, chance: Chance, times: int) -> list[float]:
    """Play the line forward from here many times, and return after how many seconds the contact was served each time."""
    me = next((one for one in snapshot.waiting if one.contact == snapshot.contact), None)
    workers = [_worker(agent, now) for agent in snapshot.agents if _serves(agent)]
    able = me is not None and any(me.requirement.met_by(worker.skills) for worker in workers)
    if me is None or not able or not history.knows_enough():
        return []
    start = Start(
        contact=me,
        ahead=[one for one in snapshot.waiting if (one.rank, one.contact) <= (me.rank, me.contact)],
        workers=workers,
        handling=history.handling,
        rest=history.rest,
        patience=history.patience,
        coming=[arrival for passing in history.passing if (arrival := _arrival(passing, me, now))],
    )
    rehearsal = Rehearsal(start, chance)
    found = [rehearsal.play() for _ in range(times)]
    return [wait for wait in found if wait is not None]


def _serves(agent: AgentNow) -> bool:
    return agent.state is AgentState.READY or (agent.state in WORKING and not agent.leaves)


def _worker(agent: AgentNow, now: datetime) -> Worker:
    spent = max(0.0, (now - agent.since).total_seconds()) if agent.state in WORKING else None
    return Worker(agent.agent, agent.skills, agent.scarcity, spent, agent.requirement)


def _arrival(passing: Passing, me: Waiting, now: datetime) -> Arrival | None:
    """Who comes within the head start after us ranks before us."""
    till = passing.head_start.total_seconds() - (milliseconds(now) - me.rank) / 1000
    return Arrival(passing.requirement, passing.per_second, till) if till > 0 and passing.per_second > 0 else None


def _part(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
