"""Count and quality side by side, against the same season only, and of no group so small that it is a person (R75f, R75i, N1)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import AgentId
from meetings.errors import AnotherSeasonError, PeriodRefusedError
from meetings.quality import ELSEWHERE, FEWEST, NONE, Tally, by_place, figures, offers, together
from meetings.season import Period, require_same_season

SUMMER = Period(date(2018, 3, 1), date(2018, 9, 1))


def held(by: int, *, times: int | None = None, of: str = "h") -> Tally:
    """Meetings that so many people held, each one unless it is said how many."""
    people = frozenset(AgentId(f"{of}{number}") for number in range(by))
    return Tally(held=by if times is None else times, held_by=people)


def test_the_baseline_is_the_same_season_and_a_leap_day_has_one_too() -> None:
    assert SUMMER.earlier(1) == Period(date(2017, 3, 1), date(2017, 9, 1))
    leap = Period(date(2028, 2, 1), date(2028, 2, 29))
    assert leap.earlier(1) == Period(date(2027, 2, 1), date(2027, 3, 1)), "until the end of the 28th"
    require_same_season(leap, leap.earlier(1))
    require_same_season(SUMMER, SUMMER.earlier(2))


@pytest.mark.parametrize(
    "baseline",
    [
        Period(date(2017, 9, 1), date(2018, 3, 1)),  # the half year before: another season
        Period(date(2017, 3, 1), date(2017, 8, 1)),  # a month less
        Period(date(2017, 3, 2), date(2017, 9, 2)),  # a day later
        SUMMER,  # itself
        Period(date(2019, 3, 1), date(2019, 9, 1)),  # after it
    ],
)
def test_a_baseline_of_another_season_is_refused(baseline: Period) -> None:
    with pytest.raises(AnotherSeasonError):
        require_same_season(SUMMER, baseline)


@pytest.mark.parametrize(
    ("first", "until"),
    [(date(2018, 3, 1), date(2018, 3, 1)), (date(2018, 3, 2), date(2018, 3, 1)), (date(2017, 1, 1), date(2018, 1, 3))],
)
def test_a_period_is_a_day_at_least_and_a_year_at_most(first: date, until: date) -> None:
    with pytest.raises(PeriodRefusedError):
        Period(first, until)


def test_a_share_is_of_what_there_was_and_of_nothing_it_is_none() -> None:
    told = figures(
        held(6, times=8) + Tally(missed=2, documented=6, same_day=4, prepared=5, asked=4, answered=1, moves=3)
    )
    assert (told.held, told.missed, told.moves) == (8, 2, 3)
    assert told.quality is not None
    assert vars(told.quality) == {
        "came": 0.8, "documented": 0.75, "documented_same_day": 0.5, "prepared": 0.5, "followed_up": 0.25,
    }  # fmt: skip
    none = figures(NONE).quality
    assert none is not None and set(vars(none).values()) == {None}


def test_what_too_few_have_held_is_a_number_only() -> None:
    assert figures(held(FEWEST - 1, times=40)).quality is None
    assert figures(held(FEWEST)).quality is not None


def test_small_offices_are_counted_together_and_in_both_seasons() -> None:
    found = {
        "a": (held(5, of="a"), held(6, of="a")),
        "b": (held(7, of="b"), held(2, of="b")),  # too few a year ago
        "c": (held(2, of="c"), held(3, of="c")),
        "new": (held(9, of="n"), NONE),
    }
    rows = by_place(found)
    assert [(one.office, one.now.held, one.before.held) for one in rows] == [
        ("a", 5, 6),
        ("new", 9, 0),
        (ELSEWHERE, 9, 5),
    ]


def test_a_small_office_left_alone_is_not_found_by_subtraction() -> None:
    found = {"a": (held(5, of="a"), NONE), "b": (held(9, of="b"), NONE), "c": (held(1, of="c"), NONE)}
    assert [(one.office, one.now.held) for one in by_place(found)] == [("b", 9), (ELSEWHERE, 6)]
    assert by_place({"a": (held(5, of="a"), NONE), "c": (held(1, of="c"), NONE)}) == (), "one row for all is no row"


def test_where_protected_persons_are_met_is_no_place() -> None:
    rows = by_place({ELSEWHERE: (held(6, of="p"), NONE), "a": (held(5, of="a"), NONE)})
    assert [one.office for one in rows] == ["a", ELSEWHERE]


tallies = st.builds(
    lambda people: Tally(held=len(people), held_by=frozenset(map(AgentId, people))),
    st.sets(st.sampled_from("abcdefghijklmnop"), max_size=12),
)


@given(st.dictionaries(st.sampled_from(["", "n", "s", "m", "x"]), st.tuples(tallies, tallies)))
def test_nothing_is_lost_and_no_row_is_of_few(found: dict[str, tuple[Tally, Tally]]) -> None:
    rows = by_place(found)
    if rows:
        now, before = together(found.values())
        assert (sum(one.now.held for one in rows), sum(one.before.held for one in rows)) == (now.held, before.held)
    assert all(one.now.quality is not None and one.before.quality is not None for one in rows)


def test_the_median_is_of_days_and_is_not_told_of_few_handlers() -> None:
    told = [(60, 0, 3), (61, 1, 1), (95, 35, 1), (70, None, 1)]
    of_many = offers(given=9, yes=2, no=1, told=told, handlers=FEWEST)
    assert (of_many.told, of_many.median_days, of_many.told_before_day_90) == (6, 0.0, 0.833)
    assert offers(given=2, yes=0, no=0, told=[(60, 0, 1), (61, 1, 1)], handlers=0).median_days == 0.5
    of_few = offers(given=9, yes=2, no=1, told=told, handlers=FEWEST - 1)
    assert (of_few.told, of_few.median_days, of_few.told_before_day_90) == (6, None, None)
