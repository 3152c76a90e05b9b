"""Silence or a wrong key: again, slower, then a human. Who is sent away by it, and who is promised something."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import Language
from ivr.flow import AskDigits, Menu, Times
from ivr.graph import takes_keys
from ivr.menus import choices_for
from ivr.model import Inquiry, InquiryName, Phase
from ivr.rehearsal import CLOSED, OPEN, Rehearsal, made_up
from ivr.turn import Turn
from ivr.walk import enter
from tests.unit.ivr.shipped import book, new_call
from tests.unit.ivr.test_engine_properties import MOST_SILENCES, moves, thorough, walk

ASKING = [name for name, node in book().nodes() if takes_keys(node)]
WISH = "callback/closed"
"""Where whoever wants a human while we are closed can be rung back."""


def texts(caller: Rehearsal) -> list[str]:
    return [utterance.text for utterance in caller.heard]


def at(name: str, results: Mapping[InquiryName, str], **position: object) -> Rehearsal:
    """A caller who has just been asked what this node asks, with times to choose from."""
    answer = made_up(results)
    caller = Rehearsal(book(), new_call(), answer)
    asked = Inquiry(name=InquiryName.TIMES, position=caller.position)
    start = replace(caller.position, found=answer(asked).found, benefit="barnbidrag", **position)
    turn = Turn(book(), start)
    enter(turn, name)
    assert turn.position.phase is Phase.ASKING
    caller.position = turn.position
    caller.heard.clear()
    return caller


def wrong_key(caller: Rehearsal) -> str:
    """Return keys that mean nothing where this caller is."""
    node = book().find(caller.position.node)
    if isinstance(node, AskDigits):
        return "1" * (node.least - 1) or "#"
    assert isinstance(node, Menu | Times)
    taken = {choice.key for choice in choices_for(Turn(book(), caller.position), node)}
    return next(key for key in "87654321" if key not in taken and not (isinstance(node, Times) and key in "12347"))


def is_helped(caller: Rehearsal) -> bool:
    """Tell whether a human comes, a wish is being offered, or the citizen hears that we keep a promise made before."""
    position = caller.position
    offered = position.node == WISH and position.phase is Phase.ASKING
    return caller.waits or offered or position.node == "rung/later"


def orders(name: str) -> tuple[str, ...]:
    """Return three goes each, x a wrong key and - silence, with a wrong key among them."""
    node = book().find(name)
    says_all = isinstance(node, Menu) and node.once  # the first silence there means: I have heard it all
    return ("xxx",) if says_all else ("xxx", "xx-", "-x-", "x--")


@pytest.mark.parametrize("results", [OPEN, CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize("name", ASKING)
def test_wrong_keys_never_end_a_call(name: str, results: Mapping[InquiryName, str]) -> None:
    for order, language, in_line in product(orders(name), Language, (False, True)):
        caller = at(name, results, language=language, in_line=in_line, rung=name.startswith("rung/"))
        for key in order:
            caller.silence() if key == "-" else caller.press(wrong_key(caller))
        assert is_helped(caller), (order, language, in_line, caller.position.node, texts(caller))


@given(data=st.data(), steps=moves, closed=st.booleans())
@thorough
def test_wherever_a_call_has_come_three_wrong_keys_bring_a_human_or_the_offer_to_ring_back(
    data: st.DataObject, steps: list[tuple[str, object]], closed: bool
) -> None:
    caller = walk(data, steps)
    caller._answerer = made_up(CLOSED if closed else OPEN)
    if caller.position.phase is Phase.ASKING:
        caller.position = replace(caller.position, tries=0, wrong_key=False)
        for _ in range(3):
            caller.press(wrong_key(caller))
        assert is_helped(caller), (caller.position.node, texts(caller)[-3:])


@given(keys=st.lists(st.booleans(), max_size=MOST_SILENCES), closed=st.booleans(), withheld=st.booleans())
@thorough
def test_nobody_is_promised_anything_who_has_pressed_no_key_that_there_is(
    keys: list[bool], closed: bool, withheld: bool
) -> None:
    results = {**(CLOSED if closed else OPEN), InquiryName.CALLER_NUMBER: "withheld" if withheld else "known"}
    caller = Rehearsal(book(), new_call(), made_up(results))
    for wrong in keys:
        if caller.position.phase is not Phase.ASKING:
            break
        caller.press(wrong_key(caller)) if wrong else caller.silence()
    assert InquiryName.PROMISE_CALLBACK not in {one.name for one in caller.inquiries}


def test_whoever_only_listens_comes_to_a_human_or_while_closed_hears_when_one_answers() -> None:
    caller = Rehearsal(book(), new_call(), made_up(OPEN))
    for _ in range(3):
        caller.silence()
    assert caller.waits

    caller = Rehearsal(book(), new_call(), made_up(CLOSED))
    for _ in range(7):
        caller.silence()
    assert caller.over
    assert texts(caller).count("Vill du att vi ringer upp dig? Tryck fyra.") == 3
    assert texts(caller).count("Ska vi ringa så snart vi kan när vi har öppnat? Tryck ett.") == 3
    assert "Då kopplar vi dig till en handläggare, också om du inte trycker på något." in " ".join(texts(caller)[-2:])


def test_when_we_have_opened_meanwhile_whoever_only_listens_comes_to_a_human() -> None:
    caller = Rehearsal(book(), new_call(), made_up(CLOSED))
    for _ in range(5):
        caller.silence()
    assert caller.position.node == WISH
    caller._answerer = made_up(OPEN)
    caller.silence()
    assert caller.waits


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        # we know no day
        (("1", "199107172380", "274913", "-"), {"next_payments": "no_day"}),
        # a promise could not be kept: closed, so the wish is offered again
        (("4", "1"), {"promise_callback": "failed", "hours": "closed", "request_human": "closed"}),
        # what was asked for about texts could not be done
        (("3", "7", "199107172380", "274913", "1"), {"text_ask": "failed"}),
        # the texts were asked about, and nothing was chosen
        (("3", "7", "199107172380", "274913"), {}),
    ],
    ids=["no day", "no promise", "no texts", "nothing chosen"],
)
def test_silence_after_what_was_no_answer_leads_to_a_human(keys: tuple[str, ...], result: dict[str, str]) -> None:
    results = {**OPEN, **{InquiryName(name): one for name, one in result.items()}}
    caller = Rehearsal(book(), new_call(), made_up(results))
    for key in keys:
        caller.silence() if key == "-" else caller.press(key)
    for _ in range(3):
        assert caller.position.phase is Phase.ASKING
        caller.silence()
    assert is_helped(caller)


def test_silence_after_a_complete_answer_is_a_goodbye() -> None:
    caller = Rehearsal(book(), new_call(), made_up({**OPEN, InquiryName.TEXT_OFFER: "none"}))
    for key in ("1", "199107172380", "274913"):
        caller.press(key)
    for _ in range(5):
        caller.silence()
    assert caller.over
    assert [told.kind for told in caller.told] == ["payment"]
