"""Finds numbers that may be somebody's: in figures, in words, in groups, with letters that stand for digits.

It lets through what says nothing of who somebody is: a number of at most three figures, a year, years one after the
other, a span such as 3-4, a half. All else goes out: personnummer, telephones, dates, postcodes, numbers of cases.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meetings.identifying.model import Chunk, Finding, Kind
from meetings.identifying.plain_words import ENDINGS_OF_NUMBERS, MONTHS, NUMBER_WORDS

_AS_DIGITS = str.maketrans("oilszbgq", "01152896")
_FIGURES_AND_LETTERS = re.compile(r"[0-9oilszbgq]+")
_ENDED = re.compile(r"([0-9]{1,4})([a-z]+)")
_LABEL = re.compile(r"[a-z]+[0-9]{1,2}")
_ALL_LETTERS = re.compile(r"o+|[oil]{2,}")
_IN_WORDS = re.compile(f"(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})+")
_ONE_WORD = re.compile("|".join(sorted(NUMBER_WORDS, key=len, reverse=True)))
_JOINING = frozenset(
    [
        "och",
        "and",
        "streck",
        "bindestreck",
        "punkt",
        "plus",
        "komma",
        "mellanslag",
        "sen",
        "sedan",
        "dubbel",
        "dash",
        "snedstreck",
    ]
)
_BORN = re.compile(r"(?:\bfod\w*|\bf[.]|\bborn|\bbirth\w*|\barsmodell|\bargang)[^0-9\n]{0,25}$")
_FAR = 6
_CLOSE_WORDS = 3


@dataclass(frozen=True)
class _Number:
    """A number in a text: what it is in figures (nothing when it is in words), how many figures, and where."""

    figures: str
    digits: int
    start: int
    end: int
    is_suspicious: bool = False

    @property
    def is_year(self) -> bool:
        return len(self.figures) == 4 and 1950 <= int(self.figures) <= 2049

    @property
    def is_small(self) -> bool:
        return bool(self.figures) and len(self.figures) <= 3 and (self.figures == "0" or self.figures[0] != "0")


Run = list[_Number]


def found(plain: str, chunks: Sequence[Chunk]) -> Iterator[Finding]:
    """Find numbers that may be somebody's, in a text in small letters."""
    runs = list(_runs(plain, chunks))
    bad = [not _is_harmless(run, plain) for run in runs]
    for run, is_bad in zip(runs, bad, strict=True):
        is_beside = any(
            _is_close(run, other, chunks)
            for other, other_is_bad in zip(runs, bad, strict=True)
            if other_is_bad and other is not run
        )
        if is_bad or (is_beside and not all(one.is_year or not one.figures for one in run)):
            yield Finding(_kind(run, plain), _with_plus(plain, run[0].start), run[-1].end)
    yield from _dates(plain, chunks)


def _runs(plain: str, chunks: Sequence[Chunk]) -> Iterator[Run]:
    """Yield numbers that stand together, as the groups of one number do."""
    run: Run = []
    last_end, joined = 0, 0
    for place, one in enumerate(chunks):
        is_far = bool(run) and not _is_gap(plain[last_end : one.start])
        number = _number(one, plain, is_beside=bool(run) and not is_far or _is_before_digits(chunks, place))
        if run and one.plain in _JOINING and not is_far and joined < 2:
            joined, last_end = joined + 1, one.end
            continue
        if run and (number is None or is_far):
            yield run
            run = []
        if number is not None:
            run.append(number)
        last_end, joined = one.end, 0
    if run:
        yield run


def _is_gap(between: str) -> bool:
    return len(between) <= _FAR and "[" not in between and "]" not in between


def _is_before_digits(chunks: Sequence[Chunk], place: int) -> bool:
    following = chunks[place + 1] if place + 1 < len(chunks) else None
    return following is not None and following.has_digit and following.start - chunks[place].end <= 2


def _number(one: Chunk, plain: str, *, is_beside: bool) -> _Number | None:
    word = one.plain
    if word.isdigit():
        return _Number(word, len(word), one.start, one.end)
    if not one.has_digit:
        return _in_letters(one, is_beside=is_beside)
    ended = _ENDED.fullmatch(word)
    if ended and ended[2] in ENDINGS_OF_NUMBERS:
        return _Number(ended[1], len(ended[1]), one.start, one.end)
    figures = sum(char.isdigit() for char in word)
    if _FIGURES_AND_LETTERS.fullmatch(word) and (figures * 2 >= len(word) or is_beside):
        return _Number(word.translate(_AS_DIGITS), len(word), one.start, one.end, is_suspicious=len(word) > 3)
    if _LABEL.fullmatch(word):
        return None
    return _Number("", figures, one.start, one.end, is_suspicious=True)


def _in_letters(one: Chunk, *, is_beside: bool) -> _Number | None:
    if _IN_WORDS.fullmatch(one.plain):
        digits = sum(NUMBER_WORDS[word] for word in _ONE_WORD.findall(one.plain) if word in NUMBER_WORDS)
        return _Number("", digits, one.start, one.end)
    if is_beside and _ALL_LETTERS.fullmatch(one.plain):
        return _Number(one.plain.translate(_AS_DIGITS), len(one.plain), one.start, one.end)
    return None


def _is_harmless(run: Run, plain: str) -> bool:
    if any(one.is_suspicious for one in run) or _BORN.search(plain[max(0, run[0].start - 40) : run[0].start]):
        return False
    if all(one.is_year for one in run):
        return True
    if len(run) == 1:
        return run[0].is_small or not run[0].figures
    if len(run) > 2:
        return False
    first, second = run
    if not first.figures or not second.figures:
        return first.digits + second.digits <= 5 and not (first.figures + second.figures).startswith("0")
    return _is_span(first, second, plain[first.end : second.start])


def _is_span(first: _Number, second: _Number, between: str) -> bool:
    how = re.sub(r"[ %]", "", between)
    if how in {",", "."} and between == how and len(first.figures) <= 2 and len(second.figures) == 1:
        return True  # 7,5
    if {first.is_year, second.is_year} == {True, False}:
        small = second if first.is_year else first
        return small.is_small and len(small.figures) <= 2 and bool(re.match(r"[.,;:)]*\s", between))
    is_growing = first.is_small and second.is_small and int(first.figures) <= int(second.figures)
    return is_growing and how in {"-", "och", "and"}


def _is_close(run: Run, other: Run, chunks: Sequence[Chunk]) -> bool:
    """Tell whether few words stand between two: the groups of one number may be told with words in between."""
    left, right = sorted((run, other), key=lambda one: one[0].start)
    return sum(left[-1].end <= one.start and one.end <= right[0].start for one in chunks) <= _CLOSE_WORDS


def _kind(run: Run, plain: str) -> Kind:
    figures = "".join(one.figures for one in run)
    if _BORN.search(plain[max(0, run[0].start - 40) : run[0].start]):
        return Kind.DATE
    if len(figures) in {10, 12} and not figures.startswith(("07", "00", "46")):
        return Kind.PERSONAL_NUMBER
    if figures.startswith(("0", "46")) and len(figures) >= 7:
        return Kind.PHONE
    return Kind.NUMBER


def _with_plus(plain: str, start: int) -> int:
    return start - 1 if plain[start - 1 : start] == "+" else start


def _dates(plain: str, chunks: Sequence[Chunk]) -> Iterator[Finding]:
    """Days beside a month: ``12 mars``, ``den tolfte mars``, ``March 12th``. A month with a year stays."""
    for place, one in enumerate(chunks):
        if one.plain in MONTHS:
            before = [each for each in chunks[max(0, place - 2) : place] if one.start - each.end <= 12]
            after = [each for each in chunks[place + 1 : place + 2] if each.start - one.end <= 3]
            days = [each for each in (*before, *after) if _is_day(each)]
            if days:
                end = max(one.end, days[-1].end)
                year = next((each for each in chunks[place + 1 : place + 3] if each.start >= end), None)
                is_year = year is not None and year.plain.isdigit() and year.start - end <= 3
                yield Finding(Kind.DATE, min(one.start, days[0].start), year.end if year and is_year else end)


def _is_day(one: Chunk) -> bool:
    ended = _ENDED.fullmatch(one.plain)
    figures = ended[1] if ended else one.plain
    in_words = bool(_IN_WORDS.fullmatch(one.plain)) and one.plain not in {"ett", "en"}
    return (figures.isdigit() and len(figures) <= 3) or in_words
