"""What the fair line is made of: requirements, ranks, agents, offers. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.ids import AgentId, ContactId

LEVELS = range(1, 6)
"""Proficiency runs from 1 to 5."""

_OWN = "@"
"""Begins the skill that one agent has: to be that agent. Nobody is configured with it, and no file can name it."""

WRITTEN_AT_ONCE = 3
"""What an agent's written contacts may weigh together, where nothing else is said."""

_WRITTEN = ",written/"
"""Comes before the weight at the end of a line's name, where contacts wait who have written and not phoned."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AgentState(StrEnum):
    """What an agent is doing. The first three the agent chooses, the others follow from the work."""

    LOGGED_OFF = "LOGGED_OFF"
    NOT_READY = "NOT_READY"
    READY = "READY"
    RESERVED = "RESERVED"
    BUSY = "BUSY"
    WRAP_UP = "WRAP_UP"


class OfferState(StrEnum):
    """The life of an offer. All but the first are final."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    TIMED_OUT = "TIMED_OUT"
    CANCELED = "CANCELED"
    RESCINDED = "RESCINDED"


class ContactState(StrEnum):
    """Where a contact is, as far as routing is concerned. ``CALLING``: an agent has the phone and the citizen is rung;
    ``DIALLED``: the citizen is rung, or asked for a key, and no agent has them yet."""

    WAITING = "waiting"
    OFFERED = "offered"
    DIALLED = "dialled"
    CALLING = "calling"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


@dataclass(frozen=True, order=True)
class Need:
    """One skill at a level or above."""

    skill: str
    level: int = 1

    def __str__(self) -> str:
        return f"{self.skill}:{self.level}"


@dataclass(frozen=True)
class Requirement:
    """What an agent must be able to do to serve a contact: every one of the needs. Equal requirements share a line."""

    needs: frozenset[Need] = frozenset()

    @property
    def line(self) -> str:
        """The name of the line of those who need the same, such as ``sjuk:2,svenska:1``; ``*`` when anybody will do."""
        return ",".join(str(need) for need in sorted(self.needs)) or "*"

    @property
    def agent(self) -> AgentId | None:
        """The one agent who is waited for, if one is."""
        return next((AgentId(need.skill[1:]) for need in self.needs if need.skill.startswith(_OWN)), None)

    @property
    def for_anybody(self) -> "Requirement":
        """The same without the agent who is waited for."""
        return Requirement(frozenset(need for need in self.needs if not need.skill.startswith(_OWN)))

    def met_by(self, skills: "Skills") -> bool:
        """Tell whether somebody with these skills can serve it."""
        return all(skills.level(need.skill) >= need.level for need in self.needs)


@dataclass(frozen=True)
class Skills:
    """What somebody can do, and how well: pairs of skill and proficiency 1–5."""

    levels: tuple[tuple[str, int], ...] = ()

    @property
    def profile(self) -> str:
        """The name that all with the same skills share, such as ``sjuk:4,svenska:5``."""
        return ",".join(f"{skill}:{level}" for skill, level in sorted(self.levels))

    def level(self, skill: str) -> int:
        """Return the proficiency in a skill, 0 when there is none."""
        return dict(self.levels).get(skill, 0)

    def of(self, agent: AgentId) -> "Skills":
        """Return these skills as this agent has them: every agent can do what only that agent can."""
        return Skills((*self.levels, (own_skill(agent), 1)))


def line_of(requirement: Requirement, *, weight: int = 0) -> str:
    """Return the name of the line of those who need this: ``sjuk:1,svenska:1``, or ``sjuk:1,svenska:1,written/1`` for
    written contacts of this weight."""
    return f"{requirement.line}{_WRITTEN}{weight}" if weight else requirement.line


def weight_of(line: str) -> int:
    """Return what one contact of a line weighs; 0 for a call, which takes all of an agent."""
    _requirement, _mark, weight = line.partition(_WRITTEN)
    return int(weight or 0)


def own_skill(agent: AgentId) -> str:
    """Return the skill that a contact needs of whoever is to be this very agent."""
    return f"{_OWN}{agent}"


def read_requirement(line: str) -> Requirement:
    """Read the name of a line back."""
    return Requirement(frozenset(Need(skill, level) for skill, level in _pairs(line)))


def read_skills(profile: str) -> Skills:
    """Read the name of a profile back."""
    return Skills(tuple(_pairs(profile)))


def _pairs(text: str) -> Iterable[tuple[str, int]]:
    for part in text.split(","):
        skill, colon, level = part.partition(":")
        if colon:
            yield skill, int(level)


@dataclass(frozen=True)
class Agent:
    """A person who handles contacts, as configured. ``site`` is a fact for statistics and never routes.

    ``capacity`` is what the written contacts at hand may weigh together; ``interruptible``: calls come meanwhile.
    """

    id: AgentId
    name: str
    skills: Skills = field(default_factory=Skills)
    site: str = ""
    enabled: bool = True
    capacity: int = WRITTEN_AT_ONCE
    interruptible: bool = False


@dataclass(frozen=True)
class Waiting:
    """A contact in the line. ``avoided`` are agents who turned it down just now; ``weight`` is 0 for a call.

    ``rung_first``: the citizen is not on the line, and may be rung before an agent is (``pacing.py``).
    """

    contact: ContactId
    rank: int
    requirement: Requirement
    avoided: frozenset[AgentId] = frozenset()
    weight: int = 0
    rung_first: bool = False


@dataclass(frozen=True)
class Idle:
    """An agent who is free for something. ``since`` in milliseconds; ``load`` is what the written contacts at hand weigh."""

    agent: AgentId
    skills: Skills
    since: int
    scarcity: int = 0
    load: int = 0
    capacity: int = WRITTEN_AT_ONCE
    interruptible: bool = False
    phone: bool = True
    """Whether the agent's telephone can be rung, as far as is known."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How long things may take.

    ``gather``: after a rebuild of the line agents come back for so long before contacts are dealt out, when at least
    ``many`` of each wait; so many on both sides are dealt out in one batch.
    """

    offer: timedelta = timedelta(seconds=20)
    lease: timedelta = timedelta(seconds=10)
    avoid: timedelta = timedelta(seconds=30)
    gather: timedelta = timedelta(seconds=2)
    many: int = 10
    look_beyond: int = 20
    """How many who avoid each other one decision looks past, on either side."""
    ring: timedelta = timedelta(seconds=8)
    """How long an offer may be that no phone could be rung for."""
    pick_up: timedelta = timedelta(seconds=10)
    """From an agent's yes until their phone is answered."""
    ring_citizen: timedelta = timedelta(seconds=40)
    """How long a citizen's phone rings whom we ring back."""
    ask_citizen: timedelta = timedelta(minutes=5)
    """How long somebody whom we rang first may take, from the answer, until a key tells what they want."""
    wrap_up_alone: timedelta = timedelta(seconds=60)
    """How long an agent may wrap up without a browser."""


def milliseconds(at: datetime) -> int:
    """Return an instant as whole milliseconds since 1970: what the line counts in."""
    return int((at - _EPOCH) / timedelta(milliseconds=1))


def instant(milliseconds_: int) -> datetime:
    """Return the instant of these milliseconds."""
    return _EPOCH + timedelta(milliseconds=milliseconds_)


def rank(waiting_since: datetime, *, head_start: timedelta) -> int:
    """Return the place in time under which a contact waits, in milliseconds: arrival less head start (DESIGN §7)."""
    return milliseconds(waiting_since - head_start)


SCARCITY_STEPS = 4096


def scarcities(agents: Iterable[Agent], *, on_duty: Collection[AgentId] | None = None) -> dict[AgentId, int]:
    """Return how scarce each agent's skills are: the sum of 1 ÷ (how many on duty have the skill), in 1/128, below 4096.

    For one contact all candidates have what it needs, so those skills add the same to each; the difference is
    what they could do besides. Whoever would be missed least elsewhere has the lowest number. ``on_duty`` are those who
    are logged in, in a break or not; ``None``: everybody is. Whoever is not counts as if they came.
    """
    learnt = {agent.id: _learnt(agent.skills) for agent in agents if agent.enabled}
    here = learnt.keys() if on_duty is None else learnt.keys() & set(on_duty)
    supply = Counter(skill for agent in here for skill in learnt[agent])
    return {
        agent: min(SCARCITY_STEPS - 1, round(128 * sum(1 / (supply[skill] + (agent not in here)) for skill in skills)))
        for agent, skills in learnt.items()
    }


def _learnt(skills: Skills) -> list[str]:
    return [skill for skill, _level in skills.levels if not skill.startswith(_OWN)]
