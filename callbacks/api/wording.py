"""What the citizen's page says, in each language, and how it writes days and hours."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from babel.dates import format_date, format_time

from callbacks.model import Callback, CallbackState, Period
from core.clock import STOCKHOLM
from core.language import Language

Words = Mapping[str, str]
_CLOCK = {Language.SWEDISH: "H.mm", Language.ENGLISH: "H:mm"}


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


def days(free: Sequence[Period], words: Words, language: Language, *, chosen: Period | None) -> Sequence[Day]:
    """Return times by day, the chosen one among them."""
    offered = sorted({*free, *([chosen] if chosen else [])}, key=lambda one: one.starts_at)
    return [
        Day(name, [_choice(one, words, language, chosen=one == chosen) for one in times])
        for name, times in groupby(offered, key=lambda one: day(one.starts_at, language))
    ]


def when(promise: Callback, words: Words, language: Language) -> str:
    """Say when we will ring."""
    if promise.attempts and promise.next_at is not None:
        return words["again"].format(day=day(promise.next_at, language), **{"from": clock(promise.next_at, language)})
    if promise.told is None:
        return words["in_line"]
    return words["at_time" if promise.slot else "in_line_told"].format(
        day=day(promise.told.starts_at, language), **_span(promise.told, language)
    )


def over(promise: Callback) -> str:
    """Return the first half of the keys of the words for a promise that cannot be changed."""
    return {CallbackState.CANCELLED: "cancelled", CallbackState.KEPT: "kept", CallbackState.TAKEN: "taken"}.get(
        promise.state, "failed"
    )


def day(at: datetime, language: Language) -> str:
    """Write a day: torsdag 26 november."""
    written = "EEEE d MMMM"
    return format_date(at.astimezone(STOCKHOLM).date(), written, locale=language.value)


def clock(at: datetime, language: Language) -> str:
    """Write a time of day."""
    return format_time(at.astimezone(STOCKHOLM).time(), _CLOCK.get(language, "H:mm"), locale=language.value)


def _choice(one: Period, words: Words, language: Language, *, chosen: bool) -> TimeChoice:
    return TimeChoice(value_of(one.starts_at), words["time"].format(**_span(one, language)), chosen)


def _span(period: Period, language: Language) -> dict[str, str]:
    return {"from": clock(period.starts_at, language), "until": clock(period.ends_at, language)}
