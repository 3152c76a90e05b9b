"""A system that does not answer is left alone for a while, then asked once."""

from datetime import timedelta

from cases.breaker import Breaker
from tests.fakes.clock import START

SECOND = timedelta(seconds=1)


def opened() -> Breaker:
    breaker = Breaker(most_failures=3, rest=10 * SECOND)
    for _ in range(3):
        assert breaker.may_ask(now=START)
        breaker.failed(now=START)
    return breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(most_failures=3)
    for _ in range(5):
        breaker.failed(now=START)
        breaker.failed(now=START)
        breaker.answered()
    assert breaker.may_ask(now=START)
    assert not opened().may_ask(now=START + 9 * SECOND)


def test_after_its_rest_one_question_gets_through_and_its_answer_closes_it() -> None:
    breaker = opened()
    assert breaker.may_ask(now=START + 10 * SECOND)
    assert not breaker.may_ask(now=START + 10 * SECOND)
    breaker.answered()
    assert breaker.may_ask(now=START + 10 * SECOND) and breaker.may_ask(now=START + 10 * SECOND)


def test_when_that_question_fails_it_rests_again() -> None:
    breaker = opened()
    assert breaker.may_ask(now=START + 10 * SECOND)
    breaker.failed(now=START + 12 * SECOND)
    assert not breaker.may_ask(now=START + 21 * SECOND)
    assert breaker.may_ask(now=START + 22 * SECOND)


def test_a_question_that_was_never_finished_does_not_keep_it_shut() -> None:
    breaker = opened()
    assert breaker.may_ask(now=START + 10 * SECOND)
    assert breaker.may_ask(now=START + 20 * SECOND)


def test_a_clock_that_is_set_back_does_not_keep_it_shut() -> None:
    assert opened().may_ask(now=START - timedelta(hours=2))
