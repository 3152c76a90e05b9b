"""The report on meetings: count and quality side by side, beside the same season of an earlier year (R75f–R75i)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.language import Language
from meetings import quality_store as store
from meetings.changing import Changing
from meetings.hours import local_day
from meetings.identifying.gate import redacted
from meetings.identifying.model import Known
from meetings.quality import FEWEST_WORDS, NONE, Figures, Offers, OfPlace, Pair, Tally, by_place, figures, together
from meetings.season import Period, require_same_season

MOST_WORDS = 500
"""So many answers are read; of a type at most :data:`SHOWN` are shown."""
SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class OfType:
    """A type of meeting. ``words`` are what citizens answered some days after, without what may tell who anybody is;
    ``unclear`` is how much was told to be unclear in the guidance, ``unclear_answered`` how much of it has an answer."""

    type: str
    label: str
    now: Figures
    before: Figures
    offices: tuple[OfPlace, ...]
    unclear: int
    unclear_answered: int
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it. ``is_over``: the last day of the period has passed; ``is_kept``: nothing of the baseline is forgotten yet. Where
    one of them is not so, the two are not to be compared."""

    period: Period
    baseline: Period
    is_over: bool
    is_kept: bool
    types: tuple[OfType, ...]
    offers: Offers
    offers_before: Offers


class Reporting:
    """Reports on meetings: of types, places and seasons, and never of a person (N1)."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings

    async def report(self, first: date, until: date, *, baseline: tuple[date, date] | None = None) -> Report:
        """Return the report of the days from the first until, not including, the last, on Sweden's calendar.

        The baseline is the same season of the year before, or of the earlier one that is named. Raises
        :class:`PeriodRefusedError`, and :class:`AnotherSeasonError` for a baseline that is of another season, or not earlier.
        """
        period = Period(first, until)
        before = Period(*baseline) if baseline else period.earlier(1)
        require_same_season(period, before)
        not_ours = [one.handler for one in self._meetings.register.handlers.values() if not one.is_ours]
        async with self._meetings.database.reading() as tx:
            counted = [await store.tallies(tx, one, not_ours=not_ours) for one in (period, before)]
            unclear = await store.guidance(tx, period)
            words = await store.words(tx, period, most=MOST_WORDS)
            offers, offers_before = [await store.offered(tx, one) for one in (period, before)]
        places = _places(*counted)
        now = self._meetings.clock.now()
        return Report(
            period=period,
            baseline=before,
            is_over=period.until <= local_day(now),
            is_kept=before.first >= local_day(now - self._meetings.policy.kept),
            types=tuple(
                self._of(kind, places.get(kind, {}), unclear.get(kind, (0, 0)), words.get(kind, ()))
                for kind in self._in_order({*places, *unclear})
            ),
            offers=offers,
            offers_before=offers_before,
        )

    def _of(
        self, kind: str, places: Mapping[str, Pair], unclear: tuple[int, int], words: Sequence[str]
    ) -> OfType:  # fmt: skip
        now, before = together(places.values())
        known = self._meetings.register.types.get(kind)
        asked, answered = unclear
        return OfType(
            type=kind,
            label=known.label[Language.SWEDISH] if known else kind,
            now=figures(now),
            before=figures(before),
            offices=by_place(places),
            unclear=asked,
            unclear_answered=answered,
            words=self._without_names(words[:SHOWN]) if len(words) >= FEWEST_WORDS else (),
        )

    def _without_names(self, words: Iterable[str]) -> tuple[str, ...]:
        handlers = frozenset(one.name for one in self._meetings.register.handlers.values())
        known = Known(names=handlers, large_places=self._meetings.policy.large_places)
        return tuple(redacted(one, known) for one in words)

    def _in_order(self, kinds: Iterable[str]) -> list[str]:
        order = {kind: place for place, kind in enumerate(self._meetings.register.types)}
        return sorted(kinds, key=lambda kind: (order.get(kind, len(order)), kind))


def _places(now: Mapping[store.Place, Tally], before: Mapping[store.Place, Tally]) -> dict[str, dict[str, Pair]]:
    found: dict[str, dict[str, Pair]] = {}
    for kind, place in {*now, *before}:
        found.setdefault(kind, {})[place] = (now.get((kind, place), NONE), before.get((kind, place), NONE))
    return found
