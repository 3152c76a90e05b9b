"""What a text of ours is, what becomes of it, and when it may be sent. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from core.clock import STOCKHOLM
from core.ids import ContactId
from core.language import Language
from core.phone import PhoneNumber
from sms.gsm import Encoding


class Purpose(StrEnum):
    """Why we send a text."""

    PLACE_KEPT = "place_kept"
    CUT_OFF = "cut_off"
    CALLBACK_GIVEN_UP = "callback_given_up"
    ANSWER = "answer"
    FROM_AGENT = "from_agent"
    NOTICE = "notice"
    MEETING = "meeting"
    REMINDER = "reminder"
    QUESTION = "question"


ANSWERS = frozenset({Purpose.PLACE_KEPT, Purpose.ANSWER})
"""These follow at once on what the citizen just did, so no quiet hours hold them back."""


class State(StrEnum):
    """Where a text is. It waits, is being sent, the provider has it, it is on its way, it is there; or it is over.

    ``UNCLEAR``: nobody can say whether the provider has it, so it is not sent again. ``DROPPED``: we did not send it.
    """

    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNCLEAR = "unclear"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"
    DELIVERED = "delivered"


_RANK = {state: rank for rank, state in enumerate(State)}
OVER = (State.UNCLEAR, State.DROPPED, State.FAILED, State.DELIVERED)


def further(now: State, told: State) -> State:
    """Return the state after a receipt: the further of the two, so that receipts may come in any order and twice (I-18)."""
    return max(now, told, key=_RANK.__getitem__)


@dataclass(frozen=True, kw_only=True)
class Message:
    """One text that we mean to send. ``key`` is purpose and subject: there is one text of each.

    ``next_at`` is when it is to be looked at; ``None`` when nothing is to be done. ``expires_at`` is when it is of no use.
    ``system`` is the other system that had it sent, if one had.
    """

    message: str
    key: str
    purpose: Purpose
    number: PhoneNumber
    language: Language
    text: str = field(repr=False)
    encoding: Encoding
    segments: int
    state: State
    created_at: datetime
    contact: ContactId | None = None
    system: str = ""
    reason: str = ""
    next_at: datetime | None = None
    expires_at: datetime | None = None
    attempts: int = 0
    provider: str = ""
    provider_id: str = ""
    ended_at: datetime | None = None


class AttemptState(StrEnum):
    """What became of asking the provider once; ``NOT_TAKEN`` means that it surely has not got the text."""

    SENDING = "sending"
    TAKEN = "taken"
    REFUSED = "refused"
    NOT_TAKEN = "not_taken"
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One time that we ask a provider: the row is written before (I-17). ``ref`` is our name for it."""

    ref: str
    message: str
    provider: str
    state: AttemptState
    started_at: datetime


class Refused(StrEnum):
    """Why there is no text, as a word for logs and screens."""

    OFF = "off"
    NOT_MOBILE = "not_mobile"
    OPTED_OUT = "opted_out"
    TOO_MANY = "too_many"
    TOO_LATE = "too_late"
    NOT_WANTED = "not_wanted"


@dataclass(frozen=True, kw_only=True)
class Recent:
    """How many texts were made: in 24 hours to a number, in an hour to a range of a thousand numbers and to everybody."""

    of_number: int = 0
    of_range: int = 0
    of_all: int = 0


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How texts are sent. Quiet hours are Stockholm's clock. A reply that was lost is looked up after ``settle``.

    A question of ours lapses after ``question_lapses``; for ``thread_holds`` after an agent has answered, what somebody
    writes goes on with that. A number counts as somebody's for ``binding_holds``. What is over is forgotten after ``kept``.
    """

    quiet_from: time = time(20)
    quiet_until: time = time(8)
    number_per_day: int = 10
    range_per_hour: int = 100
    all_per_hour: int = 20_000
    first_pause: timedelta = timedelta(seconds=20)
    longest_pause: timedelta = timedelta(minutes=10)
    settle: timedelta = timedelta(seconds=30)
    give_up_after: timedelta = timedelta(hours=24)
    kept: timedelta = timedelta(days=180)
    question_lapses: timedelta = timedelta(hours=1)
    thread_holds: timedelta = timedelta(hours=24)
    binding_holds: timedelta = timedelta(days=180)

    def pause_after(self, attempts: int) -> timedelta:
        """Return how long a text waits that the provider did not take: longer each time, for it may be away for hours."""
        return min(self.first_pause * (1 << min(attempts - 1, 10)), self.longest_pause)

    def is_too_many(self, recent: Recent) -> bool:
        """Tell whether one more text to this number would be beyond its own cap, whoever it belongs to."""
        return recent.of_number >= self.number_per_day

    def is_too_many_for_strangers(self, recent: Recent) -> bool:
        """Tell whether a cap for everybody is reached: somebody may have us send texts to run up our bills.

        Whoever has to do with us already is served all the same.
        """
        return recent.of_range >= self.range_per_hour or recent.of_all >= self.all_per_hour

    def not_before(self, purpose: Purpose, *, at: datetime) -> datetime:
        """Return when a text may go, not before ``at``: at once, or when the quiet hours are over."""
        local = at.astimezone(STOCKHOLM)
        is_quiet = local.time() >= self.quiet_from or local.time() < self.quiet_until
        if purpose in ANSWERS or not is_quiet:
            return at
        day = local.date() + timedelta(days=local.time() >= self.quiet_from)
        return datetime.combine(day, self.quiet_until, tzinfo=STOCKHOLM).astimezone(UTC)
