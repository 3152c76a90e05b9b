"""What a contact is, and which outcomes there are. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.ids import AgentId, CallbackId, ContactId, LegId, PersonId, Subject
from core.language import Language


class Channel(StrEnum):
    """The medium of a contact."""

    VOICE = "voice"
    SMS = "sms"
    MEETING = "meeting"
    EMAIL = "e-mail"
    WEB = "web"


class Outcome(StrEnum):
    """How a contact ended. There is no "refused" (DESIGN §6, R9)."""

    ANSWERED = "answered"
    SELF_SERVED = "self_served"
    CALLBACK_PROMISED = "callback_promised"
    MEETING_BOOKED = "meeting_booked"
    SMS_HANDED_OVER = "sms_handed_over"
    ABANDONED_RECOVERED = "abandoned_recovered"
    ABANDONED = "abandoned"
    LOST_TECHNICAL = "lost_technical"


class State(StrEnum):
    """Where a contact is in its life; the arrows between states are in :mod:`contacts.states`."""

    SELF_SERVICE = "self_service"
    WAITING = "waiting"
    TALKING = "talking"
    ENDED = "ended"


class TalkEnd(StrEnum):
    """Who or what ended a conversation with an agent."""

    CITIZEN = "citizen"
    AGENT = "agent"
    FAULT = "fault"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One conversation, as its row says.

    ``path`` is what was chosen on the way, as node names, never digits. ``answers`` are the questions answered by
    the machine, such as ``payment:barnbidrag``. ``wants_human`` is true from the wish for an agent until an agent
    or a later answer met it. ``callback_number`` is where the citizen asked to be rung back, until that is promised or
    refused; ``wants`` is what they need of an agent besides the queue, as the flow says. A call that ends meanwhile has ``ended_at`` and gets its outcome then. ``callback`` is the promise that this
    contact got, ``meeting`` the meeting that was booked in it. ``display_name`` and ``note`` are text from outside: cleaned, and still hostile to whoever shows it.
    """

    contact: ContactId
    channel: Channel
    state: State
    opened_at: datetime
    leg: LegId | None = None
    called: str = ""
    caller: str = ""
    display_name: str = ""
    language: Language = Language.SWEDISH
    person: PersonId | None = None
    subject: Subject | None = None
    level: int = 0
    path: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    wants_human: bool = False
    queue: str = ""
    wants: tuple[str, ...] = ()
    waiting_since: datetime | None = None
    agent: AgentId | None = None
    connected_at: datetime | None = None
    talk_ended_at: datetime | None = None
    talk_ended_by: TalkEnd | None = None
    callback_number: str = ""
    callback: CallbackId | None = None
    meeting: str = ""
    recovered: bool = False
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    fault: str = ""
    wrap_up_code: str = ""
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the contact has no outcome yet."""
        return self.outcome is None


@dataclass(frozen=True)
class EarlierTalk:
    """With whom somebody has talked before, and since when."""

    agent: AgentId
    at: datetime


@dataclass(frozen=True)
class InCalls:
    """Who is in a call with us at a moment: their numbers (E.164), the persons as whom they are known, the contacts."""

    numbers: frozenset[str]
    persons: frozenset[PersonId]
    contacts: frozenset[ContactId] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a contact's timeline: what happened, when, the word that goes with it, and the state after it."""

    contact: ContactId
    at: datetime
    what: str
    detail: str
    state: State


def decide_outcome(contact: Contact, *, fault: str = "") -> Outcome:
    """Decide how a contact that ends now has ended (DESIGN §6).

    The first of these that is true: an agent and the citizen finished their conversation; a callback is promised;
    a meeting is booked; something of ours broke (``fault``, or the conversation was lost to one); the citizen hung up on an agent;
    they left while wanting a human; they got an answer from the machine; they left before any of it.
    """
    if contact.talk_ended_by in (TalkEnd.CITIZEN, TalkEnd.AGENT) and contact.state is not State.WAITING:
        return Outcome.ANSWERED
    if contact.callback is not None:
        return Outcome.CALLBACK_PROMISED
    if contact.meeting:
        return Outcome.MEETING_BOOKED
    if fault or contact.talk_ended_by is TalkEnd.FAULT:
        return Outcome.LOST_TECHNICAL
    if contact.state is State.TALKING:
        return Outcome.ANSWERED
    if contact.wants_human or not contact.answers:
        return Outcome.ABANDONED_RECOVERED if contact.recovered else Outcome.ABANDONED
    return Outcome.SELF_SERVED


def name_fault(contact: Contact, outcome: Outcome, *, fault: str) -> str:
    """Name what broke: ``lost_technical`` always has a fault (I-03), no other outcome has one."""
    if outcome is not Outcome.LOST_TECHNICAL:
        return ""
    return fault or "talk_lost"
