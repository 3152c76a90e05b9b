"""What other systems are shown of meetings and free times: no person, and of a protected one no place either (I-27)."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from meetings.model import Free, Meeting, State
from meetings.register import Mode


class Shown(BaseModel):
    """Something that is shown; it is made once and not changed."""

    model_config = ConfigDict(frozen=True)


class TimeShown(Shown):
    """A time that can be booked: from ``starts_at`` until, not including, ``ends_at``."""

    starts_at: datetime
    ends_at: datetime
    office: str
    mode: Mode


class MeetingShown(Shown):
    """A meeting. ``office``, ``handlers`` and ``room`` are empty where they must not be told."""

    meeting: str
    type: str
    state: State
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    office: str
    handlers: list[str]
    room: str
    language: str
    held_until: datetime | None
    moves: int
    version: int


def time_shown(one: Free) -> TimeShown:
    """Return what is shown of a free time."""
    return TimeShown(starts_at=one.starts_at, ends_at=one.ends_at, office=one.office, mode=one.mode)


def shown(one: Meeting) -> MeetingShown:
    """Return what is shown of a meeting."""
    place = (
        {"office": "", "handlers": [], "room": ""}
        if one.is_protected
        else {"office": one.office, "handlers": list(one.parts.staff), "room": one.parts.room or ""}
    )
    plain = ("meeting", "type", "state", "mode", "starts_at", "ends_at", "language", "held_until", "version")
    return MeetingShown(**{name: getattr(one, name) for name in plain}, **place, moves=one.sequence)
