"""All of the folder is checked at once, and everything that is wrong is told, by the names that people see."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.configuration import configured, load_configuration, read_texts, version_of
from core.errors import ConfigurationError

pytestmark = pytest.mark.thorough

CONFIG = Path(__file__).parents[3] / "config"

WRONG: list[tuple[str, Callable[[str], str | None], str]] = [
    # a slip of the pen
    (
        "queues.yaml",
        lambda text: text.replace("skill: bostad", "skill: bostadd"),
        "config/queues.yaml: queue bostad: requirement: there is no skill 'bostadd' in config/skills.yaml",
    ),
    # a benefit that there is not, in a queue
    (
        "queues.yaml",
        lambda text: text.replace("[bostadsbidrag,", "[bostadsbidragg,"),
        "config/queues.yaml: queue bostad: benefits: there is no benefit 'bostadsbidragg' in config/benefits.yaml",
    ),
    # a head start by which somebody would lose a place
    (
        "queues.yaml",
        lambda text: text.replace(
            "head_start_seconds: 0", "head_start_seconds: 30\n    head_starts: {callback: 10}", 1
        ),
        "config/queues.yaml: queue foralder: head_starts: callback: this must be head_start_seconds (30) or more",
    ),
    # a reason for a head start that there is not
    (
        "queues.yaml",
        lambda text: text.replace("head_start_seconds: 0", "head_starts: {friend: 10}", 1),
        "config/queues.yaml: queue foralder: head_starts: friend: this must be one of callback, returned",
    ),
    # a direct number that would not reach its handler
    (
        "offices.yaml",
        lambda text: text.replace("070-174 06 62", "0771-17 90 00"),
        "config/offices.yaml: handler mats: number: config/opening_hours.yaml has this number, too",
    ),
    (
        "offices.yaml",
        lambda text: text.replace("queue: foralder,", "queue: foraldrar,"),
        "config/offices.yaml: handler olle: queue: there is no queue 'foraldrar' in config/queues.yaml",
    ),
    # what the callers of a number need: no such skill, a language, and a clearance that is only preferred
    (
        "opening_hours.yaml",
        lambda text: text.replace("skill: partner", "skill: partnerr"),
        "config/opening_hours.yaml: entry point partner: needs: there is no skill 'partnerr' in config/skills.yaml",
    ),
    (
        "opening_hours.yaml",
        lambda text: text.replace("skill: partner", "skill: engelska"),
        "config/opening_hours.yaml: entry point partner: needs: engelska is a language",
    ),
    (
        "opening_hours.yaml",
        lambda text: text.replace("needs: [{skill: partner", "preferred: [{skill: skyddad"),
        "config/opening_hours.yaml: entry point partner: preferred: skyddad is of kind protected",
    ),
    # the same of a choice and of the wait itself
    (
        "flows/talk.yaml",
        lambda text: text.replace("queue: sjuk, next", "queue: sjuk, needs: [{skill: sjukt}], next"),
        "config/flows/talk.yaml: talk/which: choice 2: needs: there is no skill 'sjukt'",
    ),
    (
        "flows/talk.yaml",
        lambda text: text.replace("    meanwhile:", "    needs: [{skill: nobody_is}]\n    meanwhile:"),
        "config/flows/talk.yaml: talk/anyone: needs: there is no skill 'nobody_is'",
    ),
    # a table for a benefit that there is not
    (
        "payment_days.yaml",
        lambda text: text.replace("benefits: [assistansersattning]", "benefits: [assistans]"),
        "config/payment_days.yaml: table assistans 2026: benefits: there is no benefit 'assistans'",
    ),
    # a person who waits for a benefit that there is not
    (
        "demo/persons.yaml",
        lambda text: text.replace("benefit: bostadsbidrag", "benefit: slott"),
        "config/demo/persons.yaml: person demo-03: matters: there is no benefit 'slott'",
    ),
    # a user who is to take calls and is nobody
    (
        "demo/users.yaml",
        lambda text: text.replace("id: asa", "id: osa"),
        "config/demo/users.yaml: user osa: roles: there is no such agent in agents.yaml",
    ),
    # a level above the highest
    (
        "demo/agents.yaml",
        lambda text: text.replace("sjuk: 4", "sjuk: 7"),
        "config/demo/agents.yaml: agent asa: skills: sjuk must be 1 to 5",
    ),
    # a queue that there is not, in how promises are kept
    (
        "callbacks.yaml",
        lambda text: text.replace("  foralder:\n", "  foralderr:\n"),
        "config/callbacks.yaml: queues: foralderr: there is no such queue in config/queues.yaml",
    ),
    # half-written
    (
        "wording/en.yaml",
        lambda text: text + "\n  more: [",
        "config/wording/en.yaml: line",
    ),
    # a node without what follows
    (
        "flows/talk.yaml",
        lambda text: text.replace("kind: human", "kind: humann"),
        "config/flows/talk.yaml: node anyone",
    ),
    # gone
    ("desk.yaml", lambda _: None, "config/desk.yaml: this cannot be read as UTF-8 text"),
]


def texts() -> dict[str, str | None]:
    return dict(read_texts(CONFIG))


def faults_of(edited: dict[str, str | None]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        configured(edited)
    return refused.value.faults


@pytest.mark.parametrize(("name", "edit", "said"), WRONG)
def test_what_is_wrong_is_told_by_file_place_and_fault(name: str, edit: Callable[[str], str | None], said: str) -> None:
    edited = texts()
    edited[name] = edit(edited[name] or "")
    assert edited[name] != texts()[name], "the edit changes something"
    assert any(fault.startswith(said) for fault in faults_of(edited)), faults_of(edited)


def test_everything_that_is_wrong_in_all_files_is_told_at_once() -> None:
    """What cannot be read at all hides only what else is wrong in that very file, and what is held against it."""
    others = ("friend", ": needs: ", ": preferred: ", "handler ")  # held against a file that cannot be read
    every = [one for one in WRONG if not any(other in one[2] for other in others)]
    every = [one for one in every if one[0] not in ("demo/agents.yaml", "callbacks.yaml")]
    edited = texts()
    for name, edit, _said in every:
        edited[name] = edit(edited[name] or "")
    told = faults_of(edited)
    assert len({name for name, _edit, _said in every}) == 7
    assert [said for _name, _edit, said in every if not any(fault.startswith(said) for fault in told)] == []
    assert len(told) == len(set(told))


def test_a_file_that_is_not_there_is_named() -> None:
    edited = texts()
    del edited["skills.yaml"]
    assert "config/skills.yaml: there is no such file" in faults_of(edited)


def test_bytes_that_are_no_text_are_named_and_not_shown(tmp_path: Path) -> None:
    for name, text in texts().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text or "", encoding="utf-8")
    (tmp_path / "queues.yaml").write_bytes(b"queues: \xff\xfe secret")
    with pytest.raises(ConfigurationError) as refused:
        load_configuration(tmp_path)
    assert refused.value.faults == ("config/queues.yaml: this cannot be read as UTF-8 text",)


def test_the_same_words_have_the_same_version_and_any_other_word_another() -> None:
    assert version_of(texts()) == version_of(dict(reversed(texts().items())))
    assert version_of({**texts(), "desk.yaml": f"{texts()['desk.yaml']} "}) != version_of(texts())
    assert configured(texts()).version == version_of(texts())
