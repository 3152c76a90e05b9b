"""How the texts are shared between providers."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.routes import Route, Routes
from sms.shares import HALF_LIFE_SECONDS, TRIED, Asked, Seen, drawn, shares, wellness

BOTH = {"46elks": 80.0, "twilio": 20.0}


def failing(many: int, seconds_ago: float = 0, well: int = 0) -> Seen:
    return Seen(asked=[*[Asked(seconds_ago, False)] * many, *[Asked(0, True)] * well])


def test_when_all_is_well_each_has_what_it_is_meant_to() -> None:
    assert shares(BOTH, {}) == pytest.approx({"46elks": 0.8, "twilio": 0.2})


def test_ten_failures_at_once_leave_a_provider_only_what_tries_it() -> None:
    now = shares(BOTH, {"46elks": failing(10)})
    assert now["46elks"] == pytest.approx(80 * TRIED / (80 * TRIED + 20))


def test_one_failure_changes_little() -> None:
    assert 0.6 < shares(BOTH, {"46elks": failing(1)})["46elks"] < 0.8


def test_what_was_wrong_weighs_less_and_less_so_that_its_share_drifts_back() -> None:
    later = [shares(BOTH, {"46elks": failing(20, minutes * 60)})["46elks"] for minutes in range(15)]
    assert later == sorted(later)
    assert later[0] < 0.2
    assert later[-1] > 0.7
    assert max(after - before for before, after in zip(later, later[1:], strict=False)) < 0.3, "it comes back slowly"


def test_texts_that_are_not_there_after_minutes_count_too() -> None:
    assert wellness(Seen(taken=100, late=60)) == 0
    assert wellness(Seen(taken=100, late=10)) > 0.7, "telephones are off"


def test_when_all_are_unwell_they_share_as_they_are_meant_to() -> None:
    unwell = {name: failing(50) for name in BOTH}
    assert shares(BOTH, unwell) == pytest.approx({"46elks": 0.8, "twilio": 0.2})


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 50), min_size=1, max_size=4), st.data())
def test_shares_add_up_and_nobody_is_forgotten(failures: dict[str, int], data: st.DataObject) -> None:
    ago = data.draw(st.floats(0, 10 * HALF_LIFE_SECONDS))
    now = shares(dict.fromkeys(failures, 1.0), {name: failing(many, ago) for name, many in failures.items()})
    assert sum(now.values()) == pytest.approx(1)
    assert min(now.values()) > 0
    assert drawn(now, data.draw(st.floats(0, 1, exclude_max=True))) in now


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


def routes(**per_second: float) -> Routes:
    return Routes([Route(provider=Named(name), per_second=each) for name, each in per_second.items()])  # type: ignore[arg-type]


def test_tickets_fall_by_share_and_the_same_ticket_falls_to_the_same() -> None:
    ways = routes(a=1, b=1)
    chosen = Counter(ways.choose({"a": 0.8, "b": 0.2}, f"sat_{number}").name for number in range(2_000))
    assert 1_500 < chosen["a"] < 1_700
    assert {ways.choose({"a": 0.5, "b": 0.5}, "sat_1").name for _ in range(20)} != {"a", "b"}


def test_whoever_has_just_not_taken_it_is_asked_again_only_when_there_is_nobody_else() -> None:
    ways = routes(a=1, b=1)
    assert {ways.choose({"a": 0.99, "b": 0.01}, f"sat_{number}", rather_not="a").name for number in range(50)} == {"b"}
    assert ways.choose({"a": 1.0}, "sat_1", rather_not="a").name == "a"


def test_a_provider_is_asked_so_often_a_second_and_no_more() -> None:
    ways = routes(a=10)
    assert sum(ways.may_ask("a", at=100.0) for _ in range(50)) == 10
    assert sum(ways.may_ask("a", at=100.5) for _ in range(50)) == 5
    assert sum(ways.may_ask("a", at=200.0) for _ in range(50)) == 10, "what was not used is not saved up"


def test_a_provider_that_we_have_no_longer_is_nobody() -> None:
    assert routes(a=1).of("gone").name == "none"
    assert routes(a=1).may_ask("gone", at=0)
