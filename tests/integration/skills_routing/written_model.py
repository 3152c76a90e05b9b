"""The slow, obvious line with written contacts beside the calls."""

from dataclasses import dataclass

from skills_routing.model import Idle, Skills, Waiting, line_of
from skills_routing.rules.matching import agent_for, contact_for
from tests.integration.skills_routing.line_model import (
    ALONE_MS,
    Model,
    ModelAgent,
    ModelContact,
    ModelOffer,
)


@dataclass
class WritingAgent(ModelAgent):
    """``contact`` is the call, or whoever is being offered; BUSY without one is written work."""

    load: int = 0
    capacity: int = 3
    interruptible: bool = False

    @property
    def is_open(self) -> bool:
        return self.state == "READY" or self.is_writing and not self.next

    @property
    def is_writing(self) -> bool:
        return self.state == "BUSY" and not self.contact


@dataclass
class ContactOfWeight(ModelContact):
    weight: int = 0

    @property
    def line(self) -> str:
        return line_of(self.requirement, weight=self.weight)


class WrittenModel(Model):
    """Differs from the other in what written work changes, and in nothing else."""

    agents: dict[str, WritingAgent]  # type: ignore[assignment]
    contacts: dict[str, ContactOfWeight]  # type: ignore[assignment]

    def idle(self) -> list[Idle]:
        return [self._as_idle(one) for one in self.agents.values() if one.is_open]

    def is_a_call(self, contact: ContactOfWeight) -> bool:  # type: ignore[override]
        return contact.weight == 0

    def choose(self, agent: WritingAgent, state: str) -> None:  # type: ignore[override]
        if not agent.is_writing or state != "READY":
            super().choose(agent, state)
            return
        self._hear(agent)
        agent.next = agent.next_reason = ""
        self._match_agent(agent)

    def heartbeat(self, agent: WritingAgent) -> None:  # type: ignore[override]
        comes_back = agent.next_reason == "browser_gone"
        super().heartbeat(agent)
        if comes_back:
            self._match_agent(agent)

    def take(self, offer: ModelOffer) -> None:
        super().take(offer)
        agent = self.agents[offer.agent]
        if self.contacts[offer.contact].weight:
            agent.contact, agent.idle_since = "", self.now
            self._match_agent(agent)

    def end_offer(self, offer: ModelOffer, how: str, agent_state: str, reason: str = "x") -> None:
        self.agents[offer.agent].load -= self.contacts[offer.contact].weight
        super().end_offer(offer, how, agent_state, reason)

    def leave(self, contact: ContactOfWeight) -> None:  # type: ignore[override]
        if contact.state == "offered":
            self.agents[contact.agent].load -= contact.weight
        super().leave(contact)

    def part(self, contact: ContactOfWeight) -> None:  # type: ignore[override]
        if not contact.weight:
            super().part(contact)
            return
        del self.contacts[contact.name]
        self._put_down(self.agents[contact.agent], contact)
        self._match_agent(self.agents[contact.agent])

    def return_caller(self, contact: ContactOfWeight) -> None:  # type: ignore[override]
        if not contact.weight:
            super().return_caller(contact)
            return
        agent = self.agents[contact.agent]
        self._hand_back(contact, "agent_away")
        self._match_contact(contact)
        self._match_agent(agent)

    def close(self, contact: ContactOfWeight) -> None:
        """The citizen has the answer."""
        agent = self.agents[contact.agent]
        del self.contacts[contact.name]
        self._hear(agent)
        self._put_down(agent, contact)
        self._match_agent(agent)

    def expire(self, agent: WritingAgent) -> None:  # type: ignore[override]
        if agent.is_writing and agent.lease + ALONE_MS <= self.now:
            agent.look_at = 0
            for contact in [one for one in self.contacts.values() if one.agent == agent.name]:
                self._hand_back(contact, "agent_away")
            return
        super().expire(agent)
        if agent.state in ("BUSY", "WRAP_UP"):
            agent.look_at = self.now + ALONE_MS

    def learn(self, agent: WritingAgent, skills: Skills, scarcity: int, capacity: int = 3, may: bool = False) -> None:  # type: ignore[override]
        changed = (agent.capacity, agent.interruptible) != (capacity, may)
        agent.capacity, agent.interruptible = capacity, may
        if changed or (agent.skills, agent.scarcity) != (skills, scarcity):
            agent.skills, agent.scarcity = skills, scarcity
            self._match_agent(agent)

    def _why_not_yet(self, contact: ContactOfWeight, agent: WritingAgent) -> str:  # type: ignore[override]
        too_much = agent.load + contact.weight > agent.capacity if contact.weight else agent.load > 0
        if too_much and (contact.weight or not agent.interruptible):
            return "full_load"
        if self.is_gathering:
            return "gathering"
        return "kept_free" if agent.load and self._is_kept_for_another(agent, contact) else "next"

    def _is_kept_for_another(self, agent: WritingAgent, contact: ContactOfWeight) -> bool:
        """Look through everybody who waits: whoever comes first of those whom the agent could serve, and has no room yet."""
        could_serve = [
            one
            for one in self.contacts.values()
            if one.state == "waiting"
            and one.weight <= agent.capacity
            and one.avoided.get(agent.name, 0) <= self.now
            and one.requirement.met_by(agent.skills.of(agent.name))  # type: ignore[arg-type]
        ]
        first = min(could_serve, key=lambda one: (one.rank, one.name))
        has_room = agent.load + first.weight <= agent.capacity if first.weight else agent.interruptible
        return first is not contact and not has_room

    def dismiss(self, agent: WritingAgent) -> None:
        """The browser is gone."""
        if agent.state == "READY":
            agent.state, agent.reason = "NOT_READY", "browser_gone"
        else:
            agent.next, agent.next_reason = "NOT_READY", "browser_gone"

    def _hand_back(self, contact: ContactOfWeight, why: str) -> None:
        agent = self.agents[contact.agent]
        contact.state, contact.agent, contact.offer = "waiting", "", ""
        contact.avoided[agent.name] = self.now + self.avoid_ms
        if contact.wanted:
            self._step(contact, why)
        self._widen_what_is_due(contact)
        self._put_down(agent, contact)

    def _put_down(self, agent: WritingAgent, contact: ContactOfWeight) -> None:
        agent.load -= contact.weight
        if agent.is_writing:
            agent.idle_since = self.now
            if not agent.load:
                self._let_go(agent, "READY")

    def _let_go(self, agent: WritingAgent, state: str, reason: str = "") -> None:  # type: ignore[override]
        super()._let_go(agent, state, reason)
        if agent.load:  # what would come now comes when the written work is over
            agent.next, agent.next_reason = ("", "") if agent.state == "READY" else (agent.state, agent.reason)
            agent.state, agent.reason = "BUSY", ""

    def _match_agent(self, agent: WritingAgent) -> None:  # type: ignore[override]
        if self.made or not agent.is_open or self.is_gathering:
            return
        if self.is_gone(agent):
            self.dismiss(agent)
            return
        chosen = contact_for(self._as_idle(agent), self.waiting())
        if chosen:
            self._reserve(self.contacts[chosen], agent, "agent_free")

    def _match_contact(self, contact: ContactOfWeight, *, comes_now: bool = False) -> None:  # type: ignore[override]
        def order(name: str) -> tuple[bool, int, int, str]:
            agent = self.agents[name]
            return not contact.weight and agent.load > 0, agent.scarcity, agent.idle_since, name

        anybody = Waiting(contact.name, contact.rank, contact.requirement, weight=contact.weight)  # type: ignore[arg-type]
        while not self.made and not self.is_gathering:
            chosen = agent_for(self._as_waiting(contact), self.idle(), self.waiting())
            gone = agent_for(anybody, self._gone())
            if gone and (chosen is None or order(gone) <= order(chosen)):
                self.dismiss(self.agents[gone])
            elif chosen:
                why, agent = "preferred_agent" if contact.wanted else "fits_best", self.agents[chosen]
                self._reserve(self._whose_turn(contact, agent, comes_now), agent, why)  # type: ignore[arg-type]
            else:
                return

    def _reserve(self, contact: ContactOfWeight, agent: WritingAgent, why: str) -> None:  # type: ignore[override]
        assert agent.interruptible or not agent.load or contact.weight, "a call interrupts only whoever allows it"
        assert agent.load + contact.weight <= agent.capacity or not contact.weight, "never more than the capacity"
        super()._reserve(contact, agent, why)
        agent.load += contact.weight

    def _as_waiting(self, one: ContactOfWeight) -> Waiting:  # type: ignore[override]
        plain = super()._as_waiting(one)
        return Waiting(plain.contact, plain.rank, plain.requirement, plain.avoided, one.weight)

    def _as_idle(self, one: WritingAgent) -> Idle:  # type: ignore[override]
        plain = super()._as_idle(one)
        return Idle(
            plain.agent, plain.skills, plain.since, plain.scarcity, one.load, one.capacity, one.interruptible,
            phone=plain.phone,
        )  # fmt: skip
