"""Finds streets and what belongs to them: a number, a stairwell, a letter box, who else lives there."""

import re
from collections.abc import Iterator, Sequence

from meetings.identifying.model import Chunk, Finding, Kind
from meetings.identifying.plain_words import NO_STREETS, STREETS

_NUMBER = re.compile(r"[^a-z0-9\[\]\n]{0,3}(?:nr[^a-z0-9]{0,2})?[0-9]{1,4}(?:[a-z]\b|\s[a-h]\b)?")
_BESIDE = re.compile(
    r"\bc\s?[/.]?\s?o\b[^a-z0-9\[\]\n]{1,3}[a-z]+(?:[^a-z0-9\[\]\n]{1,2}[a-z]+)?"
    r"|\b(?:box|lgh|lagenhet|uppg|uppgang|trapphus|vaning|van|port)\b[^a-z0-9\[\]\n]{0,3}[0-9]+"
)
_BEFORE = re.compile(r"[a-z]+[^a-z0-9\[\]\n]{1,2}$")


def streets(plain: str, chunks: Sequence[Chunk]) -> Iterator[Finding]:
    """Find addresses in a text in small letters."""
    for one in chunks:
        end = _ends_as_a_street(one.plain)
        number = _NUMBER.match(plain, one.end) if end else None
        is_a_name = end and len(one.plain) > len(end) + 1 and one.plain not in NO_STREETS
        if is_a_name or number:
            before = None if is_a_name else _BEFORE.search(plain[: one.start])
            start = before.start() if before else one.start
            yield Finding(Kind.ADDRESS, start, number.end() if number else one.end)
    for found in _BESIDE.finditer(plain):
        yield Finding(Kind.ADDRESS, found.start(), found.end())


def _ends_as_a_street(word: str) -> str:
    """A letter twice where it stands once changes nothing: ``storgattan``."""
    return next((end for end in _ENDS if _squeezed(word).endswith(end)), "")


def _squeezed(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


_ENDS = tuple(_squeezed(end) for end in STREETS)
