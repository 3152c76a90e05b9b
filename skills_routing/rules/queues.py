"""What the callers of a queue ask for, at first and while they wait. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.ids import AgentId
from core.language import Language
from skills_routing.model import Need, Requirement, milliseconds, own_skill
from skills_routing.rules.steps import Ask, Plan


class SkillKind(StrEnum):
    """What sort of ability a skill is."""

    BENEFIT = "benefit"
    LANGUAGE = "language"
    AUTHORITY = "authority"
    PARTNER = "partner"
    PROTECTED = "protected"


class HeadStart(StrEnum):
    """Why a contact of a queue may stand earlier than the queue's others."""

    CALLBACK = "callback"
    RETURNED = "returned"


PREFERRED = timedelta(seconds=60)
"""How long a contact asks for what it would rather have, in a queue that has no steps."""

NEVER_DROPPED = frozenset({SkillKind.LANGUAGE, SkillKind.AUTHORITY, SkillKind.PROTECTED})
"""What a contact needs of these kinds it needs however long it waits."""


@dataclass(frozen=True, kw_only=True)
class Widening:
    """What is asked for after so long in the line, or as soon as ``forecast`` or more is expected of the wait."""

    after: timedelta
    needs: frozenset[Need]
    language_level: int = 1
    forecast: timedelta | None = None


@dataclass(frozen=True)
class WrittenRule:
    """How a written channel counts: what one contact weighs, and by how much calls that come later may pass it."""

    weight: int = 1
    behind: timedelta = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A named line as callers and supervisors know it.

    ``needs`` is required; ``preferred`` is asked for besides until the first widening; ``preferred_agent`` is how long
    a contact waits for the one agent it would rather have; ``known_agent`` for how long that is whoever they talked with
    last, nobody when it is 0. ``languages`` names the skill of each language by its code.
    """

    id: str
    label: Mapping[Language, str]
    needs: frozenset[Need]
    head_start: timedelta
    benefits: tuple[str, ...]
    head_starts: Mapping[HeadStart, timedelta] = field(default_factory=dict)
    preferred: frozenset[Need] = frozenset()
    language_level: int = 1
    widenings: tuple[Widening, ...] = ()
    preferred_agent: timedelta = timedelta(seconds=60)
    known_agent: timedelta = timedelta()
    languages: Mapping[str, str] = field(default_factory=dict)

    def head_start_for(self, reason: HeadStart | None = None) -> timedelta:
        """Return how much earlier a contact stands, for this reason; the queue's own when it has none for it."""
        return self.head_starts.get(reason, self.head_start) if reason else self.head_start

    def knows_since(self, now: datetime) -> datetime | None:
        """Return since when a talk makes an agent known to the citizen; ``None`` when it never does."""
        return now - self.known_agent if self.known_agent and self.preferred_agent else None

    def requirement(self, language: str) -> Requirement:
        """Return what is required of an agent for a contact of this queue in this language."""
        return self._in(language, self.needs, self.language_level)

    def plan(
        self,
        language: str,
        *,
        entered_at: datetime,
        agent: AgentId | None = None,
        deputy: AgentId | None = None,
        besides: frozenset[Need] = frozenset(),
        prefers: frozenset[Need] = frozenset(),
    ) -> Plan:
        """Return what a contact asks for that enters now: first for ``agent``, if there is one, then for the ``deputy``,
        then for each step. ``besides`` is what this one contact needs, however long it waits; ``prefers`` what it asks for
        besides until the queue's first step, or for :data:`PREFERRED` where the queue has none.

        A step is never due before the one ahead of it, so that a contact that waits for one agent widens in order.
        """
        wanted = [each for each in (agent, deputy) if each is not None] if self.preferred_agent else []
        asks = [
            Ask(self._only(each, language), milliseconds(entered_at + self.preferred_agent * number) if number else 0)
            for number, each in enumerate(wanted)
        ]
        due_at = milliseconds(entered_at + self.preferred_agent * len(wanted)) if wanted else 0
        at_first = self._at_first(language)
        asks.append(Ask(Requirement(highest([*at_first.needs, *prefers])), due_at))
        if not self.widenings and asks[-1].requirement != at_first:
            due_at = max(milliseconds(entered_at + PREFERRED), asks[-1].due_at)
            asks.append(Ask(at_first, due_at))
        for one in self.widenings:
            due_at = max(milliseconds(entered_at + one.after), asks[-1].due_at)
            asks.append(Ask(self._in(language, one.needs, one.language_level), due_at, one.forecast))
        return tuple(replace(ask, requirement=Requirement(highest([*ask.requirement.needs, *besides]))) for ask in asks)

    def lines(self) -> set[str]:
        """Return the name of every line in which a contact of this queue can come to wait for more than one agent."""
        asked = [self._at_first(language) for language in self.languages]
        asked += [self._in(code, one.needs, one.language_level) for one in self.widenings for code in self.languages]
        return {one.line for one in asked}

    def _only(self, agent: AgentId, language: str) -> Requirement:
        return Requirement(self.requirement(language).needs | {Need(own_skill(agent))})

    def _at_first(self, language: str) -> Requirement:
        return self._in(language, self.needs | self.preferred, self.language_level)

    def _in(self, language: str, needs: Iterable[Need], level: int) -> Requirement:
        return Requirement(highest([*needs, Need(self.languages[language], level)]))


def highest(needs: Iterable[Need]) -> frozenset[Need]:
    """Return these needs with each skill once, at the highest level that is asked of it."""
    levels: dict[str, int] = {}
    for need in needs:
        levels[need.skill] = max(need.level, levels.get(need.skill, 0))
    return frozenset(Need(skill, level) for skill, level in levels.items())


def widening_faults(queue: Queue, kinds: Mapping[str, SkillKind]) -> list[str]:
    """Return what is wrong with a queue's preferred needs and steps, each as ``field: why``; empty when nothing is."""
    faults = [
        f"preferred: {need.skill} is of kind {kinds[need.skill]}: require it, or do not ask for it"
        for need in sorted(queue.preferred)
        if kinds[need.skill] in NEVER_DROPPED
    ]
    if queue.preferred and not queue.widenings:
        faults.append("preferred: without a step that asks for less it would be a requirement; add one to steps")
    before = Widening(
        after=timedelta(), needs=highest(queue.needs | queue.preferred), language_level=queue.language_level
    )
    for number, step in enumerate(queue.widenings, start=1):
        faults += [f"step {number}: {fault}" for fault in _step_faults(before, step, queue.needs, kinds)]
        before = step
    return faults


def _step_faults(
    before: Widening, step: Widening, required: frozenset[Need], kinds: Mapping[str, SkillKind]
) -> list[str]:
    was, asks = _levels(before.needs), _levels(step.needs)
    faults = []
    if step.after <= before.after:
        faults.append(f"after_seconds: must be more than {before.after.total_seconds():.0f}, when the one before comes")
    if step.language_level > before.language_level:
        faults.append("language_level: a step cannot ask for more than was asked before")
    more = sorted(skill for skill, level in asks.items() if level > was.get(skill, level))
    faults += [f"requirement: {skill}: a step cannot ask for a higher level than before" for skill in more]
    faults += _dropped(required, asks, kinds)
    faults += _added(was, asks, kinds)
    return faults


def _dropped(required: frozenset[Need], asks: Mapping[str, int], kinds: Mapping[str, SkillKind]) -> list[str]:
    """A language may be asked for at a lower level; authority and protection may not."""
    lowest = {need.skill: 1 if kinds[need.skill] is SkillKind.LANGUAGE else need.level for need in required}
    return [
        f"requirement: {skill} of kind {kinds[skill]} is required by the queue and cannot be dropped or lowered"
        for skill, level in sorted(lowest.items())
        if kinds[skill] in NEVER_DROPPED and asks.get(skill, 0) < level
    ]


def _added(was: Mapping[str, int], asks: Mapping[str, int], kinds: Mapping[str, SkillKind]) -> list[str]:
    """Another benefit may be asked for instead of one, and nothing besides."""
    new = sorted(asks.keys() - was.keys())
    gone = [skill for skill in was.keys() - asks.keys() if kinds[skill] is SkillKind.BENEFIT]
    wrong = new[len(gone) :] if all(kinds[skill] is SkillKind.BENEFIT for skill in new) else new
    return [f"requirement: {skill}: a step can ask for less, or for one benefit instead of another" for skill in wrong]


def _levels(needs: Iterable[Need]) -> dict[str, int]:
    return {need.skill: need.level for need in needs}
