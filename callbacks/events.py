"""What the callbacks room tells: a promise was made, tried, kept or given up."""

from dataclasses import dataclass
from datetime import datetime

from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId


@dataclass(frozen=True, kw_only=True)
class CallbackPromised(Event):
    """The row that makes the promise true is committed; now it may be said. ``already`` when one was open before."""

    callback: CallbackId
    contact: ContactId
    leg: LegId | None = None
    already: bool = False


@dataclass(frozen=True, kw_only=True)
class CallbackNotPossible(Event):
    """The number cannot be rung back (withheld, not Swedish, a pay number); ``reason`` is a word for the wording file."""

    contact: ContactId
    leg: LegId | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class CallbackStarted(Event):
    """An agent rings a citizen back: the agent's own phone is rung first, under ``agent_leg``."""

    callback: CallbackId
    agent: AgentId
    contact: ContactId


@dataclass(frozen=True, kw_only=True)
class CallbackKept(Event):
    """The citizen was reached and the promise is kept."""

    callback: CallbackId
    contact: ContactId


@dataclass(frozen=True, kw_only=True)
class CallbackMissed(Event):
    """The citizen was not reached; the promise stands and is tried again, not before ``not_before``."""

    callback: CallbackId
    contact: ContactId
    reason: str
    attempts: int
    not_before: datetime


@dataclass(frozen=True, kw_only=True)
class CallbackGivenUp(Event):
    """The citizen was not reached in as many attempts as we make; they are to be told, and rank first if they ring."""

    callback: CallbackId
    contact: ContactId
    reason: str
    attempts: int


@dataclass(frozen=True, kw_only=True)
class CallbackCancelled(Event):
    """The promise is no longer wanted: ``by`` is ``citizen`` or the agent."""

    callback: CallbackId
    contact: ContactId
    by: str
