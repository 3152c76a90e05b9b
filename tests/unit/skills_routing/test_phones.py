"""A telephone counts as gone when it is, not when it is missed for a moment; one that comes and goes must stay first."""

from datetime import UTC, datetime, timedelta

from core.ids import AgentId
from skills_routing.rules.phones import Seen, count

ASA, BO = AgentId("asa"), AgentId("bo")
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def counted(*seconds_and_here: tuple[float, set[AgentId]], before: Seen | None = None) -> Seen:
    for seconds, here in seconds_and_here:
        now = START + timedelta(seconds=seconds)
        before = count(before, here=here, everybody={ASA, BO}, now=now)
    assert before is not None
    return before


def test_the_first_count_is_believed_at_once() -> None:
    assert counted((0, {ASA})).gone == {BO}


def test_a_moment_is_no_loss() -> None:
    assert counted((0, {ASA, BO}), (1, {ASA}), (3, {ASA}), (4, {ASA, BO})).gone == frozenset()
    assert counted((0, {ASA, BO}), (1, {ASA}), (3.9, {ASA}), (4, {ASA, BO}), (5, {ASA}), (7, {ASA})).gone == frozenset()


def test_who_was_missed_for_a_moment_is_told_of_once_when_they_are_there_again() -> None:
    seen = counted((0, {ASA, BO}), (1, {ASA}), (2, {ASA, BO}))
    assert (seen.gone, seen.returned) == (frozenset(), {BO})
    assert counted((3, {ASA, BO}), before=seen).returned == frozenset()


def test_three_seconds_are_and_it_is_back_as_soon_as_it_is() -> None:
    lost = counted((0, {ASA, BO}), (1, {ASA}), (4, {ASA}))
    assert lost.gone == {BO}
    assert counted((5, {ASA, BO}), before=lost).gone == frozenset()


def flapping(times: int = 5) -> Seen:
    """Bo's telephone is lost every ten seconds; it is back for the last time one second after the fourth of those."""
    seen = counted((0, {ASA, BO}))
    for second in range(1, 10 * times, 10):
        seen = counted((second, {ASA}), (second + 3, {ASA}), (second + 4, {ASA, BO}), before=seen)
        if second < 10 * (times - 1):
            seen = counted(*((second + more, {ASA, BO}) for more in (5, 7, 9)), before=seen)
    return seen


def test_one_that_comes_and_goes_counts_as_gone_until_it_has_stayed_for_a_while() -> None:
    assert flapping(4).gone == frozenset(), "whoever loads the page anew is lost for a moment, too"
    seen = flapping(5)
    assert seen.gone == {BO}
    assert counted((49, {ASA, BO}), (52, {ASA, BO}), (54.9, {ASA, BO}), before=seen).gone == {BO}
    assert counted((49, {ASA, BO}), (52, {ASA, BO}), (55, {ASA, BO}), before=seen).gone == frozenset()


def test_what_was_a_minute_ago_is_forgotten() -> None:
    steady = [(45.0 + second, {ASA, BO}) for second in range(0, 63, 3)]
    seen = counted(*steady, before=flapping())
    assert counted((110, {ASA}), (113, {ASA}), (114, {ASA, BO}), before=seen).gone == frozenset()


def test_after_a_restart_all_are_gone_at_once_and_each_is_back_as_it_comes() -> None:
    seen = counted((60, set()), before=flapping())
    assert seen.gone == {ASA, BO}
    assert counted((61, {ASA}), before=seen).gone == {BO}
    assert counted((61, {ASA}), (62, {ASA, BO}), before=seen).gone == frozenset()


def test_who_is_no_agent_any_more_is_nobodys_concern() -> None:
    before = counted((0, {ASA}))
    assert count(before, here={ASA}, everybody={ASA}, now=START + timedelta(seconds=1)).gone == frozenset()
