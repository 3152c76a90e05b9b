"""A caller, an agent and what ties them: what a happening on one of their legs means, and what the phones do next. Pure."""

from dataclasses import dataclass
from typing import assert_never

from core.ids import AgentId, CallbackId, ContactId, LegId, OfferId
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.model import ContactState, OfferState, Policy, Requirement, read_requirement, weight_of
from telephony.model import Action, Bridge, EndCause, HangUp, LegRole, Ring


@dataclass(frozen=True)
class Party:
    """Whose leg it is. ``agent_offer`` is empty for the citizen; without a contact the leg's work is over."""

    contact: ContactId
    agent_offer: OfferId = OfferId("")
    token: int = 0
    over_since: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the leg was an agent's, for an offer or a talk that has ended."""
        return not self.contact

    @staticmethod
    def read(text: str) -> "Party":
        """Read ``caller <contact>``, ``agent <contact> <offer> <token>`` or ``gone <since when>``."""
        match text.split():
            case ["caller", contact]:
                return Party(ContactId(contact))
            case ["agent", contact, offer, token]:
                return Party(ContactId(contact), OfferId(offer), int(token))
            case [_, since]:
                return Party(ContactId(""), over_since=int(since))
            case _:
                return Party(ContactId(""))


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Where a contact is now, and who is with it."""

    contact: ContactId
    state: ContactState
    leg: LegId = LegId("")
    queue: str = ""
    line: str = ""
    since: int = 0
    state_since: int = 0
    agent: AgentId = AgentId("")
    agent_leg: LegId = LegId("")
    offer: OfferId = OfferId("")
    token: int = 0
    on_hold: bool = False
    callback: CallbackId = CallbackId("")
    step: int = 0
    steps: str = ""
    ended_by: str = ""
    """Who or what ended the talk, in wrap-up."""
    began: int = 0
    """When the talk began, in milliseconds; 0 for one that was restored."""

    @property
    def requirement(self) -> Requirement:
        """What whoever serves it must be able to do."""
        return read_requirement(self.line)

    @property
    def is_ring_back(self) -> bool:
        """Whether an agent rings a citizen, and not the other way round."""
        return bool(self.callback)

    @property
    def is_written(self) -> bool:
        """Whether there is nobody to hear: a message, and no call."""
        return weight_of(self.line) > 0


# --- what SQL may not know yet ----------------------------------------------------------------------------------------


def facts_of_talk(connection: Connection) -> tuple[LineFact, ...]:
    """Return what has happened in a talk so far, as it was told, or would have been."""
    ended = (fact_of(Kind.TALK_ENDED, connection),) if connection.state is ContactState.WRAP_UP else ()
    return (fact_of(Kind.JOINED, connection), *ended)


def fact_of(kind: Kind, connection: Connection) -> LineFact:
    """Return the fact by which SQL catches up with the live line."""
    return LineFact(
        fact=kind,
        at=(kind is Kind.JOINED and connection.began) or connection.state_since,
        contact=connection.contact,
        agent=connection.agent,
        offer=connection.offer,
        token=connection.token,
        leg=connection.leg,
        agent_leg=connection.agent_leg,
        callback=connection.callback,
        by=(connection.ended_by or "fault") if kind is Kind.TALK_ENDED else "",
    )


# --- what a happening means -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Take:
    """The agent has taken the offer."""


@dataclass(frozen=True)
class CitizenReached:
    """The citizen whom we ring back has answered: an agent waits for them, or they are asked for a key."""


@dataclass(frozen=True)
class EndOffer:
    """The offer came to nothing; the agent goes to NOT_READY with this reason."""

    how: OfferState
    reason: str


@dataclass(frozen=True)
class Leave:
    """The citizen has hung up before talking to anybody."""

    reason: str


@dataclass(frozen=True)
class Part:
    """The talk, or the attempt to reach the citizen, is over."""

    by: str


@dataclass(frozen=True)
class ReturnCaller:
    """The agent was lost; the citizen goes back to the line."""

    reason: str


@dataclass(frozen=True)
class HangUpStray:
    """The leg belongs to nothing any more."""


Meaning = Take | CitizenReached | EndOffer | Leave | Part | ReturnCaller | HangUpStray

_OFFER_ENDS: dict[EndCause, EndOffer] = {
    EndCause.NO_ANSWER: EndOffer(OfferState.TIMED_OUT, "missed"),
    EndCause.REJECTED: EndOffer(OfferState.REJECTED, "rejected"),
    EndCause.NORMAL: EndOffer(OfferState.REJECTED, "rejected"),
    EndCause.BUSY: EndOffer(OfferState.REJECTED, "phone_busy"),
    EndCause.UNREACHABLE: EndOffer(OfferState.RESCINDED, "phone_unreachable"),
    EndCause.FAULT: EndOffer(OfferState.RESCINDED, "phone_unreachable"),
}
"""How an agent's phone that rang and was not answered ends the offer, and why the agent gets no more for now."""


_RUNG = (ContactState.CALLING, ContactState.DIALLED)


def leg_answered(connection: Connection | None, party: Party) -> Meaning | None:
    """Tell what it means that a leg that we placed was answered; ``None``: nothing new."""
    if party.is_over or connection is None:
        return HangUpStray()
    if not party.agent_offer:
        return CitizenReached() if connection.state in _RUNG else None
    if connection.offer != party.agent_offer:
        return HangUpStray()
    return Take() if connection.state is ContactState.OFFERED else None


def leg_ended(connection: Connection | None, party: Party, cause: EndCause) -> Meaning | None:
    """Tell what it means that a leg has ended; ``None``: its work was over."""
    if connection is None or party.is_over:
        return None
    if not party.agent_offer:
        return _citizen_ended(connection, cause)
    return _agent_ended(connection, cause) if connection.offer == party.agent_offer else None


def _citizen_ended(connection: Connection, cause: EndCause) -> Meaning | None:
    match connection.state:
        case ContactState.WAITING | ContactState.OFFERED:
            return Leave("fault" if cause is EndCause.FAULT else "hung_up")
        case ContactState.TALKING:
            return Part("fault" if cause is EndCause.FAULT else "citizen")
        case ContactState.CALLING | ContactState.DIALLED:
            return Part(str(cause))
        case ContactState.WRAP_UP:
            return None
        case _:
            assert_never(connection.state)


def _agent_ended(connection: Connection, cause: EndCause) -> Meaning | None:
    match connection.state:
        case ContactState.OFFERED:
            return _OFFER_ENDS[cause]
        case ContactState.TALKING:
            if cause is EndCause.NORMAL:
                return Part("agent")
            return Part("fault") if connection.is_ring_back else ReturnCaller("agent_lost")
        case ContactState.CALLING:
            return Part("agent_hung_up")
        case ContactState.WAITING | ContactState.DIALLED | ContactState.WRAP_UP:
            return None
        case _:
            assert_never(connection.state)


_ON_THE_AGENTS_PHONE = frozenset({Kind.OFFER_MADE, Kind.OFFER_ENDED, Kind.JOINED, Kind.RETURNED})


# --- what the phones do next ------------------------------------------------------------------------------------------


def actions_after(fact: LineFact, *, policy: Policy, number: str = "", shown_number: str = "") -> tuple[Action, ...]:
    """Return what is asked of the switch after this fact. ``number`` is the citizen's, for a ring-back."""
    if not fact.agent_leg and fact.fact in _ON_THE_AGENTS_PHONE:
        return ()  # a written contact: no phone has to do with it
    match fact.fact:
        case Kind.OFFER_MADE:
            return (ring_agent(fact, seconds=policy.offer.total_seconds()),)
        case Kind.OFFER_ENDED:
            return () if fact.how == "accepted" else (HangUp(leg=fact.agent_leg),)
        case Kind.CALLING | Kind.DIALLED:
            return (ring_citizen(fact, number, shown_number, seconds=policy.ring_citizen.total_seconds()),)
        case Kind.JOINED:
            return (join(fact.contact, fact.leg, fact.agent_leg),)
        case Kind.TALK_ENDED | Kind.RING_BACK_ENDED:
            return tuple(HangUp(leg=leg) for leg in (fact.leg, fact.agent_leg) if leg)
        case Kind.RETURNED:
            return (HangUp(leg=fact.agent_leg),)
        case _:
            return ()


def ring_agent(fact: LineFact, *, seconds: float) -> Ring:
    """Return the action that rings an agent's phone for an offer. It may be repeated: the leg is ours and the same."""
    notes = {"Contact": fact.contact, "Offer": fact.offer}
    target = endpoint(fact.agent)
    return Ring(leg=fact.agent_leg, role=LegRole.AGENT, target=target, timeout_seconds=seconds, notes=notes)


def ring_citizen(fact: LineFact, number: str, shown_number: str, *, seconds: float) -> Ring:
    """Return the action that rings a citizen back, under the name of the attempt's own leg. Where no agent hears who
    answers, the switch is asked to listen."""
    return Ring(
        leg=fact.leg,
        role=LegRole.CITIZEN,
        target=number,
        shown_number=shown_number,
        timeout_seconds=seconds,
        listen=fact.fact is Kind.DIALLED,
    )


def join(contact: ContactId, leg: LegId, agent_leg: LegId) -> Bridge:
    """Return the action that lets citizen and agent hear each other."""
    return Bridge(bridge=f"bridge-{contact}", legs=(leg, agent_leg))


def endpoint(agent: AgentId) -> str:
    """Return the name of an agent's phone at the switch."""
    return f"agent-{agent}"
