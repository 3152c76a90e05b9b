"""How near agents with two or three skills come to agents who can do everything, and what our decision lag costs.

6 kinds of calls, 90 agents, 84 erlang, 180 s calls, decided by ``skills_routing.rules.matching`` in virtual time; the same
calls for all. The lag is measured on the real line in Valkey; half a second more must break its bound, and agents with
one skill each that of those with two and three (negative controls). What a lag costs is told over the same calls without it, whose mean wait is Erlang's value but for chance
(``full_pooling_over_erlang``); a plain mean would have to be of a hundred times as many calls to tell 2 %.
Run: ``make bench NAME=pooling``; ``--batches 40`` for narrower intervals. The last line is one JSON object.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable
from itertools import combinations

from benchmarks.lines.measured_lag import decision_seconds, drawn
from benchmarks.lines.report import Bound, ratio, report
from benchmarks.lines.traffic import mean_wait, poisson, staff
from skills_routing.model import Agent, Need, Requirement, Skills
from skills_routing.simulation import formulas
from skills_routing.simulation.calls import Player

KINDS = ("foralder", "sjuk", "bostad", "funktionsnedsattning", "allmant", "arabiska")
AGENTS, ERLANGS, HANDLING = 90, 84.0, 180.0
CALLS, FILLING = 12_000, 3600.0
NEEDS = [Requirement(frozenset({Need(kind, 1)})) for kind in KINDS]


def evenly(size: int) -> list[Agent]:
    """90 agents with so many skills each, every combination as often as any other, and every skill equally."""
    sets = [Skills(tuple((kind, 3) for kind in some)) for some in combinations(KINDS, size)]
    if AGENTS % len(sets):  # 20 threes do not divide 90: ten of them in which every pair of skills comes twice do
        sets = [Skills(tuple((KINDS[place], 3) for place in some)) for some in _TEN_THREES]
    return staff(sets * (AGENTS // len(sets)))


_TEN_THREES = ((0, 1, 2), (0, 1, 3), (0, 2, 4), (0, 3, 5), (0, 4, 5), (1, 2, 5), (1, 3, 4), (1, 4, 5), (2, 3, 4),
               (2, 3, 5))  # fmt: skip


def one_batch(seed: int, agents: list[Agent], lag: Callable[[], float] = lambda: 0.0) -> float:
    calls = poisson(seed=seed, calls=CALLS, erlangs=ERLANGS, handling=HANDLING, requirements=NEEDS)
    return mean_wait(Player(agents, lag=lag).play(calls), after=FILLING)


def main(batches: int) -> int:
    seeds = range(batches)
    lags = decision_seconds(300)
    chance = random.Random(1).random
    waits = {size: [one_batch(seed, evenly(size)) for seed in seeds] for size in (6, 3, 2, 1)}
    late = [one_batch(seed, evenly(6), drawn(lags, chance)) for seed in seeds]
    later = [one_batch(seed, evenly(6), lambda: 0.5 + lags[0]) for seed in seeds]
    figures: dict[str, object] = {"calls_each": batches * CALLS, "full_pooling_seconds": statistics.mean(waits[6])}
    exact = formulas.mean_wait(agents=AGENTS, erlangs=ERLANGS, handling=HANDLING)
    figures |= {"erlang_seconds": exact, "full_pooling_over_erlang": statistics.mean(waits[6]) / exact}
    figures["lag_p50_ms"] = statistics.median(lags) * 1000
    figures["lag_p99_ms"] = statistics.quantiles(lags, n=100)[98] * 1000
    for name, some in {
        "two_skills": waits[2],
        "three_skills": waits[3],
        "one_skill": waits[1],
    }.items():
        figures[f"{name}_over_pooling"], figures[f"{name}_±"] = ratio(some, waits[6])
    for name, some in {"lag": late, "late": later}.items():
        figures[f"{name}_over_erlang"], figures[f"{name}_±"] = ratio(some, waits[6])
    bounds = {
        "two_skills_over_pooling": Bound(at_most=1.27),
        "three_skills_over_pooling": Bound(at_most=1.08),
        "one_skill_over_pooling": Bound(must_fail_at_most=1.27),
        "lag_over_erlang": Bound(at_most=1.02),
        "late_over_erlang": Bound(must_fail_at_most=1.02),
    }
    return report("pooling", {name: round(float(value), 4) for name, value in figures.items()}, bounds)  # type: ignore[arg-type]


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--batches", type=int, default=24)
    sys.exit(main(arguments.parse_args().batches))
