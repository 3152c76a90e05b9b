"""How good the forecast of waiting time is, against what theory allows and what other systems say.

First a plain line (Erlang's, 20 agents, 18 erlang), where the best possible guess is known: place × mean ÷ agents.
Then twenty days with three benefits, two languages, a payment-day peak, a sick-leave morning, breaks, people who hang
up and callbacks; a part of those who begin to wait is asked. A forecast that does not see a third of the agents must
break the bound of the plain line and that of the days (negative controls). How long it takes to foresee everybody at once is told too.
Run: ``make bench NAME=wait_estimate``; ``--days 5`` is shorter. The last line is one JSON object.
"""

import argparse
import random
import statistics
import sys
from datetime import timedelta
from itertools import cycle
from time import process_time

from benchmarks.lines.days import KINDS, PATIENCE, PEAKS, agents, breaks, calls
from benchmarks.lines.report import Bound, report
from benchmarks.lines.traffic import ANYBODY, SWEDISH, poisson, staff
from benchmarks.lines.watched import Day, Memory, Said
from core.ids import AgentId, ContactId
from skills_routing.forecast.forecast import AgentNow, Caution, LineSnapshot, foresee, is_sure
from skills_routing.forecast.history import History
from skills_routing.model import AgentState, Waiting, instant
from skills_routing.simulation.calls import NEVER

AGENTS, ERLANGS, HANDLING = 20, 18.0, 180.0
OTHERS = ("app_queue", "opensips", "wazo", "handling x place")
CAUTION = Caution()


def squared(some: list[Said], name: str) -> float:
    return statistics.mean((one.by[name] - one.wait) ** 2 for one in some)


def absolute(some: list[Said], name: str) -> float:
    return statistics.mean(abs(one.by[name] - one.wait) for one in some)


def plain_line(count: int, *, blind: float = 0.0) -> dict[str, float]:
    """Return squared errors as parts of each other. The first 1,500 who wait only teach."""
    memory, chance, seen = Memory(), random.Random(2), 0

    def asks(_call: object) -> bool:
        nonlocal seen
        seen += 1
        return seen > 1500 and seen % 6 == 0

    team = staff([SWEDISH] * AGENTS)
    traffic = poisson(seed="plain", calls=count, erlangs=ERLANGS, handling=HANDLING)
    some = [
        one for one in Day(memory, team, chance=chance, asks=asks, blind=blind).play(traffic) if "forecast" in one.by
    ]
    assert all(one.call.requirement == ANYBODY for one in some)
    for one in some:
        one.by["best"] = one.place * HANDLING / AGENTS
    return {
        "asked": len(some),
        "squared_over_best": squared(some, "forecast") / squared(some, "best"),
        "squared_over_app_queue": squared(some, "forecast") / squared(some, "app_queue"),
    }


def twenty_days(count: int, *, blind: float = 0.0) -> list[Said]:
    memory, found = Memory(), []
    for seed in range(count + 1):  # the first day only teaches
        day = list(PEAKS)[seed % 5 if seed % 5 < 2 else 2]
        team = agents()
        one_day = Day(
            memory,
            team,
            chance=random.Random(seed),
            asks=lambda call: call.patience == NEVER and not call.head_start,
            breaks=breaks(team, seed),
            blind=blind,
        )
        memory.returned.clear()
        some = one_day.play(calls(seed, day))
        found += some if seed else []
    return found


def one_round(agents_at_work: int, wait: int) -> float:
    """Return how many seconds of a core it takes to foresee everybody, in the middle of a day as above."""
    chance, now = random.Random(5), instant(4 * 3_600_000)
    kinds, team = list(KINDS.values()), agents()
    handlings = {kind.requirement: [kind.seconds(chance) for _ in range(2000)] for kind in kinds}
    busy = [
        AgentNow(AgentId(f"a{number}"), one.skills, AgentState.BUSY, now - timedelta(seconds=chance.uniform(0, 400)))
        for number, one in zip(range(agents_at_work), cycle(team), strict=False)
    ]
    waiting = [
        Waiting(ContactId(f"c{number}"), chance.randrange(4 * 3_600_000), chance.choice(kinds).requirement)
        for number in range(wait)
    ]
    history, began = History(handlings=handlings, patience=PATIENCE), process_time()
    found = foresee(LineSnapshot(waiting, busy), history, now, chance=chance.random)
    assert len(found) == wait
    return process_time() - began


def inside_by(spoken: list[Said]) -> dict[str, object]:
    """Return the share inside the range for each line, and for those who waited long: an average hides who is misled."""
    groups = {f"days_in_range: {name}": [one for one in spoken if one.call.requirement == kind.requirement]
              for name, kind in KINDS.items()}  # fmt: skip
    groups["days_in_range: waited over 5 min"] = [one for one in spoken if one.wait > 300]
    return {
        name: round(statistics.mean(one.forecast.holds(timedelta(seconds=one.wait)) for one in some), 3)
        for name, some in groups.items()
        if some
    }


def main(days: int, count: int) -> int:
    plain, blind = plain_line(count), plain_line(count // 3, blind=1 / 3)
    figures: dict[str, object] = {
        f"round_seconds: {team} agents, {wait} wait": round(one_round(team, wait), 3)
        for team, wait in ((42, 20), (500, 300), (500, 1000))
    }
    figures |= {f"plain_{name}": round(value, 3) for name, value in plain.items()}
    figures["plain_blind_squared_over_best"] = round(blind["squared_over_best"], 3)
    asked = twenty_days(days)
    some = [one for one in asked if one.forecast is not None]
    spoken = [one for one in some if is_sure(one.forecast, CAUTION)]
    inside = [one.forecast.holds(timedelta(seconds=one.wait)) for one in spoken]
    widths = [one.forecast.high_minutes - one.forecast.low_minutes for one in spoken]
    figures |= {"days": days, "days_asked": len(asked), "days_mean_wait": round(statistics.mean(x.wait for x in asked))}
    figures |= {"days_spoken": round(len(spoken) / len(asked), 3), "days_in_range": round(statistics.mean(inside), 3)}
    figures |= {"days_range_minutes": round(statistics.mean(widths), 2)}
    figures |= inside_by(spoken)
    misled = [one for one in twenty_days(max(2, days // 7), blind=1 / 3) if one.forecast is not None]
    misled = [one for one in misled if is_sure(one.forecast, CAUTION)]
    held = [one.forecast.holds(timedelta(seconds=one.wait)) for one in misled]
    figures["days_blind_in_range"] = round(statistics.mean(held), 3)
    for name in some[0].by:
        figures[f"days_error_seconds: {name}"] = round(absolute(some, name), 1)
        figures[f"days_root_square: {name}"] = round(squared(some, name) ** 0.5, 1)
    bounds = {
        "plain_squared_over_best": Bound(at_most=1.05),
        "plain_squared_over_app_queue": Bound(at_most=0.5),
        "plain_blind_squared_over_best": Bound(must_fail_at_most=1.05),
        "days_in_range": Bound(at_least=0.8),
        "days_blind_in_range": Bound(must_fail_at_least=0.8),
        "days_spoken": Bound(at_least=0.9),  # else it could be right by keeping silent,
        "days_range_minutes": Bound(at_most=5),  # or by saying anything from nothing to an hour
    }
    for name in OTHERS:
        figures[f"days_error_over_{name}"] = round(absolute(some, "forecast") / absolute(some, name), 3)
        bounds[f"days_error_over_{name}"] = Bound(at_most=0.7)
    return report("wait_estimate", figures, bounds)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--days", type=int, default=20)
    arguments.add_argument("--calls", type=int, default=40_000)
    given = arguments.parse_args()
    sys.exit(main(given.days, given.calls))
