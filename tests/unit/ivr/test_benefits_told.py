"""What a caller hears of a benefit without having shown who they are, on the engine alone."""

import pytest

from tests.unit.ivr.test_engine import CODE, PNR, call, texts


@pytest.mark.parametrize(
    ("how", "said", "days"),
    [
        ("apply", "Du söker barnbidrag hos oss.", True),
        ("by_itself", "Du behöver oftast inte söka barnbidrag.", True),
        ("through_others", "Du behöver oftast inte söka barnbidrag själv.", False),
        ("not_applied_for", "Du behöver inte söka barnbidrag.", False),
    ],
)
def test_what_is_said_of_a_benefit_is_how_it_is_come_by_and_nine_says_all_of_it_again(
    how: str, said: str, days: bool
) -> None:
    caller = call(how_to_apply=how, calendar="found")
    for key in ("3", "1", "1"):
        caller.press(key)
    for times in (1, 2):
        assert texts(caller).count(said) == times
        assert texts(caller).count("De närmaste utbetalningarna av barnbidrag") == (times if days else 0)
        caller.press("9")
    caller.silence()
    assert [(told.kind, told.benefit) for told in caller.told] == [("information", "barnbidrag")]
    caller.press("1")
    assert caller.waits, "a human is one key away"


def test_an_answer_about_all_payments_is_not_put_down_to_the_benefit_that_was_looked_at_before() -> None:
    caller = call(calendar="found")
    for key in ("3", "1", "1"):
        caller.press(key)
    caller.silence()
    caller.press("2")
    caller.press(PNR)
    caller.press(CODE)
    caller.silence()
    assert [(told.kind, told.benefit) for told in caller.told] == [("information", "barnbidrag"), ("payment", "")]
