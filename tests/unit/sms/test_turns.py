"""Whose turn it is when a citizen writes: every word in every standing."""

import pytest

from sms.keywords import Keyword
from sms.turns import ALWAYS_OURS, Stands, Turn, Why, turn, why


@pytest.mark.parametrize("keyword", Keyword)
@pytest.mark.parametrize("second_time", [False, True])
def test_while_an_agent_has_somebody_the_machine_only_obeys_commands(keyword: Keyword, second_time: bool) -> None:
    taken = turn(keyword, Stands.AT_HAND, second_time=second_time)
    assert taken is (Turn.OURS if keyword in ALWAYS_OURS else Turn.ADD)


@pytest.mark.parametrize("keyword", Keyword)
@pytest.mark.parametrize("stands", Stands)
def test_who_wants_no_texts_or_wants_to_be_rung_is_always_obeyed(keyword: Keyword, stands: Stands) -> None:
    if keyword in (Keyword.STOP, Keyword.START, Keyword.CALL):
        assert turn(keyword, stands, second_time=True) is Turn.OURS


@pytest.mark.parametrize(
    ("keyword", "stands", "second_time", "taken"),
    [
        (Keyword.HUMAN, Stands.NOWHERE, False, Turn.BEGIN),
        (Keyword.OTHER, Stands.NOWHERE, False, Turn.OURS),
        (Keyword.OTHER, Stands.NOWHERE, True, Turn.BEGIN),
        (Keyword.PAYMENT, Stands.NOWHERE, True, Turn.OURS),  # understood at last
        (Keyword.TOO_LATE, Stands.NOWHERE, True, Turn.OURS),  # a number without a question says so
        (Keyword.THANKS, Stands.NOWHERE, True, Turn.OURS),
        (Keyword.HUMAN, Stands.WAITING, False, Turn.REMIND),
        (Keyword.OTHER, Stands.WAITING, True, Turn.ADD),
        (Keyword.TOO_LATE, Stands.WAITING, False, Turn.ADD),
        (Keyword.STATUS, Stands.WAITING, False, Turn.OURS),  # the machine may know at once
        (Keyword.OTHER, Stands.LATELY, False, Turn.BEGIN),  # goes on with what the agent answered
        (Keyword.TOO_LATE, Stands.LATELY, False, Turn.BEGIN),  # "ja": to the agent's question
        (Keyword.THANKS, Stands.LATELY, False, Turn.OURS),  # nobody is needed for that
        (Keyword.PAYMENT, Stands.LATELY, False, Turn.OURS),
        (Keyword.TIME_2, Stands.WAITING, False, Turn.OURS),  # an answer to the machine's own question
        (Keyword.SURE, Stands.LATELY, True, Turn.OURS),
        (Keyword.OWN_WORDS, Stands.NOWHERE, True, Turn.OURS),  # what was asked for in own words
    ],
)
def test_whose_turn_it_is(keyword: Keyword, stands: Stands, second_time: bool, taken: Turn) -> None:
    assert turn(keyword, stands, second_time=second_time) is taken


def test_the_agent_is_told_why() -> None:
    assert why(Keyword.HUMAN, Stands.LATELY) is Why.ASKED
    assert why(Keyword.OTHER, Stands.LATELY) is Why.AGAIN
    assert why(Keyword.OTHER, Stands.NOWHERE) is Why.NOT_UNDERSTOOD
