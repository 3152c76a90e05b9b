"""What supervisors have set agents' skills to, and how many wait for what: the tables behind ``staffing``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, String, Table, Text, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import AgentId
from skills_routing.model import ContactState, Skills
from skills_routing.store import agents, routed_contacts
from storage.database import Transaction
from storage.schema import Instant, metadata

chosen_skills = Table(
    "chosen_skills",
    metadata,
    Column("agent", String(60), primary_key=True),
    Column("skills", Text, nullable=False),
    Column("chosen_by", String(80), nullable=False),
    Column("chosen_at", Instant, nullable=False),
)


@dataclass(frozen=True)
class ChosenSkills:
    """Skills that a supervisor has set, which stand whatever the file says."""

    agent: AgentId
    skills: Skills
    chosen_by: str
    chosen_at: datetime


@dataclass(frozen=True)
class WaitingFor:
    """How many wait for a queue under one requirement (by the name of its line)."""

    queue: str
    line: str
    waiting: int


async def choose(tx: Transaction, chosen: ChosenSkills) -> None:
    """Let these skills stand for an agent."""
    values = {
        "skills": json.dumps(chosen.skills.levels),
        "chosen_by": chosen.chosen_by,
        "chosen_at": chosen.chosen_at,
    }
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(chosen_skills).values(agent=chosen.agent, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["agent"], set_=values))


async def forget(tx: Transaction, agent: AgentId) -> None:
    """Let the file count for an agent again."""
    await tx.execute(delete(chosen_skills).where(chosen_skills.c.agent == agent))


async def everything_chosen(tx: Transaction) -> Mapping[AgentId, ChosenSkills]:
    """Return what supervisors have set, by agent."""
    rows = await tx.execute(select(chosen_skills))
    return {
        AgentId(row.agent): ChosenSkills(AgentId(row.agent), read_levels(row.skills), row.chosen_by, row.chosen_at)
        for row in rows
    }


async def set_skills(tx: Transaction, agent: AgentId, skills: Skills) -> None:
    """Write what an agent can do now."""
    await tx.execute(update(agents).where(agents.c.agent == agent).values(skills=json.dumps(skills.levels)))


async def waiting(tx: Transaction) -> tuple[WaitingFor, ...]:
    """Return who waits for what, as counts; whoever is being offered to somebody counts, too."""
    rows = await tx.execute(
        select(routed_contacts.c.queue, routed_contacts.c.line, func.count().label("waiting"))
        .where(routed_contacts.c.state == ContactState.WAITING, routed_contacts.c.line != "")
        .group_by(routed_contacts.c.queue, routed_contacts.c.line)
        .order_by(routed_contacts.c.queue, routed_contacts.c.line)
    )
    return tuple(WaitingFor(row.queue, row.line, int(row.waiting)) for row in rows)


def read_levels(text: str) -> Skills:
    """Read skills as they are written in a row."""
    return Skills(tuple((str(skill), int(level)) for skill, level in json.loads(text)))
