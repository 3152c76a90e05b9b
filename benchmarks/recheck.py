"""What deciding at once is worth: mean wait against app_queue's rule, one poll a second per caller.

60 s calls; the same calls for both. Under app_queue's rule a caller asks on arrival and every second after, and is
served when no more than as many are ahead as there are free agents (``is_our_turn`` with autofill). How much that
costs depends on the load: each call keeps its agent half a second longer, which a busy line feels and an idle one does
not. So the load is that of a busy hour, when two callers in three wait and an agent rests for a second between two
calls (60 s ÷ 0.985 or 0.99); Erlang's formula with 60.5 s calls shows what other loads give. Ours is decided by
``skills_routing.rules.matching`` with the lag that the real line has; half a second more must break the bounds (negative
control). Run: ``make bench NAME=recheck``. The last line is one JSON object.
"""

import argparse
import random
import statistics
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import floor

from benchmarks.lines.measured_lag import decision_seconds, drawn
from benchmarks.lines.report import Bound, ratio, report
from benchmarks.lines.traffic import SWEDISH, mean_wait, poisson, staff
from core.ids import AgentId
from skills_routing.simulation import formulas
from skills_routing.simulation.calls import Call, Ended, Player

HANDLING = 60.0
CASES = {300: (0.985, 0.42, 12, 6), 1000: (0.99, 0.20, 3, 24)}
"""Agents → how busy they are, the bound, and how often and how many hours are played. Polled lines take long to settle."""
OTHER_LOADS = (0.96, 0.98)


@dataclass
class Polled:
    """Calls under app_queue's rule. Only polls that can succeed are looked at: the outcome is the same.

    So many callers, from the front, as there are free agents may go when their next poll comes; whoever may, may for
    good: who goes takes a free agent and leaves a place ahead of nobody else's.
    """

    idle: int
    may_go: int = 0
    others: deque[Call] = field(default_factory=deque)
    events: list[tuple[float, int, Call | None]] = field(default_factory=list)
    planned: int = 0

    def play(self, calls: Iterable[Call]) -> Iterator[Ended]:
        for call in calls:
            while self.events and self.events[0][0] <= call.at:
                now, _, polling = heappop(self.events)
                if polling is None:
                    self.agent_is_free(now)
                else:
                    self.may_go -= 1
                    yield self.serve(now, polling)
            if self.idle > self.may_go:
                yield self.serve(call.at, call)
            else:
                self.others.append(call)

    def agent_is_free(self, now: float) -> None:
        self.idle += 1
        if self.others:
            self.may_go += 1
            call = self.others.popleft()
            self.plan(call.at + floor(now - call.at) + 1, call)

    def serve(self, now: float, call: Call) -> Ended:
        self.idle -= 1
        self.plan(now + call.handling, None)
        return Ended(call, now - call.at, AgentId(""))

    def plan(self, at: float, call: Call | None) -> None:
        self.planned += 1
        heappush(self.events, (at, self.planned, call))


def one_day(seed: int, agents: int, busy: float, rule: str, lags: list[float], hours: float) -> float:
    erlangs = agents * busy
    count, filling = int(hours * 3600 * erlangs / HANDLING), hours * 3600 / 8
    calls = poisson(seed=seed, calls=count, erlangs=erlangs, handling=HANDLING)
    if rule == "polled":
        return mean_wait(Polled(agents).play(calls), after=filling)
    lag = drawn([each + 0.5 * (rule == "late") for each in lags], random.Random(seed).random)
    return mean_wait(Player(staff([SWEDISH] * agents), lag=lag).play(calls), after=filling)


def main(share: float) -> int:
    lags = decision_seconds(300)
    figures: dict[str, float] = {"lag_p50_ms": statistics.median(lags) * 1000}
    bounds: dict[str, Bound] = {}
    for agents, (busy, bound, times, hours) in CASES.items():
        some = range(max(2, round(times * share)))
        ours, theirs = (
            [one_day(seed, agents, busy, rule, lags, hours) for seed in some] for rule in ("ours", "polled")
        )
        late, on_time = (one_day(0, agents, busy, rule, lags, 3) for rule in ("late", "polled"))
        name, erlangs = f"{agents}_agents", agents * busy
        figures |= {f"{name}_busy": busy, f"{name}_calls_each": len(some) * hours * 3600 * erlangs / HANDLING}
        figures |= {f"{name}_ours_seconds": statistics.mean(ours), f"{name}_polled_seconds": statistics.mean(theirs)}
        exact = formulas.mean_wait(agents=agents, erlangs=erlangs, handling=HANDLING)
        figures |= {f"{name}_erlang_seconds": exact, f"{name}_by_erlang": _by_erlang(agents, busy)}
        figures |= {f"{name}_by_erlang_{other}": _by_erlang(agents, other) for other in OTHER_LOADS}
        figures[f"{name}_over_polled"], figures[f"{name}_±"] = ratio(ours, theirs)
        figures[f"{name}_late_over_polled"] = late / on_time
        bounds[f"{name}_over_polled"] = Bound(at_most=bound)
        bounds[f"{name}_late_over_polled"] = Bound(must_fail_at_most=bound)
    return report("recheck", {name: round(value, 4) for name, value in figures.items()}, bounds)


def _by_erlang(agents: int, busy: float) -> float:
    """Return what half a second more for each call would cost, by the formula."""
    erlangs = agents * busy
    polled = formulas.mean_wait(agents=agents, erlangs=erlangs * (HANDLING + 0.5) / HANDLING, handling=HANDLING + 0.5)
    return formulas.mean_wait(agents=agents, erlangs=erlangs, handling=HANDLING) / polled


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--share", type=float, default=1.0)
    sys.exit(main(arguments.parse_args().share))
