"""How soon an agent who becomes free is rung for the next in line: ours against Queue() on the same Asterisk.

The same telephones are our agents and app_queue's members, the same citizens ring, and twice as many are there as
agents, so that somebody always waits. The two systems carry the load in turns. app_queue has the settings that make it
quickest (``benchmarks/desks/installation.py``): each caller looks once a second whether it is their turn (``RECHECK``
in app_queue.c), and no setting changes that.

Measured until the INVITE comes to the agent's socket, from when the agent is free: with app_queue that is the agent's
BYE (``wrapuptime`` 0), with us the instant at which the line sets the agent READY, since an agent of ours writes up
first; ``hung_up`` counts from the BYE for both, our wrap-up by a quick robot included, and ``click`` from the click that
ends the wrap-up, as the agent's browser sends it. The whole product is on the way: web process, log-in, SQL, the line in
Valkey, the controller, ARI.

In the end half a second is put on the cable between our controller and the switch, which must break both bounds
(negative control). Run: ``make bench NAME=dispatch``; ``--seconds 8 --rounds 1`` is shorter. The last line is one JSON
object.
"""

import argparse
import asyncio
import math
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.desks.agents import Ring
from benchmarks.desks.installation import APP_QUEUE, Installation, installed, robots
from benchmarks.desks.phones import Citizens, QuietPhone
from benchmarks.lines.report import Bound, report
from storage.redis import blocking
from tests.fakes.sip_phone import until
from tests.running import NATIONAL

AGENTS, TALK_SECONDS = 10, (2.0, 4.0)
SECONDS, ROUNDS = 22, 3
LATE_BY, LATE_SECONDS, LEAST_LATE = 0.5, 12, 8
P50_RATIO, P99_RATIO = 1 / 20, 1 / 8
LEAST_MEASURED_A_SECOND = 2.0
"""Fewer would mean that agents stood idle for want of callers, or that calls failed."""


def percentile(some: list[float], part: float) -> float:
    ordered = sorted(some)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else math.inf


async def carry(here: Installation, citizens: Citizens, number: str, seconds: float) -> list[Ring]:
    """Let this number carry the load for so long, and return how the agents' telephones rang."""
    rings: list[Ring] = []
    for agent in here.agents:
        agent.measure(rings)
    citizens.ring(number)
    await asyncio.sleep(seconds)
    for agent in here.agents:
        agent.still_works()
        agent.measure(None)
    await citizens.stop()
    await until(lambda: not any(agent.is_busy for agent in here.agents), within=20, what="every agent is free again")
    await asyncio.sleep(1)
    name = "ours" if number == NATIONAL else "app_queue"
    print(
        f"  {name:10} {len(rings)} rung, p50 {1000 * percentile([one.since_click for one in rings], 0.5):.0f} ms after"
    )
    return rings


async def since_ready(here: Installation, rings: list[Ring]) -> list[float]:
    """Return how long after our line set the agent READY each rang: it makes the offer in the same moment."""
    redis: Any = blocking(here.system.redis_url)
    made = [int(await redis.hget(f"kc:offer:{one.offer}", "made_at")) / 1000 for one in rings]
    await redis.aclose()
    return [one.at - ready for one, ready in zip(rings, made, strict=True)]


def figures_of(name: str, some: list[float]) -> dict[str, object]:
    found = {f"p{round(part * 100)}": percentile(some, part) for part in (0.5, 0.9, 0.99)}
    found |= {"max": max(some, default=math.inf), "mean": statistics.mean(some) if some else math.inf}
    return {f"{name}_{what}_ms": round(1000 * seconds, 1) for what, seconds in found.items()}


def against(name: str, ours: list[float], theirs: list[float]) -> dict[str, object]:
    """Return the ratios of the medians and of the 99th percentiles."""
    return {
        f"{name}p{round(part * 100)}_ratio": round(percentile(ours, part) / percentile(theirs, part), 4)
        for part in (0.5, 0.99)
    }


async def measure(here: Installation, seconds: float, rounds: int) -> tuple[dict[str, object], dict[str, Bound]]:
    phone = await QuietPhone.open()
    citizens = Citizens(phone, at=here.sip, how_many=2 * AGENTS)  # type: ignore[arg-type]
    rung: dict[str, list[Ring]] = {NATIONAL: [], APP_QUEUE: []}
    for number in rung:  # sounds are made, files are read
        await carry(here, citizens, number, 5)
    for _ in range(rounds):
        for number, rings in rung.items():
            rings += await carry(here, citizens, number, seconds)
    ours = await since_ready(here, rung[NATIONAL])
    here.cable.seconds = LATE_BY
    late = await since_ready(here, await carry(here, citizens, NATIONAL, LATE_SECONDS))
    here.cable.seconds = 0
    await phone.close()
    theirs = [one.since_hanging_up for one in rung[APP_QUEUE]]
    figures: dict[str, object] = {"agents": AGENTS, "calls": citizens.placed, "calls_failed": citizens.failed}
    figures |= {"measured_ours": len(ours), "measured_app_queue": len(theirs), "measured_late": len(late)}
    figures |= figures_of("ours", ours) | figures_of("app_queue", theirs) | figures_of("late", late)
    figures |= against("", ours, theirs) | against("late_", late, theirs)
    for name, some in {
        "click": [one.since_click for one in rung[NATIONAL]],
        "hung_up": [one.since_hanging_up for one in rung[NATIONAL]],
    }.items():
        figures |= figures_of(name, some) | against(f"{name}_", some, theirs)
    figures["ledger_faults"] = len(await here.system.ledger_faults())
    figures["load"] = round(os.getloadavg()[0], 1)
    return figures, bounds(LEAST_MEASURED_A_SECOND * seconds * rounds)


def bounds(least: float) -> dict[str, Bound]:
    """Return what must hold, with so many measured on both sides."""
    return {
        "p50_ratio": Bound(at_most=P50_RATIO),
        "p99_ratio": Bound(at_most=P99_RATIO),
        "late_p50_ratio": Bound(must_fail_at_most=P50_RATIO),
        "late_p99_ratio": Bound(must_fail_at_most=P99_RATIO),
        "measured_ours": Bound(at_least=least),
        "measured_app_queue": Bound(at_least=least),
        "measured_late": Bound(at_least=LEAST_LATE),
        "calls_failed": Bound(at_most=0),
        "ledger_faults": Bound(at_most=0),
    }


async def main(seconds: float, rounds: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="kc-bench-"))
    try:
        agents = await robots(AGENTS, talk=TALK_SECONDS)
        async with installed(folder, agents) as here:
            figures, kept_to = await measure(here, seconds, rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report("dispatch", figures, kept_to)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Ours against Queue() on the same Asterisk.")
    options.add_argument("--seconds", type=float, default=SECONDS, help="how long each carries the load in a round")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="how often each does")
    chosen = options.parse_args()
    sys.exit(asyncio.run(main(chosen.seconds, chosen.rounds)))
