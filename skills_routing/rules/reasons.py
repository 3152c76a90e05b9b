"""Why a contact still waits: what everybody who could serve it does, and why each idle agent was not offered it. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.ids import AgentId, ContactId
from skills_routing.model import WRITTEN_AT_ONCE, AgentState, Idle, Skills, Waiting, read_skills
from skills_routing.rules.matching import has_room, waits_for_another

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
    NO_PHONE = "no_phone"
    LOGGED_OFF = "logged_off"


class Hindrance(StrEnum):
    """Why an agent who takes contacts was not offered one that waits. ``NEXT``: nothing hinders; it comes in a moment.

    ``FULL``: the written contacts at hand leave no room. ``KEPT_FREE``: the agent has room for this one, but not yet for
    somebody who comes before it, and nobody is passed. ``NO_PHONE``: the switch cannot ring the agent. ``GATHERING``: many are coming back, and all are dealt out at once
    in a moment. ``EXPECTS``: who is to be rung before an agent waits for the agent's turn, for somebody else is being rung.
    """

    ANOTHER_AGENT = "another_agent"
    LACKS = "lacks"
    LEVEL = "level"
    DECLINED = "declined"
    NO_PHONE = "no_phone"
    FULL = "full_load"
    KEPT_FREE = "kept_free"
    GATHERING = "gathering"
    EXPECTS = "expects"
    NEXT = "next"


@dataclass(frozen=True)
class Candidate:
    """An agent as the live line has it. ``reason`` is the one given for a pause; ``takes``: may be offered somebody."""

    agent: AgentId
    skills: Skills
    doing: Doing
    reason: str = ""
    takes: bool = False
    load: int = 0
    capacity: int = WRITTEN_AT_ONCE
    interruptible: bool = False
    expects: str = ""
    """The citizen being rung whom the agent is had in mind for (ADR 0020)."""
    phone: bool = True

    @property
    def idle(self) -> Idle:
        """The same as the decision sees it; it can do what only this agent can."""
        skills = self.skills.of(self.agent)
        return Idle(
            self.agent,
            skills,
            0,
            load=self.load,
            capacity=self.capacity,
            interruptible=self.interruptible,
            phone=self.phone,
        )


@dataclass(frozen=True)
class NotOffered:
    """An agent who takes contacts, and why one was not offered to them; ``skill`` is the one missing or too low."""

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
    """Read an agent's live record; ``now`` in milliseconds. One whose browser is not heard of takes nobody."""
    state, reason = AgentState(found.get("state") or AgentState.LOGGED_OFF), found.get("reason", "")
    doing, load = _DOING[state], int(found.get("load") or 0)
    if doing is Doing.TALKING and not found.get("contact"):
        doing = Doing.WRITING
    takes = doing is Doing.IDLE or (doing is Doing.WRITING and not found.get("next"))
    if takes and int(found.get("lease") or 0) <= now:
        doing, takes = Doing.BROWSER_GONE, False
    elif doing is Doing.PAUSED and reason == "browser_gone":
        doing = Doing.BROWSER_GONE
    phone = found.get("phone") != "gone"
    if doing is Doing.IDLE and not phone:
        doing = Doing.NO_PHONE
    return Candidate(
        agent,
        read_skills(found.get("profile", "")),
        doing,
        reason if doing is Doing.PAUSED else "",
        takes,
        load,
        int(found.get("capacity") or WRITTEN_AT_ONCE),
        found.get("interruptible") == "1",
        found.get("expects", ""),
        phone,
    )


def avoided_by(found: Fields, *, now: int) -> frozenset[AgentId]:
    """Return who turned a contact down or missed it just now, from its live record; ``now`` in milliseconds."""
    till = {name.removeprefix("avoid:"): value for name, value in found.items() if name.startswith("avoid:")}
    return frozenset(AgentId(name) for name, value in till.items() if int(value) > now)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What else a decision goes by: who else waits first, whether agents gather, and which citizens are being rung."""

    others: Collection[Waiting] = ()
    gathering: bool = False
    being_rung: Mapping[ContactId, str] = field(default_factory=dict)
    """Which agent each has in mind; an agent may still think of one who has another in mind by now."""


def why_not_offered(
    contact: Waiting,
    agent: Candidate,
    surroundings: Surroundings = Surroundings(),
) -> NotOffered:
    """Return why an agent who takes contacts was not offered one that waits."""
    requirement = contact.requirement
    if requirement.agent not in (None, agent.agent):
        return NotOffered(agent.agent, Hindrance.ANOTHER_AGENT)
    for need in sorted(requirement.for_anybody.needs):
        level = agent.skills.level(need.skill)
        if level < need.level:
            return NotOffered(agent.agent, Hindrance.LEVEL if level else Hindrance.LACKS, need.skill)
    if agent.agent in contact.avoided:
        return NotOffered(agent.agent, Hindrance.DECLINED)
    if not contact.weight and not agent.phone:
        return NotOffered(agent.agent, Hindrance.NO_PHONE)
    return NotOffered(agent.agent, _why_not_yet(contact, agent, surroundings))


def _why_not_yet(contact: Waiting, agent: Candidate, surroundings: Surroundings) -> Hindrance:
    """Return what an agent waits for who can serve the contact."""
    if not has_room(agent.idle, contact):
        return Hindrance.FULL
    if surroundings.gathering:
        return Hindrance.GATHERING
    if agent.load > 0 and waits_for_another(agent.idle, contact, surroundings.others):
        return Hindrance.KEPT_FREE
    is_expecting = surroundings.being_rung.get(ContactId(agent.expects)) == agent.agent
    return Hindrance.EXPECTS if contact.rung_first and is_expecting else Hindrance.NEXT
