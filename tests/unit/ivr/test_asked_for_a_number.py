"""What a caller meets who presses something else where a number is asked for, with the flows that the product ships."""

import pytest

from tests.unit.ivr.test_engine import PNR, call, last_ask, texts


@pytest.mark.parametrize(
    ("keys", "said"),
    # who is asked for a number has no choice to make, and is told what is lacking
    [("5", "Vi fick inte alla siffror."), ("#9", "Vi fick inte alla siffror."), (None, "Vi hörde inga siffror.")],
)
def test_whoever_is_asked_for_a_number_is_told_what_is_asked_for(keys: str | None, said: str) -> None:
    caller = call()
    caller.press("1")
    for where, asked in (("identify/personnummer", "ditt personnummer"), ("identify/code", "sex siffror")):
        assert caller.position.node == where
        caller.press(keys) if keys else caller.silence()
        assert [one.text for one in last_ask(caller).utterances][0] == said
        assert asked in last_ask(caller).utterances[1].text
        caller.press(PNR)
    assert "Det valet finns inte" not in texts(caller)


@pytest.mark.parametrize("key", ["0", "9", "*"])
def test_one_key_alone_helps_where_a_number_is_asked_for_too(key: str) -> None:
    caller = call()
    caller.press("1")
    caller.press(key)
    assert caller.waits if key == "0" else caller.position.node == {"9": "identify/personnummer", "*": "main/menu"}[key]
