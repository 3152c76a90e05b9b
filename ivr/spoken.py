"""How dates, times, amounts, numbers and digits are said, in Swedish and English. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from num2words import num2words

from core.clock import STOCKHOLM
from core.language import Language

_WEEKDAYS = {
    Language.SWEDISH: ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    Language.ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    Language.SWEDISH: (
        *("januari", "februari", "mars", "april", "maj", "juni"),
        *("juli", "augusti", "september", "oktober", "november", "december"),
    ),
    Language.ENGLISH: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_DIGITS = {
    Language.SWEDISH: ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio"),
    Language.ENGLISH: ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


@dataclass(frozen=True)
class Kronor:
    """An amount in whole kronor."""

    amount: int


@dataclass(frozen=True)
class DigitGroups:
    """Digits to be said one by one, with a pause between groups: ``070-174 06 05``."""

    text: str

    def __repr__(self) -> str:
        return "DigitGroups()"


@dataclass(frozen=True)
class Name:
    """The name of something in the configuration, such as a benefit, by its id."""

    id: str


@dataclass(frozen=True)
class Weekday:
    """A day of the week; Monday is 0."""

    number: int


@dataclass(frozen=True)
class Minutes:
    """A number of minutes; ``bare`` when another one with the word follows: ``between five and ten minutes``."""

    count: int
    bare: bool = False


@dataclass(frozen=True)
class Between:
    """A span of time as one speaks of it at an instant: ``i dag mellan klockan fjorton och femton``.

    One that ends when it begins is a moment: ``i dag klockan fjorton``.
    """

    starts_at: datetime
    ends_at: datetime
    said_at: datetime


Value = str | int | date | time | Kronor | DigitGroups | Name | Weekday | Minutes | Between
"""What may be put into a wording; :class:`Name` is looked up by the wording itself."""


@lru_cache(maxsize=4096)
def cardinal(number: int, language: Language) -> str:
    """Say a count: ``ettusen tvåhundrafemtio``."""
    words = str(num2words(number, lang=language.value)).replace(",", "")
    words = words.replace("etttusen", "ettusen")  # Swedish writes no consonant three times
    return words.replace("förti", "fyrti")  # num2words has "förtio", which nobody writes


@lru_cache(maxsize=64)
def ordinal(number: int, language: Language) -> str:
    """Say a place in an order: ``tjugofjärde``."""
    return str(num2words(number, lang=language.value, to="ordinal"))


def spoken_date(on: date, language: Language) -> str:
    """Say a day without its year: ``torsdag den tjugofjärde december``."""
    weekday, month = _WEEKDAYS[language][on.weekday()], _MONTHS[language][on.month - 1]
    day = ordinal(on.day, language)
    return f"{weekday} den {day} {month}" if language is Language.SWEDISH else f"{weekday} the {day} of {month}"


def spoken_time(at: time, language: Language) -> str:
    """Say a time of day: ``klockan tio och trettio``, ``ten thirty in the morning``."""
    if language is Language.SWEDISH:
        past = f" och {cardinal(at.minute, language)}" if at.minute else ""
        return f"klockan {cardinal(at.hour, language)}{past}"
    if (at.hour, at.minute) == (12, 0):
        return "twelve noon"
    past = f" {'oh ' if at.minute < 10 else ''}{cardinal(at.minute, language)}" if at.minute else ""
    part = "morning" if at.hour < 12 else "afternoon" if at.hour < 18 else "evening"
    return f"{cardinal((at.hour - 1) % 12 + 1, language)}{past} in the {part}"


def spoken_between(span: Between, language: Language) -> str:
    """Say a span of time: ``i morgon mellan klockan åtta och nio``, ``today between two and three in the afternoon``."""
    starts, ends = (at.astimezone(STOCKHOLM) for at in (span.starts_at, span.ends_at))
    day = _spoken_day(starts.date(), span.said_at.astimezone(STOCKHOLM).date(), language)
    if starts == ends:
        at = spoken_time(starts.time(), language)
        return f"{day} {at}" if language is Language.SWEDISH else f"{day} at {at}"
    if language is Language.SWEDISH:
        return f"{day} mellan klockan {_on_the_clock(starts.time())} och {_on_the_clock(ends.time())}"
    first, last = spoken_time(starts.time(), language), spoken_time(ends.time(), language)
    part = last.partition(" in the ")[2]
    return f"{day} between {first.removesuffix(f' in the {part}') if part else first} and {last}"


def _spoken_day(on: date, today: date, language: Language) -> str:
    near = {today: ("i dag", "today"), today + timedelta(days=1): ("i morgon", "tomorrow")}
    if on in near:
        return near[on][0 if language is Language.SWEDISH else 1]
    return spoken_date(on, language) if language is Language.SWEDISH else f"on {spoken_date(on, language)}"


def _on_the_clock(at: time) -> str:
    """Say a time as timetables are read, so that ``och`` is left for between two of them: ``fjorton noll fem``."""
    hour, minute = (cardinal(count, Language.SWEDISH) for count in (at.hour, at.minute))
    return hour if not at.minute else f"{hour} {'noll ' if at.minute < 10 else ''}{minute}"


def spoken_amount(amount: Kronor, language: Language) -> str:
    """Say an amount: ``ettusen tvåhundrafemtio kronor``, ``en krona``, ``tjugoen kronor``."""
    return f"{_common_gender(amount.amount, language)} {'krona' if amount.amount == 1 else 'kronor'}"


def spoken_minutes(minutes: Minutes, language: Language) -> str:
    """Say a time: ``en minut``, ``tjugoen minuter``, ``five minutes``; only the number when it is bare."""
    words, one = _common_gender(minutes.count, language), minutes.count == 1
    if minutes.bare:
        return words
    if language is Language.SWEDISH:
        return f"{words} {'minut' if one else 'minuter'}"
    return f"{words} {'minute' if one else 'minutes'}"


def _common_gender(number: int, language: Language) -> str:
    """Say a count of something that is ``en`` in Swedish."""
    words = cardinal(number, language)
    if language is Language.SWEDISH and number % 10 == 1 and number % 100 != 11:
        return words.removesuffix("ett") + "en"
    return words


def spoken_digits(groups: DigitGroups, language: Language) -> str:
    """Say digits one by one, group by group: ``noll sju noll, ett sju fyra, noll sex, noll fem``."""
    names = _DIGITS[language]
    parts = re.findall(r"[0-9]+", groups.text)
    return ", ".join(" ".join(names[int(digit)] for digit in part) for part in parts)


def spoken(value: Value, language: Language) -> str:
    """Say a value as its kind is said; text is taken as it is."""
    match value:
        case str():
            return value
        case Name():
            return value.id
        case int():
            return cardinal(value, language)
        case Kronor():
            return spoken_amount(value, language)
        case DigitGroups():
            return spoken_digits(value, language)
        case Minutes():
            return spoken_minutes(value, language)
        case date() | time() | Weekday() | Between():
            return _spoken_when(value, language)


def _spoken_when(value: date | time | Weekday | Between, language: Language) -> str:
    match value:
        case Between():
            return spoken_between(value, language)
        case date():
            return spoken_date(value, language)
        case time():
            return spoken_time(value, language)
        case Weekday():
            return _WEEKDAYS[language][value.number]
