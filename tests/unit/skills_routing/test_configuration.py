"""What an operator edits is read, or refused with the file and the field."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.language import Language
from skills_routing.configuration import load_agents, load_routing
from skills_routing.errors import UnknownQueueError

CONFIG = Path(__file__).parents[3] / "config"
SKILLS = """
skills:
  - {id: sjuk, label: Sjuk, kind: benefit}
  - {id: svenska, label: svenska, kind: language, language: sv}
  - {id: engelska, label: engelska, kind: language, language: en}
"""
QUEUES = """
queues:
  - {id: sjuk, label: {sv: Sjuk, en: Illness}, requirement: [{skill: sjuk, level: 2}], benefits: [sjukpenning]}
"""


def test_the_files_that_are_shipped_can_be_read_and_every_queue_has_an_agent() -> None:
    def text(name: str) -> str:
        return (CONFIG / name).read_text("utf-8")

    routing = load_routing(queues=text("queues.yaml"), skills=text("skills.yaml"))
    agents = load_agents(text("demo/agents.yaml"), skills=routing.skills)
    assert set(routing.queues) == {"foralder", "sjuk", "bostad", "funktionsnedsattning", "allmant"}
    for queue in routing.queues.values():
        for language in Language:
            assert any(queue.requirement(language).met_by(agent.skills) for agent in agents), (queue.id, language)


def test_the_language_of_the_caller_is_part_of_the_requirement() -> None:
    queue = load_routing(queues=QUEUES, skills=SKILLS).queue("sjuk")
    assert queue.requirement(Language.ENGLISH).line == "engelska:1,sjuk:2"


BROKEN_QUEUES = [
    (QUEUES.replace("skill: sjuk", "skill: sjukk"), "queue sjuk: requirement: there is no skill 'sjukk'"),
    (QUEUES.replace("level: 2", "level: 6"), "queue sjuk: requirement sjuk: level: this must be 5 or less"),
    (QUEUES.replace(", en: Illness", ""), "queue sjuk: label: en is missing"),
    (QUEUES.replace("benefits", "benefit"), "queue sjuk: benefit: there is no such field"),
    (QUEUES + QUEUES.replace("queues:\n", ""), "sjuk is there twice"),
    ("queues: [", "line 1"),
    ("", "mapping"),
]


@pytest.mark.parametrize(("queues", "said"), BROKEN_QUEUES)
def test_a_broken_file_is_refused_with_the_place(queues: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_routing(queues=queues, skills=SKILLS)
    assert said in str(refused.value)
    assert "queues.yaml" in str(refused.value)


@pytest.mark.parametrize("skills", ["{sjuk: 6}", "{sjuk: 0}", "{finska: 3}"])
def test_an_agent_with_a_skill_or_level_that_does_not_exist_is_refused(skills: str) -> None:
    routing = load_routing(queues=QUEUES, skills=SKILLS)
    with pytest.raises(ConfigurationError, match="agent asa"):
        load_agents(f"agents: [{{id: asa, name: Åsa, skills: {skills}}}]", skills=routing.skills)


def test_a_queue_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownQueueError, match="nobody"):
        load_routing(queues=QUEUES, skills=SKILLS).queue("nobody")


def test_written_channels_count_as_the_file_says_and_an_agent_takes_what_fits() -> None:
    written = "\nwritten: {sms: {behind_seconds: 60}, e-mail: {weight: 2}}\n"
    routing = load_routing(queues=QUEUES + written, skills=SKILLS)
    assert {str(channel): (rule.weight, rule.behind.total_seconds()) for channel, rule in routing.written.items()} == {
        "sms": (1, 60),
        "e-mail": (2, 14_400),
    }
    text = "agents: [{id: asa, name: Åsa, written_at_once: 5, interruptible: true}, {id: bo, name: Bo}]"
    asa, bo = load_agents(text, skills=routing.skills)
    assert (asa.capacity, asa.interruptible, bo.capacity, bo.interruptible) == (5, True, 3, False)


@pytest.mark.parametrize("written", ["{fax: {}}", "{sms: {weight: 0}}", "{sms: {behind_seconds: -1}}", "{sms: 3}"])
def test_a_written_channel_that_cannot_count_is_refused(written: str) -> None:
    with pytest.raises(ConfigurationError, match="written"):
        load_routing(queues=f"{QUEUES}\nwritten: {written}\n", skills=SKILLS)
