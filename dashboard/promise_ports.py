"""What the desk needs of whoever keeps promises to ring back: ports, so that the desk stands without that room."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from core.ids import AgentId, CallbackId, ContactId
from core.language import Language
from core.phone import PhoneNumber

if TYPE_CHECKING:
    from storage.database import Transaction

IN_LINE, TAKEN, KEPT, WAITING = "in_line", "taken", "kept", "waiting"
"""The states of a promise that the desk looks at."""


class Span(Protocol):
    """From one instant until, not including, another."""

    @property
    def starts_at(self) -> datetime: ...  # noqa: D102
    @property
    def ends_at(self) -> datetime: ...  # noqa: D102


class Promise(Protocol):
    """A promise to ring back, as the desk shows it."""

    @property
    def callback(self) -> CallbackId: ...  # noqa: D102
    @property
    def contact(self) -> ContactId: ...  # noqa: D102
    @property
    def number(self) -> PhoneNumber: ...  # noqa: D102
    @property
    def queue(self) -> str: ...  # noqa: D102
    @property
    def language(self) -> Language: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def first_requested_at(self) -> datetime: ...  # noqa: D102
    @property
    def promised_at(self) -> datetime: ...  # noqa: D102
    @property
    def told(self) -> Span | None: ...  # noqa: D102
    @property
    def proof(self) -> str: ...  # noqa: D102
    @property
    def bound_to(self) -> AgentId | None: ...  # noqa: D102
    @property
    def deputy(self) -> AgentId | None: ...  # noqa: D102
    @property
    def attempts(self) -> int: ...  # noqa: D102
    @property
    def not_before(self) -> datetime | None: ...  # noqa: D102
    @property
    def taken_by(self) -> AgentId | None: ...  # noqa: D102
    @property
    def ended_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def last_reason(self) -> str: ...  # noqa: D102


class HowKept(Protocol):
    """How promises are kept, as far as the desk tells of it."""

    @property
    def most_attempts(self) -> int: ...  # noqa: D102
    def rings_citizen_first(self, queue: str, *, bound_to: AgentId | None) -> bool:
        """Tell whether the citizen's telephone rings before an agent's."""
        ...


class Waits(Protocol):
    """How long those waited whom we reached."""

    @property
    def p50(self) -> timedelta: ...  # noqa: D102
    @property
    def p90(self) -> timedelta: ...  # noqa: D102
    @property
    def p95(self) -> timedelta: ...  # noqa: D102
    @property
    def p99(self) -> timedelta: ...  # noqa: D102
    @property
    def longest(self) -> timedelta: ...  # noqa: D102


class Counted(Protocol):
    """What became of the promises of a period."""

    @property
    def promised(self) -> int: ...  # noqa: D102
    @property
    def kept_in_time(self) -> int: ...  # noqa: D102
    @property
    def kept_late(self) -> int: ...  # noqa: D102
    @property
    def kept_without_time(self) -> int: ...  # noqa: D102
    @property
    def failed(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def cancelled(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def open(self) -> int: ...  # noqa: D102
    @property
    def waits(self) -> Waits | None: ...  # noqa: D102


class CapsUsed(Protocol):
    """How near the caps against fraud are."""

    @property
    def hour_used(self) -> float: ...  # noqa: D102
    @property
    def full_ranges(self) -> int: ...  # noqa: D102
    @property
    def full_numbers(self) -> int: ...  # noqa: D102
    @property
    def full_persons(self) -> int: ...  # noqa: D102


class Promises(Protocol):
    """The promises to ring back. Each method is as that of the same name of the room that keeps them."""

    @property
    def policy(self) -> HowKept:
        """How promises are kept just now."""
        ...

    async def waiting(self, tx: "Transaction") -> Sequence[Promise]:
        """Return the promises that nobody has taken, by rank."""
        ...

    async def get(self, tx: "Transaction", callback: CallbackId) -> Promise:
        """Return a promise."""
        ...

    async def of_contact(self, tx: "Transaction", contact: ContactId) -> Promise | None:
        """Return the newest promise that began with a contact."""
        ...

    async def follow_ups(self, tx: "Transaction") -> Sequence[Promise]:
        """Return the promises that were given up and that nobody has worked through."""
        ...

    async def followed_up(self, callback: CallbackId, agent: AgentId, note: str = "") -> bool:
        """Note that an agent has worked through a promise that was given up."""
        ...

    async def take(self, callback: CallbackId, agent: AgentId) -> object:
        """Give a promise to an agent, who rings now."""
        ...

    async def not_reached(self, callback: CallbackId, agent: AgentId, how: str) -> bool:
        """Note that whoever answered was not the citizen."""
        ...

    async def times(self, *, queue: str) -> Sequence[Span]:
        """Return the times that are free for a queue."""
        ...

    def ringing_periods(self, *, days: int) -> Sequence[Span]:
        """Return when citizens may be rung, from now on and for so many days."""
        ...

    async def move(self, callback: CallbackId, *, slot_at: datetime | None, by: str) -> Promise:
        """Give a promise another time, or its place in the line."""
        ...

    async def cancel(self, callback: CallbackId, *, by: str) -> bool:
        """Note that a promise is no longer wanted."""
        ...

    async def by_agent(
        self,
        *,
        agent: AgentId,
        contact: ContactId,
        at: datetime | None = None,
        deputy: AgentId | None = None,
        number: str | None = None,
        tells_code: bool = True,
    ) -> Promise:
        """Promise that this agent rings back."""
        ...

    async def counted(self, tx: "Transaction", *, start: datetime, end: datetime) -> Counted:
        """Count what was promised in a period, and what became of it."""
        ...

    async def caps_used(self, tx: "Transaction") -> CapsUsed:
        """Return how near the caps against fraud are."""
        ...
