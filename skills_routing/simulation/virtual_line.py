"""A line in memory that asks ``matching.py`` for every decision, and shows it only who can be chosen at all.

Of those who wait for the same, only the first can be chosen; of free agents who can do the same and are as scarce,
only the one idle longest. So a decision looks at one head per line or per kind of agent, however many there are.
Nobody avoids anybody here: who does is for the real line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from core.ids import AgentId, ContactId
from skills_routing.model import Idle, Requirement, Skills, Waiting
from skills_routing.rules.matching import agent_for, contact_for

_Kind = tuple[Skills, int]


@dataclass
class VirtualLine:
    """Who waits and who is free. ``enter`` and ``free`` decide at once, as the real line does."""

    _lines: dict[Requirement, list[tuple[int, ContactId, Waiting]]] = field(default_factory=dict)
    _idle: dict[_Kind, list[tuple[int, AgentId, Idle]]] = field(default_factory=dict)
    _gone: set[ContactId] = field(default_factory=set)
    _served_by: dict[Skills, list[Requirement]] = field(default_factory=dict)

    def enter(self, contact: Waiting) -> AgentId | None:
        """Give the contact a free agent, or let it wait; return the agent."""
        heads = [heap[0][2] for heap in self._idle.values() if heap]
        chosen = agent_for(contact, heads) if heads else None
        if chosen is None:
            if contact.requirement not in self._lines:
                self._lines[contact.requirement] = []
                self._served_by.clear()
            heappush(self._lines[contact.requirement], (contact.rank, contact.contact, contact))
        else:
            self._reserve(chosen, heads)
        return chosen

    def free(self, agent: Idle) -> ContactId | None:
        """Give the free agent a contact, or let the agent be idle; return the contact."""
        heads = [head for line in self._lines_of(agent.skills) if (head := self._head(line))]
        chosen = contact_for(agent, heads) if heads else None
        if chosen is None:
            heappush(self._idle.setdefault((agent.skills, agent.scarcity), []), (agent.since, agent.agent, agent))
        else:
            requirement = next(head.requirement for head in heads if head.contact == chosen)
            heappop(self._lines[requirement])
        return chosen

    def leave(self, contact: ContactId) -> None:
        """Take out somebody who waits and has hung up."""
        self._gone.add(contact)

    def take_away(self, agent: AgentId) -> bool:
        """Let a free agent go, for a break or for the day; ``False`` when the agent is not free."""
        for heap in self._idle.values():
            kept = [entry for entry in heap if entry[1] != agent]
            if len(kept) < len(heap):
                heap[:] = kept
                heapify(heap)
                return True
        return False

    def copy(self) -> "VirtualLine":
        """Return another line in the same state, that goes its own way."""
        return VirtualLine(
            {line: list(heap) for line, heap in self._lines.items()},
            {kind: list(heap) for kind, heap in self._idle.items()},
            set(self._gone),
            dict(self._served_by),
        )

    def waiting(self) -> list[Waiting]:
        """Return all who wait, in the order of their ranks."""
        entries = [entry for heap in self._lines.values() for entry in heap if entry[1] not in self._gone]
        return [contact for _rank, _id, contact in sorted(entries, key=lambda entry: entry[:2])]

    def idle(self) -> Iterable[Idle]:
        """Return all who are free."""
        return [entry[2] for heap in self._idle.values() for entry in heap]

    def _reserve(self, agent: AgentId, heads: list[Idle]) -> None:
        taken = next(head for head in heads if head.agent == agent)
        heappop(self._idle[(taken.skills, taken.scarcity)])

    def _head(self, line: Requirement) -> Waiting | None:
        heap = self._lines[line]
        while heap and heap[0][1] in self._gone:
            self._gone.discard(heappop(heap)[1])
        return heap[0][2] if heap else None

    def _lines_of(self, skills: Skills) -> list[Requirement]:
        found = self._served_by.get(skills)
        if found is None:
            found = self._served_by[skills] = [line for line in self._lines if line.met_by(skills)]
        return found
