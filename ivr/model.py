"""What the IVR knows of one call, what it may ask of the rest of the system, and what can happen to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.ids import ContactId, LegId, PersonId, Subject
from core.language import Language
from ivr.spoken import Value
from telephony.model import Action, Digits, NoInput, Said, Utterance


class Phase(StrEnum):
    """What the caller is doing just now."""

    ASKING = "asking"
    ANSWERING = "answering"
    INQUIRING = "inquiring"
    WAITING = "waiting"
    TALKING = "talking"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What is foreseen of a wait as it looked at ``at``: the place, from 1, and the whole minutes that it will still take,
    from ``least`` to ``most``. ``most`` is 0 when nobody is sure enough to say a time."""

    at: datetime
    place: int
    least: int = 0
    most: int = 0

    @property
    def latest(self) -> datetime:
        """When the wait is over, at the latest, if it goes as foreseen."""
        return self.at + timedelta(minutes=self.most)


@dataclass(frozen=True, kw_only=True)
class Time:
    """A time at which we can ring: at some moment from ``starts_at`` until ``ends_at``."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class FoundTimes:
    """The times that a caller chooses from, as they were ``at`` an instant, and the page that is being read out."""

    at: datetime
    times: tuple[Time, ...]
    page: int = 0


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a call is, as plain data: any process can go on from it.

    It holds no personnummer, code, phone number or pressed digits, by having no field for them: ``person`` is a
    pseudonym, ``path`` the names of what was chosen. ``turn`` counts prompts and inquiries, so that a late answer to
    an earlier one is known. ``anchor`` is the node that a repeat begins from; ``onward`` where a heard answer leads;
    ``notices`` what supervisors have said to callers, until it is heard; ``slot`` the time that was chosen for ringing
    back, or for a meeting; ``office`` and ``meeting`` are where a meeting is looked for, and the one that is talked of;
    ``invited_at`` when a caller in the line last heard that we can do so; ``rung``: we have rung the citizen, and whoever
    answers is asked whether it suits them; ``wrong_key``: among the ``tries`` at this node is a key that is not there, so somebody is;
    ``wants`` what they need of an agent besides the queue (:class:`ivr.flow.Want`).
    """

    contact: ContactId
    leg: LegId
    arrived_at: datetime
    entry: str = ""
    version: str = ""
    node: str = ""
    phase: Phase = Phase.ASKING
    turn: int = 0
    language: Language = Language.SWEDISH
    tries: int = 0
    wrong_key: bool = False
    faults: int = 0
    attempts: Mapping[str, int] = field(default_factory=dict)
    back: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    anchor: str = ""
    answer: str = ""
    onward: str = ""
    pending: tuple[str, ...] = ()
    benefit: str = ""
    queue: str = ""
    wants: tuple[str, ...] = ()
    person: PersonId = PersonId("")
    subject: Subject = Subject("")
    level: int = 0
    in_line: bool = False
    speaking: bool = False
    place: int = 0
    place_said: int = 0
    foreseen: Wait | None = None
    wait_said: Wait | None = None
    invited_at: datetime | None = None
    found: FoundTimes | None = None
    slot: Time | None = None
    office: str = ""
    meeting: str = ""
    rung: bool = False
    notices: tuple[Utterance, ...] = ()


# --- what the engine asks of the rest of the system -----------------------------------------------------------------


class InquiryName(StrEnum):
    """A question that the flow has, and that only the service can have answered."""

    HOURS = "hours"
    OPENING_HOURS = "opening_hours"
    IDENTIFIED = "identified"
    IN_LINE = "in_line"
    LOCATE = "locate"
    VERIFY_CODE = "verify_code"
    NEXT_PAYMENTS = "next_payments"
    CASE_STATUS = "case_status"
    HOW_TO_APPLY = "how_to_apply"
    CALENDAR = "calendar"
    CALLER_NUMBER = "caller_number"
    KEYED_NUMBER = "keyed_number"
    NUMBER_BACK = "number_back"
    SOONEST = "soonest"
    TIMES = "times"
    OTHER_TIMES = "other_times"
    PROMISE_CALLBACK = "promise_callback"
    PROMISE = "promise"
    PROMISE_CODE = "promise_code"
    OPEN_PROMISE = "open_promise"
    KEEP_PROMISE = "keep_promise"
    MOVE_PROMISE = "move_promise"
    CANCEL_PROMISE = "cancel_promise"
    TEXT_OFFER = "text_offer"
    TEXT_ASK = "text_ask"
    TEXT_AMOUNT = "text_amount"
    TEXT_FORGET = "text_forget"
    MEETINGS = "meetings"
    NEXT_MEETING = "next_meeting"
    MEETING_LETTER = "meeting_letter"
    MEETING_POSTCODE = "meeting_postcode"
    MEETING_TIMES = "meeting_times"
    MEETING_OTHER_TIMES = "meeting_other_times"
    MEETING_HOLD = "meeting_hold"
    MEETING_BOOK = "meeting_book"
    MEETING_MOVE = "meeting_move"
    MEETING_CANCEL = "meeting_cancel"
    MEETING_FOLLOW_UP = "meeting_follow_up"
    REQUEST_HUMAN = "request_human"


RESULTS: Mapping[InquiryName, tuple[str, ...]] = {
    InquiryName.HOURS: ("open", "closed"),
    InquiryName.OPENING_HOURS: ("open", "closed"),
    InquiryName.IDENTIFIED: ("yes", "no"),
    InquiryName.IN_LINE: ("yes", "no"),
    InquiryName.LOCATE: ("valid", "not_valid"),
    InquiryName.VERIFY_CODE: ("verified", "wrong", "cannot_see"),
    InquiryName.NEXT_PAYMENTS: ("found", "no_day", "none", "cannot_see"),
    InquiryName.CASE_STATUS: ("found", "none", "cannot_see"),
    InquiryName.HOW_TO_APPLY: ("apply", "by_itself", "through_others", "not_applied_for"),
    InquiryName.CALENDAR: ("found", "none"),
    InquiryName.CALLER_NUMBER: ("known", "withheld"),
    InquiryName.KEYED_NUMBER: ("valid", "not_valid", "emergency", "short"),
    InquiryName.NUMBER_BACK: ("known", "unknown"),
    InquiryName.SOONEST: ("sure", "unsure"),
    InquiryName.TIMES: ("found", "none"),
    InquiryName.OTHER_TIMES: ("found", "none", "gone"),
    InquiryName.PROMISE_CALLBACK: ("promised", "already", "not_possible", "failed"),
    InquiryName.PROMISE: ("told", "unknown"),
    InquiryName.PROMISE_CODE: ("told", "unknown"),
    InquiryName.OPEN_PROMISE: ("known", "known_closed", "none"),
    InquiryName.KEEP_PROMISE: ("kept", "gone"),
    InquiryName.MOVE_PROMISE: ("moved", "taken", "busy", "gone", "failed"),
    InquiryName.CANCEL_PROMISE: ("cancelled", "gone", "failed"),
    InquiryName.TEXT_OFFER: ("offer", "bound", "none"),
    InquiryName.TEXT_ASK: ("asked", "failed"),
    InquiryName.TEXT_AMOUNT: ("allowed", "failed"),
    InquiryName.TEXT_FORGET: ("forgotten", "none", "failed"),
    InquiryName.MEETINGS: ("found", "more", "none", "cannot_see"),
    InquiryName.NEXT_MEETING: ("found", "more", "none", "cannot_see"),
    InquiryName.MEETING_LETTER: ("found", "none", "cannot_see"),
    InquiryName.MEETING_POSTCODE: ("valid", "not_valid", "cannot_see"),
    InquiryName.MEETING_TIMES: ("found", "none", "cannot_see"),
    InquiryName.MEETING_OTHER_TIMES: ("found", "none", "gone", "cannot_see"),
    InquiryName.MEETING_HOLD: ("held", "taken", "failed"),
    InquiryName.MEETING_BOOK: ("booked", "taken", "failed"),
    InquiryName.MEETING_MOVE: ("rebooked", "taken", "gone", "failed"),
    InquiryName.MEETING_CANCEL: ("cancelled", "gone", "failed"),
    InquiryName.MEETING_FOLLOW_UP: ("noted", "failed"),
    InquiryName.REQUEST_HUMAN: ("waiting", "closed"),
}
"""Every result that an inquiry may have; a flow says what follows each of them."""

REASONS = (
    *("withheld", "not_a_number", "foreign", "our_own", "pay_or_special", "emergency", "short"),
    *("slot_taken", "too_many"),
)
"""Why we cannot promise to ring back. A flow may say what follows each; without that, it is as ``not_possible``."""


def results_of(inquiry: InquiryName) -> tuple[str, ...]:
    """Return every result that an inquiry can have, also those that a flow need not speak of."""
    reasons = REASONS if inquiry is InquiryName.PROMISE_CALLBACK else ()
    return (*RESULTS[inquiry], *reasons)


OF_ONE_BENEFIT = frozenset({InquiryName.HOW_TO_APPLY, InquiryName.CALENDAR})
"""Inquiries about the benefit that was chosen; their answers are put down to it."""

OFF_THE_LINE = frozenset({"promised", "kept", "moved"})
"""Results after which nobody waits in the line any more: they are rung back instead."""

TRY_AGAIN = frozenset({"wrong", "not_valid"})
"""Results that use up an attempt; after the last one the result is :data:`EXHAUSTED`."""

EXHAUSTED = "exhausted"
OF_THE_CITIZEN = frozenset(
    {
        *(InquiryName.NEXT_PAYMENTS, InquiryName.CASE_STATUS, InquiryName.CALLER_NUMBER, InquiryName.NUMBER_BACK),
        *(InquiryName.PROMISE, InquiryName.PROMISE_CODE, InquiryName.OPEN_PROMISE, InquiryName.MOVE_PROMISE),
        *(InquiryName.MEETINGS, InquiryName.NEXT_MEETING, InquiryName.MEETING_LETTER, InquiryName.MEETING_HOLD),
        *(InquiryName.MEETING_BOOK, InquiryName.MEETING_MOVE, InquiryName.MEETING_TIMES),
    }
)
"""Inquiries whose answers are personal: what is said of them stays in no cache."""


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """A question; it is answered by one :class:`InquiryAnswered` with the same ``turn``.

    ``digits`` is what the caller pressed (a personnummer, a code, a number): it lives in this object only.
    ``number`` says which number to ring back, ``caller`` or ``keyed``.
    """

    name: InquiryName
    position: Position
    digits: str = field(default="", repr=False)
    number: str = ""
    queue: str = ""

    @property
    def turn(self) -> int:
        """The turn that the answer belongs to."""
        return self.position.turn


class TellKind(StrEnum):
    """What the engine tells without waiting for an answer."""

    ANSWER_GIVEN = "answer_given"
    LINE_LEFT = "line_left"
    DECLINED = "declined"
    WAIT_TOLD = "wait_told"


@dataclass(frozen=True, kw_only=True)
class Tell:
    """Something that others shall know: the answer of this ``kind`` was heard, the line was left for a reason, or whoever
    we rang is not to be connected (``kind`` is why). ``wait`` holds the minutes that somebody in the line was told."""

    what: TellKind
    kind: str = ""
    benefit: str = ""
    wait: Wait | None = None


IvrAction = Action | Inquiry | Tell


# --- what can happen ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to say of an answer: a wording with its values."""

    wording: str
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class InquiryAnswered:
    """The answer: its result, what to put into the wording, further lines to say, and what was learned of the caller.

    ``notices`` are said before anything else; ``found`` are times to choose from. With a ``meeting``, the one that is talked
    of from now on, a time that was chosen has been used.
    """

    turn: int
    result: str
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    lines: tuple[Line, ...] = ()
    person: PersonId | None = None
    subject: Subject | None = None
    level: int | None = None
    notices: tuple[Utterance, ...] = ()
    found: FoundTimes | None = None
    office: str | None = None
    meeting: str | None = None


@dataclass(frozen=True, kw_only=True)
class Began:
    """The call was taken and its contact is committed; ``notices`` are the first that the caller hears.

    ``flow`` is where calls to this number begin, and ``queue`` where they wait; empty for those who ring the main number.
    """

    notices: tuple[Utterance, ...] = ()
    flow: str = ""
    queue: str = ""


@dataclass(frozen=True, kw_only=True)
class MachineHeard:
    """It sounds as if a machine had answered the telephone that we rang."""


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """A controller has found the call again, and nothing of what was asked is remembered by the switch."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The caller has this place in the line."""

    place: int


@dataclass(frozen=True, kw_only=True)
class WaitedOn:
    """The caller has waited for a while since anything was said; now it is ``at``."""

    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Returned:
    """The caller is back in the line, because the agent was lost or did not answer."""


@dataclass(frozen=True, kw_only=True)
class Connected:
    """Caller and agent hear each other."""


@dataclass(frozen=True, kw_only=True)
class Broke:
    """Something of ours failed while the last event was dealt with."""


@dataclass(frozen=True, kw_only=True)
class Stranded:
    """Even the way to a human failed. The caller is kept with music, and gets into the line as soon as it works."""


IvrEvent = (
    Began
    | MachineHeard
    | Resumed
    | Digits
    | NoInput
    | Said
    | InquiryAnswered
    | Placed
    | WaitedOn
    | Returned
    | Connected
    | Broke
    | Stranded
)
