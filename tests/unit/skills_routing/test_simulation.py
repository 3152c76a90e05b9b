"""The simulator decides as the rule does, and an independent simulator (SimPy) comes to the same waits, call by call."""

import random
from collections.abc import Iterator
from itertools import combinations

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import AgentId, ContactId
from skills_routing.model import Agent, Idle, Need, Requirement, Skills, Waiting
from skills_routing.rules.matching import agent_for, contact_for
from skills_routing.simulation.calls import Break, Call, Ended, Player
from skills_routing.simulation.virtual_line import VirtualLine

TYPES = ("a", "b", "c", "d")
NEEDS = {name: Requirement(frozenset({Need(name, 1)})) for name in TYPES}
ABLE = [Skills(tuple((name, 3) for name in some)) for size in (1, 2, 3) for some in combinations(TYPES, size)]


def staff(*skills: Skills) -> list[Agent]:
    return [Agent(AgentId(f"agent{number:03d}"), "", each) for number, each in enumerate(skills)]


def calls(
    count: int, *, erlangs: float, seed: int, types: tuple[str, ...] = TYPES, patience: float | None = None
) -> Iterator[Call]:
    chance, at = random.Random(seed), 0.0
    for _ in range(count):
        at += chance.expovariate(erlangs / 180)
        handling = chance.lognormvariate(4.9, 0.8)  # mean about 180 s; no formula knows this one
        gives_up = chance.expovariate(1 / patience) if patience else float("inf")
        yield Call(at, NEEDS[chance.choice(types)], handling, gives_up)


def waits(ended: Iterator[Ended]) -> dict[float, float]:
    return {one.call.at: one.wait for one in ended}


def waits_by_simpy(offered: list[Call], agents: list[Agent]) -> dict[float, float]:
    """The same by processes that fetch from a shared store: nothing of ours but the figures."""
    world, found = simpy.Environment(), {}
    store = simpy.FilterStore(world)

    def arrive() -> Iterator[simpy.Event]:
        for call in offered:
            yield world.timeout(call.at - world.now)
            yield store.put(call)

    def work(agent: Agent) -> Iterator[simpy.Event]:
        skills = {name for name, _level in agent.skills.levels}
        while True:
            call = yield store.get(lambda one: {need.skill for need in one.requirement.needs} <= skills)
            found[call.at] = world.now - call.at
            yield world.timeout(call.handling)

    world.process(arrive())
    for agent in agents:
        world.process(work(agent))
    world.run()
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_call_waits_as_long_as_in_another_simulator(seed: int) -> None:
    offered = list(calls(3000, erlangs=11, seed=seed))
    agents = staff(*[Skills(tuple((name, 3) for name in pair)) for pair in combinations(TYPES, 2)] * 2)
    ours, theirs = waits(Player(agents).play(offered)), waits_by_simpy(offered, agents)
    assert ours.keys() == theirs.keys()
    assert max(abs(ours[at] - theirs[at]) for at in ours) < 0.01
    assert sum(wait > 0.01 for wait in ours.values()) > 500  # else nothing was decided


def test_a_late_decision_is_seen_by_the_comparison() -> None:
    offered = list(calls(500, erlangs=11, seed=1))
    agents = staff(*ABLE[4:10] * 2)
    ours = waits(Player(agents, lag=lambda: 0.5).play(offered))
    theirs = waits_by_simpy(offered, agents)
    assert max(abs(ours[at] - theirs[at]) for at in ours) > 0.4


WAITING = st.lists(st.tuples(st.sampled_from(TYPES), st.integers(0, 5)), max_size=12)
IDLE = st.lists(st.tuples(st.sampled_from(ABLE), st.integers(0, 5), st.integers(0, 2)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(present=WAITING, free=st.sampled_from(ABLE), gone=st.sets(st.integers(0, 11), max_size=4))
def test_looking_only_at_heads_of_lines_chooses_whom_the_whole_rule_chooses(
    present: list[tuple[str, int]], free: Skills, gone: set[int]
) -> None:
    line, everybody = VirtualLine(), []
    for number, (name, rank) in enumerate(present):
        one = Waiting(ContactId(f"c{number:02d}"), rank, NEEDS[name])
        assert line.enter(one) is None
        if number in gone:
            line.leave(one.contact)
        else:
            everybody.append(one)
    agent = Idle(AgentId("asa"), free, 0)
    assert line.copy().waiting() == sorted(everybody, key=lambda one: (one.rank, one.contact))
    assert line.free(agent) == contact_for(agent, everybody)


@settings(max_examples=150, deadline=None)
@given(present=IDLE, needed=st.sampled_from(TYPES), away=st.integers(0, 11))
def test_looking_only_at_the_longest_idle_of_each_kind_chooses_whom_the_whole_rule_chooses(
    present: list[tuple[Skills, int, int]], needed: str, away: int
) -> None:
    line, everybody = VirtualLine(), []
    for number, (skills, since, scarcity) in enumerate(present):
        one = Idle(AgentId(f"agent{number:02d}"), skills, since, scarcity)
        assert line.free(one) is None
        if number == away:
            assert line.take_away(one.agent)
        else:
            everybody.append(one)
    contact = Waiting(ContactId("c"), 0, NEEDS[needed])
    assert line.enter(contact) == agent_for(contact, everybody)


def test_a_head_start_passes_only_those_who_came_within_it() -> None:
    def one(at: float, head_start: float = 0.0) -> Call:
        return Call(at, NEEDS["a"], 60, head_start=head_start)

    ended = list(Player(staff(ABLE[0])).play([one(0), one(10), one(40), one(60, 30)]))
    assert [round(each.call.at) for each in ended] == [0, 10, 60, 40]  # 60 − 30 is before 40 and after 10


def test_an_agent_on_a_break_ends_the_call_and_then_gets_none_until_it_is_over() -> None:
    offered = [Call(0, NEEDS["a"], 60), Call(10, NEEDS["a"], 60)]
    agents = staff(ABLE[0])
    ended = list(Player(agents, breaks=[Break(agents[0].id, 30, 200)]).play(offered))
    assert [each.wait for each in ended] == [0, 190]


def test_somebody_who_hangs_up_is_not_answered() -> None:
    offered = [Call(0, NEEDS["a"], 60), Call(1, NEEDS["a"], 60, patience=5), Call(2, NEEDS["a"], 60)]
    ended = list(Player(staff(ABLE[0])).play(offered))
    assert [(each.wait, each.agent is None) for each in ended] == [(0, False), (5, True), (58, False)]
