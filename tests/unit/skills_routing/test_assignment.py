"""A batch serves whom it can in order of rank, with the agents who are missed least: held against trying everything."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import AgentId, ContactId
from skills_routing.model import Idle, Need, Requirement, Skills, Waiting
from skills_routing.rules.assignment import Pairs, assign
from skills_routing.rules.matching import agent_for, can_serve, contact_for, has_room

pytestmark = pytest.mark.thorough

A, B = (Requirement(frozenset({Need(skill)})) for skill in "ab")
BOTH = Requirement(A.needs | B.needs)


def idle(name: str, since: int = 0, scarcity: int = 0, **levels: int) -> Idle:
    return Idle(AgentId(name), Skills(tuple(sorted(levels.items()))), since, scarcity)


def waiting(name: str, rank: int, requirement: Requirement, *avoided: str) -> Waiting:
    return Waiting(ContactId(name), rank, requirement, frozenset(AgentId(agent) for agent in avoided))


LEVELS = st.sampled_from([{"a": 1}, {"b": 1}, {"a": 1, "b": 1}, {}])


@st.composite
def both_sides(draw: st.DrawFn) -> tuple[list[Idle], list[Waiting]]:
    agents = [
        Idle(
            AgentId(f"agent{number}"),
            Skills(tuple(draw(LEVELS).items())),
            since=draw(st.integers(0, 2)),
            scarcity=draw(st.integers(0, 2)),
            load=draw(st.sampled_from([0, 0, 0, 1, 2, 3])),
            interruptible=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    avoided = st.sampled_from([frozenset(), *(frozenset({agent.agent}) for agent in agents)])
    contacts = [
        Waiting(
            ContactId(f"con{number}"),
            draw(st.integers(0, 3)),
            draw(st.sampled_from([A, B, BOTH])),
            draw(avoided),
            weight=draw(st.sampled_from([0, 0, 1, 2])),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    return agents, contacts


def every_way(agents: list[Idle], contacts: list[Waiting], among: list[Waiting]) -> Iterator[Pairs]:
    """Every way to give contacts to agents, by the words of the rule."""
    if not contacts:
        yield ()
        return
    first, rest = contacts[0], contacts[1:]
    yield from every_way(agents, rest, among)
    for agent in agents:
        if can_serve(agent, first) and has_room(agent, first) and not _is_kept_free(agent, first, among):
            others = [one for one in agents if one is not agent]
            yield from (((first.contact, agent.agent), *way) for way in every_way(others, rest, among))


def _is_kept_free(agent: Idle, contact: Waiting, among: list[Waiting]) -> bool:
    able = sorted((one for one in among if can_serve(agent, one)), key=lambda one: (one.rank, one.contact))
    return agent.load > 0 and able[0] != contact and not has_room(agent, able[0])


@settings(max_examples=400, deadline=None)
@given(both_sides())
def test_a_batch_is_the_best_of_all_ways(sides: tuple[list[Idle], list[Waiting]]) -> None:
    agents, contacts = sides
    in_order = sorted(contacts, key=lambda one: (one.rank, one.contact))
    by_choice = sorted(agents, key=lambda one: (one.load > 0, one.scarcity, one.since, one.agent))

    def worth(way: Pairs) -> tuple[list[bool], list[bool]]:
        served, used = {contact for contact, _agent in way}, {agent for _contact, agent in way}
        return [one.contact in served for one in in_order], [one.agent in used for one in by_choice]

    found = assign(agents, contacts)
    assert found in list(every_way(agents, in_order, in_order))
    assert worth(found) == max(worth(way) for way in every_way(agents, in_order, in_order))


@settings(deadline=None)
@given(both_sides())
def test_a_batch_serves_at_least_as_many_as_one_after_the_other(sides: tuple[list[Idle], list[Waiting]]) -> None:
    agents, contacts = sides
    without_work = [one for one in agents if not one.load]
    assert len(assign(without_work, contacts)) >= len(one_after_the_other(without_work, contacts))


def one_after_the_other(agents: list[Idle], contacts: list[Waiting]) -> list[ContactId]:
    """What happens when the agents log in one by one."""
    left = list(contacts)
    for agent in agents:
        chosen = contact_for(agent, left)
        left = [one for one in left if one.contact != chosen]
    return [one.contact for one in contacts if one not in left]


def test_who_can_do_both_leaves_the_first_caller_to_one_who_can_do_nothing_else() -> None:
    """The example of the decision record: logging in one by one serves one of the two, the batch both."""
    agents = [idle("both", a=1, b=1), idle("only_a", a=1)]
    contacts = [waiting("first", 1, A), waiting("second", 2, B)]
    assert one_after_the_other(agents, contacts) == ["first"]
    assert assign(agents, contacts) == (("first", "only_a"), ("second", "both"))


def test_nobody_is_left_out_for_two_of_higher_rank() -> None:
    agents = [idle("only", a=1, b=1), idle("other", b=1)]
    contacts = [waiting("first", 1, BOTH), waiting("second", 2, A), waiting("third", 3, B)]
    assert assign(agents, contacts) == (("first", "only"), ("third", "other"))


def test_the_least_scarce_then_the_longest_idle_are_chosen() -> None:
    agents = [idle("rare", 0, 9, a=1), idle("late", 8, 1, a=1), idle("early", 5, 1, a=1)]
    assert assign(agents, [waiting("one", 1, A)]) == (("one", "early"),)
    assert {agent for _, agent in assign(agents, [waiting("one", 1, A), waiting("two", 2, A)])} == {"early", "late"}


def test_a_pair_that_avoids_each_other_is_not_brought_together() -> None:
    assert assign([idle("asa", a=1)], [waiting("one", 1, A, "asa"), waiting("two", 2, A)]) == (("two", "asa"),)


def test_with_nobody_on_a_side_nothing_is_assigned() -> None:
    assert assign([], [waiting("one", 1, A)]) == assign([idle("asa", a=1)], []) == ()
    assert assign([idle("asa", b=1)], [waiting("one", 1, A)]) == ()


@pytest.mark.thorough
def test_four_hundred_on_both_sides_take_less_than_two_seconds() -> None:
    """Skills overlap at random, as after an outage; more than the bound wait, and the lowest ranks are served."""
    agents = [
        idle(f"agent{n:03d}", n, n % 7, **{skill: 1 for k, skill in enumerate("abcdef") if (n * 7 + k * n) % 3})
        for n in range(400)
    ]
    needs = [Requirement(frozenset({Need(skill) for skill in pair})) for pair in ("a", "b", "cd", "ef", "be")]
    contacts = [waiting(f"con{n:04d}", n, needs[n % 5]) for n in range(1000)]
    began = time.perf_counter()
    found = assign(agents, contacts)
    assert time.perf_counter() - began < 2
    assert len(found) > 150
    assert max(contact for contact, _agent in found) < "con0400"


def test_for_one_contact_and_one_agent_the_batch_is_the_plain_rule() -> None:
    agents, contact = [idle("rare", 0, 9, a=1), idle("plain", 5, 1, a=1)], waiting("one", 1, A)
    assert assign(agents, [contact]) == (("one", agent_for(contact, agents)),)
