"""The rule that the benchmark ``recheck`` measures against is app_queue's: here once more, poll by poll."""

import random
from heapq import heapify, heappop, heappush

import pytest

from benchmarks.recheck import Polled
from core.ids import AgentId
from skills_routing.model import Agent, Need, Requirement, Skills
from skills_routing.simulation.calls import Call, Player

ANYBODY = Requirement(frozenset({Need("svenska", 1)}))


def offered(seed: int, count: int = 1500) -> list[Call]:
    chance, at, found = random.Random(seed), 0.0, []
    for _ in range(count):
        at += chance.expovariate(9.3 / 60)
        found.append(Call(at, ANYBODY, chance.expovariate(1 / 60)))
    return found


def waits_poll_by_poll(calls: list[Call], agents: int) -> list[float]:
    """Every caller asks on arrival and every second after: is the number of those ahead less than that of free agents?"""
    events = [(call.at, number, 0) for number, call in enumerate(calls)]  # 0: a poll, 1: an agent becomes free
    heapify(events)
    line, idle, waits = [], agents, [0.0] * len(calls)
    while events:
        now, number, kind = heappop(events)
        if kind == 1:
            idle += 1
            continue
        call = calls[number]
        if number not in line:
            line.append(number)
        if line.index(number) < idle:
            line.remove(number)
            idle -= 1
            waits[number] = now - call.at
            heappush(events, (now + call.handling, number, 1))
        else:
            asked = round(now - call.at)
            heappush(events, (call.at + asked + 1, number, 0))
    return waits


@pytest.mark.parametrize("seed", range(3))
def test_looking_only_at_polls_that_succeed_finds_the_waits_of_asking_every_second(seed: int) -> None:
    calls = offered(seed)
    ours = {ended.call.at: ended.wait for ended in Polled(10).play(calls)}
    expected = waits_poll_by_poll(calls, 10)
    compared = [(ours[call.at], wait) for call, wait in zip(calls, expected, strict=True) if call.at in ours]
    assert len(compared) > len(calls) - 60  # the last ones are still waiting
    assert max(abs(mine - theirs) for mine, theirs in compared) < 1e-6
    assert sum(wait > 0 for wait in expected) > 300


def test_deciding_at_once_waits_less_than_asking_every_second() -> None:
    calls = offered(1)
    agents = [Agent(AgentId(f"agent{number}"), "", Skills((("svenska", 5),))) for number in range(10)]
    at_once = [ended.wait for ended in Player(agents).play(calls)]
    every_second = waits_poll_by_poll(calls, 10)
    assert sum(at_once) < 0.97 * sum(every_second)
