"""The line once more, slowly and obviously: plain dicts, and the reference rule of ``skills_routing.rules.matching``."""

from dataclasses import dataclass, field
from typing import Any

from skills_routing.model import Idle, Requirement, Skills, Waiting
from skills_routing.rules.matching import agent_for, contact_for

OFFER_MS, LEASE_MS, AVOID_MS, ALONE_MS, CATCHING_UP_MS = 20_000, 10_000, 30_000, 15_000, 30_000
WORKING = ("RESERVED", "BUSY", "WRAP_UP")


@dataclass
class ModelAgent:
    name: str
    skills: Skills
    scarcity: int
    state: str = "LOGGED_OFF"
    reason: str = ""
    idle_since: int = 0
    lease: int = 0
    look_at: int = 0
    next: str = ""
    next_reason: str = ""
    contact: str = ""
    phone: bool = True


@dataclass
class ModelContact:
    """``plan`` holds what is asked for and from when, in milliseconds; ``step`` is where it stands."""

    name: str
    plan: list[tuple[Requirement, int]]
    rank: int
    step: int = 0
    state: str = "waiting"
    agent: str = ""
    offer: str = ""
    token: int = 0
    avoided: dict[str, int] = field(default_factory=dict)
    promised: bool = False
    """Whether it is somebody whom we are to ring back, who is rung only when an agent has said yes."""

    @property
    def line(self) -> str:
        return self.requirement.line

    @property
    def requirement(self) -> Requirement:
        return self.plan[self.step][0]

    @property
    def wanted(self) -> str:
        """The one agent whom it waits for, if it waits for one."""
        own = [need.skill for need in self.requirement.needs if need.skill[0] == "@"]
        return own[0][1:] if own else ""


@dataclass
class ModelOffer:
    name: str
    contact: str
    agent: str
    token: int
    expires: int
    state: str = "PENDING"


class Model:
    """What should be true. ``made`` is the pair that the last command should have brought together, and why those two;
    ``steps`` are those that it should have taken."""

    def __init__(self, *, avoid_ms: int = AVOID_MS) -> None:
        self.avoid_ms = avoid_ms
        self.gathering_till = 0
        self.now = 1_790_000_000_000
        self.agents: dict[str, ModelAgent] = {}
        self.contacts: dict[str, ModelContact] = {}
        self.offers: dict[str, ModelOffer] = {}
        self.made: tuple[str, str, str] | None = None
        self.steps: list[tuple[str, int, str]] = []

    # --- who is where -------------------------------------------------------------------------------------------------

    def waiting(self) -> list[Waiting]:
        return [self._as_waiting(one) for one in self.contacts.values() if one.state == "waiting"]

    def idle(self) -> list[Idle]:
        return [self._as_idle(one) for one in self.agents.values() if one.state == "READY"]

    def pending(self) -> list[ModelOffer]:
        return [offer for offer in self.offers.values() if offer.state == "PENDING"]

    def is_gone(self, agent: ModelAgent) -> bool:
        return agent.lease <= self.now

    @property
    def is_gathering(self) -> bool:
        return self.now < self.gathering_till

    @property
    def is_catching_up(self) -> bool:
        """Whether not all may be dealt out yet of those who have gathered."""
        return self.now < self.gathering_till + CATCHING_UP_MS

    # --- commands -----------------------------------------------------------------------------------------------------

    def enter(self, contact: ModelContact) -> None:
        self.contacts[contact.name] = contact
        self._widen_what_is_due(contact)
        self._match_contact(contact, comes_now=True)

    def choose(self, agent: ModelAgent, state: str) -> None:
        self._hear(agent)
        if agent.state in WORKING:
            agent.next, agent.next_reason = state, "own"
        elif state != "READY":
            agent.state, agent.reason = state, "own"
        elif agent.state != "READY":
            agent.state, agent.reason, agent.idle_since = "READY", "", self.now
            self._match_agent(agent)

    def heartbeat(self, agent: ModelAgent) -> None:
        self._hear(agent)
        if agent.next_reason == "browser_gone":
            agent.next = agent.next_reason = ""

    def take(self, offer: ModelOffer) -> None:
        offer.state = "ACCEPTED"
        contact = self.contacts[offer.contact]
        contact.state, self.agents[offer.agent].state = "calling" if contact.promised else "talking", "BUSY"

    def citizen_answers(self, contact: ModelContact) -> None:
        contact.state = "talking"

    def citizen_is_not_reached(self, contact: ModelContact) -> None:
        agent = self.agents[contact.agent]
        del self.contacts[contact.name]
        self._let_go(agent, "READY")
        self._match_agent(agent)

    def end_offer(self, offer: ModelOffer, how: str, agent_state: str, reason: str = "x") -> None:
        offer.state = how
        contact, agent = self.contacts[offer.contact], self.agents[offer.agent]
        contact.state, contact.agent, contact.offer = "waiting", "", ""
        contact.avoided[agent.name] = self.now + self.avoid_ms
        if contact.wanted:
            self._step(contact, how.lower())
        self._widen_what_is_due(contact)
        self._let_go(agent, agent_state, reason)
        self._match_contact(contact)
        self._match_agent(agent)

    def leave(self, contact: ModelContact) -> None:
        del self.contacts[contact.name]
        if contact.state == "offered":
            self.offers[contact.offer].state = "CANCELED"
            agent = self.agents[contact.agent]
            self._let_go(agent, "READY")
            self._match_agent(agent)

    def part(self, contact: ModelContact) -> None:
        contact.state, self.agents[contact.agent].state = "wrap_up", "WRAP_UP"

    def return_caller(self, contact: ModelContact) -> None:
        agent = self.agents[contact.agent]
        contact.state, contact.agent, contact.offer = "waiting", "", ""
        agent.next = agent.next_reason = ""
        self._widen_what_is_due(contact)
        self._let_go(agent, "NOT_READY", "connection_lost")
        self._match_contact(contact)

    def wrap_up(self, agent: ModelAgent, state: str) -> None:
        del self.contacts[agent.contact]
        self._hear(agent)
        agent.idle_since = self.now
        if state:
            agent.next = agent.next_reason = ""
        self._let_go(agent, state or "READY")
        self._match_agent(agent)

    def lapse(self, offer: ModelOffer) -> None:
        self.end_offer(offer, "RESCINDED", "READY", "")  # nobody rings phones here, so none of them was shown

    def expire(self, agent: ModelAgent) -> None:
        agent.look_at = 0
        if agent.state == "WRAP_UP" and agent.lease + ALONE_MS <= self.now:
            del self.contacts[agent.contact]
            self._let_go(agent, "NOT_READY", "browser_gone")
        elif agent.state == "READY":
            agent.state, agent.reason = "NOT_READY", "browser_gone"
        elif agent.state == "RESERVED":
            offer = self.offers[self.contacts[agent.contact].offer]
            self.end_offer(offer, "RESCINDED", "NOT_READY", "browser_gone")
        elif agent.state in WORKING:
            agent.next, agent.next_reason = "NOT_READY", "browser_gone"
            agent.look_at = self.now + ALONE_MS

    def _hear(self, agent: ModelAgent) -> None:
        agent.lease = agent.look_at = self.now + LEASE_MS

    def learn(self, agent: ModelAgent, skills: Skills, scarcity: int) -> None:
        changed = (agent.skills, agent.scarcity) != (skills, scarcity)
        agent.skills, agent.scarcity = skills, scarcity
        if changed:
            self._match_agent(agent)

    def hear_phone(self, agent: ModelAgent, here: bool) -> None:
        changed, agent.phone = agent.phone != here, here
        failed = (agent.state, agent.reason) == ("NOT_READY", "phone_unreachable")
        if not here or not (changed or failed):
            return
        if changed and agent.next_reason == "phone_unreachable":
            agent.next = agent.next_reason = ""
        if failed:
            agent.state, agent.reason, agent.idle_since = "READY", "", self.now
        self._match_agent(agent)

    # --- what is asked for --------------------------------------------------------------------------------------------

    def why_widen(self, contact: ModelContact) -> str:
        """Why the next step is to be taken now; empty while it is not."""
        if contact.step + 1 == len(contact.plan):
            return ""
        return self._why_in_vain(contact) or ("time" if contact.plan[contact.step + 1][1] <= self.now else "")

    def widen(self, contact: ModelContact, why: str) -> None:
        self._step(contact, why)
        self._widen_what_is_due(contact)
        self._match_contact(contact)

    def _why_in_vain(self, contact: ModelContact) -> str:
        if not contact.wanted:
            return ""
        agent = self.agents.get(contact.wanted)
        if agent is None:
            return "agent_unknown"
        gone = agent.reason == "browser_gone" or self.is_gone(agent)
        if agent.state == "LOGGED_OFF" or (agent.state in ("READY", "NOT_READY") and gone):
            return "agent_away"
        if self.is_a_call(contact) and not agent.phone and agent.state not in WORKING:
            return "agent_away"
        return "" if contact.requirement.met_by(agent.skills.of(agent.name)) else "agent_lacks"  # type: ignore[arg-type]

    def is_a_call(self, contact: ModelContact) -> bool:
        """Whether the agent's telephone is needed for it."""
        return True

    def _widen_what_is_due(self, contact: ModelContact) -> None:
        while why := self.why_widen(contact):
            self._step(contact, why)

    def _step(self, contact: ModelContact, why: str) -> None:
        contact.step += 1
        self.steps.append((contact.name, contact.step, why))

    # --- the decision, by the reference -------------------------------------------------------------------------------

    def why_not(self, contact: ModelContact, agent: ModelAgent) -> tuple[str, str]:
        """Why an idle agent does not have somebody who waits, and the skill that it fails for, if it does."""
        if contact.wanted not in ("", agent.name):
            return "another_agent", ""
        for skill, level in sorted((need.skill, need.level) for need in contact.requirement.needs):
            has = dict(agent.skills.levels).get(skill, 0)
            if skill != f"@{agent.name}" and has == 0:
                return "lacks", skill
            if skill != f"@{agent.name}" and has < level:
                return "level", skill
        if contact.avoided.get(agent.name, 0) > self.now:
            return "declined", ""
        if not agent.phone and self.is_a_call(contact):
            return "no_phone", ""
        return self._why_not_yet(contact, agent), ""

    def _why_not_yet(self, contact: ModelContact, agent: ModelAgent) -> str:
        return "gathering" if self.is_gathering else "next"

    def _match_agent(self, agent: ModelAgent) -> None:
        if agent.state != "READY" or self.made or self.is_gathering:
            return
        if self.is_gone(agent):
            agent.state, agent.reason = "NOT_READY", "browser_gone"
            return
        chosen = contact_for(self._as_idle(agent), self.waiting())
        if chosen:
            self._reserve(self.contacts[chosen], agent, "agent_free")

    def _match_contact(self, contact: ModelContact, *, comes_now: bool = False) -> None:
        while not self.made and not self.is_gathering:
            chosen = agent_for(self._as_waiting(contact), self.idle())
            everybody = agent_for(Waiting(contact.name, contact.rank, contact.requirement), self._gone())  # type: ignore[arg-type]
            if everybody and (chosen is None or self._comes_before(everybody, chosen)):
                self.agents[everybody].state, self.agents[everybody].reason = "NOT_READY", "browser_gone"
            elif chosen:
                why = "preferred_agent" if contact.wanted else "fits_best"
                self._reserve(self._whose_turn(contact, self.agents[chosen], comes_now), self.agents[chosen], why)
            else:
                return

    def _whose_turn(self, contact: ModelContact, agent: ModelAgent, comes_now: bool) -> ModelContact:
        """Somebody may wait whom the agent can serve only now: the time is over for which they avoided each other, or a
        call is gone for which the agent was kept free. Whoever comes now looks for them in their own line only; the next
        sweep looks everywhere."""
        beside = (one for one in self.contacts.values() if one.state == "waiting" and one is not contact)
        looks = not comes_now or self.is_catching_up or any(one.line == contact.line for one in beside)
        if contact.wanted or not looks:
            return contact
        first = contact_for(self._as_idle(agent), self.waiting())
        return self.contacts[first] if first else contact

    def _gone(self) -> list[Idle]:
        return [idle for idle in self.idle() if self.is_gone(self.agents[idle.agent])]

    def _comes_before(self, one: str, other: str) -> bool:
        def order(name: str) -> tuple[int, int, str]:
            agent = self.agents[name]
            return agent.scarcity, agent.idle_since, name

        return order(one) <= order(other)

    def _reserve(self, contact: ModelContact, agent: ModelAgent, why: str) -> None:
        contact.state, contact.agent, agent.contact = "offered", agent.name, contact.name
        agent.state, agent.reason = "RESERVED", ""
        self.made = (contact.name, agent.name, why)

    def _let_go(self, agent: ModelAgent, state: str, reason: str = "") -> None:
        missed = agent.next == "READY" and state != "READY"
        kept = agent.next and not missed
        agent.state, agent.reason = (agent.next, agent.next_reason) if kept else (state, reason)
        agent.next = agent.next_reason = agent.contact = ""

    def _as_waiting(self, one: ModelContact) -> Waiting:
        avoided = frozenset(agent for agent, till in one.avoided.items() if till > self.now)
        return Waiting(one.name, one.rank, one.requirement, avoided)  # type: ignore[arg-type]

    def _as_idle(self, one: ModelAgent) -> Idle:
        return Idle(one.name, one.skills.of(one.name), one.idle_since, one.scarcity, phone=one.phone)  # type: ignore[arg-type]


def reachable(table: Any, before: Any, after: Any) -> bool:
    """One command may take more than one step, such as READY by way of RESERVED."""
    seen, ahead = {before}, [before]
    for _ in range(3):
        ahead = [each for state in ahead for each in table[state] if each not in seen]
        seen.update(ahead)
    return after in seen
