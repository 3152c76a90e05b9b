"""Promises are counted honestly: what became of them adds up, and nobody waited for nothing."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.counting import count
from callbacks.model import Callback, CallbackState, Period
from core.ids import CallbackId, ContactId
from core.language import Language
from core.phone import PhoneNumber
from tests.fakes.clock import START

PROMISE = Callback(
    callback=CallbackId("cbk_1"),
    contact=ContactId("con_1"),
    number=PhoneNumber("+46701740605"),
    queue="sjuk",
    language=Language.SWEDISH,
    reason="line",
    state=CallbackState.WAITING,
    first_requested_at=START,
    promised_at=START + timedelta(minutes=5),
)
TOLD = Period(START + timedelta(hours=1), START + timedelta(hours=2))


def kept(*, after_minutes: float, told: Period | None = TOLD) -> Callback:
    return replace(PROMISE, state=CallbackState.KEPT, talked_at=START + timedelta(minutes=after_minutes), told=told)


def test_in_time_is_before_the_end_of_what_we_said_and_without_it_nothing_is_late() -> None:
    counted = count(
        [kept(after_minutes=60), kept(after_minutes=119), kept(after_minutes=120), kept(after_minutes=9, told=None)]
    )
    assert (counted.kept_in_time, counted.kept_late, counted.kept_without_time) == (2, 1, 1)


def test_a_wait_is_from_the_first_request_and_its_tail_is_shown() -> None:
    waits = count([kept(after_minutes=minutes) for minutes in range(1, 101)]).waits
    assert waits is not None
    assert (waits.p50, waits.p90, waits.p99) == tuple(timedelta(minutes=minutes) for minutes in (50, 90, 99))
    assert waits.longest == timedelta(minutes=100)


def test_reasons_are_named() -> None:
    failed = [
        replace(PROMISE, state=CallbackState.FAILED, last_reason=reason) for reason in ("busy", "no_answer", "busy")
    ]
    ended = replace(PROMISE, state=CallbackState.CANCELLED, last_reason="helped")
    counted = count([*failed, ended])
    assert (counted.failed, counted.cancelled) == ({"busy": 2, "no_answer": 1}, {"helped": 1})


def test_without_anybody_reached_no_wait_is_made_up() -> None:
    assert count([PROMISE]).waits is None


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.tuples(st.sampled_from(CallbackState), st.booleans(), st.integers(1, 500))))
def test_what_became_of_them_always_adds_up(ends: list[tuple[CallbackState, bool, int]]) -> None:
    promises = [
        replace(
            PROMISE,
            state=state,
            told=TOLD if told else None,
            talked_at=START + timedelta(minutes=minutes) if state is CallbackState.KEPT else None,
        )
        for state, told, minutes in ends
    ]
    counted = count(promises)
    assert counted.holds and counted.promised == len(ends)
    assert counted.waits is None or counted.waits.p50 > timedelta()
