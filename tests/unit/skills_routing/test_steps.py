"""What is asked for first, what later and when, and which steps an operator may not write."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import ConfigurationError
from core.ids import AgentId
from skills_routing.configuration import load_routing
from skills_routing.model import Agent, Need, Requirement, Skills, own_skill, scarcities
from skills_routing.rules.steps import Ask, due_after, next_ask, read_plan, widens_at, write_plan

SKILLS = """
skills:
  - {id: sjuk, label: Sjuk, kind: benefit}
  - {id: bostad, label: Bostad, kind: benefit}
  - {id: partner, label: Partner, kind: partner}
  - {id: kontor, label: Servicekontor, kind: authority}
  - {id: skyddad, label: Skyddade personuppgifter, kind: protected}
  - {id: svenska, label: svenska, kind: language, language: sv}
  - {id: engelska, label: engelska, kind: language, language: en}
  - {id: arabiska, label: arabiska, kind: language, language: ar}
"""
ENTERED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def queues(*lines: str) -> str:
    head = "queues:\n  - id: sjuk\n    label: {sv: Sjuk, en: Illness}\n"
    return head + "".join(f"    {line}\n" for line in lines)


FULL = queues(
    "requirement: [{skill: sjuk, level: 2}]",
    "preferred: [{skill: sjuk, level: 4}, {skill: partner}]",
    "language_level: 3",
    "preferred_agent_seconds: 45",
    "steps:",
    "  - {after_seconds: 30, requirement: [{skill: sjuk, level: 3}]}",
    "  - {after_seconds: 120, or_forecast_minutes: 15, language_level: 1}",
    "  - {after_seconds: 300, requirement: [{skill: bostad, level: 1}], language_level: 1}",
)


def _seconds(ask: Ask) -> float:
    return ask.due_at / 1000 - ENTERED.timestamp() if ask.due_at else 0


def test_a_plan_asks_for_the_preferred_first_and_then_for_what_each_step_says() -> None:
    plan = load_routing(queues=FULL, skills=SKILLS).queue("sjuk").plan("ar", entered_at=ENTERED)
    assert [(ask.requirement.line, _seconds(ask)) for ask in plan] == [
        ("arabiska:3,partner:1,sjuk:4", 0),
        ("arabiska:3,sjuk:3", 30),
        ("arabiska:1,sjuk:2", 120),
        ("arabiska:1,bostad:1", 300),
    ]
    assert [ask.forecast for ask in plan] == [None, None, timedelta(minutes=15), None]


def test_who_would_rather_have_one_agent_waits_for_that_agent_with_what_is_required_and_then_in_order() -> None:
    plan = load_routing(queues=FULL, skills=SKILLS).queue("sjuk").plan("sv", entered_at=ENTERED, agent=AgentId("bo"))
    assert plan[0].requirement.agent == "bo"
    assert [(ask.requirement.line, _seconds(ask)) for ask in plan[:3]] == [
        ("@bo:1,sjuk:2,svenska:3", 0),
        ("partner:1,sjuk:4,svenska:3", 45),
        ("sjuk:3,svenska:3", 45),
    ]


def test_a_queue_may_honour_no_wish_for_one_agent() -> None:
    text = queues("requirement: [{skill: sjuk}]", "preferred_agent_seconds: 0")
    plan = load_routing(queues=text, skills=SKILLS).queue("sjuk").plan("sv", entered_at=ENTERED, agent=AgentId("bo"))
    assert [ask.requirement.line for ask in plan] == ["sjuk:1,svenska:1"]


def test_every_line_that_a_queue_can_lead_to_is_known_for_every_language() -> None:
    lines = load_routing(queues=FULL, skills=SKILLS).lines()
    assert len(lines) == 12 and "arabiska:1,bostad:1" in lines and not [line for line in lines if "@" in line]


def test_a_plan_is_read_back_as_it_was_written_and_one_that_never_widens_is_not_written() -> None:
    plan = load_routing(queues=FULL, skills=SKILLS).queue("sjuk").plan("sv", entered_at=ENTERED, agent=AgentId("bo"))
    assert read_plan(write_plan(plan)) == plan
    assert write_plan(plan[:1]) == "" and read_plan("") == ()


def test_what_comes_next_is_known_at_each_step_and_nothing_after_the_last() -> None:
    plan = load_routing(queues=FULL, skills=SKILLS).queue("sjuk").plan("sv", entered_at=ENTERED)
    assert due_after(plan, 0) == plan[1].due_at and next_ask(plan, 3) is None and due_after(plan, 3) is None
    assert not widens_at(plan, 0, expected=timedelta(hours=9)), "the next step has no such limit"
    assert not widens_at(plan, 1, expected=timedelta(minutes=15))
    assert widens_at(plan, 1, expected=timedelta(minutes=15, seconds=1))
    assert not widens_at(plan, 3, expected=timedelta(hours=9))


REQUIRED = (
    "requirement: [{skill: sjuk, level: 2}, {skill: kontor, level: 2}, {skill: skyddad}, {skill: arabiska, level: 2}]"
)
KEPT = "{skill: kontor, level: 2}, {skill: skyddad}, {skill: arabiska, level: 2}"
REFUSED = [
    # comes no later than the one before
    (["steps:", "  - {after_seconds: 60}", "  - {after_seconds: 60}"], "step 2: after_seconds: must be more than 60"),
    # asks for more
    (
        ["steps: [{after_seconds: 9, requirement: [{skill: sjuk, level: 3}, " + KEPT + "]}]"],
        "step 1: requirement: sjuk",
    ),
    # asks for something besides
    (
        ["steps: [{after_seconds: 9, requirement: [{skill: sjuk}, {skill: bostad}, " + KEPT + "]}]"],
        "requirement: bostad",
    ),
    (["steps: [{after_seconds: 9, requirement: [{skill: partner}, " + KEPT + "]}]"], "requirement: partner"),
    # drops or lowers what is never dropped
    (
        ["steps: [{after_seconds: 9, requirement: [{skill: sjuk}, {skill: skyddad}, {skill: arabiska}]}]"],
        "requirement: kontor of kind authority is required by the queue and cannot be dropped or lowered",
    ),
    (
        ["steps: [{after_seconds: 9, requirement: [{skill: kontor}, {skill: skyddad}, {skill: arabiska}]}]"],
        "requirement: kontor of kind authority",
    ),
    (["steps: [{after_seconds: 9, requirement: [{skill: kontor, level: 2}, {skill: arabiska}]}]"], "skyddad of kind"),
    (["steps: [{after_seconds: 9, requirement: [{skill: kontor, level: 2}, {skill: skyddad}]}]"], "arabiska of kind"),
    (["steps: [{after_seconds: 9, language_level: 2}]"], "step 1: language_level: a step cannot ask for more"),
    # names what is not there
    (
        ["steps: [{after_seconds: 9, requirement: [{skill: nej}, " + KEPT + "]}]"],
        "step 1: requirement: there is no skill",
    ),
    (["preferred: [{skill: nej}]", "steps: [{after_seconds: 9}]"], "preferred: there is no skill 'nej'"),
    # prefers what is required or nothing, or for ever
    (["preferred: [{skill: skyddad}]", "steps: [{after_seconds: 9}]"], "preferred: skyddad is of kind protected"),
    (["preferred: [{skill: sjuk, level: 5}]"], "preferred: without a step that asks for less"),
    (["steps: [{after_seconds: 0}]"], "after_seconds"),
]


@pytest.mark.parametrize(("lines", "said"), REFUSED)
def test_a_step_that_an_operator_may_not_write_is_refused_with_its_place(lines: list[str], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_routing(queues=queues(REQUIRED, *lines), skills=SKILLS)
    assert said in str(refused.value)
    assert "queues.yaml: queue sjuk" in str(refused.value)


ALLOWED = [
    ["steps: [{after_seconds: 9, requirement: [{skill: sjuk}, " + KEPT + "]}]"],  # a lower level
    ["steps: [{after_seconds: 9, requirement: [{skill: bostad, level: 4}, " + KEPT + "]}]"],  # another benefit
    ["steps: [{after_seconds: 9, requirement: [" + KEPT + "]}]"],  # no benefit at all
    ["steps: [{after_seconds: 9, requirement: [" + KEPT.replace("arabiska, level: 2", "arabiska") + "]}]"],
    ["language_level: 3", "steps: [{after_seconds: 9, language_level: 2}]"],
]


@pytest.mark.parametrize("lines", ALLOWED)
def test_a_step_may_ask_for_less_or_for_another_benefit(lines: list[str]) -> None:
    assert len(load_routing(queues=queues(REQUIRED, *lines), skills=SKILLS).queue("sjuk").widenings) == 1


LANGUAGES = [
    (SKILLS.replace(", language: en}", "}"), "skill engelska: language"),
    (SKILLS.replace("kind: partner}", "kind: partner, language: fi}"), "skill partner: language"),
    (SKILLS.replace("language: ar", "language: en"), "skill arabiska: language: en is there twice"),
    (SKILLS.replace("language: en", "language: fi"), "no skill has the language en"),
]


@pytest.mark.parametrize(("skills", "said"), LANGUAGES)
def test_each_language_has_one_skill_and_each_skill_of_that_kind_one_language(skills: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_routing(queues=queues("requirement: [{skill: sjuk}]"), skills=skills)
    assert said in str(refused.value) and "skills.yaml" in str(refused.value)


def test_to_be_oneself_is_met_by_that_agent_only_and_makes_nobody_scarce() -> None:
    skills = Skills((("sjuk", 3),))
    wants_bo = Requirement(frozenset({Need("sjuk"), Need(own_skill(AgentId("bo")))}))
    assert wants_bo.met_by(skills.of(AgentId("bo"))) and not wants_bo.met_by(skills.of(AgentId("asa")))
    assert wants_bo.agent == "bo" and wants_bo.for_anybody.line == "sjuk:1"
    plain = [Agent(AgentId(name), name, skills) for name in ("asa", "bo")]
    marked = [Agent(one.id, one.name, skills.of(one.id)) for one in plain]
    assert scarcities(plain) == scarcities(marked)


def test_a_plan_of_who_has_written_names_lines_of_its_weight_and_nothing_foreseen() -> None:
    plan = load_routing(queues=FULL, skills=SKILLS).queue("sjuk").plan("sv", entered_at=ENTERED)
    kept = read_plan(write_plan(plan, weight=2))
    assert write_plan(plan, weight=2).count(",written/2") == len(plan)
    assert [ask.requirement for ask in kept] == [ask.requirement for ask in plan]
    assert all(ask.forecast is None for ask in kept)
