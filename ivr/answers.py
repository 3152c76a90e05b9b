"""Turns what other rooms know into lines to be said. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from cases.model import CalendarAnswer, CaseState, CaseStatus, NextPayment
from core.clock import STOCKHOLM
from ivr.model import Line
from ivr.opening_hours import OpeningHours, Span, spans_on
from ivr.spoken import Kronor, Name, Value, Weekday

MOST_LINES = 5
"""More than this nobody keeps in mind; an agent can tell the rest."""


def of_payments(payments: Sequence[NextPayment]) -> tuple[Line, ...]:
    """Say each coming payment, with the amount if the citizen has allowed it to be told, or that its day is not known."""
    return tuple(_payment(payment) for payment in payments[:MOST_LINES])


def _payment(payment: NextPayment) -> Line:
    if payment.on is None:
        return Line(wording="payment_without_day", values={"benefit": Name(payment.benefit)})
    values: dict[str, Value] = {"benefit": Name(payment.benefit), "date": payment.on}
    if payment.amount_kronor is None:
        return Line(wording="payment_without_amount", values=values)
    return Line(wording="payment", values={**values, "amount": Kronor(payment.amount_kronor)})


def of_matters(matters: Sequence[CaseStatus]) -> tuple[Line, ...]:
    """Say how far each matter has come, and what is missing."""
    return tuple(_matter(matter) for matter in matters[:MOST_LINES])


def _matter(matter: CaseStatus) -> Line:
    benefit = Name(matter.benefit)
    match matter.state:
        case CaseState.RECEIVED if matter.decision_expected_on:
            expected = matter.decision_expected_on
            return Line(wording="case_received_until", values={"benefit": benefit, "date": expected})
        case CaseState.RECEIVED:
            return Line(wording="case_received", values={"benefit": benefit})
        case CaseState.NEEDS_MORE:
            missing = ", ".join(matter.missing)
            return Line(wording="case_needs_more", values={"benefit": benefit, "missing": missing})
        case CaseState.IN_PROGRESS if matter.decision_expected_on:
            expected = matter.decision_expected_on
            return Line(wording="case_in_progress_until", values={"benefit": benefit, "date": expected})
        case CaseState.IN_PROGRESS:
            return Line(wording="case_in_progress", values={"benefit": benefit})
        case CaseState.DECIDED if matter.decided_on:
            return Line(wording="case_decided_on", values={"benefit": benefit, "date": matter.decided_on})
        case CaseState.DECIDED:
            return Line(wording="case_decided", values={"benefit": benefit})


def of_calendar(answer: CalendarAnswer) -> tuple[Line, ...]:
    """Say the next payment days of a benefit, each with the birth days that it is for."""
    return tuple(
        Line(wording="calendar_day", values={"date": day.on})
        if (day.born_from, day.born_to) == (1, 31)
        else Line(
            wording="calendar_day_born",
            values={"date": day.on, "born_from": day.born_from, "born_to": day.born_to},
        )
        for day in answer.days[:MOST_LINES]
    )


def of_hours(hours: OpeningHours, now: datetime) -> tuple[Line, ...]:
    """Say until when it is open today, and the hours of the week."""
    today = spans_on(hours, now.astimezone(STOCKHOLM).date())
    lines = [
        Line(wording="open_today", values={"opens_at": span.opens, "closes_at": span.closes})
        for span in today
        if span.on(now.astimezone(STOCKHOLM).date())[1] > now
    ]
    return (*lines, *_week(hours))


def _week(hours: OpeningHours) -> Iterator[Line]:
    for spans, days in groupby(range(7), key=lambda day: hours.week.get(day, ())):
        of_days = list(days)
        yield from (_days(of_days, span) for span in spans)


def _days(days: Sequence[int], span: Span) -> Line:
    values: dict[str, Value] = {"first_day": Weekday(days[0]), "opens_at": span.opens, "closes_at": span.closes}
    if len(days) == 1:
        return Line(wording="hours_of_day", values=values)
    return Line(wording="hours_of_days", values={**values, "last_day": Weekday(days[-1])})
