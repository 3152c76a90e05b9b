"""Whatever is pressed, answered or broken: nothing raises, nobody is trapped, no secret is kept."""

from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.language import Language
from ivr.flow import Menu
from ivr.model import (
    Broke,
    Connected,
    Inquiry,
    InquiryAnswered,
    InquiryName,
    Phase,
    Placed,
    Position,
    Resumed,
    Returned,
    Stranded,
    WaitedOn,
    results_of,
)
from ivr.rehearsal import CLOSED, OPEN, Rehearsal, made_up
from ivr.store import _positions
from ivr.turn import Turn
from ivr.walk import enter
from telephony.model import Ask, HangUp, Hold, Say
from tests.unit.ivr.shipped import book, new_call

SECRETS = ("199107172380", "9107172380", "274913", "0701740605")
PROOF = "två sju fyra, nio ett tre"
"""The code of a rehearsed promise, as it is said."""
MOST_SILENCES = 40

keys = st.one_of(
    st.sampled_from([*"1234567890*", "#", *SECRETS, "", "12*", "*#", "00"]),
    st.text("0123456789*#", max_size=20),
    st.text(max_size=5),
)
happenings = st.one_of(
    st.builds(Placed, place=st.integers(0, 10_000)),
    st.sampled_from([WaitedOn(), Returned(), Connected(), Resumed(), Broke(), Stranded()]),
)
moves = st.lists(
    st.one_of(st.tuples(st.just("press"), keys), st.just(("silence", "")), st.tuples(st.just("happens"), happenings)),
    max_size=40,
)
thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def walk(data: st.DataObject, steps: list[tuple[str, object]]) -> Rehearsal:
    def answer(inquiry: Inquiry) -> InquiryAnswered:
        result = data.draw(st.sampled_from([*results_of(inquiry.name), "no such result"]), label=inquiry.name)
        good = made_up({**OPEN, inquiry.name: result})(inquiry)
        return replace(good, person="per_1" if inquiry.name is InquiryName.LOCATE else None)

    rehearsal = Rehearsal(book(), new_call(), answer)
    for what, value in steps:
        before = len(rehearsal.actions)
        match what:
            case "press":
                rehearsal.press(str(value))
            case "silence":
                rehearsal.silence()
            case "happens":
                rehearsal.happens(value)  # type: ignore[arg-type]
        _is_sound(rehearsal, before)
    return rehearsal


def _is_sound(rehearsal: Rehearsal, before: int) -> None:
    heard = [action for action in rehearsal.actions[before:] if isinstance(action, Ask | Say | Hold | HangUp)]
    position = rehearsal.position
    assert position.phase is not Phase.INQUIRING, "every inquiry was answered, so the call must have gone on"
    if heard:
        expected = {
            Phase.ASKING: Ask,
            Phase.ANSWERING: Ask,
            Phase.WAITING: Hold | Say,
            Phase.ENDING: Say,
            Phase.ENDED: HangUp,
        }
        assert isinstance(heard[-1], expected[position.phase])
    if isinstance(heard[-1] if heard else None, Ask):
        assert heard[-1].ref == str(position.turn)
        assert heard[-1].utterances, "a question without words"
    said = [one for action in heard for one in getattr(action, "utterances", ())]
    assert all(one.personal for one in said if PROOF in one.text), "a code stays in no cache of sounds"
    kept = _positions.dump_json(position).decode()
    assert not any(secret in kept for secret in SECRETS)
    assert _positions.validate_json(kept) == position
    assert len(kept) < 5_000


@given(data=st.data(), steps=moves)
@thorough
def test_nothing_that_happens_breaks_a_call(data: st.DataObject, steps: list[tuple[str, object]]) -> None:
    walk(data, steps)


@given(data=st.data(), steps=moves, closed=st.booleans())
@thorough
def test_whoever_then_only_listens_comes_to_a_human_or_to_an_end(
    data: st.DataObject, steps: list[tuple[str, object]], closed: bool
) -> None:
    rehearsal = walk(data, steps)
    rehearsal._answerer = made_up(CLOSED if closed else OPEN)
    for _ in range(MOST_SILENCES):
        if rehearsal.over or rehearsal.waits or rehearsal.position.phase is Phase.TALKING:
            return
        rehearsal.silence()
    raise AssertionError(f"still at {rehearsal.position.node}")


@given(data=st.data(), steps=moves)
@thorough
def test_zero_brings_a_human_from_wherever_one_is(data: st.DataObject, steps: list[tuple[str, object]]) -> None:
    rehearsal = walk(data, steps)
    rehearsal._answerer = made_up(OPEN)
    if rehearsal.position.phase in (Phase.ASKING, Phase.ANSWERING):
        rehearsal.press("0")
        assert rehearsal.waits


@given(data=st.data(), steps=moves)
@thorough
def test_zero_when_closed_offers_to_ring_back(data: st.DataObject, steps: list[tuple[str, object]]) -> None:
    rehearsal = walk(data, steps)
    rehearsal._answerer = made_up(CLOSED)
    if rehearsal.position.phase in (Phase.ASKING, Phase.ANSWERING) and not rehearsal.position.in_line:
        rehearsal.press("0")
        assert rehearsal.position.node == "callback/closed"


@given(data=st.data(), steps=moves)
@thorough
def test_no_more_than_three_codes_are_tried_in_a_call(data: st.DataObject, steps: list[tuple[str, object]]) -> None:
    steps = [
        move
        for pair in zip(steps, [("press", "1"), ("press", SECRETS[0]), ("press", SECRETS[2])] * 20, strict=False)
        for move in pair
    ]
    rehearsal = walk(data, steps)
    tried = [one for one in rehearsal.inquiries if one.name is InquiryName.VERIFY_CODE]
    verified = rehearsal.position.level
    cannot = [one for one in tried if one.digits]
    assert verified or rehearsal.position.attempts.get("identify/code", 0) <= 3
    assert all(one.position.attempts.get("identify/code", 0) < 3 for one in cannot)


def test_a_position_has_no_field_for_a_secret() -> None:
    assert not {field.name for field in fields(Position)} & {"digits", "code", "personnummer", "number", "caller"}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", [name for name, _node in book().nodes()])
def test_every_node_can_be_come_to_in_every_language(name: str, language: Language) -> None:
    turn = Turn(book(), replace(new_call(), language=language, benefit="barnbidrag"))
    enter(turn, name)
    asks = [action for action in turn.actions if isinstance(action, Ask)]
    for utterance in (one for ask in asks for one in ask.utterances):
        assert utterance.text.strip()
        assert "{" not in utterance.text
    if isinstance(book().find(name), Menu):
        assert len(asks) == 1


def test_a_flow_that_goes_in_circles_keeps_the_caller_in_the_line() -> None:
    from ivr.flow import Flow, FlowBook, SayNode

    circle = {"main/a": SayNode(say=(), next="main/b"), "main/b": SayNode(say=(), next="main/a")}
    made = FlowBook(
        flows={"main": Flow(name="main", start="main/a", human="main/a", nodes=circle)}, wordings=book().wordings
    )
    rehearsal = Rehearsal(made, new_call(), made_up(OPEN))
    assert rehearsal.waits
