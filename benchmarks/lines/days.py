"""Simulated working days: three benefits and two languages, peaks, breaks, people who hang up, and callbacks."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from benchmarks.lines.traffic import staff
from skills_routing.model import Agent, Need, Requirement, Skills
from skills_routing.simulation.calls import NEVER, Break, Call

HOUR = 3600.0
OPENS, CLOSES = 0.0, 8 * HOUR
PATIENCE, SAMPLED = 20 * 60.0, 0.06
"""People hang up after 20 minutes on average; of some we want to know how long they would have waited."""


@dataclass(frozen=True)
class Kind:
    """One sort of calls: how many an hour, and how long they take (seconds; the spread is that of the logarithm)."""

    requirement: Requirement
    per_hour: float
    handling: float
    spread: float = 0.7

    def seconds(self, chance: random.Random) -> float:
        return chance.lognormvariate(log(self.handling) - self.spread**2 / 2, self.spread)


def _needs(benefit: str, language: str = "svenska") -> Requirement:
    return Requirement(frozenset({Need(benefit, 1), Need(language, 1)}))


FORALDER, SJUK, BOSTAD = _needs("foralder"), _needs("sjuk"), _needs("bostad")
KINDS = {
    "foralder": Kind(FORALDER, 150, 330),
    "sjuk": Kind(SJUK, 140, 420),
    "bostad": Kind(BOSTAD, 60, 480),
    "engelska": Kind(_needs("foralder", "engelska"), 15, 540),
}
USUAL = (0.9, 1.15, 1.1, 1.0, 0.9, 1.0, 0.95, 0.75)
"""How much of the usual comes in each hour of the day."""
PEAKS = {
    "payment day": {"foralder": (1.5, 1.8, 1.3, 1.1, 1.0, 1.0, 1.0, 1.0)},
    "sick-leave morning": {"sjuk": (1.9, 1.6, 1.2, 1.0, 1.0, 1.0, 1.0, 1.0)},
    "usual": {},
}


def agents() -> list[Agent]:
    """42 agents, most with two benefits, some with English."""
    pairs = [("foralder", "sjuk")] * 14 + [("foralder", "bostad")] * 10 + [("sjuk", "bostad")] * 8 + [("sjuk",)] * 10
    return staff(
        Skills((*((benefit, 3) for benefit in some), ("svenska", 5), *([("engelska", 4)] if place % 6 == 0 else [])))
        for place, some in enumerate(pairs)
    )


def breaks(team: Sequence[Agent], seed: int) -> list[Break]:
    """A lunch and two pauses each, at times of one's own; one agent in ten goes home ill at noon."""
    chance, found = random.Random(f"breaks {seed}"), []
    for agent in team:
        for hour, minutes in ((1 + chance.random(), 15), (3 + 2 * chance.random(), 30), (6 + chance.random(), 15)):
            found.append(Break(agent.id, hour * HOUR, hour * HOUR + minutes * 60))
        if chance.random() < 0.1:
            found = [one for one in found if one.agent != agent.id or one.ends < 4 * HOUR]
            found.append(Break(agent.id, 4 * HOUR, CLOSES + 2 * HOUR))
    return found


def calls(seed: int, day: str) -> list[Call]:
    """All calls of a day. One in twelve comes back as a callback half an hour to an hour later, at its first place."""
    chance, found = random.Random(f"calls {seed}"), []
    for name, kind in KINDS.items():
        for at in _arrivals(kind.per_hour, PEAKS[day].get(name, (1.0,) * 8), chance):
            patience = NEVER if chance.random() < SAMPLED else chance.expovariate(1 / PATIENCE)
            since = at
            if chance.random() < 1 / 12:
                at += chance.uniform(0.5, 1.0) * HOUR
                patience = NEVER
            found.append(Call(at, kind.requirement, kind.seconds(chance), patience, at - since))
    return sorted(found, key=lambda call: call.at)


def _arrivals(per_hour: float, peak: Sequence[float], chance: random.Random) -> Iterator[float]:
    for hour, (usual, more) in enumerate(zip(USUAL, peak, strict=True)):
        at = hour * HOUR
        while (at := at + chance.expovariate(per_hour * usual * more / HOUR)) < (hour + 1) * HOUR:
            yield at
