"""Reads the queues, the skills and the demo agents that an operator edits. Whatever is wrong is named by file and field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigurationError
from core.ids import AgentId
from core.language import Language
from skills_routing.errors import UnknownQueueError
from skills_routing.model import Agent, Need, Requirement, Skills
from storage.edited_file import read_edited

LANGUAGE_SKILLS: Mapping[Language, str] = {Language.SWEDISH: "svenska", Language.ENGLISH: "engelska"}


class SkillKind(StrEnum):
    """What sort of ability a skill is."""

    BENEFIT = "benefit"
    LANGUAGE = "language"
    AUTHORITY = "authority"
    PARTNER = "partner"
    PROTECTED = "protected"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Id = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")


class SkillRow(_Strict):
    """One skill in ``skills.yaml``."""

    id: str = _Id
    label: str = Field(min_length=1)
    kind: SkillKind


class NeedRow(_Strict):
    """One part of a requirement: a skill and the lowest level that will do."""

    skill: str
    level: int = Field(default=1, ge=1, le=5)


class QueueRow(_Strict):
    """One queue in ``queues.yaml``."""

    id: str = _Id
    label: Mapping[Language, str]
    requirement: tuple[NeedRow, ...] = Field(min_length=1)
    head_start_seconds: int = Field(default=0, ge=0, le=3600)
    benefits: tuple[str, ...] = ()


class AgentRow(_Strict):
    """One agent in ``demo/agents.yaml``."""

    id: str = _Id
    name: str = Field(min_length=1)
    site: str = ""
    enabled: bool = True
    supervisor: bool = False
    skills: Mapping[str, int] = Field(default_factory=dict)


class _Skills(_Strict):
    skills: tuple[SkillRow, ...]


class _Queues(_Strict):
    queues: tuple[QueueRow, ...]


class _Agents(_Strict):
    agents: tuple[AgentRow, ...]


@dataclass(frozen=True)
class Queue:
    """A named line as callers and supervisors know it."""

    id: str
    label: Mapping[Language, str]
    needs: frozenset[Need]
    head_start: timedelta
    benefits: tuple[str, ...]

    def requirement(self, language: Language) -> Requirement:
        """Return what an agent needs for a contact of this queue in this language."""
        return Requirement(self.needs | {Need(LANGUAGE_SKILLS[language], 1)})


@dataclass(frozen=True)
class RoutingConfiguration:
    """All queues and skills, by id."""

    queues: Mapping[str, Queue]
    skills: Mapping[str, SkillRow]

    def queue(self, name: str) -> Queue:
        """Return a queue; raises :class:`UnknownQueueError`."""
        if name not in self.queues:
            raise UnknownQueueError(name[:60])
        return self.queues[name]

    def skill_label(self, skill: str) -> str:
        """Return how a skill is called in Swedish; its id when it has no name."""
        row = self.skills.get(skill)
        return row.label if row else skill


def load_routing(*, queues: str, skills: str) -> RoutingConfiguration:
    """Read ``queues.yaml`` and ``skills.yaml``; raises :class:`ConfigurationError`."""
    skill_rows = _unique("skills.yaml", read_edited(_Skills, skills, file="skills.yaml").skills)
    queue_rows = _unique("queues.yaml", read_edited(_Queues, queues, file="queues.yaml").queues)
    for language, skill in LANGUAGE_SKILLS.items():
        if skill not in skill_rows:
            raise ConfigurationError(f"skills.yaml: the skill {skill} for the language {language} is missing")
    for row in queue_rows.values():
        for need in row.requirement:
            _check_skill(f"queues.yaml: queue {row.id}: requirement", need.skill, skill_rows)
        for language in LANGUAGE_SKILLS:
            if language not in row.label:
                raise ConfigurationError(f"queues.yaml: queue {row.id}: label: {language} is missing")
    return RoutingConfiguration({key: _queue(row) for key, row in queue_rows.items()}, skill_rows)


def load_agents(text: str, *, skills: Mapping[str, SkillRow]) -> tuple[Agent, ...]:
    """Read ``agents.yaml``; raises :class:`ConfigurationError` for a skill or level that does not exist."""
    rows = _unique("agents.yaml", read_edited(_Agents, text, file="agents.yaml").agents)
    for row in rows.values():
        for skill, level in row.skills.items():
            _check_skill(f"agents.yaml: agent {row.id}: skills", skill, skills)
            if level not in range(1, 6):
                raise ConfigurationError(f"agents.yaml: agent {row.id}: skills: {skill} must be 1 to 5")
    return tuple(
        Agent(AgentId(row.id), row.name, Skills(tuple(sorted(row.skills.items()))), row.site, row.enabled)
        for row in rows.values()
    )


def _queue(row: QueueRow) -> Queue:
    needs = frozenset(Need(need.skill, need.level) for need in row.requirement)
    return Queue(row.id, row.label, needs, timedelta(seconds=row.head_start_seconds), row.benefits)


def _check_skill(where: str, skill: str, skills: Mapping[str, SkillRow]) -> None:
    if skill not in skills:
        raise ConfigurationError(f"{where}: there is no skill {skill!r} in skills.yaml")


_Row = TypeVar("_Row", SkillRow, QueueRow, AgentRow)


def _unique(file: str, rows: tuple[_Row, ...]) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for row in rows:
        if row.id in found:
            raise ConfigurationError(f"{file}: {row.id} is there twice")
        found[row.id] = row
    return found
