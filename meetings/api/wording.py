"""What the citizen's page says of a meeting."""

from collections.abc import Sequence

from citizen_pages import times
from core.language import Language
from core.phone import grouped
from meetings.model import Free, Meeting, State
from meetings.policy import About
from meetings.register import Authority, Handler, Mode, Register

PAGE = "/mote"
"""Where the page of a meeting is."""
INVITATIONS = "/boka-mote"
"""Where the page of an invitation to book one is."""
Facts = Sequence[tuple[str, Sequence[str]]]
"""What a meeting is, by heading: one line or several each."""

_OVER = {State.CANCELLED: "cancelled", State.DONE: "done", State.MISSED: "missed"}


def days(free: Sequence[Free], words: times.Words, language: Language, *, now_at: Meeting) -> Sequence[times.Day]:
    """Return times by day, the one that is booked among them."""
    spans = [(one.starts_at, one.ends_at) for one in free] + [(now_at.starts_at, now_at.ends_at)]
    return times.days(spans, words, language, chosen=now_at.starts_at)


def when(row: Meeting, words: times.Words, language: Language) -> str:
    """Say when a meeting is."""
    clock = times.from_until((row.starts_at, row.ends_at), language)
    return words[f"when_{row.mode}"].format(day=times.day(row.starts_at, language), minutes=minutes(row), **clock)


def facts(row: Meeting, register: Register, about: About | None, words: times.Words, language: Language) -> Facts:
    """Say where it is, whom one meets, how long it is and what to bring. Not for somebody who is protected."""
    told: list[tuple[str, Sequence[str]]] = []
    office = register.offices.get(row.office)
    if row.mode is Mode.PHYSICAL and office is not None:
        access = [words[one] for one in sorted(office.features) if one in words]
        told.append((words["place"], [office.name, office.address]))
        told += [(words["access"], [", ".join(access)])] if access else []
    if row.mode is Mode.VIDEO:
        told.append((words["how_video"], [words["how_video_text"]]))
    host = host_of(row, register)
    told += [(words["whom"], [host.name])] if host else []
    told.append((words["length"], [words["length_text"].format(minutes=minutes(row))]))
    if row.parts.interpreter:
        told.append((words["interpreter"], [words["interpreter_text"]]))
    if about is not None and about.bring and row.mode is Mode.PHYSICAL:
        told.append((words["bring"], [about.bring[language]]))
    told += [(words["direct"], [words["direct_text"].format(number=grouped(host.number))])] if host else []
    return told


def host_of(row: Meeting, register: Register) -> Handler | None:
    """Return who of ours holds a meeting: it is their number that the citizen has (N6)."""
    handlers = (register.handlers.get(one) for one in row.parts.staff)
    ours = [one for one in handlers if one is not None and one.authority is Authority.FORSAKRINGSKASSAN]
    return ours[0] if ours else None


def minutes(row: Meeting) -> int:
    """Return how long a meeting is."""
    return int((row.ends_at - row.starts_at).total_seconds() // 60)


def over(row: Meeting) -> str:
    """Return the first half of the keys of the words for a meeting that is no more."""
    return _OVER.get(row.state, "over")
