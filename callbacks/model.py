"""What a promise to ring back is, how promises are kept, and what becomes of one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from core.ids import AgentId, CallbackId, ContactId, LegId, PersonId
from core.language import Language
from core.phone import PhoneNumber

CUT_OFF, STRANDED = "cut_off", "stranded"
"""Reasons of promises that nobody asked for: a fault of ours cut them off, or let nobody in."""


class CallbackState(StrEnum):
    """Where a promise is: it waits for its time, stands in the line, an agent has it, or it is over."""

    WAITING = "waiting"
    IN_LINE = "in_line"
    TAKEN = "taken"
    KEPT = "kept"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (CallbackState.WAITING, CallbackState.IN_LINE, CallbackState.TAKEN)


class Wish(StrEnum):
    """What the citizen chose: to keep the place in the line, or a time."""

    PLACE = "place"
    TIME = "time"


@dataclass(frozen=True)
class Period:
    """From ``starts_at`` until, not including, ``ends_at``; both are aware and in UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One promise. ``first_requested_at`` is its rank through every attempt and every move: when they began to wait.

    ``next_at`` is when it is due to go into the line; ``None`` while it is there, in somebody's hands, or over. ``slot``
    is the time that was booked, ``told`` between when and when we said that we would ring. ``proof`` is what we say
    when we ring; empty where nobody was told it: after a fault of ours, unless a text could tell it. ``bound_to`` is the agent whose own promise it is.
    """

    callback: CallbackId
    contact: ContactId
    number: PhoneNumber
    queue: str
    language: Language
    reason: str
    state: CallbackState
    first_requested_at: datetime
    promised_at: datetime
    wish: Wish = Wish.PLACE
    person: PersonId | None = None
    slot: Period | None = None
    told: Period | None = None
    proof: str = field(default="", repr=False)
    bound_to: AgentId | None = None
    deputy: AgentId | None = None
    attempts: int = 0
    next_at: datetime | None = None
    in_line_at: datetime | None = None
    taken_by: AgentId | None = None
    taken_at: datetime | None = None
    talked_at: datetime | None = None
    ended_at: datetime | None = None
    last_reason: str = ""
    followed_up_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the promise still is to be kept."""
        return self.state in OPEN

    @property
    def is_after_fault(self) -> bool:
        """Whether nobody asked for it: they were told nothing when it was made."""
        return self.reason in (CUT_OFF, STRANDED)

    @property
    def not_before(self) -> datetime | None:
        """When it may be tried, at the earliest."""
        return self.next_at


class DialMode(StrEnum):
    """Whose telephone rings first: the agent's, who sees whom it is about; or the citizen's, as long as no more of them
    are rung than there are agents free for them."""

    AGENT_FIRST = "agent_first"
    CITIZEN_FIRST = "citizen_first"


class AttemptState(StrEnum):
    """Where an attempt is. ``UNKNOWN``: nobody can say whether the citizen's phone rang."""

    DIALLING = "dialling"
    ANSWERED = "answered"
    MISSED = "missed"
    NOT_RUNG = "not_rung"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One time that we rang, or were about to: the row is written before the switch is asked.

    ``agent`` is whose offer it was; ``None`` where the citizen was rung first, and no agent had it yet.
    """

    callback: CallbackId
    number: int
    leg: LegId
    agent: AgentId | None
    state: AttemptState
    started_at: datetime
    ended_at: datetime | None = None
    reason: str = ""


Span = tuple[time, time]
"""From the first time until, not including, the second, by Stockholm's clock; midnight as the second ends the day."""


@dataclass(frozen=True, kw_only=True)
class RingingHours:
    """When citizens may be rung: spans per weekday (Monday is 0), on holidays and eves, and on days that differ."""

    week: Mapping[int, tuple[Span, ...]]
    on_holidays: tuple[Span, ...] = ()
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    always: bool = False


_DAY: tuple[Span, ...] = ((time(8), time(20)),)


@dataclass(frozen=True, kw_only=True)
class Caps:
    """How many promises there may be, against fraud: in 24 hours or in one. A range is numbers that differ only in
    their last three digits."""

    number_per_day: int = 5
    person_per_day: int = 5
    range_per_hour: int = 100
    all_per_hour: int = 20_000


@dataclass(frozen=True, kw_only=True)
class Planned:
    """So many agents are planned for a queue in a span of each such weekday (0 is Monday), Stockholm's clock."""

    weekday: int
    span: Span
    agents: int


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """What the planning of the agents' hours says: ``share`` of their time (0 to 1) is kept for times that were chosen,
    and a talk takes ``talk`` with what is written after it."""

    share: float = 0.2
    talk: timedelta = timedelta(minutes=10)
    planned: Mapping[str, tuple[Planned, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Slots:
    """Which times can be chosen: how long each is, how many promises fit into one, how far ahead.

    A queue whose agents are planned has the room that ``staffing`` gives; another the number ``of_queues``, or ``capacity``.
    """

    length: timedelta = timedelta(minutes=60)
    capacity: int = 4
    of_queues: Mapping[str, int] = field(default_factory=dict)
    staffing: Staffing = Staffing()
    working_days_ahead: int = 5
    first_after: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How promises are kept. ``own_numbers`` are ours, which we never ring, in E.164 or as
    dialled in Sweden; ``countries`` are the calling codes that we ring; ``citizen_first`` are the queues whose citizens
    are rung before an agent is."""

    own_numbers: frozenset[str] = field(default_factory=frozenset)
    countries: frozenset[str] = frozenset({"46"})
    most_attempts: int = 3
    between_attempts: timedelta = timedelta(minutes=30)
    after_busy: timedelta = timedelta(minutes=30)
    after_fault: timedelta = timedelta(minutes=1)
    """The pause after a fault before the telephone rang; it doubles with each more, up to ``between_attempts``."""

    most_faults: int = 10
    """After so many of them in a row a person looks into it."""

    while_they_call: timedelta = timedelta(seconds=15)
    hours: RingingHours = RingingHours(week=dict.fromkeys(range(7), _DAY))
    caps: Caps = Caps()
    slots: Slots = Slots()
    place_kept: timedelta = timedelta(minutes=15)
    stale_after: timedelta = timedelta(minutes=15)
    stranded_queue: str = "allmant"
    citizen_first: frozenset[str] = frozenset()

    def dial_mode(self, callback: Callback) -> DialMode:
        """Return whose telephone rings first. What an agent has promised in person is that agent's to ring."""
        is_first = self.rings_citizen_first(callback.queue, bound_to=callback.bound_to)
        return DialMode.CITIZEN_FIRST if is_first else DialMode.AGENT_FIRST

    def rings_citizen_first(self, queue: str, *, bound_to: AgentId | None) -> bool:
        """Tell whether citizens of a queue are rung before an agent is; never those whom one agent has promised it."""
        return queue in self.citizen_first and bound_to is None

    def pause_after(self, reason: str) -> timedelta:
        """Return how long nobody is rung again after an attempt that ended so."""
        return self.after_busy if reason == "busy" else self.between_attempts


def next_state(callback: Callback, *, policy: Policy) -> CallbackState:
    """Decide what becomes of a promise whose citizen was not reached now: another attempt, or no more."""
    return CallbackState.WAITING if callback.attempts < policy.most_attempts else CallbackState.FAILED
