"""One vocabulary for every switch: what we can ask of a line (actions) and what can happen on it (call events).

Pure data. Asterisk, the simulator and (later) Twilio all speak it, and pass the same contract tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.events import Event
from core.ids import LegId
from core.language import Language


class LegRole(StrEnum):
    """Whose connection a leg is."""

    CITIZEN = "citizen"
    AGENT = "agent"


class EndCause(StrEnum):
    """Why a leg ended, or could not be reached."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    FAULT = "fault"


class AnsweredBy(StrEnum):
    """Who or what answers, as well as a switch can tell by listening: a hint, and never a certainty."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Utterance:
    """Something to be said.

    ``wording`` is the key in the wording file, by which a recorded prompt is found; without a recording the
    text is synthesised. ``personal`` text (a date, an amount, a name) never stays in a cache. ``slow`` asks for
    slower speech, as when something is said again to somebody who did not follow.
    """

    text: str
    language: Language
    wording: str | None = None
    personal: bool = False
    slow: bool = False


@dataclass(frozen=True, kw_only=True)
class Collect:
    """How digits are taken.

    ``first_seconds`` runs from the end of the prompt to the first digit, ``between_seconds`` from each digit to
    the next. Collecting ends at ``max_digits``, at ``terminator`` (not part of the digits; alone it is no input, and
    during the prompt it belonged to the question before), or at a time-out. With ``barge_in`` the first digit
    silences the prompt and counts; without, digits during it are dropped.
    """

    max_digits: int = 1
    terminator: str = "#"
    first_seconds: float = 6.0
    between_seconds: float = 4.0
    barge_in: bool = True


# --- actions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Take the call. A leg that already is answered stays so."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class Say:
    """Say this, in order, then report :class:`Said`. On a leg on hold the music pauses meanwhile and comes back.

    A new ``Say`` or ``Ask`` on the same leg replaces one under way (which then is not reported).
    """

    leg: LegId
    utterances: tuple[Utterance, ...]
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Say this and take digits: ends in :class:`Digits` or :class:`NoInput`, exactly one of them."""

    leg: LegId
    utterances: tuple[Utterance, ...]
    collect: Collect = field(default_factory=Collect)
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Play music until something else is asked of the leg; one that is in a bridge leaves it.

    Meanwhile, also during a ``Say``, each pressed key in ``listen_for`` is reported as :class:`Digits` with this ``ref``.
    With ``spares_talk`` nothing happens on a leg that is in a bridge: for one who asks late, and does not know.
    """

    leg: LegId
    listen_for: str = ""
    ref: str = ""
    spares_talk: bool = False


@dataclass(frozen=True, kw_only=True)
class Ring:
    """Place a leg under our own id: ``target`` is an agent's endpoint or a citizen's number (E.164).

    Asked again for a leg that lives, it does nothing.

    Reports :class:`LegRinging` and :class:`LegAnswered`, or :class:`LegEnded` with the cause. ``shown_number``
    is what the receiver's phone shows. ``notes`` reach an agent's softphone as SIP headers ``X-KC-…``; they
    hold ids only. ``listen`` asks the switch to tell who answers: :class:`WhoAnswered` follows, beside whatever is said.
    """

    leg: LegId
    role: LegRole
    target: str
    shown_number: str = ""
    timeout_seconds: float = 20.0
    notes: Mapping[str, str] = field(default_factory=dict)
    listen: bool = False


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """Let these two legs hear each other; music and prompts on them stop, and a call not yet taken is answered.

    Reports :class:`LegsBridged`. A leg that is in another bridge leaves it.

    When one of the two ends, the other stays up, silent, until something is asked of it.
    """

    bridge: str
    legs: tuple[LegId, LegId]


@dataclass(frozen=True, kw_only=True)
class PutOnHold:
    """In a bridge: give this leg music and let it hear nothing else; :class:`TakeOffHold` ends it."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class TakeOffHold:
    """Bring a leg that was put on hold back to its bridge."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class HangUp:
    """End the leg. One that is already gone is no error. Reports :class:`LegEnded`."""

    leg: LegId
    cause: EndCause = EndCause.NORMAL


Action = Answer | Say | Ask | Hold | Ring | Bridge | PutOnHold | TakeOffHold | HangUp


def leg_of(action: Action) -> LegId:
    """Return the leg that an action is for; of two that are to hear each other, the first."""
    return action.legs[0] if isinstance(action, Bridge) else action.leg


# --- events ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CallArrived(Event):
    """Somebody rings one of our numbers. All three strings come from outside and are hostile text.

    ``called`` is the dialled number; ``caller`` is what the network says of the caller (``""`` when withheld).
    """

    leg: LegId
    called: str
    caller: str = ""
    display_name: str = ""


@dataclass(frozen=True, kw_only=True)
class LegAdopted(Event):
    """A controller has connected and found this leg alive. ``bridge`` is the bridge it is in, or is held from, if any.

    What was being said or asked on it is lost; music and conversations went on. Whoever does not know the leg takes
    this for its arrival: no ``CallArrived`` follows.
    """

    leg: LegId
    role: LegRole
    called: str = ""
    caller: str = ""
    display_name: str = ""
    bridge: str = ""
    answered: bool = True


@dataclass(frozen=True, kw_only=True)
class Said(Event):
    """A ``Say`` was heard to its end."""

    leg: LegId
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Digits(Event):
    """Digits were pressed: 0–9, ``*`` and ``#``. ``complete`` is false when the time between digits ran out."""

    leg: LegId
    digits: str
    ref: str = ""
    complete: bool = True

    def __repr__(self) -> str:
        return f"Digits(leg={self.leg!r}, ref={self.ref!r}, count={len(self.digits)})"


@dataclass(frozen=True, kw_only=True)
class NoInput(Event):
    """Nothing was pressed in time."""

    leg: LegId
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class LegRinging(Event):
    """A leg that we placed rings."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class LegAnswered(Event):
    """A leg that we placed was answered."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class WhoAnswered(Event):
    """Who answered a leg that was placed with ``listen``, some seconds after :class:`LegAnswered`; once, or never when the
    leg ended or the controller changed meanwhile."""

    leg: LegId
    by: AnsweredBy


@dataclass(frozen=True, kw_only=True)
class LegsBridged(Event):
    """The legs hear each other."""

    bridge: str
    legs: tuple[LegId, ...]


@dataclass(frozen=True, kw_only=True)
class LegEnded(Event):
    """A leg is gone. ``by_us`` when we hung it up."""

    leg: LegId
    cause: EndCause = EndCause.NORMAL
    by_us: bool = False


@dataclass(frozen=True, kw_only=True)
class SwitchConnected(Event):
    """The controller reaches the switch. Comes after the ``LegAdopted`` of each living leg, which ``legs`` lists.

    A leg of ours that is not among them ended while nobody watched.
    """

    switch: str
    legs: tuple[LegId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SwitchLost(Event):
    """The controller no longer reaches the switch; calls on it may still be up."""

    switch: str


COUNTED_EVERY_SECONDS = 5.0
"""How often what is at a switch is counted: who talks with nobody is noticed after two counts."""


@dataclass(frozen=True, kw_only=True)
class LegsCounted(Event):
    """What is at the switch, told every few seconds by one whose events may be lost: a count needs no history.

    ``legs`` were there at ``occurred_at`` and still are; ``bridged`` are those of them that are in a bridge. Events that
    happened before may still be on their way, so only what two counts on end agree on is certain.
    """

    switch: str
    legs: tuple[LegId, ...] = ()
    bridged: tuple[LegId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PhonesCounted(Event):
    """Which telephones can be rung just now: they are registered, and answer when asked. Told about once a second by a
    switch that is watched, and not at all while nobody can tell: of one that cannot tell nothing follows.

    ``phones`` are names at the switch, such as ``agent-asa``.
    """

    switch: str
    phones: frozenset[str] = frozenset()


CallEvent = (
    CallArrived
    | LegAdopted
    | Said
    | Digits
    | NoInput
    | LegRinging
    | LegAnswered
    | WhoAnswered
    | LegsBridged
    | LegEnded
    | SwitchConnected
    | LegsCounted
    | SwitchLost
)
