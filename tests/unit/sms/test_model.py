"""When texts may go, and how their state moves."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.model import Policy, Purpose, Recent, State, further


@given(st.lists(st.sampled_from(State), min_size=1, max_size=5))
def test_receipts_in_any_order_and_twice_end_in_the_same_state(receipts: list[State]) -> None:
    ends = set()
    for order in permutations(receipts):
        state = State.ACCEPTED
        for told in (*order, order[0]):
            assert (state := further(state, told)) in State
        ends.add(state)
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), datetime(2026, 11, 16, 9, 0, tzinfo=UTC)),
        (datetime(2026, 11, 16, 19, 0, tzinfo=UTC), datetime(2026, 11, 17, 7, 0, tzinfo=UTC)),  # 20.00 in winter
        (datetime(2026, 11, 16, 23, 30, tzinfo=UTC), datetime(2026, 11, 17, 7, 0, tzinfo=UTC)),  # after midnight
        (datetime(2026, 3, 28, 20, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),  # the clock goes forward
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),  # and back
    ],
)
def test_what_is_no_answer_waits_for_the_morning(at: datetime, goes: datetime) -> None:
    assert Policy().not_before(Purpose.CALLBACK_GIVEN_UP, at=at) == goes
    assert Policy().not_before(Purpose.ANSWER, at=at) == at


def test_each_cap_counts() -> None:
    policy = Policy(number_per_day=2, range_per_hour=3, all_per_hour=4)
    few = Recent(of_number=1, of_range=2, of_all=3)
    assert not policy.is_too_many(few) and not policy.is_too_many_for_strangers(few)
    assert policy.is_too_many(Recent(of_number=2))
    assert policy.is_too_many_for_strangers(Recent(of_range=3))
    assert policy.is_too_many_for_strangers(Recent(of_all=4))
    assert not policy.is_too_many(Recent(of_range=3, of_all=4))
