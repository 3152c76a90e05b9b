"""Flow and wording files: what is refused, and in which words."""

import json

import pytest

from core.errors import ConfigurationError
from core.language import Language
from ivr.flow_file import load_book, load_flow, schema
from ivr.wording import Wordings
from ivr.wording_file import load_wordings
from tests.unit.ivr.shipped import BENEFITS, CONFIG, book

GOOD = """
flow: main
start: menu
human: human
nodes:
  menu:
    kind: menu
    choices: [{key: "1", say: talk, next: human}]
  human:
    kind: human
    queue: allmant
    closed: {say: [closed], next: bye}
  bye: {kind: end}
"""

BAD = [
    # a kind that there is not
    (GOOD.replace("kind: end", "kind: stop"), "node bye"),
    # a field that there is not
    (GOOD.replace("queue: allmant", "queu: allmant"), "node human: queu"),
    # a key that means the same everywhere
    (GOOD.replace('key: "1"', 'key: "0"'), "node menu: choice 0: key"),
    # two digits
    (GOOD.replace('key: "1"', 'key: "12"'), "node menu: choice 12: key"),
    # a menu without choices
    (GOOD.replace('[{key: "1", say: talk, next: human}]', "[]"), "node menu: choices"),
    # no next node
    (GOOD.replace("next: human}", "}"), "node menu: choice 1: next"),
    # a name with a space
    (GOOD.replace("flow: main", "flow: my flow"), "flow"),
    # a language that we do not speak
    (GOOD.replace("say: talk,", "say: talk, language: xx,"), "language"),
    # YAML that breaks off
    (GOOD + "  more: [", "line"),
    # the same node twice
    (GOOD + "  bye: {kind: end}\n", "main.yaml"),
    # not a mapping
    ("just words", "mapping"),
    # nothing
    ("", "mapping"),
    # a tag that would make an object
    ("!!python/object/apply:os.system ['true']", "main.yaml"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_broken_flow_is_refused_with_file_node_and_field(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=r"main\.yaml") as error:
        load_flow(text, file="main.yaml")
    assert says in str(error.value)


def test_the_good_one_that_those_are_made_of_is_read() -> None:
    flow = load_flow(GOOD, file="main.yaml")
    assert flow.start == "main/menu"
    assert list(flow.nodes) == ["main/menu", "main/human", "main/bye"]


def test_two_flows_of_one_name_and_no_main_flow_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two flows"):
        load_book({"a.yaml": GOOD, "b.yaml": GOOD}, wordings=Wordings({}))
    with pytest.raises(ConfigurationError, match="no flow named main"):
        load_book({"a.yaml": GOOD.replace("flow: main", "flow: other")}, wordings=Wordings({}))


def test_the_schema_beside_the_flows_is_current() -> None:
    kept = json.loads((CONFIG / "flows" / "flow.schema.json").read_text("utf-8"))
    assert kept == schema(), "write it anew: kundcenter config schema > config/flows/flow.schema.json"


def test_every_flow_file_names_its_schema_for_editors() -> None:
    for path in (CONFIG / "flows").glob("*.yaml"):
        assert path.read_text("utf-8").startswith("# yaml-language-server: $schema=flow.schema.json\n"), path.name


def test_a_menu_of_benefits_has_as_many_pages_as_it_takes() -> None:
    first, second = book().find("info/family"), book().find("info/family_2")
    offered = [choice.benefit for page in (first, second) for choice in page.choices if choice.benefit]
    assert tuple(offered) == BENEFITS["foralder"]
    assert [choice.next for choice in first.choices][-1] == "info/family_2"
    assert [choice.next for choice in second.choices][-1] == "info/family"


def test_the_version_changes_with_any_flow() -> None:
    other = load_book({"main.yaml": GOOD}, wordings=Wordings({})).version
    assert load_book({"main.yaml": GOOD + "\n"}, wordings=Wordings({})).version != other


def test_a_wording_falls_back_to_swedish_and_then_to_silence() -> None:
    wordings = load_wordings({"sv.yaml": "language: sv\nwording: {hello: Hej}"})
    assert wordings.utterance("hello", language=Language.ENGLISH, values={}).language is Language.SWEDISH
    assert wordings.utterance("unknown", language=Language.SWEDISH, values={}) is None


def test_only_texts_without_values_can_have_a_recording() -> None:
    text = 'language: sv\nwording: {plain: Hej, choice: "Tryck {key}.", filled: "Det kommer {amount}."}'
    wordings = load_wordings({"sv.yaml": text})

    def recording(name: str, **values: int) -> str | None:
        return wordings.utterance(name, language=Language.SWEDISH, values=values, personal=True).wording

    assert (recording("plain"), recording("choice", key=2), recording("filled", amount=2)) == (
        "plain",
        "choice@2",
        None,
    )
    assert wordings.utterance("filled", language=Language.SWEDISH, values={}, personal=True).personal
    assert not wordings.utterance("plain", language=Language.SWEDISH, values={}, personal=True).personal


@pytest.mark.parametrize(
    ("files", "says"),
    [
        # a language that we do not speak
        ({"xx.yaml": "language: xx\nwording: {}"}, "language"),
        # a number instead of a text
        ({"sv.yaml": "language: sv\nwording: {a: 1}"}, "wording a"),
        # an empty text
        ({"sv.yaml": 'language: sv\nwording: {a: ""}'}, "wording a"),
        # a text for ever
        ({"sv.yaml": f"language: sv\nwording: {{a: {'x' * 601}}}"}, "wording a"),
        # the same language twice
        ({"a.yaml": "language: sv\nwording: {}", "b.yaml": "language: sv\nwording: {}"}, "swedish"),
    ],
)
def test_a_broken_wording_file_is_refused(files: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_wordings(files)
    assert says in str(error.value)


def test_what_was_filled_in_is_never_filled_in_again() -> None:
    wordings = load_wordings({"sv.yaml": 'language: sv\nwording: {a: "{missing} {place}"}'})
    said = wordings.utterance("a", language=Language.SWEDISH, values={"missing": "{place}", "place": 3})
    assert said.text == "{place} tre"
