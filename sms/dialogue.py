"""Short dialogues: a question of ours with numbers to answer by. Nothing waits for an answer. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sms.keywords import Keyword, is_thanks, understood

ANYTHING_ELSE = (Keyword.PAYMENT, Keyword.STATUS, Keyword.CALL, Keyword.HUMAN)
YES_OR_NO = (Keyword.CALL, Keyword.NOTHING)
TIMES = (Keyword.TIME_1, Keyword.TIME_2, Keyword.TIME_3, Keyword.OTHER_TIMES, Keyword.CALL)

OPTIONS: Mapping[str, tuple[Keyword, ...]] = {
    "help": ANYTHING_ELSE,
    "other": ANYTHING_ELSE,
    "question_over": ANYTHING_ELSE,
    "meeting": YES_OR_NO,
    "confirm_number": (Keyword.YES_MINE, Keyword.NOT_MINE),
    "notify": (Keyword.ON_PAYMENT, Keyword.ON_DECISION, Keyword.ON_MISSING, Keyword.ON_CALLBACK),
    "meeting_times": TIMES,
    "meeting_new_times": TIMES,
    "meeting_taken": TIMES,
    "meeting_which": (Keyword.TIME_1, Keyword.TIME_2),
    "meeting_sure": (Keyword.SURE, Keyword.NOT_SURE),
}
"""The texts that ask something → what ``1``, ``2`` … mean as answers to them. Which times are meant is ours to keep."""

FREE: Mapping[str, timedelta] = {"meeting_follow_up": timedelta(days=3)}
"""The texts that ask for own words → for how long whatever is written is an answer to them."""

POSTCODE = "meeting_where"
"""The text that asks for a postcode."""
ASK = frozenset({*OPTIONS, *FREE, POSTCODE})
_COMMANDS = frozenset({Keyword.STOP, Keyword.START, Keyword.FORGET, Keyword.CALL, Keyword.HUMAN, Keyword.HELP})
_FEW_WORDS = 2
"""In own words one of ours may stand by chance ("beslut"); alone it is meant, and a command always is."""

_YES = frozenset({"ja", "japp", "jo", "ok", "okej", "yes", "y", "j"})
_NO = frozenset({"nej", "no", "n"})
_NUMBERS = {"ett": 1, "en": 1, "one": 1, "tva": 2, "two": 2, "tre": 3, "three": 3, "fyra": 4, "four": 4}
TWO = 2
_LONGEST = 24
"""An answer by number is short; a longer text with a number in it is about something else."""


@dataclass(frozen=True)
class Question:
    """What we last asked a number: the name of the text, and when."""

    name: str
    asked_at: datetime

    def is_open(self, *, at: datetime, lapses_after: timedelta) -> bool:
        """Tell whether an answer by number, or in own words, still means this question."""
        lapses_after = FREE.get(self.name, lapses_after)
        return self.name in ASK and self.asked_at <= at < self.asked_at + lapses_after


def meant(text: str, question: Question | None, *, at: datetime, lapses_after: timedelta) -> Keyword:
    """Return what a text asks for, as an answer to ``question`` if it is one and that still stands; bears any text.

    A word of ours begins afresh, but not where it stands among own words that were asked for. ``TOO_LATE``: it is a number or a yes, and no question stands open.
    """
    keyword = understood(text)
    is_open = question is not None and question.is_open(at=at, lapses_after=lapses_after)
    if question is not None and is_open and question.name in FREE:
        return _in_own_words(text, keyword)
    if keyword is not Keyword.OTHER:
        return keyword
    if question is not None and is_open and question.name == POSTCODE:
        return Keyword.THANKS if is_thanks(text) else Keyword.POSTCODE
    options = OPTIONS[question.name] if question is not None and is_open else ()
    chosen = choice(text, of=len(options) or TWO)
    if chosen is None:
        return Keyword.THANKS if is_thanks(text) else Keyword.OTHER
    if not options:
        return Keyword.THANKS if is_thanks(text) else Keyword.TOO_LATE
    return options[chosen - 1] if chosen <= len(options) else Keyword.OTHER


def _in_own_words(text: str, keyword: Keyword) -> Keyword:
    is_word = keyword is not Keyword.OTHER and len(text.split()) <= _FEW_WORDS
    if is_word or keyword in _COMMANDS:
        return keyword
    return Keyword.THANKS if is_thanks(text) else Keyword.OWN_WORDS


def choice(text: str, *, of: int) -> int | None:
    """Return the number that a text answers by, from 1; ``None`` when it is no such answer.

    Where there are two (``of``) to choose from, yes is the first and no the second.
    """
    if len(text) > _LONGEST:
        return None
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in apart if unicodedata.category(char)[0] not in "CM")
    digits = re.findall(r"[0-9]+", letters)
    words = re.findall(r"[a-z]+", letters)
    if digits:
        alone = len(digits) == 1 and re.fullmatch(r"[1-9]", digits[0])
        return int(digits[0]) if alone else None
    if not words:
        return None
    if of == TWO and words[0] in _YES | _NO:
        return 1 if words[0] in _YES else 2
    return _NUMBERS.get(words[0]) if len(words) == 1 else None
