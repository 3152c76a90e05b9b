"""When the flows are changed a call goes on by those that it began with, or is taken over without being lost."""

from dataclasses import replace

import pytest

from ivr.editions import MOST_KEPT, Editions, taken_over
from ivr.engine import step
from ivr.flow import FlowBook
from ivr.flow_file import load_book
from ivr.model import Began, InquiryAnswered, Phase, Position, Resumed
from ivr.opening_hours_file import load_opening_hours
from ivr.rehearsal import OPEN, Rehearsal, made_up
from telephony.model import Ask, Digits, NoInput
from tests.unit.ivr.shipped import BENEFITS, CONFIG, NOW, book, new_call, wordings

POINTS = load_opening_hours((CONFIG / "opening_hours.yaml").read_text("utf-8"))


def edited(*changes: tuple[str, str], file: str = "main.yaml") -> FlowBook:
    """The shipped flows with words of one file changed."""
    files = {path.name: path.read_text("utf-8") for path in (CONFIG / "flows").glob("*.yaml")}
    for old, new in changes:
        assert old in files[file]
        files[file] = files[file].replace(old, new)
    return load_book(files, wordings=wordings(), benefits=BENEFITS)


SWAPPED = edited(
    ('key: "1", say: choice_payment, next: money/who}\n      - {key: "2"', 'key: "5", say: choice_payment, next: money/who}\n      - {key: "1"')
)  # fmt: skip


def digits(position: Position, keys: str) -> Digits:
    return Digits(occurred_at=NOW, leg=position.leg, digits=keys, ref=str(position.turn), complete=True)


def in_the_menu() -> Position:
    return Rehearsal(book(), new_call(), made_up(OPEN)).position


def test_a_key_means_what_the_caller_heard_that_it_means_although_the_menu_was_changed() -> None:
    editions = Editions(book(), POINTS)
    position = in_the_menu()
    editions.renew(SWAPPED, POINTS)
    its_own, same, event = editions.open_at(position, digits(position, "1"))
    after, _ = step(its_own, same, event)
    assert after.path[-1].endswith("choice_payment")
    assert editions.open_at(new_call(), Began())[0] is SWAPPED


def test_after_a_restart_a_key_of_a_menu_that_is_gone_is_not_taken_for_another_but_the_menu_is_said_again() -> None:
    editions = Editions(SWAPPED, POINTS)  # a process that was started since
    position = in_the_menu()
    newest, moved, event = editions.open_at(position, digits(position, "1"))
    assert newest is SWAPPED and isinstance(event, Resumed)
    after, actions = step(newest, moved, event)
    assert after.path == position.path, "nothing was chosen"
    assert isinstance(actions[-1], Ask) and after.version == SWAPPED.version


def test_an_answer_to_an_earlier_turn_stays_without_effect_in_another_edition() -> None:
    position = in_the_menu()
    stale = NoInput(occurred_at=NOW, leg=position.leg, ref=str(position.turn - 1))
    newest, moved, event = Editions(SWAPPED, POINTS).open_at(position, stale)
    assert step(newest, moved, event)[1] == ()


@pytest.mark.parametrize("phase", [Phase.ASKING, Phase.ANSWERING, Phase.INQUIRING])
def test_a_caller_at_a_place_that_is_gone_comes_to_a_human(phase: Phase) -> None:
    lost = replace(
        in_the_menu(), version="older", node="gone/away", phase=phase, back=("gone/one", "main/menu"),
        returns=("gone/two",), anchor="gone/three", onward="gone/four",
    )  # fmt: skip
    moved = taken_over(lost, SWAPPED)
    assert (moved.back, moved.returns, moved.anchor) == (("main/menu",), (), "")
    for event in (Resumed(), InquiryAnswered(turn=lost.turn, result="found")):
        after, actions = step(SWAPPED, moved, event)
        if actions:
            assert (after.node, after.phase) == ("talk/anyone", Phase.INQUIRING)


def test_who_waits_goes_on_waiting_and_can_still_ask_to_be_rung_back() -> None:
    call = Rehearsal(book(), new_call(), made_up(OPEN))
    call.press("0")
    waiting = replace(call.position, version="older", node="gone/away")
    newest, moved, event = Editions(SWAPPED, POINTS).open_at(waiting, digits(waiting, "1"))
    assert moved.in_line and moved.phase is Phase.WAITING
    after, _ = step(newest, moved, event)
    assert after.node.startswith("callback/")


def test_only_so_many_editions_are_kept_and_the_newest_always_is() -> None:
    editions = Editions(book(), POINTS)
    first = in_the_menu()
    for number in range(MOST_KEPT):
        editions.renew(replace(SWAPPED, version=f"v{number}"), POINTS)
    assert editions.of(first) is book()
    editions.renew(replace(SWAPPED, version="last"), POINTS)
    assert editions.of(first).version == "last"


def test_a_changed_wording_makes_another_edition() -> None:
    said = dict(wordings().texts)
    files = {path.name: path.read_text("utf-8") for path in (CONFIG / "flows").glob("*.yaml")}
    changed = replace(wordings(), texts={language: {**texts, "welcome": "Hej."} for language, texts in said.items()})
    assert load_book(files, wordings=changed, benefits=BENEFITS).version != book().version
    assert load_book(files, wordings=wordings(), benefits=BENEFITS).version == book().version
