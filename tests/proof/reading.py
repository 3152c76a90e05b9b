"""What each rule reads a history with: lines of a kind, and when so little went on that time says nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Line = Mapping[str, Any]
Skills = Mapping[str, Mapping[str, int]]

SLOW = 1.0
"""Seconds beyond which an answer took long. What is looked for now and then takes several answers on end: where each
takes more than this it is later than :data:`SLACK` allows, and no rule of the line is broken."""
SLACK = 5.0
"""Seconds by which what is only looked for now and then may be late."""


@dataclass(frozen=True)
class Violation:
    """One thing that must never happen, and where to look."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def of(lines: Iterable[Line], *kinds: str) -> Iterator[Line]:
    return (line for line in lines if line["kind"] in kinds)


def slow(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """When answers took long: a machine with too much to do heals nothing in time, and that proves nothing."""
    spans = [(line["a"], line["t"]) for line in lines if line.get("a") and line["t"] - line["a"] > SLOW]
    merged: list[tuple[float, float]] = []
    for begin, end in sorted([*spans, *stood_still(lines)]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def stood_still(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """When Redis stood still: no time passes in it then."""
    spans, begun = [], 0.0
    for line in of(lines, "fault"):
        if line["what"] == "redis_still":
            begun = line["t"]
        elif line["what"] == "redis_again":
            spans.append((begun, line["t"]))
    return spans


def shared(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
