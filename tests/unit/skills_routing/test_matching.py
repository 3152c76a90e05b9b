"""The decision rule, said plainly."""

from datetime import UTC, datetime, timedelta

from core.ids import AgentId, ContactId
from skills_routing.model import (
    Agent,
    Idle,
    Need,
    Requirement,
    Skills,
    Waiting,
    instant,
    milliseconds,
    rank,
    scarcities,
)
from skills_routing.rules.matching import agent_for, contact_for

SJUK = Requirement(frozenset({Need("sjuk", 2), Need("svenska", 1)}))
SJUK_EASY = Requirement(frozenset({Need("sjuk", 1), Need("svenska", 1)}))
BOSTAD = Requirement(frozenset({Need("bostad", 1), Need("svenska", 1)}))
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def waiting(name: str, rank_: int, requirement: Requirement = SJUK, *avoided: str) -> Waiting:
    return Waiting(ContactId(name), rank_, requirement, frozenset(AgentId(agent) for agent in avoided))


def idle(name: str, since: int, scarcity: int = 0, **levels: int) -> Idle:
    return Idle(AgentId(name), Skills(tuple(levels.items())), since, scarcity)


def test_the_lowest_rank_that_the_agent_can_serve_is_taken() -> None:
    asa = idle("asa", 0, sjuk=3, svenska=5)
    line = [waiting("late", 30), waiting("first", 10, BOSTAD), waiting("second", 20)]
    assert contact_for(asa, line) == "second"


def test_equal_ranks_go_by_id_so_that_every_process_decides_alike() -> None:
    asa = idle("asa", 0, sjuk=3, svenska=5)
    assert contact_for(asa, [waiting("b", 10), waiting("a", 10)]) == "a"


def test_a_level_below_the_requirement_does_not_do() -> None:
    assert contact_for(idle("asa", 0, sjuk=1, svenska=5), [waiting("a", 10)]) is None
    assert contact_for(idle("asa", 0, sjuk=1, svenska=5), [waiting("a", 10, SJUK_EASY)]) == "a"


def test_one_who_was_turned_down_is_not_offered_to_the_same_agent() -> None:
    asa = idle("asa", 0, sjuk=3, svenska=5)
    assert contact_for(asa, [waiting("a", 10, SJUK, "asa"), waiting("b", 20)]) == "b"
    assert agent_for(waiting("a", 10, SJUK, "asa"), [asa]) is None


def test_the_least_scarce_agent_is_taken_before_one_who_has_been_idle_longer() -> None:
    able = [idle("rare", 1, 90, sjuk=3, svenska=5), idle("plain", 9, 10, sjuk=3, svenska=5)]
    assert agent_for(waiting("a", 10), able) == "plain"


def test_equally_scarce_agents_go_by_how_long_they_have_been_idle() -> None:
    able = [idle("asa", 9, 10, sjuk=3, svenska=5), idle("bo", 5, 10, sjuk=4, svenska=5)]
    assert agent_for(waiting("a", 10), able) == "bo"


def test_a_head_start_is_time_and_so_the_order_never_changes() -> None:
    early = rank(NOW, head_start=timedelta(0))
    ahead = rank(NOW + timedelta(seconds=59), head_start=timedelta(seconds=60))
    behind = rank(NOW + timedelta(seconds=61), head_start=timedelta(seconds=60))
    assert ahead < early < behind


def test_instants_and_milliseconds_are_the_same_thing() -> None:
    assert instant(milliseconds(NOW)) == NOW


def test_whoever_alone_has_a_skill_is_scarcer_than_one_of_many() -> None:
    agents = [
        Agent(AgentId("asa"), "Åsa", Skills((("sjuk", 4),))),
        Agent(AgentId("bo"), "Bo", Skills((("sjuk", 2), ("finska", 4)))),
        Agent(AgentId("gone"), "Gone", Skills((("finska", 4),)), enabled=False),
    ]
    found = scarcities(agents)
    assert found[AgentId("asa")] < found[AgentId("bo")]
    assert AgentId("gone") not in found


def test_scarce_is_what_few_have_who_are_on_duty_and_who_comes_counts_as_if_here() -> None:
    def agent(name: str, *skills: str) -> Agent:
        return Agent(AgentId(name), name, Skills(tuple((skill, 3) for skill in skills)))

    team = [agent("asa", "sjuk"), agent("bo", "sjuk", "finska"), agent("carin", "sjuk", "finska"), agent("dag", "sjuk")]
    here = {AgentId("asa"), AgentId("bo")}
    found = scarcities(team, on_duty=here)
    for one in team:  # once more, slowly: those who are here, and oneself
        plain = 0.0
        for skill, _level in one.skills.levels:
            having = {other.id for other in team if other.skills.level(skill) and other.id in {*here, one.id}}
            plain += 128 / len(having)
        assert found[one.id] == round(plain)
    assert found[AgentId("bo")] > scarcities(team)[AgentId("bo")], "the only one with Finnish today"
    assert scarcities(team, on_duty=[one.id for one in team]) == scarcities(team)


def test_equal_requirements_share_a_line_whatever_their_order() -> None:
    other = Requirement(frozenset({Need("svenska", 1), Need("sjuk", 2)}))
    assert SJUK.line == other.line == "sjuk:2,svenska:1"
    assert Requirement().line == "*"
