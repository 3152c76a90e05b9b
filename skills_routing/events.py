"""What routing tells. Live facts: they come from the line in Redis and are told at once, not through the outbox,
unless said otherwise. A lost one is made good by the reconciler."""

from dataclasses import dataclass

from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId, OfferId


@dataclass(frozen=True, kw_only=True)
class LineEntered(Event):
    """A contact waits. ``place`` counts from 1 among those who wait for the same; also told when it is asked anew."""

    contact: ContactId
    leg: LegId
    queue: str
    place: int


@dataclass(frozen=True, kw_only=True)
class CitizenAnswered(Event):
    """A citizen whom we rang before an agent was has answered, and is to be asked whether it suits them.

    Told again when a new controller finds the leg answered.
    """

    contact: ContactId
    leg: LegId
    callback: CallbackId
    queue: str


@dataclass(frozen=True, kw_only=True)
class OfferMade(Event):
    """A contact is taken out of the line and shown to one agent, who is reserved. ``token`` fences later commands."""

    offer: OfferId
    token: int
    contact: ContactId
    agent: AgentId
    leg: LegId
    queue: str


@dataclass(frozen=True, kw_only=True)
class OfferEnded(Event):
    """An offer is over: ``accepted``, ``rejected``, ``timed_out``, ``canceled`` (caller gone) or ``rescinded`` (by us)."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    how: str


@dataclass(frozen=True, kw_only=True)
class AgentConnected(Event):
    """Outbox. Caller and agent hear each other."""

    contact: ContactId
    agent: AgentId
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class TalkEnded(Event):
    """Outbox. A conversation with an agent is over; the agent is in wrap-up. ``by``: ``citizen``, ``agent``, ``fault``."""

    contact: ContactId
    agent: AgentId
    by: str


@dataclass(frozen=True, kw_only=True)
class ReturnedToLine(Event):
    """A caller whose agent was lost in the middle of a talk is back at the original place, and hears nothing just now.

    Not told when an agent did not take an offer: the caller's music never stopped; see :class:`OfferEnded`.
    """

    contact: ContactId
    leg: LegId
    reason: str


@dataclass(frozen=True, kw_only=True)
class StepTaken(Event):
    """What a waiting contact asks for has widened to the requirement of ``line``; its rank is the same.

    ``how``: ``time``, ``forecast``, or why the one agent whom it waited for will not do (``steps.StepReason``).
    """

    contact: ContactId
    queue: str
    step: int
    line: str
    how: str


@dataclass(frozen=True, kw_only=True)
class AgentStateChanged(Event):
    """An agent's state has changed. ``reason`` is the agent's own or the system's word."""

    agent: AgentId
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RingBackEnded(Event):
    """Outbox. An attempt to ring a citizen back is over.

    ``how``: ``reached`` (they talked; told when the talk is over); ``busy``, ``no_answer``, ``rejected``, ``unreachable``, ``normal`` or ``fault`` (the citizen's phone);
    of a citizen who was rung before an agent: ``hung_up``, ``gave_up`` (before an agent was free), ``not_now``,
    ``wrong_person``, ``machine`` or ``no_key``;
    ``agent_hung_up``, ``agent``, ``agent_rejected``, ``agent_timed_out``, ``agent_rescinded`` or ``canceled`` (ours).
    """

    callback: CallbackId
    contact: ContactId
    how: str
