"""The file of how promises are kept says what it says, and every fault in it is told by file, place and cause."""

import json
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.configuration import load_callbacks, schema
from callbacks.model import Planned
from core.errors import ConfigurationError

FILE = Path(__file__).parents[3] / "config" / "callbacks.yaml"
TEXT = FILE.read_text("utf-8")
QUEUES = ("allmant", "sjuk", "foralder", "bostad", "funktionsnedsattning")


def test_the_file_that_we_ship_keeps_what_we_promise() -> None:
    policy = load_callbacks(TEXT, queues=QUEUES)
    assert (policy.most_attempts, policy.between_attempts) == (3, timedelta(minutes=30))
    assert policy.hours.week[0] == ((time(8), time(20)),) and policy.hours.on_holidays == () and not policy.hours.always
    assert policy.countries == {"46"} and policy.place_kept == timedelta(minutes=15)
    assert set(policy.slots.staffing.planned) == set(QUEUES) and policy.slots.length == timedelta(hours=1)
    staffing = policy.slots.staffing
    assert (staffing.share, staffing.talk) == (0.2, timedelta(minutes=10))
    assert Planned(weekday=0, span=(time(8), time(10)), agents=12) in staffing.planned["sjuk"]


def test_a_day_that_differs_our_own_numbers_and_midnight_are_read() -> None:
    text = TEXT.replace(
        "exceptions: []", 'exceptions: [{on: 2026-12-23, hours: ["08:00-12:00", "13:00-24:00"], why: x}]'
    )
    policy = load_callbacks(text.replace("own_numbers: []", 'own_numbers: ["010-174 06 00"]'))
    assert policy.hours.exceptions[date(2026, 12, 23)] == ((time(8), time(12)), (time(13), time()))
    assert policy.own_numbers == {"+46101740600"}


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("most: 3", "most: 0", "attempts: most: this must be 1 or more"),  # nobody would be rung
        ("most: 3", "most: 30", "attempts: most: this must be 10 or less"),  # nobody would have peace
        ("minutes_between: 30", "minutes: 30", "attempts: minutes: there is no such field"),  # a slip of the pen
        (
            'monday: ["08:00-20:00"]',
            'monday: ["8-20"]',
            "ringing_hours: monday: '8-20' is not a span",
        ),  # not how it is written
        ('monday: ["08:00-20:00"]', 'monday: ["20:00-08:00"]', "must end after it begins"),  # over night
        ('monday: ["08:00-20:00"]', 'monday: ["08:00-12:00", "11:00-20:00"]', "two spans of a day must not overlap"),
        ("minutes: 60, first", "minutes: 1, first", "times: minutes: this must be 10 or more"),  # too short to ring
        (
            "dial: citizen_first",
            "dial: robot",
            "this must be one of agent_first",
        ),  # no such way
        (
            '"10:00-12:00": 16',
            '"09:00-12:00": 16',
            "queues: sjuk: planned: monday: two spans of a day must not overlap",
        ),
        ('"08:00-10:00": 12', '"08:00-10:00": many', "this must be a whole number"),  # of agents
        ("dial: citizen_first", "capacity: 8", "give capacity or planned agents, not both"),
        ("share_percent: 20", "share_percent: 0", "staffing: share_percent: this must be 1 or more"),  # room for nobody
        ("sjuk:", "sjukk:", "queues: sjukk: there is no such queue in config/queues.yaml"),  # no such queue
        ("stranded_queue: allmant", "stranded_queue: alla", "stranded_queue: there is no such queue"),  # nor this
        ('countries: ["46"]', 'countries: ["881"]', "881 is the calling code of no country"),  # a satellite
        ('countries: ["46"]', "countries: []", "countries: this needs 1 or more"),  # nobody could be rung
        ("own_numbers: []", 'own_numbers: ["x"]', "this is not a phone number"),  # nothing that one dials
        ("caps: {number_per_day: 5", "caps: {number_per_day: 0", "caps: number_per_day: this must be 1 or more"),
        ("place_kept_minutes: 15", "place_kept_minutes: soon", "place_kept_minutes: this must be a whole number"),
    ],
)
def test_a_fault_is_told_by_its_place_and_cause(right: str, wrong: str, fault: str) -> None:
    assert right in TEXT
    with pytest.raises(ConfigurationError) as refused:
        load_callbacks(TEXT.replace(right, wrong, 1), queues=QUEUES)
    assert any(one.startswith("config/callbacks.yaml: ") and fault in one for one in refused.value.faults)


def test_hours_in_which_nobody_could_be_rung_all_week_are_refused() -> None:
    lines = [line for line in TEXT.splitlines() if not line.strip().startswith(("mon", "tue", "wed", "thu", "fri"))]
    with pytest.raises(ConfigurationError, match="nobody could be rung from Monday to Friday"):
        load_callbacks("\n".join(lines), queues=QUEUES)


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(max_size=200))
def test_whatever_stands_there_the_answer_is_a_fault_with_the_name_of_the_file(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_callbacks(text)
    assert all(fault.startswith("config/callbacks.yaml: ") for fault in refused.value.faults)


def test_the_schema_beside_the_file_is_current_and_the_file_names_it() -> None:
    kept = json.loads((FILE.parent / "callbacks.schema.json").read_text("utf-8"))
    assert kept == schema(), "write it anew: kundcenter config schema callbacks > config/callbacks.schema.json"
    first = TEXT.splitlines()[0]
    assert first == "# yaml-language-server: $schema=callbacks.schema.json"
