"""Times as a page shows them: by day, each with what stands for it in a form, in the language of whoever reads. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from babel.dates import format_date, format_time

from core.clock import STOCKHOLM
from core.language import Language

Words = Mapping[str, str]
"""What a page says, by name."""
Span = tuple[datetime, datetime]
"""From when until when."""

_CLOCK = {Language.SWEDISH: "H.mm", Language.ENGLISH: "H:mm"}


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


def days(spans: Iterable[Span], words: Words, language: Language, *, chosen: datetime | None = None) -> Sequence[Day]:
    """Return times by day, in order, each but once; ``chosen`` is when the chosen one begins."""
    return [
        Day(name, [_choice(one, words, language, chosen=one[0] == chosen) for one in times])
        for name, times in groupby(sorted(set(spans)), key=lambda one: day(one[0], language))
    ]


def value_of(at: datetime) -> str:
    """Return what stands for the time that begins then in a form: its seconds since 1970."""
    return str(int(at.timestamp()))


def day(at: datetime, language: Language) -> str:
    """Write a day: torsdag 26 november."""
    return format_date(at.astimezone(STOCKHOLM).date(), "EEEE d MMMM", locale=language.value)


def clock(at: datetime, language: Language) -> str:
    """Write a time of day."""
    return format_time(at.astimezone(STOCKHOLM).time(), _CLOCK.get(language, "H:mm"), locale=language.value)


def from_until(span: Span, language: Language) -> dict[str, str]:
    """Return both ends of a time as fields of a sentence: ``from`` and ``until``."""
    return {"from": clock(span[0], language), "until": clock(span[1], language)}


def _choice(span: Span, words: Words, language: Language, *, chosen: bool) -> TimeChoice:
    return TimeChoice(value_of(span[0]), words["time"].format(**from_until(span, language)), chosen)
