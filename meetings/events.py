"""What the meetings room tells: a meeting was booked, moved, cancelled or missed.

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
    """A booked meeting has another time, place or mode; ``sequence`` counts its moves."""

    meeting: MeetingId
    contact: ContactId | None
    sequence: int


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
