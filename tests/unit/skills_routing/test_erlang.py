"""Simulated plain lines come to the waits of Erlang's formulas; the tolerance comes from the spread between batches."""

import random
from collections.abc import Iterator
from math import factorial
from statistics import mean, stdev

import pytest

from core.ids import AgentId
from skills_routing.model import Agent, Need, Requirement, Skills
from skills_routing.simulation.calls import Call, Player
from skills_routing.simulation.formulas import chance_of_waiting, erlang_a, mean_wait

pytestmark = pytest.mark.thorough

ANYBODY = Requirement(frozenset({Need("svenska", 1)}))
SKILLS = Skills((("svenska", 5),))
HANDLING, CALLS, BATCHES = 180.0, 25_000, 20
SURE = 3.58
"""Student's t for 20 batches at 99.8 %: one false alarm in 500 seeds, and the seeds are fixed."""


def played(agents: int, erlangs: float, *, patience: float | None = None, lag: float = 0.0) -> list[tuple[float, bool]]:
    chance = random.Random(agents)

    def calls() -> Iterator[Call]:
        at = 0.0
        for _ in range(CALLS):
            at += chance.expovariate(erlangs / HANDLING)
            gives_up = chance.expovariate(1 / patience) if patience else float("inf")
            yield Call(at, ANYBODY, chance.expovariate(1 / HANDLING), gives_up)

    staff = [Agent(AgentId(f"agent{number:03d}"), "", SKILLS) for number in range(agents)]
    return [(one.wait, one.agent is None) for one in Player(staff, lag=lambda: lag).play(calls())][CALLS // 20 :]


def batches(figures: list[float]) -> tuple[float, float]:
    """The mean, and how far it may be from the true one."""
    size = len(figures) // BATCHES
    means = [mean(figures[start : start + size]) for start in range(0, size * BATCHES, size)]
    return mean(means), SURE * stdev(means) / BATCHES**0.5


@pytest.mark.parametrize(
    ("agents", "erlangs"),
    [
        (1, 0.5),  # the smallest line there is
        (5, 3.5),  # an evening
        (20, 15.0),  # a rare language
        (40, 32.0),  # a site
    ],
)
def test_without_hanging_up_it_is_erlang_c(agents: int, erlangs: float) -> None:
    waits = [wait for wait, _gone in played(agents, erlangs)]
    found, tolerance = batches(waits)
    expected = mean_wait(agents=agents, erlangs=erlangs, handling=HANDLING)
    assert abs(found - expected) < tolerance
    assert tolerance < expected  # else it says nothing
    waited, tolerance = batches([float(wait > 0) for wait in waits])
    assert abs(waited - chance_of_waiting(agents=agents, erlangs=erlangs)) < tolerance < 0.15


@pytest.mark.parametrize(
    ("agents", "erlangs", "patience"),
    [
        (5, 6.0, 120.0),  # more calls than can be answered
        (20, 20.0, 300.0),  # just as many
        (60, 57.0, 60.0),  # fewer, and nobody waits long
    ],
)
def test_with_hanging_up_it_is_erlang_a(agents: int, erlangs: float, patience: float) -> None:
    ended = played(agents, erlangs, patience=patience)
    expected = erlang_a(agents=agents, erlangs=erlangs, handling=HANDLING, patience=patience)
    found, tolerance = batches([wait for wait, _gone in ended])
    assert abs(found - expected.mean_wait) < tolerance < expected.mean_wait / 2
    lost, tolerance = batches([float(gone) for _wait, gone in ended])
    assert abs(lost - expected.abandoned) < tolerance < 0.05


def test_half_a_second_of_lag_is_too_much_for_the_formula() -> None:
    waits = [wait for wait, _gone in played(60, 30.0, lag=0.5)]
    found, tolerance = batches(waits)
    assert found - tolerance > mean_wait(agents=60, erlangs=30.0, handling=HANDLING)


@pytest.mark.parametrize(("agents", "erlangs"), [(1, 0.5), (3, 2.0), (10, 8.0), (40, 37.0)])
def test_the_recursion_is_the_textbook_sum(agents: int, erlangs: float) -> None:
    last = erlangs**agents / factorial(agents) * agents / (agents - erlangs)
    everything = sum(erlangs**count / factorial(count) for count in range(agents)) + last
    assert chance_of_waiting(agents=agents, erlangs=erlangs) == pytest.approx(last / everything)


def test_people_of_endless_patience_make_erlang_a_into_erlang_c() -> None:
    patient = erlang_a(agents=20, erlangs=17, handling=180, patience=1e9)
    assert patient.mean_wait == pytest.approx(mean_wait(agents=20, erlangs=17, handling=180), rel=1e-4)
    assert patient.waiting == pytest.approx(chance_of_waiting(agents=20, erlangs=17), rel=1e-4)


def test_more_work_than_agents_means_waiting_for_ever() -> None:
    assert mean_wait(agents=3, erlangs=3, handling=180) == float("inf")
    assert chance_of_waiting(agents=3, erlangs=4) == 1
