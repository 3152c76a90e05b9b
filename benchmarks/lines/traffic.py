"""Calls and agents for the simulated lines."""

import random
from collections.abc import Iterable, Iterator, Sequence

from core.ids import AgentId
from skills_routing.model import Agent, Need, Requirement, Skills
from skills_routing.simulation.calls import Call, Ended

ANYBODY = Requirement(frozenset({Need("svenska", 1)}))
SWEDISH = Skills((("svenska", 5),))


def staff(skills: Iterable[Skills]) -> list[Agent]:
    """Return an agent for each set of skills."""
    return [Agent(AgentId(f"agent{number:04d}"), "", one) for number, one in enumerate(skills)]


def poisson(
    *, seed: object, calls: int, erlangs: float, handling: float, requirements: Sequence[Requirement] = (ANYBODY,)
) -> Iterator[Call]:
    """Yield calls that come at random, with exponential handling times: what Erlang's formulas are about."""
    chance, at = random.Random(str(seed)), 0.0
    for _ in range(calls):
        at += chance.expovariate(erlangs / handling)
        yield Call(at, chance.choice(requirements), chance.expovariate(1 / handling))


def mean_wait(ended: Iterable[Ended], *, after: float) -> float:
    """Return the mean wait of the calls that came after so many seconds: the line must have filled first."""
    waits = [one.wait for one in ended if one.call.at >= after]
    return sum(waits) / len(waits)
