"""Whom nobody else could serve is found before an agent leaves or loses a skill, and said in plain words."""

import pytest

from core.ids import AgentId
from skills_routing.agents.last_one import Alone, alone_for, in_words
from skills_routing.model import Skills

ASA, BO = AgentId("asa"), AgentId("bo")
SICK = Skills((("sjuk", 3), ("svenska", 5)))
HOME = Skills((("bostad", 3), ("svenska", 5)))
BEGINNER = Skills((("sjuk", 1), ("svenska", 5)))
NOTHING = Skills()


@pytest.mark.parametrize(
    ("able", "afterwards", "alone"),
    [
        # the last one leaves
        ({ASA: SICK, BO: HOME}, None, [Alone("sjuk", 3)]),
        # the last one loses the skill
        ({ASA: SICK, BO: HOME}, HOME, [Alone("sjuk", 3)]),
        # the last one is set to too low a level
        ({ASA: SICK, BO: HOME}, BEGINNER, [Alone("sjuk", 3)]),
        # somebody else can
        ({ASA: SICK, BO: SICK}, None, []),
        # the other one cannot do it well enough
        ({ASA: SICK, BO: BEGINNER}, None, [Alone("sjuk", 3)]),
        # what is kept is enough
        ({ASA: SICK}, SICK, []),
        # nobody could serve them before either: it is not this agent who is the last
        ({ASA: HOME, BO: HOME}, None, []),
        # one who is not here is the last for nobody
        ({BO: SICK}, NOTHING, []),
    ],
)
def test_the_last_one_is_found(able: dict[AgentId, Skills], afterwards: Skills | None, alone: list[Alone]) -> None:
    waiting = [("sjuk", "sjuk:2,svenska:1", 3)]
    assert list(alone_for(ASA, waiting=waiting, able=able, afterwards=afterwards)) == alone


def test_the_lines_of_a_queue_are_counted_together_and_queues_apart() -> None:
    waiting = [("sjuk", "sjuk:2,svenska:1", 3), ("sjuk", "sjuk:1,svenska:1", 1), ("bostad", "bostad:1,svenska:1", 2)]
    able = {ASA: Skills((*SICK.levels, ("bostad", 2))), BO: BEGINNER}
    assert alone_for(ASA, waiting=waiting, able=able, afterwards=None) == (Alone("bostad", 2), Alone("sjuk", 3))


def test_who_waits_for_one_agent_only_counts_as_waiting_for_all_who_could() -> None:
    waiting = [("sjuk", "@asa:1,sjuk:2,svenska:1", 1)]
    assert alone_for(ASA, waiting=waiting, able={ASA: SICK, BO: SICK}, afterwards=None) == ()
    assert alone_for(ASA, waiting=waiting, able={ASA: SICK}, afterwards=None) == (Alone("sjuk", 1),)


def test_it_is_said_in_swedish_with_the_name_of_the_queue() -> None:
    said = in_words([Alone("sjuk", 1), Alone("bostad", 3)], {"sjuk": "Sjuk"})
    assert said[0] == "I kön Sjuk väntar 1 person, och ingen annan inloggad handläggare kan svara där."
    assert "I kön bostad väntar 3 personer" in said[1]
    [pausing] = in_words([Alone("sjuk", 1)], {"sjuk": "Sjuk"}, pausing=True)
    assert pausing == "I kön Sjuk väntar 1 person, och ingen annan som svarar just nu kan hjälpa dem."
