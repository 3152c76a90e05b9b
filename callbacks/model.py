"""What a promise to ring back is, and what becomes of it. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.ids import AgentId, CallbackId, ContactId, PersonId
from core.language import Language
from core.phone import PhoneNumber


class CallbackState(StrEnum):
    """Where a promise is: somebody waits for it, an agent has it, or it is over."""

    WAITING = "waiting"
    TAKEN = "taken"
    KEPT = "kept"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (CallbackState.WAITING, CallbackState.TAKEN)


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One promise. ``first_requested_at`` is its rank through every attempt: when the contact began to wait."""

    callback: CallbackId
    contact: ContactId
    number: PhoneNumber
    queue: str
    language: Language
    reason: str
    state: CallbackState
    first_requested_at: datetime
    promised_at: datetime
    person: PersonId | None = None
    attempts: int = 0
    not_before: datetime | None = None
    taken_by: AgentId | None = None
    taken_at: datetime | None = None
    ended_at: datetime | None = None
    last_reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the promise still is to be kept."""
        return self.state in OPEN


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How promises are kept. ``own_numbers`` are ours, which we never ring, in E.164 or as
    dialled in Sweden."""

    own_numbers: frozenset[str] = field(default_factory=frozenset)
    most_attempts: int = 3
    between_attempts: timedelta = timedelta(minutes=30)
    stale_after: timedelta = timedelta(minutes=15)
    stranded_queue: str = "allmant"


def next_state(callback: Callback, *, policy: Policy) -> CallbackState:
    """Decide what becomes of a promise whose citizen was not reached now: another attempt, or no more."""
    return CallbackState.WAITING if callback.attempts < policy.most_attempts else CallbackState.FAILED
