"""A meeting: what is wished, which times are free, and what is booked. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from core.ids import AgentId, ContactId, PersonId, Subject
from meetings.day_counting import OWN_TASKS, OWN_WORK, date_of, day_of, in_time
from meetings.hours import local_day
from meetings.register import Asker, Mode

MeetingId = NewType("MeetingId", str)
"""One meeting, ``mtg_…``, from the moment that its parts are held."""

HOLD = timedelta(minutes=5)
"""For how long a time is held for whoever is about to confirm it."""


class State(StrEnum):
    """Where a meeting is: ``held`` until it is confirmed or lapses, ``booked`` until it is over one way or the other:
    ``cancelled``, ``missed`` by the citizen, or ``done``: it took place and was closed.
    """

    HELD = "held"
    BOOKED = "booked"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    MISSED = "missed"
    DONE = "done"


TAKES_TIME = frozenset({State.HELD, State.BOOKED})
"""In these states the parts of a meeting are nobody else's."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to meet about, and what they need for it.

    ``offices`` are those that will do, the nearest first; all when none is named. ``needs`` are words such as
    ``step_free``. ``about_decision`` and ``enrols`` say that a decision is to be discussed, or an enrolment done.
    """

    type: str
    asked_by: Asker = Asker.CITIZEN
    matter: str = ""
    person: PersonId | None = None
    contact: ContactId | None = None
    language: str = "sv"
    needs: frozenset[str] = frozenset()
    mode: Mode | None = None
    offices: tuple[str, ...] = ()
    handler: AgentId | None = None
    about_decision: bool = False
    enrols: bool = False
    given: frozenset[str] = frozenset()
    """What has been given of what the type needs: ``consent``, ``checklist``."""
    is_protected: bool = False


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """That somebody may book a meeting for themselves, once, until ``expires_at``: when, where and how is theirs to say."""

    invitation: str
    person: PersonId
    contact: ContactId
    wish: Wish
    made_at: datetime
    made_by: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Choice:
    """When the citizen comes, where (by phone and video: whose handlers it is), and how."""

    starts_at: datetime
    office: str
    mode: Mode


@dataclass(frozen=True, kw_only=True)
class Free(Choice):
    """A time that can be booked."""

    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Who and what a meeting takes, all together or not at all."""

    staff: tuple[AgentId, ...]
    room: str | None = None
    interpreter: str | None = None


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A time that is held or booked, with all its parts. ``version`` counts changes, ``sequence`` moves (RFC 5545)."""

    meeting: MeetingId
    type: str
    state: State
    mode: Mode
    office: str
    parts: Parts
    starts_at: datetime
    ends_at: datetime
    quarters: int
    asked_by: Asker
    matter: str
    person: PersonId | None
    contact: ContactId | None
    language: str
    needs: frozenset[str]
    handler: AgentId | None
    is_protected: bool
    made_at: datetime
    held_until: datetime | None = None
    ended_at: datetime | None = None
    by: str = ""
    version: int = 1
    sequence: int = 0

    def still_takes(self, *, now: datetime) -> bool:
        """Tell whether its parts are nobody else's at an instant."""
        has_lapsed = self.held_until is not None and self.held_until <= now
        return self.state in TAKES_TIME and not has_lapsed


class ConsentKind(StrEnum):
    """What a citizen says yes or no to: that the partner reads a brief before, that we ask how it was afterwards."""

    BRIEF = "brief"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A yes or a no, by whom it came in and when. A no has no consequence but this row (R72)."""

    meeting: MeetingId
    person: PersonId | None
    kind: ConsentKind
    given: bool
    at: datetime
    by: str
    withdrawn_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether it is a yes that was not taken back."""
        return self.given and self.withdrawn_at is None


class BriefState(StrEnum):
    """Where a brief is: it leaves only signed and released; ``refused`` is for good."""

    DRAFT = "draft"
    SIGNED = "signed"
    RELEASED = "released"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What the partner may read before a meeting. ``found`` are the kinds of what was taken out, never the words."""

    brief: str
    meeting: MeetingId
    text: str
    found: tuple[str, ...]
    state: BriefState
    made_at: datetime
    signed_by: str = ""
    signed_at: datetime | None = None
    read_at: datetime | None = None


class TaskState(StrEnum):
    """Where the offer of a contact meeting is: ``waiting`` for its day, to be made (``open``), was made (``offered``), and
    was answered ``yes`` or ``no``; or there is nothing to offer any more (``over``).
    """

    WAITING = "waiting"
    OPEN = "open"
    OFFERED = "offered"
    YES = "yes"
    NO = "no"
    OVER = "over"


TO_DO = (TaskState.OPEN, TaskState.OFFERED)
"""In these states somebody has something to tell, or to ask."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """To tell somebody who is sick of their rights and possibilities before day 90, and to offer a contact meeting.

    ``since_on`` is day 1; on ``due_on`` it is to be done at the latest. It belongs to ``handler``, the personal one, when the
    register knows them, from
    the day on which it was opened. No field says why somebody said no, or who asked.
    """

    task: str
    subject: Subject
    since_on: date
    due_on: date
    state: TaskState
    informed_at: datetime | None = None
    handler: AgentId | None = None
    opened_on: date | None = None

    @property
    def day_90(self) -> date:
        """The day before which it is to be done."""
        return date_of(self.since_on, OWN_WORK)

    @property
    def day_180(self) -> date:
        """Until when the own tasks of whoever works for themselves count."""
        return date_of(self.since_on, OWN_TASKS)

    @property
    def is_in_time(self) -> bool:
        """Whether they were told before day 90."""
        return self.informed_at is not None and in_time(self.since_on, local_day(self.informed_at))

    @property
    def told_on_day(self) -> int | None:
        """On which day of the sick leave they were told; ``None`` while they are not."""
        return day_of(self.since_on, local_day(self.informed_at)) if self.informed_at else None

    @property
    def told_after_days(self) -> int | None:
        """How many days after the handler had the task they were told (R70); 0 on the same day."""
        if self.informed_at is None or self.opened_on is None:
            return None
        return (local_day(self.informed_at) - self.opened_on).days


@dataclass(frozen=True, kw_only=True)
class GuidanceQuestion:
    """What is unclear in the guidance on a type of meeting, and the answer of its ``owner``: when, and in which role. No field
    says who asked, or who answered (N1)."""

    question: str
    type: str
    text: str
    asked_at: datetime
    owner: str
    answer: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
