"""Entries of calendars, read by a second library and as text: moves and cancellations count, and nothing tells what it is about."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import vobject

from meetings.adapters import ics
from meetings.kallelse import Kallelse, Method
from tests.unit.meetings.kallelser import AT, ROW, kallelse

STAMP = AT - timedelta(days=3)


def event(made: Kallelse) -> vobject.base.Component:
    calendar = vobject.readOne(ics.entry(made, stamp=STAMP).decode())
    calendar.validate()
    return calendar.vevent


def test_a_second_reader_finds_the_same_meeting_with_a_higher_number_after_each_change() -> None:
    made = [kallelse(), kallelse(replace(ROW, sequence=1)), kallelse(replace(ROW, sequence=1), method=Method.CANCEL)]
    texts = [ics.entry(one, stamp=STAMP).decode() for one in made]
    events = [event(one) for one in made]
    assert {one.uid.value for one in events} == {"mtg_1@kundcenter"}
    assert [int(one.sequence.value) for one in events] == [0, 1, 2]
    assert [re.findall(r"^METHOD:(\w+)", text, re.MULTILINE) for text in texts] == [
        ["REQUEST"],
        ["REQUEST"],
        ["CANCEL"],
    ]
    assert [one.status.value for one in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[0].dtstart.value == AT and events[0].dtend.value == AT + timedelta(minutes=45)


@pytest.mark.parametrize("at", [datetime(2027, 3, 29, 8, 0, tzinfo=UTC), datetime(2026, 10, 26, 9, 0, tzinfo=UTC)])
def test_its_hours_are_instants_so_that_no_calendar_slips_when_the_clock_is_changed(at: datetime) -> None:
    made = kallelse(replace(ROW, starts_at=at, ends_at=at + timedelta(hours=1)))
    assert event(made).dtstart.value == at
    assert f"DTSTART:{at:%Y%m%dT%H%M%SZ}" in ics.entry(made, stamp=STAMP).decode()


def test_it_says_neither_what_the_meeting_is_about_nor_whose_it_is_nor_where_a_protected_person_goes() -> None:
    text = ics.entry(kallelse(), stamp=STAMP).decode()
    assert set(re.findall(r"^([A-Z]+)", text, re.MULTILINE)) == {
        "BEGIN", "VERSION", "PRODID", "METHOD", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "DESCRIPTION",
        "LOCATION", "ORGANIZER", "STATUS", "END",
    }  # fmt: skip
    for told in ("kundmöte", "ärende", "con_anna", "per_anna", "Lena", "ATTENDEE"):
        assert told not in text
    hidden = ics.entry(kallelse(replace(ROW, is_protected=True)), stamp=STAMP).decode()
    assert "LOCATION" not in hidden and "Norrby" not in hidden


def test_lines_are_folded_and_what_stands_in_a_name_of_a_place_adds_no_line() -> None:
    hostile = replace(kallelse(), place="Å" * 90 + "\nATTENDEE:mailto:a@b;c,d\\", description="x" * 200)
    raw = ics.entry(hostile, stamp=STAMP)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\nATTENDEE" not in raw.replace(b"\r\n ", b"")
    assert event(hostile).location.value == hostile.place
