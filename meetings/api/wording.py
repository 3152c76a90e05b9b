"""What the citizen's page says of a meeting, in each language, and how it writes days and hours."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from babel.dates import format_date, format_time

from core.clock import STOCKHOLM
from core.language import Language
from core.phone import grouped
from meetings.model import Free, Meeting, State
from meetings.policy import About
from meetings.register import Authority, Handler, Mode, Register

Words = Mapping[str, str]
Facts = Sequence[tuple[str, Sequence[str]]]
"""What a meeting is, by heading: one line or several each."""

_CLOCK = {Language.SWEDISH: "H.mm", Language.ENGLISH: "H:mm"}
_OVER = {State.CANCELLED: "cancelled", State.DONE: "done", State.MISSED: "missed"}


def load_words() -> Mapping[Language, Words]:
    """This function will read the words of every language from the files beside it."""
    folder = Path(__file__).parent / "words"
    return {Language(file.stem): tomllib.loads(file.read_text("utf-8")) for file in folder.glob("*.toml")}


@dataclass(frozen=True)
class TimeChoice:
    """One time that can be chosen; ``value`` stands for it in the form."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Day:
    """The times of one day."""

    name: str
    times: Sequence[TimeChoice]

    @property
    def is_chosen(self) -> bool:
        """Whether the chosen time is on this day."""
        return any(one.chosen for one in self.times)


def value_of(at: datetime) -> str:
    """Return what stands for the time that begins then in a form: its seconds since 1970."""
    return str(int(at.timestamp()))


def days(free: Sequence[Free], words: Words, language: Language, *, now_at: Meeting) -> Sequence[Day]:
    """Return times by day, the one that is booked among them."""
    spans = {(one.starts_at, one.ends_at) for one in free} | {(now_at.starts_at, now_at.ends_at)}
    return [
        Day(name, [_choice(*span, words, language, chosen=span[0] == now_at.starts_at) for span in times])
        for name, times in groupby(sorted(spans), key=lambda span: day(span[0], language))
    ]


def when(row: Meeting, words: Words, language: Language) -> str:
    """Say when a meeting is."""
    said = {"day": day(row.starts_at, language), "minutes": minutes(row), **_span(row.starts_at, row.ends_at, language)}
    return words[f"when_{row.mode}"].format(**said)


def facts(row: Meeting, register: Register, about: About | None, words: Words, language: Language) -> Facts:
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


def day(at: datetime, language: Language) -> str:
    """Write a day: torsdag 26 november."""
    return format_date(at.astimezone(STOCKHOLM).date(), "EEEE d MMMM", locale=language.value)


def clock(at: datetime, language: Language) -> str:
    """Write a time of day."""
    return format_time(at.astimezone(STOCKHOLM).time(), _CLOCK.get(language, "H:mm"), locale=language.value)


def _choice(starts_at: datetime, ends_at: datetime, words: Words, language: Language, *, chosen: bool) -> TimeChoice:
    return TimeChoice(value_of(starts_at), words["time"].format(**_span(starts_at, ends_at, language)), chosen)


def _span(starts_at: datetime, ends_at: datetime, language: Language) -> dict[str, str]:
    return {"from": clock(starts_at, language), "until": clock(ends_at, language)}
