"""Plays a list of calls against agents and a line, in virtual time, and tells how long each call waited."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Protocol

from core.ids import AgentId, ContactId
from skills_routing.model import Agent, Idle, Requirement, Waiting, scarcities
from skills_routing.simulation.virtual_line import VirtualLine

MILLISECONDS = 1000
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when it comes, what it needs, how long the work takes and how long the citizen waits. Seconds."""

    at: float
    requirement: Requirement
    handling: float
    patience: float = NEVER
    head_start: float = 0.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: after how long it was answered, by whom; ``agent`` is ``None`` for one who hung up."""

    call: Call
    wait: float
    agent: AgentId | None


@dataclass(frozen=True, slots=True)
class Break:
    """An agent takes no calls from the one instant to the other; who is in a call then ends it first. Seconds."""

    agent: AgentId
    begins: float
    ends: float


class Line(Protocol):
    """What the player asks: ``VirtualLine``, or the real one in Redis."""

    def enter(self, contact: Waiting) -> AgentId | None:
        """Give the contact a free agent, or let it wait."""
        ...

    def free(self, agent: Idle) -> ContactId | None:
        """Give the free agent a contact, or let the agent be idle."""
        ...

    def leave(self, contact: ContactId) -> None:
        """Take out somebody who waits."""
        ...

    def take_away(self, agent: AgentId) -> bool:
        """Let a free agent go."""
        ...


Watcher = Callable[["Player", float, ContactId, Call], None]


@dataclass
class Player:
    """Plays calls. ``lag`` seconds pass between each decision and its effect; ``watch`` is told of everyone who waits.

    What a watcher may look at: who waits, who is in a call since when, and who is away till when.
    """

    agents: Sequence[Agent]
    line: Line = field(default_factory=VirtualLine)
    lag: Callable[[], float] = lambda: 0.0
    watch: Watcher | None = None
    breaks: Sequence[Break] = ()
    waiting: dict[ContactId, Call] = field(default_factory=dict)
    busy: dict[AgentId, tuple[float, Call]] = field(default_factory=dict)
    away: dict[AgentId, float] = field(default_factory=dict)
    _events: list[tuple[float, int, str, str, object]] = field(default_factory=list)
    _planned: int = 0
    _arrived: int = 0

    def __post_init__(self) -> None:
        self._known = {agent.id: agent for agent in self.agents}
        self._scarcity = scarcities(self.agents)

    def play(self, calls: Iterable[Call]) -> Iterator[Ended]:
        """Yield every call as it is answered or given up, in the order in which that happens."""
        for agent in self.agents:
            self.line.free(self._idle(agent.id, 0.0))
        for pause in self.breaks:
            self._plan(pause.begins, "break", pause.agent, pause.ends)
        coming = iter(calls)
        self._expect(next(coming, None))
        while self._events:
            now, _, kind, name, thing = heappop(self._events)
            if kind == "arrival":
                self._expect(next(coming, None))
                yield from self._arrives(now, thing)  # type: ignore[arg-type]
            elif kind == "end":
                yield from self._ends(now, AgentId(name))
            elif kind == "patience":
                yield from self._gives_up(now, ContactId(name))
            else:
                yield from self._breaks(now, AgentId(name), thing)  # type: ignore[arg-type]

    def _arrives(self, now: float, call: Call) -> Iterator[Ended]:
        self._arrived += 1
        contact = ContactId(f"c{self._arrived:09d}")
        rank = round((now - call.head_start) * MILLISECONDS)
        agent = self.line.enter(Waiting(contact, rank, call.requirement))
        if agent is not None:
            yield self._answers(now, agent, call)
            return
        self.waiting[contact] = call
        if call.patience < NEVER:
            self._plan(now + call.patience, "patience", contact, None)
        if self.watch is not None:
            self.watch(self, now, contact, call)

    def _ends(self, now: float, agent: AgentId) -> Iterator[Ended]:
        self.busy.pop(agent, None)
        if agent in self.away:
            return
        contact = self.line.free(self._idle(agent, now))
        if contact is not None:
            yield self._answers(now, agent, self.waiting.pop(contact))

    def _answers(self, now: float, agent: AgentId, call: Call) -> Ended:
        answered = now + self.lag()
        self.busy[agent] = (answered, call)
        self._plan(answered + call.handling, "end", agent, None)
        return Ended(call, answered - call.at, agent)

    def _gives_up(self, now: float, contact: ContactId) -> Iterator[Ended]:
        call = self.waiting.pop(contact, None)
        if call is not None:
            self.line.leave(contact)
            yield Ended(call, now - call.at, None)

    def _breaks(self, now: float, agent: AgentId, till: float) -> Iterator[Ended]:
        if till > now:
            self.away[agent] = till
            self.line.take_away(agent)
            self._plan(till, "break", agent, till)
        else:
            del self.away[agent]
            if agent not in self.busy:
                yield from self._ends(now, agent)

    def _expect(self, call: Call | None) -> None:
        if call is not None:
            self._plan(call.at, "arrival", "", call)

    def _plan(self, at: float, kind: str, name: str, thing: object) -> None:
        self._planned += 1
        heappush(self._events, (at, self._planned, kind, name, thing))

    def _idle(self, agent: AgentId, now: float) -> Idle:
        return Idle(agent, self._known[agent].skills, round(now * MILLISECONDS), self._scarcity[agent])
