"""How soon whoever writes has had a person's first words lately: what is said of it to the next one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from core.clock import STOCKHOLM
from core.language import Language

LOOK_BACK = timedelta(days=28)
FEWEST = 20
"""Of fewer nobody can say what is usual."""

USUALLY = 0.8
_ALIKE = timedelta(hours=2)
_DAY = timedelta(days=1)
_FIRST_OF_WEEKEND = 5

IN_WORDS: Mapping[timedelta, Mapping[Language, str]] = MappingProxyType(
    {
        timedelta(hours=1): {Language.SWEDISH: "en timme", Language.ENGLISH: "an hour"},
        timedelta(hours=2): {Language.SWEDISH: "två timmar", Language.ENGLISH: "two hours"},
        timedelta(hours=4): {Language.SWEDISH: "fyra timmar", Language.ENGLISH: "four hours"},
        timedelta(hours=8): {Language.SWEDISH: "åtta timmar", Language.ENGLISH: "eight hours"},
        timedelta(days=1): {Language.SWEDISH: "ett dygn", Language.ENGLISH: "a day"},
    }
)
"""The times that are said, the shortest first; a longer one is not."""


@dataclass(frozen=True)
class Answered:
    """When somebody wrote whom a person was to answer, and when that person's first words went; ``None``: not yet."""

    asked_at: datetime
    first_words_at: datetime | None

    def within(self, span: timedelta) -> bool:
        """Tell whether the first words came so soon."""
        return self.first_words_at is not None and self.first_words_at - self.asked_at <= span


def usually_within(lately: Sequence[Answered], *, at: datetime) -> timedelta | None:
    """Return the shortest of the times that are said within which four of five were answered; ``None``: nothing is sure.

    Only those count who wrote at about this hour of such a day, so that nobody is told at night what holds by day; and for
    each time those only who wrote so long ago that it is known of all of them, the unanswered ones too.
    """
    alike = [one for one in lately if _is_alike(one.asked_at, at)]
    for span in IN_WORDS:
        known = [one for one in alike if one.asked_at <= at - span]
        if len(known) < FEWEST:
            return None
        if sum(one.within(span) for one in known) >= USUALLY * len(known):
            return span
    return None


def _is_alike(asked_at: datetime, at: datetime) -> bool:
    then, now = asked_at.astimezone(STOCKHOLM), at.astimezone(STOCKHOLM)
    if (then.weekday() < _FIRST_OF_WEEKEND) != (now.weekday() < _FIRST_OF_WEEKEND):
        return False
    apart = abs(_since_midnight(then) - _since_midnight(now))
    return min(apart, _DAY - apart) <= _ALIKE


def _since_midnight(local: datetime) -> timedelta:
    return timedelta(hours=local.hour, minutes=local.minute)
