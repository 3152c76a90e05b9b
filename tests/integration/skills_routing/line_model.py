"""The line once more, slowly and obviously: plain dicts, and the reference rule of ``skills_routing.matching``."""

from dataclasses import dataclass, field

from skills_routing.matching import agent_for, contact_for
from skills_routing.model import Idle, Requirement, Skills, Waiting

OFFER_MS, LEASE_MS, AVOID_MS = 20_000, 10_000, 30_000
WORKING = ("RESERVED", "BUSY", "WRAP_UP")


@dataclass
class ModelAgent:
    name: str
    skills: Skills
    scarcity: int
    state: str = "LOGGED_OFF"
    idle_since: int = 0
    lease: int = 0
    next: str = ""
    next_reason: str = ""
    contact: str = ""


@dataclass
class ModelContact:
    name: str
    requirement: Requirement
    rank: int
    state: str = "waiting"
    agent: str = ""
    offer: str = ""
    token: int = 0
    avoided: dict[str, int] = field(default_factory=dict)


@dataclass
class ModelOffer:
    name: str
    contact: str
    agent: str
    token: int
    expires: int
    state: str = "PENDING"


class Model:
    """What should be true. ``made`` is the pair that the last command should have brought together."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000
        self.agents: dict[str, ModelAgent] = {}
        self.contacts: dict[str, ModelContact] = {}
        self.offers: dict[str, ModelOffer] = {}
        self.made: tuple[str, str] | None = None

    # --- who is where -------------------------------------------------------------------------------------------------

    def waiting(self) -> list[Waiting]:
        return [self._as_waiting(one) for one in self.contacts.values() if one.state == "waiting"]

    def idle(self) -> list[Idle]:
        return [self._as_idle(one) for one in self.agents.values() if one.state == "READY"]

    def pending(self) -> list[ModelOffer]:
        return [offer for offer in self.offers.values() if offer.state == "PENDING"]

    def is_gone(self, agent: ModelAgent) -> bool:
        return agent.lease <= self.now

    # --- commands -----------------------------------------------------------------------------------------------------

    def enter(self, contact: ModelContact) -> None:
        self.contacts[contact.name] = contact
        self._match_contact(contact)

    def choose(self, agent: ModelAgent, state: str) -> None:
        agent.lease = self.now + LEASE_MS
        if agent.state in WORKING:
            agent.next, agent.next_reason = state, "own"
        elif state != "READY":
            agent.state = state
        elif agent.state != "READY":
            agent.state, agent.idle_since = "READY", self.now
            self._match_agent(agent)

    def heartbeat(self, agent: ModelAgent) -> None:
        agent.lease = self.now + LEASE_MS
        if agent.next_reason == "browser_gone":
            agent.next = agent.next_reason = ""

    def take(self, offer: ModelOffer) -> None:
        offer.state = "ACCEPTED"
        self.contacts[offer.contact].state, self.agents[offer.agent].state = "talking", "BUSY"

    def end_offer(self, offer: ModelOffer, how: str, agent_state: str) -> None:
        offer.state = how
        contact, agent = self.contacts[offer.contact], self.agents[offer.agent]
        contact.state, contact.agent, contact.offer = "waiting", "", ""
        contact.avoided[agent.name] = self.now + AVOID_MS
        self._let_go(agent, agent_state)
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
        self._let_go(agent, "NOT_READY")
        self._match_contact(contact)

    def wrap_up(self, agent: ModelAgent, state: str) -> None:
        del self.contacts[agent.contact]
        agent.lease, agent.idle_since = self.now + LEASE_MS, self.now
        if state:
            agent.next = agent.next_reason = ""
        self._let_go(agent, state or "READY")
        self._match_agent(agent)

    def lapse(self, offer: ModelOffer) -> None:
        self.end_offer(offer, "RESCINDED", "READY")  # nobody rings phones here, so none of them was shown

    def expire(self, agent: ModelAgent) -> None:
        if agent.state == "READY":
            agent.state = "NOT_READY"
        elif agent.state == "RESERVED":
            self.end_offer(self.offers[self.contacts[agent.contact].offer], "RESCINDED", "NOT_READY")
        elif agent.state in WORKING:
            agent.next, agent.next_reason = "NOT_READY", "browser_gone"

    def learn(self, agent: ModelAgent, skills: Skills, scarcity: int) -> None:
        changed = (agent.skills, agent.scarcity) != (skills, scarcity)
        agent.skills, agent.scarcity = skills, scarcity
        if changed:
            self._match_agent(agent)

    # --- the decision, by the reference -------------------------------------------------------------------------------

    def _match_agent(self, agent: ModelAgent) -> None:
        if agent.state != "READY" or self.made:
            return
        if self.is_gone(agent):
            agent.state = "NOT_READY"
            return
        chosen = contact_for(self._as_idle(agent), self.waiting())
        if chosen:
            self._reserve(self.contacts[chosen], agent)

    def _match_contact(self, contact: ModelContact) -> None:
        while not self.made:
            chosen = agent_for(self._as_waiting(contact), self.idle())
            everybody = agent_for(Waiting(contact.name, contact.rank, contact.requirement), self._gone())  # type: ignore[arg-type]
            if everybody and (chosen is None or self._comes_before(everybody, chosen)):
                self.agents[everybody].state = "NOT_READY"
            elif chosen:
                self._reserve(self.contacts[contact.name], self.agents[chosen])
            else:
                return

    def _gone(self) -> list[Idle]:
        return [idle for idle in self.idle() if self.is_gone(self.agents[idle.agent])]

    def _comes_before(self, one: str, other: str) -> bool:
        def order(name: str) -> tuple[int, int, str]:
            agent = self.agents[name]
            return agent.scarcity, agent.idle_since, name

        return order(one) <= order(other)

    def _reserve(self, contact: ModelContact, agent: ModelAgent) -> None:
        contact.state, contact.agent, agent.state, agent.contact = "offered", agent.name, "RESERVED", contact.name
        self.made = (contact.name, agent.name)

    def _let_go(self, agent: ModelAgent, state: str) -> None:
        missed = agent.next == "READY" and state != "READY"
        agent.state = agent.next if agent.next and not missed else state
        agent.next = agent.next_reason = agent.contact = ""

    def _as_waiting(self, one: ModelContact) -> Waiting:
        avoided = frozenset(agent for agent, till in one.avoided.items() if till > self.now)
        return Waiting(one.name, one.rank, one.requirement, avoided)  # type: ignore[arg-type]

    def _as_idle(self, one: ModelAgent) -> Idle:
        return Idle(one.name, one.skills, one.idle_since, one.scarcity)  # type: ignore[arg-type]
