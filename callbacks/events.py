"""What the callbacks room tells: a promise was made, moved, came into the line, was tried, kept or given up.

No fact holds a number or a code.
"""

from dataclasses import dataclass
from datetime import datetime

from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId
from core.language import Language


@dataclass(frozen=True, kw_only=True)
class CallbackPromised(Event):
    """The row that makes the promise true is committed; now it may be said. ``already`` when one was open before."""

    callback: CallbackId
    contact: ContactId
    leg: LegId | None = None
    already: bool = False


@dataclass(frozen=True, kw_only=True)
class CallbackNotPossible(Event):
    """There is no promise; ``reason`` is a word for the wording file: why the number cannot be rung (withheld, short,
    emergency, a pay number …), ``slot_taken`` when others were quicker, ``too_many`` when there were too many."""

    contact: ContactId
    leg: LegId | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class CallbackDue(Event):
    """A promise stands in the line from now on, at the rank of its first request. Told again when the line forgot it.

    ``citizen_first``: the citizen may be rung before an agent is.
    """

    callback: CallbackId
    contact: ContactId
    queue: str
    language: Language
    first_requested_at: datetime
    bound_to: AgentId | None = None
    deputy: AgentId | None = None
    citizen_first: bool = False


@dataclass(frozen=True, kw_only=True)
class CallbackMoved(Event):
    """A promise has another time, or its place instead; ``was_in_line`` when it stood there and does no more."""

    callback: CallbackId
    contact: ContactId
    was_in_line: bool


@dataclass(frozen=True, kw_only=True)
class CallbackStarted(Event):
    """An agent has taken a promise out of turn and rings the citizen back: the agent's own phone is rung first."""

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
    """The citizen was not reached in as many attempts as we make; a person works through what was given up."""

    callback: CallbackId
    contact: ContactId
    reason: str
    attempts: int


@dataclass(frozen=True, kw_only=True)
class CallbackCancelled(Event):
    """The promise is no longer wanted: ``by`` is ``citizen``, the agent, or ``helped`` when they were helped before."""

    callback: CallbackId
    contact: ContactId
    by: str
    was_in_line: bool = False


@dataclass(frozen=True, kw_only=True)
class PlaceKept(Event):
    """Somebody hung up while waiting: whoever rings from that number before ``until`` has the place again."""

    contact: ContactId
    until: datetime
