"""The times that can be chosen: whole ones, within ringing hours, at least two, of today and the working days ahead."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.model import Period, Planned, Policy, Staffing
from callbacks.ringing_hours import is_open, is_working_day, stockholm_day
from callbacks.slots import capacity_of, free, grid, shortfalls, slot_at

STOCKHOLM = ZoneInfo("Europe/Stockholm")
POLICY = Policy()


def local(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (("2026-11-16", "10:00"), ("2026-11-16", "11:00"), ("2026-11-23", "19:00")),  # a Monday
        (("2026-11-16", "10:30"), ("2026-11-16", "11:00"), ("2026-11-23", "19:00")),  # half an hour ahead, no less
        (("2026-11-16", "10:31"), ("2026-11-16", "12:00"), ("2026-11-23", "19:00")),  # so not in 29 minutes
        (("2026-11-16", "19:00"), ("2026-11-17", "08:00"), ("2026-11-23", "19:00")),  # too late today
        (("2026-11-14", "10:00"), ("2026-11-16", "08:00"), ("2026-11-20", "19:00")),  # a Saturday
        (("2026-12-22", "10:00"), ("2026-12-22", "11:00"), ("2027-01-04", "19:00")),  # over Christmas and New Year
    ],
)
def test_times_are_of_today_and_the_working_days_ahead(
    now: tuple[str, str], first: tuple[str, str], last: tuple[str, str]
) -> None:
    offered = grid(POLICY, now=local(*now))
    assert (offered[0].starts_at, offered[-1].starts_at) == (local(*first), local(*last))


def test_a_week_around_a_clock_that_moves_has_its_times_by_the_wall() -> None:
    for day in ("2026-03-27", "2026-10-23"):  # the Fridays before
        clocks = {slot.starts_at.astimezone(STOCKHOLM).hour for slot in grid(POLICY, now=local(day, "05:00"))}
        assert clocks == set(range(8, 20))


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.sampled_from([15, 30, 60, 90])
)
def test_every_time_is_whole_open_apart_from_others_and_not_too_soon(now: datetime, minutes: int) -> None:
    policy = replace(POLICY, slots=replace(POLICY.slots, length=timedelta(minutes=minutes)))
    offered = grid(policy, now=now)
    assert len(offered) >= 2
    for slot, following in zip(offered, [*offered[1:], None], strict=True):
        assert slot.ends_at - slot.starts_at == policy.slots.length and slot.starts_at >= now + policy.slots.first_after
        assert is_open(policy.hours, at=slot.starts_at)
        assert is_open(policy.hours, at=slot.ends_at - timedelta(microseconds=1))
        assert is_working_day(stockholm_day(slot.starts_at))
        assert following is None or slot.ends_at <= following.starts_at


def test_only_a_time_that_is_offered_can_be_chosen() -> None:
    now = local("2026-11-16", "10:00")
    chosen = slot_at(POLICY, starts_at=local("2026-11-17", "09:00"), now=now)
    assert chosen is not None and chosen.ends_at == local("2026-11-17", "10:00")
    for day, clock in (
        ("2026-11-17", "09:30"),
        ("2026-11-17", "20:00"),
        ("2026-11-16", "10:00"),
        ("2026-11-22", "12:00"),
    ):
        assert slot_at(POLICY, starts_at=local(day, clock), now=now) is None


def test_a_time_is_free_until_it_holds_what_it_can() -> None:
    offered = grid(POLICY, now=local("2026-11-16", "10:00"))
    policy = replace(POLICY, slots=replace(POLICY.slots, of_queues={"sjuk": 2}))
    assert (capacity_of(policy, "sjuk", offered[0]), capacity_of(policy, "bostad", offered[0])) == (2, 4)
    taken = {offered[0].starts_at: 2, offered[1].starts_at: 1, offered[2].starts_at: 3}
    assert free(offered, taken=taken, policy=policy, queue="sjuk") == [offered[1], *offered[3:]]


def test_where_agents_are_planned_a_time_holds_what_their_share_of_it_can_keep() -> None:
    monday_morning = Planned(weekday=0, span=(time(8), time(10, 30)), agents=30)
    late = Planned(weekday=0, span=(time(10, 30), time(12)), agents=6)
    staffing = Staffing(share=0.2, talk=timedelta(minutes=10), planned={"sjuk": (monday_morning, late), "none": ()})
    policy = replace(POLICY, slots=replace(POLICY.slots, staffing=staffing))

    def room(day: str, clock: str, queue: str = "sjuk") -> int:
        begins = local(day, clock)
        return capacity_of(policy, queue, Period(begins, begins + timedelta(hours=1)))

    assert room("2026-11-16", "09:00") == 36  # 30 agents, a fifth of an hour, six talks an hour
    assert room("2026-11-16", "10:00") == 21  # half of it with 30 agents, half with 6: 21.6
    assert room("2026-11-16", "12:00") == 0
    assert room("2026-11-17", "09:00") == 0, "nobody is planned on Tuesdays"
    assert (room("2026-11-16", "09:00", "none"), room("2026-11-16", "09:00", "bostad")) == (0, 4)


def test_on_the_day_when_the_clock_moves_the_hour_that_comes_twice_has_twice_the_room() -> None:
    night = Planned(weekday=6, span=(time(1), time(4)), agents=10)
    policy = replace(
        POLICY,
        slots=replace(POLICY.slots, staffing=Staffing(share=1, talk=timedelta(minutes=60), planned={"sjuk": (night,)})),
    )
    whole = Period(local("2026-10-25", "00:00"), local("2026-10-25", "06:00"))
    assert capacity_of(policy, "sjuk", whole) == 40


def test_a_queue_without_two_times_to_choose_from_or_without_a_plan_is_named_by_its_place() -> None:
    mornings = tuple(Planned(weekday=day, span=(time(8), time(12)), agents=3) for day in range(5))
    thin = tuple(Planned(weekday=day, span=(time(8), time(12)), agents=1) for day in range(5))
    once = (Planned(weekday=2, span=(time(8), time(9)), agents=5),)
    staffing = Staffing(planned={"well": mornings, "thin": thin, "once": once, "night": (_at_night(),)})
    slots = replace(POLICY.slots, of_queues={"closed": 0, "fixed": 3}, staffing=replace(staffing, share=0.1))
    queues = ("well", "thin", "once", "night", "closed", "fixed", "unplanned")
    policy = replace(POLICY, slots=slots)
    found = dict(shortfalls(policy, queues, now=local("2026-11-16", "20:30")))
    assert set(found) == {
        *(f"queues: {queue}: planned" for queue in ("thin", "once", "night")),
        "queues: closed: capacity",
        "queues: unplanned",
    }
    assert "in thin callers have no time to choose" in found["queues: thin: planned"], "a tenth of one agent keeps none"
    assert "in once callers have one time only" in found["queues: once: planned"]
    assert "each time holds 4 promises, whoever is at work" in found["queues: unplanned"]
    nobody = replace(policy, slots=replace(slots, capacity=0))
    [(place, why)] = shortfalls(nobody, ["unplanned"], now=local("2026-11-16", "20:30"))
    assert place == "times: capacity" and "no time" in why


def _at_night() -> Planned:
    return Planned(weekday=1, span=(time(20), time(23)), agents=9)
