"""Free times: what every part allows at once, on ordinary days, on holidays and in both nights of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import STOCKHOLM
from core.ids import AgentId, PersonId
from meetings.hours import (
    Hours,
    Window,
    first_quarter,
    instant_of,
    midnight,
    open_mask,
    quarter_of,
    runs,
)
from meetings.model import Free, Parts, Wish
from meetings.register import Mode
from meetings.search import candidates, parts_at
from tests.unit.meetings.offices import MONDAY, MORNING, WINDOW, register, times

PERSONAL = Wish(type="personligt_mote")


def wall(free: Free) -> str:
    return f"{free.starts_at.astimezone(STOCKHOLM):%a %H:%M} {free.office} {free.mode}"


def parts(wish: Wish, chosen: Free, busy: dict[str, int] | None = None, window: Window = WINDOW) -> Parts | None:
    ours = register()
    return parts_at(
        ours, ours.types[wish.type], wish, chosen, window=window, busy=busy or {}, prefer=lambda name: (0, name)
    )


def taken(*quarters: int) -> int:
    return sum(1 << WINDOW.bit(one) for one in quarters)


def test_the_first_times_are_in_person_at_every_open_office_in_the_order_of_the_wish() -> None:
    wish = Wish(type="personligt_mote", offices=("soderhamra", "norrby"))
    assert [wall(one) for one in times(wish, most=3)] == [
        "Mon 09:00 norrby physical", "Mon 09:30 norrby physical", "Mon 10:00 soderhamra physical",
    ]  # fmt: skip


def test_a_meeting_ends_with_the_gap_after_it_before_lunch_and_before_the_office_closes() -> None:
    found = map(wall, times(Wish(type="kundmote", offices=("norrby",), mode=Mode.PHYSICAL)))
    of_monday = [one[4:9] for one in found if one.startswith("Mon")]
    assert of_monday[-1] == "15:00" and "11:00" in of_monday and "11:30" not in of_monday and "12:30" not in of_monday


def test_a_joint_meeting_is_where_both_authorities_have_somebody_of_the_pool() -> None:
    found = times(Wish(type="kontaktmote", given=frozenset({"consent"})))
    assert {one.office for one in found if one.mode is Mode.PHYSICAL} == {"norrby", "mellanvik"}
    first = next(one for one in found if one.office == "mellanvik")
    assert parts(Wish(type="kontaktmote"), first) == Parts(
        staff=(AgentId("petra"), AgentId("tore")), room="mellanvik-1"
    )


def test_whoever_speaks_the_language_comes_before_an_interpreter_who_comes_before_nobody() -> None:
    in_arabic = Wish(type="personligt_mote", language="ar", offices=("soderhamra",))
    first = times(in_arabic)[0]
    assert parts(in_arabic, first) == Parts(staff=(AgentId("petra"),), room="soderhamra-1")
    busy = {"handler:petra": -1}
    with_interpreter = parts(in_arabic, first, busy)
    assert with_interpreter == Parts(staff=(AgentId("olle"),), room="soderhamra-1", interpreter="tolk-ar-1")
    assert not times(in_arabic, busy=busy | {"interpreter:tolk-ar-1": -1})
    somali = times(Wish(type="personligt_mote", language="so"))
    assert somali and {one.mode for one in somali} == {Mode.VIDEO, Mode.PHONE}  # nobody interprets it in person
    assert not times(Wish(type="personligt_mote", language="xx"))


def test_a_wheelchair_needs_the_house_and_the_room_and_an_interpreter_needs_a_chair() -> None:
    wheelchair = Wish(type="personligt_mote", needs=frozenset({"step_free"}), offices=("norrby",))
    busy = {"room:norrby-1": -1, "room:norrby-2": -1}
    assert not [one for one in times(wheelchair, busy=busy) if one.mode is Mode.PHYSICAL]
    assert times(PERSONAL, busy=busy)
    rehabilitation = Wish(
        type="avstamningsmote", language="ar", offices=("soderhamra",)
    )  # five persons in a room for four
    assert {one.mode for one in times(rehabilitation, busy={"handler:petra": -1})} == {Mode.VIDEO}


def test_nobody_meets_two_at_once_and_no_citizen_is_in_two_places() -> None:
    first = times(Wish(type="kundmote", offices=("norrby",)))[0]
    quarter = quarter_of(first.starts_at)
    everybody = {f"handler:{name}": taken(quarter + 3) for name in ("lena", "mats", "nora")}  # in the gap after it
    assert times(Wish(type="kundmote", offices=("norrby",)), busy=everybody)[0].starts_at > first.starts_at
    person = PersonId("per_1")
    mine = Wish(type="kundmote", offices=("norrby",), person=person)
    assert times(mine, busy={"person:per_1": taken(quarter)})[0].starts_at > first.starts_at


def test_a_wished_handler_is_the_only_one_and_a_protected_person_is_met_by_the_cleared() -> None:
    mine = Wish(type="kundmote", handler=AgentId("mats"))
    assert {one.office for one in times(mine)} == {"norrby"}
    assert candidates(register(), register().types["kundmote"], mine, times(mine)[0])[0] == "handler:mats"
    protected = Wish(type="kundmote", is_protected=True)
    held_by = {parts(protected, one).staff for one in times(protected)}  # type: ignore[union-attr]
    assert held_by == {("nora",), ("petra",)}
    assert not times(protected, busy={"handler:nora": -1, "handler:petra": -1})


def test_what_is_away_closed_or_no_longer_there_has_no_times() -> None:
    christmas = Window(date(2026, 12, 21), 14)
    petra = Wish(type="kundmote", handler=AgentId("petra"))
    assert not times(petra, window=christmas) and times(petra)
    days = {one.starts_at.astimezone(STOCKHOLM).date() for one in times(PERSONAL, window=christmas)}
    assert date(2026, 12, 23) in days and not days & {date(2026, 12, day) for day in (24, 25, 26, 31)}
    of_the_23rd = [
        wall(one)
        for one in times(Wish(type="kundmote", offices=("soderhamra",), mode=Mode.PHYSICAL), window=christmas)
        if one.starts_at.astimezone(STOCKHOLM).date() == date(2026, 12, 23)
    ]
    assert of_the_23rd == [f"Wed {at} soderhamra physical" for at in ("10:00", "10:30", "11:00")]
    assert not times(Wish(type="overlamningsmote"))
    last_days = times(
        Wish(type="overlamningsmote"), window=Window(date(2018, 5, 28), 14), earliest=MORNING.replace(year=2018)
    )
    assert not last_days  # not before an instant that is later
    assert times(
        Wish(type="overlamningsmote"), window=Window(date(2018, 5, 28), 14), earliest=datetime(2018, 5, 28, tzinfo=UTC)
    )[-1].starts_at.astimezone(STOCKHOLM).date() == date(2018, 5, 31)


@pytest.mark.parametrize(("day", "quarters"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100), (MONDAY, 96)])
def test_a_day_has_as_many_quarters_as_it_has(day: date, quarters: int) -> None:
    assert midnight(day + timedelta(days=1)) - midnight(day) == quarters
    assert open_mask(Hours((((time(), time()),),) * 7), Window(day, 1)) == (1 << quarters) - 1


@pytest.mark.parametrize("first", [date(2027, 3, 22), date(2026, 10, 19), MONDAY])
def test_times_stand_on_the_wall_in_the_weeks_in_which_the_clock_moves(first: date) -> None:
    found = times(
        Wish(type="kundmote", offices=("norrby",), mode=Mode.PHYSICAL),
        window=Window(first, 14), earliest=datetime.combine(first, time(), tzinfo=STOCKHOLM),
    )  # fmt: skip
    tuesdays = {wall(one) for one in found if wall(one).startswith("Tue")}
    assert min(tuesdays).startswith("Tue 09:00") and max(tuesdays).startswith("Tue 15:00")


_hour = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
_spans = st.lists(_hour, min_size=0, max_size=4, unique=True).map(
    lambda times: tuple(zip(sorted(times)[::2], sorted(times)[1::2], strict=False))
)
_weeks = st.lists(_spans, min_size=7, max_size=7).map(tuple)
_firsts = st.sampled_from((date(2026, 3, 27), date(2026, 10, 23), date(2026, 6, 17), MONDAY))


@cache
def _local(quarter: int) -> datetime:
    return instant_of(quarter).astimezone(STOCKHOLM)


@settings(max_examples=60, deadline=None)
@given(week=_weeks, first=_firsts)
def test_somebody_is_there_in_exactly_the_quarters_in_which_their_clock_says_so(
    week: tuple[tuple[tuple[time, time], ...], ...], first: date
) -> None:
    """The other way round: each quarter asks the clock on the wall. In the hour that comes twice, both are within hours."""
    hours, window = Hours(week), Window(first, 6)
    mask = open_mask(hours, window)
    for quarter in range(window.begins, window.ends):
        at = _local(quarter)
        if at.date() in (date(2026, 3, 29), date(2026, 10, 25)) and at.hour in (1, 2, 3):
            continue  # where a span that begins or ends in that very hour lies, is a matter of taste
        there = any(opens <= at.time() < closes for opens, closes in hours.on(at.date()))
        assert bool(mask >> window.bit(quarter) & 1) == there, at


@settings(max_examples=100, deadline=None)
@given(mask=st.integers(0, 2**40), length=st.integers(1, 12))
def test_a_run_is_so_many_bits_in_a_row(mask: int, length: int) -> None:
    found = runs(mask, length)
    for bit in range(45):
        assert bool(found >> bit & 1) == all(mask >> (bit + more) & 1 for more in range(length))


@settings(max_examples=40, deadline=None)
@given(
    busy=st.dictionaries(
        st.sampled_from(
            ("handler:lena", "handler:mats", "handler:nora", "room:norrby-1", "room:norrby-2", "room:norrby-3")
        ),
        st.sets(st.integers(0, 4 * 24), max_size=30),
    ),
    minutes=st.integers(0, 24 * 60),
)
def test_a_time_is_free_if_and_only_if_some_handler_and_some_room_have_all_of_it(
    busy: dict[str, set[int]], minutes: int
) -> None:
    """Against the same said in loops, on one day."""
    window, earliest = Window(MONDAY, 1), instant_of(midnight(MONDAY)) + timedelta(minutes=minutes)
    masks = {name: sum(1 << one for one in quarters) for name, quarters in busy.items()}
    wish = Wish(type="kundmote", offices=("norrby",), mode=Mode.PHYSICAL)
    found = {quarter_of(one.starts_at) for one in times(wish, window=window, busy=masks, earliest=earliest)}
    expected = set()
    for quarter in range(first_quarter(after=earliest), window.ends - 3):
        asked = range(window.bit(quarter), window.bit(quarter) + 4)
        at = _local(quarter).time()
        is_open = time(9) <= at <= time(11) or time(13) <= at <= time(15)
        people, rooms = (
            any(not set(asked) & busy.get(name, set()) for name in names)
            for names in (
                ("handler:lena", "handler:mats", "handler:nora"),
                ("room:norrby-1", "room:norrby-2", "room:norrby-3"),
            )
        )
        if is_open and people and rooms and at.minute in (0, 30):
            expected.add(quarter)
    assert found == expected
