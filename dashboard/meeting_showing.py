"""Turns booked meetings into what an agent sees of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from core.clock import STOCKHOLM
from core.phone import grouped
from dashboard.meeting_ports import BOOKED, About, Document, Free, Kind, Meeting
from dashboard.meeting_views import (
    AnswerView,
    DocumentView,
    MeetingDayView,
    MeetingTimeView,
    MeetingTypeView,
    MeetingView,
)
from dashboard.showing import LANGUAGE

PHYSICAL = "physical"
CHOICES, SAME_DAY = 8, 3
"""So many times are shown at most, and of one day at most, so that there are several days to choose from (R75d)."""


def meeting(row: Meeting, about: About, *, is_own: bool, now: datetime) -> MeetingView:
    """Show a meeting. Whoever may not see it is not to be asked for here."""
    is_there = row.mode == PHYSICAL
    return MeetingView(
        meeting=row.meeting,
        type=row.type,
        type_label=about.label,
        state=row.state,
        mode=row.mode,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=about.office if is_there else "",
        address=about.address if is_there else "",
        room=about.room if is_there else "",
        staff=list(about.staff),
        direct=grouped(about.number) if about.number else "",
        language=row.language,
        has_interpreter=row.parts.interpreter is not None,
        needs=sorted(row.needs),
        is_protected=row.is_protected,
        is_to_close=row.state == BOOKED and row.starts_at <= now,
        is_own=is_own,
        held_until=row.held_until,
        version=row.version,
    )


def day(rows: Sequence[MeetingView], *, now: datetime) -> MeetingDayView:
    """Show an agent's own meetings: first what is over and not closed, then today, then the days ahead."""
    today = _day(now)
    to_close = [one for one in rows if one.is_to_close]
    others = [one for one in rows if not one.is_to_close]
    return MeetingDayView(
        holds_meetings=True,
        to_close=to_close,
        today=[one for one in others if _day(one.starts_at) <= today],
        coming=[one for one in others if _day(one.starts_at) > today],
    )


def kind(one: Kind) -> MeetingTypeView:
    """Show a type that can be asked for."""
    return MeetingTypeView(
        id=one.type,
        label=one.label[LANGUAGE],
        modes=list(one.modes),
        needs=sorted(one.needs),
        decisions=one.decisions,
    )


def times(found: Iterable[Free], offices: Mapping[str, str]) -> list[MeetingTimeView]:
    """Show some of these times: few of each day, so that there are several days to choose from (R75d)."""
    every = sorted(found, key=lambda one: (one.starts_at, one.office))
    chosen: list[Free] = []
    of_day: dict[date, int] = {}
    for one in every:
        on = _day(one.starts_at)
        if of_day.get(on, 0) < SAME_DAY and len(chosen) < CHOICES:
            of_day[on] = of_day.get(on, 0) + 1
            chosen.append(one)
    return [_time(one, offices) for one in chosen]


def document(one: Document | None, *, names: Mapping[str, str]) -> DocumentView | None:
    """Show what was written down, with the name of whoever did."""
    if one is None:
        return None
    return DocumentView(
        edition=one.edition,
        text=one.text,
        agreed=one.agreed,
        next_step=one.next_step,
        how=one.how,
        reason=one.reason,
        made_at=one.made_at,
        made_by=names.get(one.made_by, one.made_by),
        handed_over_at=one.handed_over_at,
    )


def answers(given: Mapping[str, str]) -> list[AnswerView]:
    """Show each question of a kallelse with its answer."""
    return [AnswerView(question=question, answer=answer) for question, answer in given.items()]


def _time(one: Free, offices: Mapping[str, str]) -> MeetingTimeView:
    return MeetingTimeView(
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        office=one.office,
        office_label=offices.get(one.office, ""),
        mode=one.mode,
    )


def _day(at: datetime) -> date:
    return at.astimezone(STOCKHOLM).date()
