"""Why a contact still waits: what everybody who could serve it does, and why each idle agent was not offered it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.ids import AgentId
from skills_routing.model import AgentState, Requirement, Skills, read_skills

Fields = Mapping[str, str]


class Doing(StrEnum):
    """What an agent is doing, as far as somebody who waits is concerned."""

    IDLE = "idle"
    OFFERED = "offered"
    TALKING = "talking"
    WRITING = "writing"
    WRAPPING_UP = "wrapping_up"
    PAUSED = "paused"
    BROWSER_GONE = "browser_gone"
    LOGGED_OFF = "logged_off"


class Hindrance(StrEnum):
    """Why an idle agent was not offered a contact that waits. ``NEXT``: nothing hinders; it is a matter of a moment."""

    ANOTHER_AGENT = "another_agent"
    LACKS = "lacks"
    LEVEL = "level"
    DECLINED = "declined"
    NEXT = "next"


@dataclass(frozen=True)
class Candidate:
    """An agent as the live line has it. ``reason`` is the one given for a pause."""

    agent: AgentId
    skills: Skills
    doing: Doing
    reason: str = ""


@dataclass(frozen=True)
class NotOffered:
    """An idle agent, and why a contact was not offered to them; ``skill`` is the one that is missing or too low."""

    agent: AgentId
    why: Hindrance
    skill: str = ""


_DOING = {
    AgentState.READY: Doing.IDLE,
    AgentState.RESERVED: Doing.OFFERED,
    AgentState.BUSY: Doing.TALKING,
    AgentState.WRAP_UP: Doing.WRAPPING_UP,
    AgentState.NOT_READY: Doing.PAUSED,
    AgentState.LOGGED_OFF: Doing.LOGGED_OFF,
}


def candidate(agent: AgentId, found: Fields, *, now: int) -> Candidate:
    """Read an agent's live record; ``now`` in milliseconds. One whose browser is not heard of does nothing."""
    state = AgentState(found.get("state") or AgentState.LOGGED_OFF)
    doing, reason = _DOING[state], found.get("reason", "")
    if state is AgentState.BUSY and not found.get("contact"):
        doing = Doing.WRITING
    unheard = doing is Doing.IDLE and int(found.get("lease") or 0) <= now
    if unheard or (doing is Doing.PAUSED and reason == "browser_gone"):
        return Candidate(agent, read_skills(found.get("profile", "")), Doing.BROWSER_GONE)
    return Candidate(agent, read_skills(found.get("profile", "")), doing, reason if doing is Doing.PAUSED else "")


def avoided_by(found: Fields, *, now: int) -> frozenset[AgentId]:
    """Return who turned a contact down or missed it just now, from its live record; ``now`` in milliseconds."""
    till = {name.removeprefix("avoid:"): value for name, value in found.items() if name.startswith("avoid:")}
    return frozenset(AgentId(name) for name, value in till.items() if int(value) > now)


def why_not_offered(requirement: Requirement, idle: Candidate, *, avoided: frozenset[AgentId]) -> NotOffered:
    """Return why an idle agent was not offered a contact that waits with this requirement."""
    if requirement.agent not in (None, idle.agent):
        return NotOffered(idle.agent, Hindrance.ANOTHER_AGENT)
    for need in sorted(requirement.for_anybody.needs):
        level = idle.skills.level(need.skill)
        if level < need.level:
            return NotOffered(idle.agent, Hindrance.LEVEL if level else Hindrance.LACKS, need.skill)
    return NotOffered(idle.agent, Hindrance.DECLINED if idle.agent in avoided else Hindrance.NEXT)
