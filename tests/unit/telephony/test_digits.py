"""The digit collector: what ends it, what it drops, and when its time is up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import digits
from telephony.digits import Collecting, NothingPressed, Pressed
from telephony.model import Collect


def pressed(state: Collecting, keys: str, *, now: float = 0.0) -> Collecting:
    for key in keys:
        state = digits.key_pressed(state, key, now=now)
    return state


def listening(**settings) -> Collecting:
    return digits.prompt_ended(digits.begin(Collect(**settings)), now=0.0)


@pytest.mark.parametrize(
    ("settings", "keys", "outcome"),
    [
        ({"max_digits": 1}, "5", Pressed("5")),  # the maximum ends it at once
        ({"max_digits": 4}, "12#", Pressed("12")),  # the terminator ends it and is not a digit
        ({"max_digits": 4}, "12*4", Pressed("12*4")),  # star is a digit like any other
        ({"max_digits": 4}, "#", NothingPressed()),  # the terminator alone is no input
        ({"max_digits": 3, "terminator": ""}, "1#2", Pressed("1#2")),  # no terminator: hash is a digit
        ({"max_digits": 2}, "A1B2", Pressed("12")),  # tones that no telephone has are ignored
        ({"max_digits": 2}, "1", None),  # not yet
    ],
)
def test_keys_end_the_collector_or_not(settings, keys, outcome):
    assert pressed(listening(**settings), keys).outcome == outcome


def test_the_first_digit_silences_the_prompt_and_counts():
    state = pressed(digits.begin(Collect(max_digits=2)), "1", now=3.0)
    assert (state.digits, state.prompt_playing, state.deadline) == ("1", False, 7.0)


def test_without_barge_in_digits_during_the_prompt_are_dropped():
    state = pressed(digits.begin(Collect(max_digits=2, barge_in=False)), "12#")
    assert (state.digits, state.prompt_playing, state.outcome) == ("", True, None)
    assert pressed(digits.prompt_ended(state, now=0), "34").outcome == Pressed("34")


def test_a_terminator_during_the_prompt_belonged_to_the_question_before():
    state = digits.begin(Collect(max_digits=2))
    assert pressed(state, "#") == state


def test_no_time_runs_while_the_prompt_plays():
    assert digits.begin(Collect()).deadline is None


def test_the_time_to_the_first_digit_runs_from_the_end_of_the_prompt():
    state = digits.prompt_ended(digits.begin(Collect(first_seconds=6)), now=100.0)
    assert digits.time_reached(state, now=105.9).outcome is None
    assert digits.time_reached(state, now=106.0).outcome == NothingPressed()


def test_the_time_between_digits_starts_anew_with_each_digit_and_gives_what_there_is():
    state = digits.prompt_ended(digits.begin(Collect(max_digits=6, between_seconds=4)), now=0.0)
    state = pressed(pressed(state, "1", now=1.0), "2", now=4.5)
    assert digits.time_reached(state, now=8.4).outcome is None
    assert digits.time_reached(state, now=8.5).outcome == Pressed("12", complete=False)


def test_a_prompt_that_ends_after_barge_in_changes_nothing():
    state = pressed(digits.begin(Collect(max_digits=2)), "1", now=3.0)
    assert digits.prompt_ended(state, now=3.2) == state


@given(
    collect=st.builds(
        Collect,
        max_digits=st.integers(1, 12),
        terminator=st.sampled_from(["#", "*", ""]),
        first_seconds=st.floats(0, 10),
        between_seconds=st.floats(0, 10),
        barge_in=st.booleans(),
    ),
    happenings=st.lists(st.one_of(st.sampled_from("0123456789*#AD"), st.sampled_from(["prompt ended", "time"]))),
)
def test_it_ends_once_within_bounds_and_then_never_changes(collect, happenings):
    state, now = digits.begin(collect), 0.0
    for happening in happenings:
        before = state
        now += 1.0
        if happening == "prompt ended":
            state = digits.prompt_ended(state, now=now)
        elif happening == "time":
            state = digits.time_reached(state, now=now)
        else:
            state = digits.key_pressed(state, happening, now=now)
        assert before.outcome is None or state == before
        assert len(state.digits) <= collect.max_digits
        assert state.outcome is not None or state.prompt_playing or state.deadline is not None  # never a dead end


def test_digits_never_show_in_a_representation():
    state = pressed(listening(max_digits=4), "7391")
    assert "7391" not in repr(state) and "7391" not in repr(state.outcome)
