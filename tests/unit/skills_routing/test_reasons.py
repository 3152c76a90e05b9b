"""Why an agent who could take somebody was not offered a contact: each hindrance, and which of several is told."""

from dataclasses import replace
from typing import Any

import pytest

from core.ids import AgentId, ContactId
from skills_routing.model import Need, Requirement, Skills, Waiting, own_skill
from skills_routing.rules.reasons import (
    Candidate,
    Doing,
    Hindrance,
    Surroundings,
    avoided_by,
    candidate,
    why_not_offered,
)

ASA, BO = AgentId("asa"), AgentId("bo")
SJUK_3_ARABIC = Requirement(frozenset({Need("sjuk", 3), Need("arabiska")}))
NOW = 100_000


def waiting(requirement: Requirement = SJUK_3_ARABIC, **more: Any) -> Waiting:
    return Waiting(ContactId("con_1"), 50, requirement, **more)


def able(**more: Any) -> Candidate:
    return Candidate(ASA, Skills((("arabiska", 2), ("sjuk", 3))), Doing.IDLE, takes=True, **more)


FOR_BO = Requirement(frozenset({Need(own_skill(BO)), Need("sjuk", 5)}))
FOR_ASA = Requirement(frozenset({Need(own_skill(ASA)), Need("sjuk", 3)}))
CALL_BEFORE = Waiting(ContactId("con_0"), 40, Requirement(frozenset({Need("sjuk")})))
CALL_AFTER = Waiting(ContactId("con_2"), 60, Requirement(frozenset({Need("sjuk")})))

TABLE: list[tuple[Waiting, Candidate, list[Waiting], tuple[Hindrance, str]]] = [
    # everything is there: the offer comes in a moment
    (waiting(), able(), [], (Hindrance.NEXT, "")),
    # a skill is not there at all
    (waiting(), Candidate(ASA, Skills((("sjuk", 3),)), Doing.IDLE), [], (Hindrance.LACKS, "arabiska")),
    # it is there, and too low
    (waiting(), Candidate(ASA, Skills((("arabiska", 1), ("sjuk", 2))), Doing.IDLE), [], (Hindrance.LEVEL, "sjuk")),
    # another agent is waited for: told before what is lacking besides
    (waiting(FOR_BO), able(), [], (Hindrance.ANOTHER_AGENT, "")),
    (waiting(FOR_ASA), able(), [], (Hindrance.NEXT, "")),
    # turned down a moment ago
    (waiting(avoided=frozenset({ASA})), able(), [], (Hindrance.DECLINED, "")),
    # written work leaves no room for a call, and for a letter that weighs too much
    (waiting(), able(load=1), [], (Hindrance.FULL, "")),
    (waiting(weight=2), able(load=2, capacity=3), [], (Hindrance.FULL, "")),
    (waiting(weight=1), able(load=2, capacity=3), [], (Hindrance.NEXT, "")),
    # a call before this text needs the agent without other work; one that comes after it does not count
    (waiting(weight=1), able(load=1), [CALL_BEFORE], (Hindrance.KEPT_FREE, "")),
    (waiting(weight=1), able(load=1), [CALL_AFTER], (Hindrance.NEXT, "")),
    (waiting(weight=1), able(load=1, interruptible=True), [CALL_BEFORE], (Hindrance.NEXT, "")),
]


@pytest.mark.parametrize(("contact", "agent", "others", "told"), TABLE)
def test_each_hindrance_is_told(
    contact: Waiting, agent: Candidate, others: list[Waiting], told: tuple[Hindrance, str]
) -> None:
    found = why_not_offered(contact, agent, Surroundings(others=others))
    assert (found.agent, found.why, found.skill) == (ASA, *told)


def test_while_many_come_back_whoever_could_serve_waits_for_all_to_be_dealt_out() -> None:
    gathering = Surroundings(gathering=True)
    assert why_not_offered(waiting(), able(), gathering).why is Hindrance.GATHERING
    assert why_not_offered(waiting(), able(load=1), gathering).why is Hindrance.FULL


def test_an_agent_had_in_mind_for_somebody_being_rung_is_not_for_another_to_be_rung_and_is_for_a_caller() -> None:
    agent = replace(able(), expects="con_rung")
    ringing = Surroundings(being_rung={ContactId("con_rung"): agent.agent})
    of_another = Surroundings(being_rung={ContactId("con_rung"): "somebody_else"})
    assert why_not_offered(replace(waiting(), rung_first=True), agent, of_another).why is Hindrance.NEXT
    assert why_not_offered(replace(waiting(), rung_first=True), agent, ringing).why is Hindrance.EXPECTS
    assert why_not_offered(waiting(), agent, ringing).why is Hindrance.NEXT
    assert why_not_offered(replace(waiting(), rung_first=True), agent).why is Hindrance.NEXT


DOING: list[tuple[dict[str, str], Doing, bool]] = [
    ({"state": "READY", "lease": str(NOW + 1)}, Doing.IDLE, True),
    ({"state": "READY", "lease": str(NOW)}, Doing.BROWSER_GONE, False),
    ({"state": "NOT_READY", "reason": "browser_gone"}, Doing.BROWSER_GONE, False),
    ({"state": "NOT_READY", "reason": "rast", "lease": str(NOW + 1)}, Doing.PAUSED, False),
    ({"state": "BUSY", "contact": "con_9", "lease": str(NOW + 1)}, Doing.TALKING, False),
    ({"state": "BUSY", "load": "1", "lease": str(NOW + 1)}, Doing.WRITING, True),
    ({"state": "BUSY", "load": "1", "lease": str(NOW + 1), "next": "NOT_READY"}, Doing.WRITING, False),
    ({"state": "RESERVED", "contact": "con_9"}, Doing.OFFERED, False),
    ({"state": "WRAP_UP", "contact": "con_9"}, Doing.WRAPPING_UP, False),
    ({"state": "LOGGED_OFF"}, Doing.LOGGED_OFF, False),
    ({}, Doing.LOGGED_OFF, False),
]


@pytest.mark.parametrize(("found", "doing", "takes"), DOING)
def test_what_an_agent_does_is_read_from_the_live_record(found: dict[str, str], doing: Doing, takes: bool) -> None:
    read = candidate(ASA, found, now=NOW)
    assert (read.doing, read.takes) == (doing, takes)


def test_who_turned_it_down_is_avoided_until_the_instant_that_is_kept() -> None:
    found = {"state": "waiting", "avoid:asa": str(NOW + 1), "avoid:bo": str(NOW)}
    assert avoided_by(found, now=NOW) == {ASA}
