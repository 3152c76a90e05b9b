"""What one line over several switches is worth: mean wait against a queue of its own on each switch.

50 agents on each switch, nine tenths busy, so that a third of the callers of a separate queue wait; 180 s calls; the
same calls for both, decided by ``skills_routing.rules.matching`` in virtual time. The gain depends on the load: Erlang's
formula shows how, also at the load of ``pooling``, where it gives 0.322 and 0.047. Half a second of lag on the one line
must break each bound (negative control). Run: ``make bench NAME=nodes``. The last line is one JSON object.
"""

import argparse
import random
import statistics
import sys

from benchmarks.lines.report import Bound, ratio, report
from benchmarks.lines.traffic import SWEDISH, mean_wait, poisson, staff
from skills_routing.simulation import formulas
from skills_routing.simulation.calls import Call, Player

AGENTS, HANDLING = 50, 180.0
BUSY = 0.9
OTHERS = {"50_agents_0.88": (50, 0.88), "50_agents_0.92": (50, 0.92), "90_agents_84_erlang": (90, 84 / 90)}
BOUNDS = {2: 0.32, 5: 0.05}
CALLS, FILLING = 6_000, 1800.0
"""So many calls on each switch in a batch; the first half-hour fills the line."""


def calls_of(seed: int, switches: int, busy: float) -> tuple[list[Call], list[list[Call]]]:
    """Calls for the whole country, and the same split by chance over the switches."""
    every = list(
        poisson(seed=(seed, switches), calls=CALLS * switches, erlangs=AGENTS * busy * switches, handling=HANDLING)
    )
    chance, split = random.Random(seed), [[] for _ in range(switches)]  # type: list[list[Call]]
    for call in every:
        chance.choice(split).append(call)
    return every, split


def one_line(calls: list[Call], switches: int, lag: float = 0.0) -> float:
    agents = staff([SWEDISH] * (AGENTS * switches))
    return mean_wait(Player(agents, lag=lambda: lag).play(calls), after=FILLING)


def apart(split: list[list[Call]]) -> float:
    each = [(mean_wait(Player(staff([SWEDISH] * AGENTS)).play(calls), after=FILLING), len(calls)) for calls in split]
    return sum(wait * count for wait, count in each) / sum(count for _wait, count in each)


def main(batches: int) -> int:
    figures: dict[str, float] = {"busy": BUSY}
    bounds: dict[str, Bound] = {}
    for switches, bound in BOUNDS.items():
        some = [calls_of(seed, switches, BUSY) for seed in range(batches)]
        together = [one_line(every, switches) for every, _split in some]
        separate = [apart(split) for _every, split in some]
        name = f"{switches}_switches"
        figures |= {f"{name}_one_line_seconds": statistics.mean(together)}
        figures |= {f"{name}_apart_seconds": statistics.mean(separate)}
        figures[f"{name}_ratio"], figures[f"{name}_±"] = ratio(together, separate)
        figures[f"{name}_by_erlang"] = _by_erlang(switches, AGENTS, BUSY)
        figures |= {f"{name}_by_erlang_{load}": _by_erlang(switches, *one) for load, one in OTHERS.items()}
        bounds[f"{name}_ratio"] = Bound(at_most=bound)
        late = [one_line(every, switches, 0.5) for every, _split in some]
        figures[f"{name}_late_ratio"], _ = ratio(late, separate)
        bounds[f"{name}_late_ratio"] = Bound(must_fail_at_most=bound)
    return report("nodes", {name: round(value, 4) for name, value in figures.items()}, bounds)


def _by_erlang(switches: int, agents: int, busy: float) -> float:
    together = formulas.mean_wait(agents=agents * switches, erlangs=agents * busy * switches, handling=HANDLING)
    return together / formulas.mean_wait(agents=agents, erlangs=agents * busy, handling=HANDLING)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--batches", type=int, default=30)
    sys.exit(main(arguments.parse_args().batches))
