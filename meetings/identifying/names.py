"""Finds names of persons, employers, schools and small places: known ones in any form, and whatever looks like one."""

import re
from collections.abc import Iterator, Sequence

from meetings.identifying.disguise import Undisguised
from meetings.identifying.index import Index, index_of, is_a_name_of_many, is_a_town
from meetings.identifying.model import Chunk, Finding, Kind, Known
from meetings.identifying.plain_words import EVERYDAY, HARMLESS, HARMLESS_ENDINGS, MONTHS, PRESENTED

_SPELLED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9][^a-z0-9\[\]]{1,6}){2,}[a-z0-9](?![a-z0-9])")
_SHORTENED = frozenset(["osv", "dvs", "pga", "tom", "mfl", "fom"])
_INITIALS = re.compile(r"\b[A-Z](?:[^A-Za-z0-9\[\]]{1,3}[A-Z]\b)+")
_OF_A_KIND = re.compile(r"-(?:korkort|uppsats|skatt|kort|lag|behorighet)")
"""After one capital letter: B-körkort, C-uppsats."""
_CLOSE = 3
_MOST_PARTS = 5
_MOST_PRESENTED = 3
_LEADING = "\"'“”„‘’«»([-*•–> \t"


def found(read: Undisguised, chunks: Sequence[Chunk], known: Known) -> Iterator[Finding]:
    """Find names in a text that was cut into chunks, in order."""
    index = index_of(known)
    kinds = {place: kind for place, one in enumerate(chunks) if (kind := _kind(read, one, index))}
    kinds |= dict.fromkeys(_presented(read.plain, chunks), Kind.NAME)
    kinds |= _in_parts(read.plain, chunks, index)
    kinds |= _beside(read.plain, chunks, kinds, index)
    yield from (Finding(kind, chunks[place].start, chunks[place].end) for place, kind in kinds.items())
    yield from _letter_by_letter(read, index)


def _kind(read: Undisguised, one: Chunk, index: Index) -> Kind | None:
    begins = _begins_a_sentence(read.plain, one.start)
    word = index.known(one.plain)
    if word and (word not in index.needs_capital or (one.has_capital and not (begins and word in EVERYDAY))):
        return index.kinds[word]
    if one.plain in index.initials and one.has_capital:
        return Kind.NAME
    if is_a_name_of_many(one.plain, has_capital=one.has_capital):
        return Kind.NAME
    if is_a_town(one.plain, allowed=index.allowed):
        return Kind.PLACE
    return Kind.MAYBE_NAME if one.has_capital and not _is_harmless(read, one, index, begins=begins) else None


def _is_harmless(read: Undisguised, one: Chunk, index: Index, *, begins: bool) -> bool:
    words = HARMLESS | EVERYDAY | index.allowed
    if one.plain in words or one.plain in MONTHS or one.plain.removesuffix("s") in HARMLESS | index.allowed:
        return True
    if len(one.plain) == 1 and _OF_A_KIND.match(read.plain, one.end):
        return True
    if one.has_digit:
        return len(one.plain) <= 3 and one.plain[0].isalpha()
    is_written_as_a_word = one.cased[1:] == one.plain[1:]
    return begins and is_written_as_a_word and len(one.plain) > 4 and one.plain.endswith(HARMLESS_ENDINGS)


def _begins_a_sentence(plain: str, start: int) -> bool:
    before = plain[:start].rstrip(_LEADING)
    return not before or before[-1] in ".!?:;\n…]"


def _presented(plain: str, chunks: Sequence[Chunk]) -> Iterator[int]:
    """What comes after ``heter`` and the like is a name, also in small letters."""
    for place, one in enumerate(chunks):
        if one.plain in PRESENTED:
            end = one.end
            for each in range(place + 1, min(place + 1 + _MOST_PRESENTED, len(chunks))):
                following = chunks[each]
                if not _is_close(plain[end : following.start]):
                    break
                end = following.end
                if following.plain in EVERYDAY and following.plain not in {"ar", "is", "var"}:
                    break
                if following.plain not in EVERYDAY:
                    yield each


def _in_parts(plain: str, chunks: Sequence[Chunk], index: Index) -> dict[int, Kind]:
    """Words that are a name when put together: ``Svens son``, ``Sv-en-sson``."""
    found: dict[int, Kind] = {}
    for first in range(len(chunks)):
        joined = chunks[first].plain
        for last in range(first + 1, min(first + _MOST_PARTS, len(chunks))):
            if not _is_close(plain[chunks[last - 1].end : chunks[last].start]):
                break
            joined += chunks[last].plain
            if word := index.exactly(joined):
                found |= dict.fromkeys(range(first, last + 1), index.kinds.get(word, Kind.NAME))
    return found


def _beside(plain: str, chunks: Sequence[Chunk], kinds: dict[int, Kind], index: Index) -> dict[int, Kind]:
    """A letter with a capital, or a short name, belongs to the name that it stands beside: ``A. Svensson``, ``bo lind``."""
    found: dict[int, Kind] = {}
    for place, kind in kinds.items():
        for beside in (place - 1, place + 1):
            if 0 <= beside < len(chunks) and beside not in kinds and kind in {Kind.NAME, Kind.MAYBE_NAME, Kind.PLACE}:
                left, right = sorted((chunks[place], chunks[beside]), key=lambda one: one.start)
                one = chunks[beside]
                is_initial = len(one.plain) == 1 and (one.has_capital or plain[one.end : one.end + 1] == ".")
                is_short_name = index.known(one.plain) in index.needs_capital and one.plain not in EVERYDAY
                between = plain[left.end : right.start]
                is_more_of_it = one.has_capital and beside > place and between in {" ", "-"}
                if _is_close(between) and (is_initial or is_short_name or is_more_of_it):
                    found[beside] = Kind.NAME
    return found


def _letter_by_letter(read: Undisguised, index: Index) -> Iterator[Finding]:
    for one in _SPELLED.finditer(read.plain):
        joined = re.sub(r"[^a-z0-9]", "", one[0])
        if not joined.isdigit() and (joined not in _SHORTENED or index.exactly(joined)):
            yield Finding(Kind.NAME, one.start(), one.end())
    for one in _INITIALS.finditer(read.cased):
        yield Finding(Kind.NAME, one.start(), one.end())
    for one in re.finditer(r"\b([a-z])[^a-z0-9\[\]]{1,3}([a-z])\b", read.plain):
        if one[1] + one[2] in index.initials and "." in one[0]:
            yield Finding(Kind.NAME, one.start(), one.end())


def _is_close(between: str) -> bool:
    return len(between) <= _CLOSE and "[" not in between and "]" not in between and "…" not in between
