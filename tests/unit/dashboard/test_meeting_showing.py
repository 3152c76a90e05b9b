"""What an agent is shown of meetings: the place only where one goes there, times of several days, and what is to be closed first."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.ids import AgentId, ContactId, PersonId
from core.phone import PhoneNumber
from dashboard import meeting_showing
from dashboard.meeting_views import MeetingView

NOW = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Parts:
    staff: tuple[AgentId, ...] = (AgentId("lena"),)
    room: str | None = None
    interpreter: str | None = None


@dataclass(frozen=True)
class Row:
    starts_at: datetime
    state: str = "booked"
    mode: str = "physical"
    meeting: str = "mtg_1"
    type: str = "kundmote"
    office: str = "norrby"
    parts: Parts = Parts()
    matter: str = ""
    person: PersonId | None = None
    contact: ContactId | None = None
    language: str = "sv"
    needs: frozenset[str] = frozenset()
    is_protected: bool = False
    held_until: datetime | None = None
    by: str = ""
    version: int = 1

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=45)


@dataclass(frozen=True)
class About:
    label: str = "kundmöte"
    office: str = "Kontoret"
    address: str = "Storgatan 1"
    room: str = "norrby-1"
    staff: tuple[str, ...] = ("Lena",)
    number: PhoneNumber | None = PhoneNumber("+46701740661")
    others: tuple[str, ...] = ()
    separately: str = ""


@dataclass(frozen=True)
class Time:
    starts_at: datetime
    office: str = "norrby"
    mode: str = "physical"
    ends_at: datetime = field(default=NOW)


def shown(row: Row) -> MeetingView:
    return meeting_showing.meeting(row, About(), is_own=True, now=NOW)


def test_the_place_is_shown_where_one_goes_there_and_the_direct_number_always() -> None:
    there, by_phone = shown(Row(NOW)), shown(Row(NOW, mode="phone"))
    assert (there.place, there.address, there.room) == ("Kontoret", "Storgatan 1", "norrby-1")
    assert (by_phone.place, by_phone.address, by_phone.room) == ("", "", "")
    assert by_phone.direct == there.direct == "070-174 06 61"


def test_what_has_begun_is_to_be_closed_and_what_has_ended_is_not() -> None:
    assert shown(Row(NOW)).is_to_close
    assert not shown(Row(NOW + timedelta(minutes=15))).is_to_close
    assert not shown(Row(NOW, state="done")).is_to_close


def test_a_day_begins_with_what_is_to_be_closed_however_old_it_is() -> None:
    old, ended = Row(NOW - timedelta(days=3)), Row(NOW - timedelta(hours=2), state="done")
    late, tomorrow = Row(datetime(2026, 11, 16, 23, 30, tzinfo=UTC)), Row(NOW + timedelta(days=1))
    day = meeting_showing.day([shown(one) for one in (old, ended, late, tomorrow)], now=NOW)
    assert [one.starts_at for one in day.to_close] == [old.starts_at]
    assert [one.starts_at for one in day.today] == [ended.starts_at]
    assert [one.starts_at for one in day.coming] == [late.starts_at, tomorrow.starts_at]  # half past midnight in Sweden


def test_times_of_several_days_are_shown_and_of_one_day_three_at_most() -> None:
    every = [Time(NOW + timedelta(days=day, minutes=30 * number)) for day in range(9) for number in range(8)]
    times = meeting_showing.times(reversed(every), {"norrby": "Kontoret"})
    days = [one.starts_at.date() for one in times]
    assert len(times) == meeting_showing.CHOICES and len(set(days)) == 3
    assert max(days.count(one) for one in days) == meeting_showing.SAME_DAY
    assert [one.starts_at for one in times] == sorted(one.starts_at for one in times)
    assert {one.office_label for one in times} == {"Kontoret"}


def test_where_there_is_one_time_it_is_shown() -> None:
    assert len(meeting_showing.times([Time(NOW)], {})) == 1
    assert meeting_showing.times([], {}) == []
