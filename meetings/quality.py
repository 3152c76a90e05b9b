"""How many meetings there were and how good they were, always side by side (R75f), and never of a person (N1). Pure.

What few have held would tell how each of them does. So an office whose meetings fewer than :data:`FEWEST` have held is counted
together with others like it, and where a whole type is held by so few only the number of meetings is told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from statistics import median

from core.ids import AgentId
from meetings.day_counting import OWN_WORK

FEWEST = 5
"""So many must have held meetings before it is told how good they were."""
FEWEST_WORDS = 5
"""So many must have answered before their words are shown: with fewer it is soon clear who says what."""

ELSEWHERE = ""
"""Stands for all places that are too small to be shown, and for where protected persons are met (I-27)."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of meetings. ``booked``: to come, or not closed yet; ``same_day``: the documentation was in the citizen's
    hand on the day of the meeting (R66); ``prepared``: a question was answered before it (R65)."""

    booked: int = 0
    held: int = 0
    missed: int = 0
    cancelled: int = 0
    moves: int = 0
    documented: int = 0
    same_day: int = 0
    prepared: int = 0
    asked: int = 0
    answered: int = 0
    held_by: frozenset[AgentId] = frozenset()

    def __add__(self, other: "Tally") -> "Tally":
        """Return both together."""
        numbers = (one.name for one in fields(Tally) if one.name != "held_by")
        together = {name: getattr(self, name) + getattr(other, name) for name in numbers}
        return Tally(**together, held_by=self.held_by | other.held_by)

    @property
    def is_nobodys(self) -> bool:
        """Whether so many have held them that it tells of none of them; also when there were none."""
        return not self.held_by or len(self.held_by) >= FEWEST


NONE = Tally()


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Shares from 0 to 1, ``None`` of nothing: who came; got the documentation, on the same day; had answered questions
    before; and of those who were asked afterwards, answered."""

    came: float | None
    documented: float | None
    documented_same_day: float | None
    prepared: float | None
    followed_up: float | None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Count and quality together; ``quality`` is ``None`` where too few have held the meetings to tell it."""

    held: int
    missed: int
    cancelled: int
    booked: int
    moves: int
    quality: Quality | None


@dataclass(frozen=True, kw_only=True)
class OfPlace:
    """The figures of an office, now and in the same season before; ``office`` is empty for the small ones together."""

    office: str
    now: Figures
    before: Figures


Pair = tuple[Tally, Tally]
"""Now, and the same season before."""


def figures(tally: Tally) -> Figures:
    """Return what may be told of these meetings."""
    came = tally.held + tally.missed
    quality = Quality(
        came=_share(tally.held, came),
        documented=_share(tally.documented, tally.held),
        documented_same_day=_share(tally.same_day, tally.held),
        prepared=_share(tally.prepared, came),
        followed_up=_share(tally.answered, tally.asked),
    )
    return Figures(
        held=tally.held,
        missed=tally.missed,
        cancelled=tally.cancelled,
        booked=tally.booked,
        moves=tally.moves,
        quality=quality if tally.is_nobodys else None,
    )


def by_place(found: Mapping[str, Pair]) -> tuple[OfPlace, ...]:
    """Return the places that may be shown, and last the others together; nothing when that would be one row for all.

    Whoever knows the whole can subtract what is shown. So what is left is large enough, too, or a place more goes into it.
    """
    shown = {place: pair for place, pair in found.items() if place != ELSEWHERE and _may_be_shown(pair)}
    rest = [pair for place, pair in found.items() if place not in shown]
    while rest and shown and not _may_be_shown(together(rest)):
        smallest = min(shown, key=lambda place: (_people(shown[place]), place))
        rest.append(shown.pop(smallest))
    if not shown:
        return ()
    rows = [*sorted(shown.items()), *([(ELSEWHERE, together(rest))] if rest else [])]
    return tuple(OfPlace(office=place, now=figures(now), before=figures(before)) for place, (now, before) in rows)


def together(pairs: Iterable[Pair]) -> Pair:
    """Return many as one."""
    now, before = NONE, NONE
    for one, other in pairs:
        now, before = now + one, before + other
    return now, before


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What became of the tasks that handlers were given in a period (R70–R72): ``told`` of their possibilities, so many of
    them before day 90, and the median of days from the task to the offer. ``None`` where it would be of too few handlers."""

    given: int
    told: int
    said_yes: int
    said_no: int
    told_before_day_90: float | None
    median_days: float | None


def offers(*, given: int, yes: int, no: int, told: Iterable[tuple[int, int | None, int]], handlers: int) -> Offers:
    """Return what may be told of tasks. ``told``: on which day of the sick leave, how many days after the task, how often."""
    in_time, days, many = 0, Counter[int](), 0
    for day, after, times in told:
        many += times
        in_time += times if day < OWN_WORK else 0
        if after is not None:
            days[after] += times
    may_be_told = handlers == 0 or handlers >= FEWEST
    return Offers(
        given=given,
        told=many,
        said_yes=yes,
        said_no=no,
        told_before_day_90=_share(in_time, many) if may_be_told else None,
        median_days=float(median(days.elements())) if days and may_be_told else None,
    )


def _may_be_shown(pair: Pair) -> bool:
    return all(one.is_nobodys for one in pair)


def _people(pair: Pair) -> int:
    return min((len(one.held_by) for one in pair if one.held_by), default=0)


def _share(some: int, of_all: int) -> float | None:
    return round(some / of_all, 3) if of_all else None
