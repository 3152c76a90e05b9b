"""Reads the queues, the skills and the demo agents that an operator edits. Whatever is wrong is named by file and field."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from contacts.model import Channel
from core.ids import AgentId
from core.language import Language
from skills_routing.errors import UnknownQueueError
from skills_routing.model import WRITTEN_AT_ONCE, Agent, Need, Skills
from skills_routing.rules.queues import HeadStart, Queue, SkillKind, Widening, WrittenRule, widening_faults
from storage.edited_file import Faults, read_edited


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Id = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
_Seconds = Annotated[int, Field(ge=0, le=3600)]


class SkillRow(_Strict):
    """One skill in ``skills.yaml``."""

    id: str = _Id
    label: str = Field(min_length=1)
    kind: SkillKind
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}$")


class NeedRow(_Strict):
    """One part of a requirement: a skill and the lowest level that will do."""

    skill: str
    level: int = Field(default=1, ge=1, le=5)


class StepRow(_Strict):
    """One step of a queue: what is asked for later. Without a requirement of its own it is the queue's."""

    after_seconds: int = Field(ge=1, le=86_400)
    or_forecast_minutes: int | None = Field(default=None, ge=1, le=240)
    requirement: tuple[NeedRow, ...] | None = None
    language_level: int | None = Field(default=None, ge=1, le=5)


class QueueRow(_Strict):
    """One queue in ``queues.yaml``."""

    id: str = _Id
    label: Mapping[Language, str]
    requirement: tuple[NeedRow, ...] = Field(min_length=1)
    preferred: tuple[NeedRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    language_level: int = Field(default=1, ge=1, le=5)
    preferred_agent_seconds: int = Field(default=60, ge=0, le=600)
    known_agent_hours: int = Field(default=0, ge=0, le=720)
    head_start_seconds: int = Field(default=0, ge=0, le=3600)
    head_starts: Mapping[HeadStart, _Seconds] = Field(default_factory=dict)
    benefits: tuple[str, ...] = ()


class AgentRow(_Strict):
    """One agent in ``demo/agents.yaml``."""

    id: str = _Id
    name: str = Field(min_length=1)
    site: str = ""
    enabled: bool = True
    supervisor: bool = False
    skills: Mapping[str, int] = Field(default_factory=dict)
    written_at_once: int = Field(default=WRITTEN_AT_ONCE, ge=0, le=20)
    interruptible: bool = False


class WrittenRow(_Strict):
    """How one written channel counts, in ``queues.yaml``."""

    weight: int = Field(default=1, ge=1, le=20)
    behind_seconds: int = Field(default=14_400, ge=0, le=604_800)


class _Skills(_Strict):
    skills: tuple[SkillRow, ...]


class _Queues(_Strict):
    queues: tuple[QueueRow, ...]
    written: Mapping[Channel, WrittenRow] = Field(default_factory=dict)


class _Agents(_Strict):
    agents: tuple[AgentRow, ...]


@dataclass
class RoutingConfiguration:
    """All queues and skills, by id. ``retired`` queues are no longer in the file; who waits there is still served."""

    queues: Mapping[str, Queue]
    skills: Mapping[str, SkillRow]
    retired: Mapping[str, Queue] = field(default_factory=dict)
    written: Mapping[Channel, WrittenRule] = field(default_factory=dict)

    def renew(self, newer: "RoutingConfiguration") -> None:
        """Become another edition, at once for everybody who holds this one."""
        known = {**self.retired, **self.queues, **newer.retired}
        self.retired = {name: queue for name, queue in known.items() if name not in newer.queues}
        self.queues, self.skills, self.written = newer.queues, newer.skills, newer.written

    def remember(self, names: Iterable[str]) -> None:
        """Have a name for queues that are in no file and in which somebody waits since before this process."""
        unknown = {name for name in names if name and name not in {**self.queues, **self.retired}}
        made = {name: _nameless(name, self.languages) for name in sorted(unknown)}
        self.retired = {**self.retired, **made}

    def known(self, queue: str) -> Queue | None:
        """Return a queue, also a retired one; ``None`` when no file that we have read names it."""
        return self.queues.get(queue) or self.retired.get(queue)

    def gone(self) -> tuple[Queue, ...]:
        """Return the queues that are no longer in the file."""
        return tuple(self.retired.values())

    def every_queue(self) -> tuple[Queue, ...]:
        """Return the queues, and after them the retired ones."""
        return (*self.queues.values(), *self.retired.values())

    @property
    def languages(self) -> Mapping[str, str]:
        """The skill of each language by the language's code: a caller may speak any that somebody could have."""
        return language_skills(self.skills)

    @property
    def written_behind(self) -> timedelta:
        """How much later than a text a call may come, at the most, and still be answered before it."""
        return max(self.written.get(channel, WrittenRule()).behind for channel in Channel)

    def lines(self) -> list[str]:
        """Return the name of every line that the queues can lead to, in an order that is always the same."""
        return sorted({line for queue in self.queues.values() for line in queue.lines()})

    def queue(self, name: str) -> Queue:
        """Return a queue; raises :class:`UnknownQueueError`."""
        if name not in self.queues:
            raise UnknownQueueError(name[:60])
        return self.queues[name]

    def head_start(self, queue: str, reason: HeadStart | None = None) -> timedelta:
        """Return how much earlier a contact of a queue stands for a reason; none for a queue that nobody knows."""
        known = self.queues.get(queue) or self.retired.get(queue)
        return known.head_start_for(reason) if known else timedelta()

    def skill_label(self, skill: str) -> str:
        """Return how a skill is called in Swedish; its id when it has no name."""
        row = self.skills.get(skill)
        return row.label if row else skill


def load_routing(
    *,
    queues: str,
    skills: str,
    benefits: Collection[str] | None = None,
    queues_file: str = "config/queues.yaml",
    skills_file: str = "config/skills.yaml",
) -> RoutingConfiguration:
    """Read ``queues.yaml`` and ``skills.yaml``; raises :class:`ConfigurationError` with all that is wrong in both.

    ``benefits`` are those that exist; ``None`` when nobody knows, and then none is said to be unknown.
    """
    faults = Faults()
    read_skills = faults.attempt(lambda: read_edited(_Skills, skills, file=skills_file))
    read_queues = faults.attempt(lambda: read_edited(_Queues, queues, file=queues_file))
    if read_skills is None or read_queues is None:
        faults.refuse()
        raise AssertionError("what could not be read has been refused")
    skill_rows = _unique(skills_file, "skill", read_skills.skills, faults)
    queue_rows = _unique(queues_file, "queue", read_queues.queues, faults)
    _check_languages(skill_rows, skills_file, faults)
    for row in queue_rows.values():
        _check_queue(row, queues_file, skill_rows, faults)
        for benefit in row.benefits if benefits is not None else ():
            if benefit not in (benefits or ()):
                place = f"queue {row.id}: benefits"
                faults.add(queues_file, place, f"there is no benefit {benefit!r} in config/benefits.yaml")
    faults.refuse()
    made = {key: _queue(row, skill_rows) for key, row in queue_rows.items()}
    kinds = {skill: row.kind for skill, row in skill_rows.items()}
    for queue in made.values():
        for fault in widening_faults(queue, kinds):
            faults.add(queues_file, f"queue {queue.id}", fault)
    faults.refuse()
    written = {channel: _written(row) for channel, row in read_queues.written.items()}
    return RoutingConfiguration(made, skill_rows, written=written)


def load_agents(
    text: str, *, skills: Mapping[str, SkillRow] | None, file: str = "config/demo/agents.yaml"
) -> tuple[Agent, ...]:
    """Read ``agents.yaml``; raises :class:`ConfigurationError` for skills and levels that do not exist.

    ``skills`` is ``None`` when the file of skills cannot be read: then no skill is said to be unknown.
    """
    faults = Faults()
    rows = _unique(file, "agent", read_edited(_Agents, text, file=file).agents, faults)
    for row in rows.values():
        for skill, level in row.skills.items():
            if skills is not None:
                _check_skill([file, f"agent {row.id}", "skills"], skill, skills, faults)
            if level not in range(1, 6):
                faults.add(file, f"agent {row.id}", "skills", f"{skill} must be 1 to 5")
    faults.refuse()
    return tuple(_agent(row) for row in rows.values())


def language_skills(skills: Mapping[str, SkillRow]) -> dict[str, str]:
    """Return the skill of each language by the language's code."""
    return {row.language: row.id for row in skills.values() if row.language}


def _agent(row: AgentRow) -> Agent:
    skills = Skills(tuple(sorted(row.skills.items())))
    return Agent(AgentId(row.id), row.name, skills, row.site, row.enabled, row.written_at_once, row.interruptible)


def _written(row: WrittenRow) -> WrittenRule:
    return WrittenRule(row.weight, timedelta(seconds=row.behind_seconds))


def _queue(row: QueueRow, skills: Mapping[str, SkillRow]) -> Queue:
    return Queue(
        id=row.id,
        label=row.label,
        needs=_needs(row.requirement),
        head_start=timedelta(seconds=row.head_start_seconds),
        benefits=row.benefits,
        head_starts={reason: timedelta(seconds=seconds) for reason, seconds in row.head_starts.items()},
        preferred=_needs(row.preferred),
        language_level=row.language_level,
        widenings=tuple(_widening(step, row) for step in row.steps),
        preferred_agent=timedelta(seconds=row.preferred_agent_seconds),
        known_agent=timedelta(hours=row.known_agent_hours),
        languages=language_skills(skills),
    )


def _widening(step: StepRow, queue: QueueRow) -> Widening:
    return Widening(
        after=timedelta(seconds=step.after_seconds),
        needs=_needs(queue.requirement if step.requirement is None else step.requirement),
        language_level=step.language_level or queue.language_level,
        forecast=timedelta(minutes=step.or_forecast_minutes) if step.or_forecast_minutes else None,
    )


def _needs(rows: Iterable[NeedRow]) -> frozenset[Need]:
    return frozenset(Need(row.skill, row.level) for row in rows)


def _nameless(name: str, languages: Mapping[str, str]) -> Queue:
    label = {language: name.capitalize() for language in Language}
    return Queue(id=name, label=label, needs=frozenset(), head_start=timedelta(), benefits=(), languages=languages)


def _check_queue(row: QueueRow, file: str, skills: Mapping[str, SkillRow], faults: Faults) -> None:
    asked = {"requirement": row.requirement, "preferred": row.preferred}
    asked |= {f"step {number}: requirement": step.requirement or () for number, step in enumerate(row.steps, start=1)}
    for where, needs in asked.items():
        for need in needs:
            _check_skill([file, f"queue {row.id}", where], need.skill, skills, faults)
    for language in Language:
        if language not in row.label:
            faults.add(file, f"queue {row.id}", "label", f"{language} is missing")
    for reason, seconds in row.head_starts.items():
        if seconds < row.head_start_seconds:
            words = f"this must be head_start_seconds ({row.head_start_seconds}) or more: nobody loses a place"
            faults.add(file, f"queue {row.id}", "head_starts", reason, words)


def _check_languages(skills: Mapping[str, SkillRow], file: str, faults: Faults) -> None:
    known: set[str] = set()
    for row in skills.values():
        if (row.kind is SkillKind.LANGUAGE) is not bool(row.language):
            faults.add(file, f"skill {row.id}", "language", "a skill of kind language has a code, and no other has one")
        if row.language in known:
            faults.add(file, f"skill {row.id}", "language", f"{row.language} is there twice")
        known.add(row.language or "")
    for language in Language:
        if language not in known:
            faults.add(file, "skills", f"no skill has the language {language}, which callers speak")


def _check_skill(place: list[str], skill: str, skills: Mapping[str, SkillRow], faults: Faults) -> None:
    if skill not in skills:
        faults.add(*place, f"there is no skill {skill!r} in config/skills.yaml")


_Row = TypeVar("_Row", SkillRow, QueueRow, AgentRow)


def _unique(file: str, kind: str, rows: tuple[_Row, ...], faults: Faults) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for row in rows:
        if row.id in found:
            faults.add(file, f"{kind} {row.id}", f"{row.id} is there twice")
        found[row.id] = row
    return found
