"""Turns a meeting into what is said of it. Pure."""

from collections.abc import Iterator
from datetime import datetime

from core.phone import grouped
from ivr.meeting_ports import Booked, How, Letter, Offered
from ivr.model import Line, Time
from ivr.spoken import Between, DigitGroups, Minutes

_HOW = {How.PHONE: "meeting_rings", How.VIDEO: "meeting_video"}


def of_meeting(wording: str, booked: Booked, *, at: datetime) -> tuple[Line, ...]:
    """Say a meeting, beginning with a wording that has its time: where, how long, and the number of whom one meets.

    Of somebody with protected identity no place is said (FACTS 2.11): who listens in must not learn where they will be.
    """
    direct = DigitGroups(grouped(booked.direct)) if booked.direct else None
    return (
        Line(wording=wording, values={"time": instant(booked.time, at=at)}),
        _where(booked),
        Line(wording="meeting_takes", values={"minutes": Minutes(booked.minutes)}),
        *((Line(wording="meeting_direct", values={"number": direct}),) if direct else ()),
    )


def of_letter(letter: Letter, booked: Booked, *, at: datetime) -> tuple[Line, ...]:
    """Say a letter as a person would: what it is about, when and where, whom one meets, and what to think of before."""
    return tuple(_letter(letter, booked, at))


def of_offer(offered: Offered) -> tuple[Line, ...]:
    """Say where the times are."""
    if offered.is_protected:
        return ()
    if offered.how is How.PHYSICAL:
        return (Line(wording="meeting_office", values={"place": offered.place}),)
    return (Line(wording="meeting_times_phone" if offered.how is How.PHONE else "meeting_times_video"),)


def instant(time: Time, *, at: datetime) -> Between:
    """Return when a meeting begins, as it is said at an instant."""
    return Between(time.starts_at, time.starts_at, said_at=at)


def _where(booked: Booked) -> Line:
    if booked.is_protected:
        return Line(wording="meeting_where_told")
    if booked.how is How.PHYSICAL:
        return Line(wording="meeting_where", values={"place": booked.place})
    return Line(wording=_HOW[booked.how])


def _letter(letter: Letter, booked: Booked, at: datetime) -> Iterator[Line]:
    yield Line(wording="letter_purpose", values={"text": letter.purpose})
    yield from of_meeting("meeting_coming", booked, at=at)
    if letter.whom:
        yield Line(wording="letter_whom", values={"name": letter.whom})
    if letter.questions:
        yield Line(wording="letter_questions")
    yield from (Line(wording="letter_says", values={"text": one}) for one in letter.questions)
    if letter.bring:
        yield Line(wording="letter_says", values={"text": letter.bring})
    yield Line(wording="letter_change")
