"""The bound by which anybody can be passed is computed from the files, and holds for every order of arrival."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.language import Language
from skills_routing.model import rank
from skills_routing.rules.queues import HeadStart, Queue
from skills_routing.rules.starvation import Bound, bounds, bounds_in_words

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECONDS = st.integers(0, 600)


def queue(name: str, seconds: int, **reasons: int) -> Queue:
    return Queue(
        id=name,
        label={language: name.capitalize() for language in Language},
        needs=frozenset(),
        head_start=timedelta(seconds=seconds),
        benefits=(),
        head_starts={HeadStart(reason): timedelta(seconds=much) for reason, much in reasons.items()},
    )


def test_equal_head_starts_let_nobody_pass() -> None:
    assert bounds([queue("a", 60), queue("b", 60)]) == ()
    assert bounds_in_words([queue("a", 60), queue("b", 60)]) == (
        "Ingen som ringer passeras av den som kommer senare: alla köer har samma försprång.",
    )


def test_each_pair_and_reason_has_its_bound() -> None:
    assert set(bounds([queue("a", 0), queue("b", 30, callback=90)])) == {
        Bound(waiting="a", passing="b", seconds=30),
        Bound(waiting="a", passing="b", seconds=90, reason=HeadStart.CALLBACK),
        Bound(waiting="b", passing="b", seconds=60, reason=HeadStart.CALLBACK),
    }


def test_it_is_said_as_people_ask_it() -> None:
    said = bounds_in_words([queue("a", 0), queue("b", 30, returned=90)])
    assert "Den som väntar i A kan passeras av den i B som kommer högst 30 s senare (när som helst)." in said
    assert "Den som väntar i B kan passeras av den i B som kommer högst 60 s senare (efter ett brutet samtal)." in said
    assert said[-1] == "I alla andra par passeras ingen av den som kommer senare."


@given(SECONDS, SECONDS, SECONDS, st.integers(1, 1200), st.sampled_from([None, HeadStart.CALLBACK]))
def test_nobody_who_comes_later_than_the_bound_passes_and_who_comes_within_it_does(
    mine: int, theirs: int, more: int, later: int, reason: HeadStart | None
) -> None:
    a, b = queue("a", mine), queue("b", theirs, callback=theirs + more)
    found = [one.seconds for one in bounds([a, b]) if (one.waiting, one.passing, one.reason) == ("a", "b", reason)]
    bound = found[0] if found else 0
    before = rank(NOON, head_start=a.head_start_for())
    after = rank(NOON + timedelta(seconds=later), head_start=b.head_start_for(reason))
    assert (after < before) == (later < bound)


def test_what_was_written_stands_as_far_behind_as_its_channel_says_and_the_longest_head_start() -> None:
    [*_, texts] = bounds_in_words([queue("a", 30)], behind=timedelta(minutes=10))
    assert texts == "Den som har skrivit kan passeras av den som ringer högst 630 s senare."
