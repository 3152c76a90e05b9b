"""What the meetings room tells: what became of a meeting, of its kallelse, its preparation and what follows on it.

No fact says where or when: the place of a protected person's meeting never leaves this room (I-27).
"""

from dataclasses import dataclass

from core.events import Event
from core.ids import ContactId
from meetings.model import MeetingId


@dataclass(frozen=True, kw_only=True)
class MeetingBooked(Event):
    """A time with all its parts is committed; now it may be said."""

    meeting: MeetingId
    contact: ContactId | None


@dataclass(frozen=True, kw_only=True)
class MeetingMoved(Event):
    """A booked meeting has another time, place or mode; ``sequence`` counts its moves, ``by`` is who moved it."""

    meeting: MeetingId
    contact: ContactId | None
    sequence: int
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class MeetingCancelled(Event):
    """A booked meeting is no longer wanted; ``by`` is ``citizen``, the agent or the system."""

    meeting: MeetingId
    contact: ContactId | None
    by: str


@dataclass(frozen=True, kw_only=True)
class MeetingMissed(Event):
    """The citizen did not come."""

    meeting: MeetingId
    contact: ContactId | None


@dataclass(frozen=True, kw_only=True)
class MeetingDone(Event):
    """A meeting took place and was closed; ``has_document`` tells whether the documentation was handed over."""

    meeting: MeetingId
    contact: ContactId | None
    has_document: bool


@dataclass(frozen=True, kw_only=True)
class KallelseMade(Event):
    """A kallelse was written: for each change of time one (``sequence``), ``method`` as in RFC 5546."""

    meeting: MeetingId
    contact: ContactId | None
    sequence: int
    method: str


@dataclass(frozen=True, kw_only=True)
class DocumentHandedOver(Event):
    """An edition of the documentation can be read by the citizen on their own page, and a text is to say so."""

    meeting: MeetingId
    edition: int


@dataclass(frozen=True, kw_only=True)
class PreparationGiven(Event):
    """The citizen has answered questions of the kallelse, or given or withdrawn a consent."""

    meeting: MeetingId
    contact: ContactId | None


@dataclass(frozen=True, kw_only=True)
class BriefReleased(Event):
    """A brief without a name, consented to and signed, may be read by the partner."""

    meeting: MeetingId
    brief: str


@dataclass(frozen=True, kw_only=True)
class ContactMeetingDue(Event):
    """Before day 90 a personal handler has the task to offer a contact meeting (R70)."""

    task: str


@dataclass(frozen=True, kw_only=True)
class ContactMeetingAnswered(Event):
    """The citizen wants a contact meeting, or does not; either is fine (R72)."""

    task: str
    wants: bool


@dataclass(frozen=True, kw_only=True)
class GuidanceUnclear(Event):
    """An agent has told that the guidance on meetings is unclear (R75j)."""

    question: str
