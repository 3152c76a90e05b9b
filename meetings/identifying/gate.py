"""The gate: what must go out of a text before anybody outside the agency reads it. What it cannot tell stays out (N8)."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from meetings.identifying import names, numbers, places, reaching
from meetings.identifying.disguise import undisguised
from meetings.identifying.model import Chunk, Finding, Kind, Known

MARK = "[…]"
"""Stands for whatever has gone out."""

_CHUNK = re.compile(r"[0-9a-z]+")
_UNREADABLE = re.compile(r"(?:[^\W_a-z0-9]|[^\w\s!-/:-@\[-`{-~…«»“”„‘’´°€£§¨·×±])+")
_ORDER = {kind: place for place, kind in enumerate(Kind)}


def findings(text: str, known: Known) -> Sequence[Finding]:
    """Return everything in a text that may tell who somebody is, in order, nothing of it twice."""
    read = undisguised(text)
    chunks = [
        Chunk(one[0], read.cased[one.start() : one.end()], one.start(), one.end())
        for one in _CHUNK.finditer(read.plain)
    ]
    found = chain(
        reaching.found(read.plain),
        places.streets(read.plain, chunks),
        numbers.found(read.plain, chunks),
        names.found(read, chunks, known),
        (Finding(Kind.UNCLEAR, one.start(), one.end()) for one in _UNREADABLE.finditer(read.plain)),
    )
    return _in_order(Finding(one.kind, *read.span(one.start, one.end)) for one in found)


def redacted(text: str, known: Known) -> str:
    """Return a text without anything that is found in it; in what it returns nothing is found."""
    while found := findings(text, known):
        for one in reversed(found):
            text = text[: one.start] + MARK + text[one.end :]
    return text


def _in_order(found: Iterable[Finding]) -> list[Finding]:
    merged: list[Finding] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        if merged and one.start < merged[-1].end:
            last = merged.pop()
            kind = min(last.kind, one.kind, key=_ORDER.__getitem__)
            merged.append(Finding(kind, last.start, max(last.end, one.end)))
        else:
            merged.append(one)
    return merged
