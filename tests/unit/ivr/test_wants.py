"""What a choice, or the wait itself, asks of an agent besides the queue: it is the caller's until they choose otherwise."""

from functools import cache

from ivr.flow import FlowBook
from ivr.flow_file import load_book
from ivr.rehearsal import OPEN, Rehearsal, made_up
from tests.unit.ivr.shipped import new_call, wordings

FLOW = """
flow: main
start: menu
human: human
nodes:
  menu:
    kind: menu
    choices:
      - {key: "1", say: choice_sick, queue: sjuk, needs: [{skill: partner, level: 2}], next: sure}
      - {key: "2", say: choice_housing, queue: bostad, next: human}
      - {key: "3", say: choice_talk, preferred: [{skill: sjuk, level: 4}], next: human}
  sure:
    kind: menu
    choices:
      - {key: "1", say: choice_talk, next: human}
  human:
    kind: human
    queue: allmant
    needs: [{skill: servicekontor}]
    closed: {next: bye}
  bye: {kind: end}
"""


@cache
def wanting() -> FlowBook:
    return load_book({"main.yaml": FLOW}, wordings=wordings())


def waits_after(*keys: str) -> tuple[str, tuple[str, ...]]:
    caller = Rehearsal(wanting(), new_call(), made_up(OPEN))
    for key in keys:
        caller.press(key)
    assert caller.waits
    return caller.position.queue, caller.position.wants


def test_a_choice_and_the_wait_add_up() -> None:
    assert waits_after("1", "1") == ("sjuk", ("partner:2", "servicekontor:1"))


def test_who_goes_back_and_chooses_something_else_no_longer_needs_it() -> None:
    assert waits_after("1", "*", "2") == ("bostad", ("servicekontor:1",))


def test_a_choice_may_only_prefer_and_name_no_queue() -> None:
    assert waits_after("3") == ("allmant", ("?sjuk:4", "servicekontor:1"))


def test_who_asks_for_a_human_at_once_needs_what_the_wait_asks_for() -> None:
    assert waits_after("0") == ("allmant", ("servicekontor:1",))
