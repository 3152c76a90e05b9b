"""What we write to citizens, from the file that an operator edits; errors name the file and the text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated

from babel.dates import format_date
from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigurationError
from core.language import Language
from sms.answer_times import IN_WORDS
from sms.answers import LONGEST_NAME, MOST_PHRASES, NameOf, Phrase, Value
from sms.dialogue import OPTIONS
from sms.gsm import Encoding, Written, written
from sms.model import Policy
from storage.edited_file import Faults, read_edited

FILE = "config/sms.yaml"
MEETINGS = (
    "meeting_booked", "meeting_booked_phone", "meeting_moved", "meeting_cancelled", "meeting_reminder", "meeting_missed",
    "meeting_document", "meeting_follow_up", "follow_up_thanks", "meeting_where", "meeting_times", "meeting_new_times", "meeting_taken",
    "meeting_which", "meeting_sure", "meeting_kept", "meeting_none_booked", "meeting_none_free",
)  # fmt: skip
NAMES = (
    "place_kept", "callback_given_up", "promised", "promised_from_now", "promised_already", "not_possible", "stopped",
    "started", "help", "other", "question_over", "meeting", "nothing_done", "content", "content_more", "how_to_ask",
    "not_allowed", "shared", "cannot_see", "confirm_number", "number_bound", "number_not_asked", "not_mine", "forgotten",
    "notify", "notify_on", "notice_payment_set", "notice_payment_changed", "notice_decision", "notice_missing",
    "notice_callback", "human", "human_soon", "human_waiting", "thanks", "cut_off", *MEETINGS,
)  # fmt: skip
PHRASES = (
    "payment", "payment_amount", "payment_no_day", "no_payment", "case_received", "case_received_until",
    "case_in_progress", "case_in_progress_until", "case_needs_more", "case_decided", "case_decided_on", "no_case",
    "when_turn", "when_open", "when_time", "meeting_time", "place_phone", "place_video",
)  # fmt: skip
"""Sentences of which ``content`` and ``content_more`` are made; how it is said when we ring (``WHEN``), and where we meet."""

PLACES = frozenset(name for name in PHRASES if name.startswith("place_"))
WHEN = tuple(name for name in PHRASES if name.startswith("when_"))

UNNAMED = {Language.SWEDISH: "din ersättning", Language.ENGLISH: "your benefit"}
"""How a benefit is called whose name is not to be in a text."""

_LOCALES = {Language.SWEDISH: "sv_SE", Language.ENGLISH: "en_GB"}
_LONGEST_DATE = {Language.SWEDISH: "onsdag 30 september", Language.ENGLISH: "Wednesday 30 September"}
_LONGEST_TIME = f"{_LONGEST_DATE[Language.ENGLISH]} at 23.59"
LONGEST_PLACE = 40
"""A place with a longer name than this is called by the address alone, or by a part of it."""
LONGEST_VALUES = {
    "until": "23.59", "number": "0771-524 524", "benefit": "m" * LONGEST_NAME, "amount": "10 000 000",
    "date": max(_LONGEST_DATE.values(), key=len),
    "at": "23.59", "place": "m" * LONGEST_PLACE, "direct": "070-174 06 61",
    "one": _LONGEST_TIME, "two": _LONGEST_TIME, "three": _LONGEST_TIME,
    "starts": "23.59", "ends": "23.59", "code": "000 000", "tries": "10",
    "within": max((words for each in IN_WORDS.values() for words in each.values()), key=len),
}  # fmt: skip
"""The longest that each value becomes; the number of segments is checked with these."""

MOST_SEGMENTS = 2
MORE_SEGMENTS = {"content_more": 3}
"""What may be longer than other texts: it tells as much as there is to tell, and how to hear the rest."""

_VALUE = re.compile(r"\{([^{}]*)\}")
_FORBIDDEN = re.compile(r"https?:|www\.|[0-9]{4,}")

_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Many = Annotated[int, Field(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class Template:
    """A text that agents begin with, by what they call it."""

    label: str
    of: Mapping[Language, str]


@dataclass(frozen=True)
class Texts:
    """Every text in every language, and how texts are sent."""

    of: Mapping[str, Mapping[Language, str]]
    policy: Policy
    phrases: Mapping[str, Mapping[Language, str]]
    templates: Mapping[str, Template]

    def write(self, name: str, language: Language, values: Mapping[str, str]) -> Written:
        """Return a text in a language with its values put in; values that it does not name are left out."""
        template = self.of[name][language]
        return written(_filled(template, values))

    def lines(self, told: Sequence[Phrase], language: Language, *, names: NameOf) -> str:
        """Return phrases as they are written one after the other."""
        return " ".join(
            _filled(self.phrases[one.name][language], in_words(one.values, language, names=names)) for one in told
        )


def in_words(values: Mapping[str, Value], language: Language, *, names: NameOf) -> dict[str, str]:
    """Return values as they are written: days with their weekday, kronor in thousands, benefits by name or without."""
    return {name: _in_words(name, value, language, names) for name, value in values.items()}


def _in_words(name: str, value: Value, language: Language, names: NameOf) -> str:
    if isinstance(value, date):
        return str(format_date(value, "EEEE d MMMM", locale=_LOCALES[language]))
    if name == "benefit":
        return names(str(value)) or UNNAMED[language]
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else value


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _VALUE.sub(lambda found: values[found.group(1)], template)


def stands_alone(texts: Texts, name: str) -> bool:
    """Tell whether a text can be sent to anybody at any time: it exists, and holds no value but our own number."""
    return (
        all(set(_VALUE.findall(text)) <= {"number"} for text in texts.of[name].values()) if name in texts.of else False
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Quiet(_Part):
    starts: _Clock = Field(alias="from")
    until: _Clock


class _Caps(_Part):
    number_per_day: _Many
    range_per_hour: _Many
    all_per_hour: _Many


class _Dialogue(_Part):
    question_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    thread_hours: Annotated[int, Field(ge=1, le=7 * 24)] = 24
    binding_days: Annotated[int, Field(ge=1, le=400)]


class _Template(_Part):
    label: Annotated[str, Field(min_length=1, max_length=60)]
    sv: str
    en: str


class _File(_Part):
    quiet_hours: _Quiet
    caps: _Caps
    kept_days: Annotated[int, Field(ge=1, le=3650)] = 180
    dialogue: _Dialogue
    phrases: dict[str, dict[Language, str]]
    texts: dict[str, dict[Language, str]]
    templates: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], _Template]


def load_texts(text: str) -> Texts:
    """Read the file; raises :class:`ConfigurationError` with all that is wrong."""
    file = read_edited(_File, text, file=FILE)
    faults = Faults()
    for part, known, said in (("phrases", PHRASES, file.phrases), ("texts", NAMES, file.texts)):
        for name in sorted({*known, *said}):
            if name not in known or name not in said:
                what = "this text is missing" if name in known else "no text has this name"
                faults.add(FILE, f"{part}.{name}", what)
    faults.refuse()
    for name in PHRASES:
        _check("phrases", name, file.phrases[name], LONGEST_VALUES, faults)
    faults.refuse()
    longest = LONGEST_VALUES | {"lines": longest_lines(file.phrases), "when": longest_when(file.phrases)}
    for name in NAMES:
        _check("texts", name, file.texts[name], longest, faults)
    templates = {
        name: Template(one.label, {Language.SWEDISH: one.sv, Language.ENGLISH: one.en})
        for name, one in file.templates.items()
    }
    for name, one in templates.items():
        _check("templates", name, one.of, {"number": LONGEST_VALUES["number"]}, faults)
    faults.refuse()
    policy = Policy(
        quiet_from=time.fromisoformat(file.quiet_hours.starts),
        quiet_until=time.fromisoformat(file.quiet_hours.until),
        kept=timedelta(days=file.kept_days),
        question_lapses=timedelta(minutes=file.dialogue.question_minutes),
        thread_holds=timedelta(hours=file.dialogue.thread_hours),
        binding_holds=timedelta(days=file.dialogue.binding_days),
        **file.caps.model_dump(),
    )
    if policy.quiet_from <= policy.quiet_until:
        raise ConfigurationError(f"{FILE}: quiet_hours: they must begin in the evening and end in the morning")
    return Texts(file.texts, policy, file.phrases, templates)


def longest_lines(phrases: Mapping[str, Mapping[Language, str]]) -> str:
    """Return the longest that all that is told in one text can become."""
    every = [_filled(text, LONGEST_VALUES) for texts in phrases.values() for text in texts.values()]
    return " ".join([max(every, key=len)] * MOST_PHRASES)


def longest_when(phrases: Mapping[str, Mapping[Language, str]]) -> str:
    """Return the longest that it can become to say when we ring."""
    return max((_filled(text, LONGEST_VALUES) for name in WHEN for text in phrases[name].values()), key=len)


def _check(part: str, name: str, languages: Mapping[Language, str], longest: Mapping[str, str], faults: Faults) -> None:
    for language in Language:
        place = f"{part}.{name}.{language}"
        template = languages.get(language)
        if not template:
            faults.add(FILE, place, "this text is missing")
            continue
        unknown = [value for value in _VALUE.findall(template) if value not in longest]
        if unknown:
            faults.add(FILE, place, f"there is no value {unknown[0]!r}")
            continue
        if _FORBIDDEN.search(template):
            faults.add(FILE, place, "a text holds no link, and no number but {number}")
        _check_options(name, template, place, faults)
        _check_length(name, written(_filled(template, longest)), place, faults)


def _check_options(name: str, template: str, place: str, faults: Faults) -> None:
    said = {int(digit) for digit in re.findall(r"\b[1-9]\b", _VALUE.sub("", template))}
    wanted = set(range(1, len(OPTIONS.get(name, ())) + 1))
    if not wanted <= said:
        faults.add(FILE, place, f"it has to say what each of {', '.join(map(str, sorted(wanted)))} means")


def _check_length(name: str, longest: Written, place: str, faults: Faults) -> None:
    most = MORE_SEGMENTS.get(name, MOST_SEGMENTS)
    if longest.encoding is not Encoding.GSM_7:
        faults.add(FILE, place, "it has a character that makes the whole text cost twice as much")
    elif longest.segments > most:
        faults.add(FILE, place, f"it needs {longest.segments} segments; at most {most} are allowed")
