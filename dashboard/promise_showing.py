"""Turns promises to ring back into what an agent sees of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from core.ids import AgentId
from core.phone import PhoneNumber, grouped
from dashboard import views
from dashboard.promise_ports import IN_LINE, KEPT, TAKEN, CapsUsed, Counted, HowKept, Promise, Span
from dashboard.promise_views import CallbackCountView, CallbackView, CapsView, ReasonCountView, ToldView, WaitsView

EVERY = timedelta(minutes=15)
SOONEST = timedelta(minutes=5)


def masked(number: PhoneNumber) -> str:
    """Write a number with all but its ends hidden."""
    national = number.national
    return f"{national[:3]}-••• •• {national[-2:]}"


def callback(promise: Promise, queues: Mapping[str, str], *, agent: AgentId, how: HowKept) -> CallbackView:
    """Show a promise to ring back, with all but the last digits of the number hidden."""
    return CallbackView(
        callback=promise.callback,
        number=masked(promise.number),
        queue_label=queues.get(promise.queue, "Allmän fråga"),
        reason=promise.reason,
        language=promise.language,
        waiting_since=promise.first_requested_at,
        promised_at=promise.promised_at,
        told_from=promise.told.starts_at if promise.told else None,
        told_until=promise.told.ends_at if promise.told else None,
        attempts=promise.attempts,
        not_before=promise.not_before,
        is_own=agent in (promise.bound_to, promise.deputy),
        is_rung_first=how.rings_citizen_first(promise.queue, bound_to=promise.bound_to),
        ended_at=promise.ended_at,
        last_reason=promise.last_reason,
    )


def is_offered(promise: Promise | None) -> bool:
    """Tell whether it is this promise for which its contact is offered to an agent."""
    return promise is not None and promise.state in (IN_LINE, TAKEN)


def is_rung_by(promise: Promise | None, agent: AgentId) -> bool:
    """Tell whether it is this promise for which an agent rings, or has rung, its contact."""
    return promise is not None and promise.state in (TAKEN, KEPT) and promise.taken_by == agent


def ring_back(
    promise: Promise, *, agent: AgentId, most: int, is_begun: bool, is_on_the_line: bool
) -> views.RingBackView:
    """Show the promise behind an offer or a talk. It holds neither number nor code; the card does."""
    number = max(1, promise.attempts) if is_begun or is_on_the_line else promise.attempts + 1
    return views.RingBackView(
        callback=promise.callback,
        promised_at=promise.promised_at,
        waiting_since=promise.first_requested_at,
        told_from=promise.told.starts_at if promise.told else None,
        told_until=promise.told.ends_at if promise.told else None,
        attempt=min(number, most),
        most_attempts=most,
        is_on_the_line=is_on_the_line,
        is_own=promise.bound_to == agent,
    )


def with_promise(card: views.CardView, promise: Promise, *, is_rung: bool) -> views.CardView:
    """Show the number that is rung, whole only when it is, and the code by which the citizen knows us."""
    number = grouped(promise.number) if is_rung else masked(promise.number)
    return card.model_copy(update={"number": number, "rings_back": True, "code": _code(promise)})


def told(promise: Promise, *, how: HowKept, calls_from: str) -> ToldView:
    """Show what is to be told of a promise that an agent has just made."""
    return ToldView(
        told_from=promise.told.starts_at if promise.told else None,
        calls_from=calls_from,
        most_attempts=how.most_attempts,
        code=_code(promise),
    )


def _code(promise: Promise) -> str:
    return f"{promise.proof[:3]} {promise.proof[3:]}" if promise.proof else ""


def instants(periods: Iterable[Span], *, now: datetime) -> Iterator[datetime]:
    """Yield each quarter of an hour of these periods that is not over."""
    for period in periods:
        at = period.starts_at
        while at < period.ends_at:
            if at >= now + SOONEST:
                yield at
            at += EVERY


def counted(found: Counted, used: CapsUsed, *, days: int) -> CallbackCountView:
    """Show what became of promises."""
    waits = found.waits
    return CallbackCountView(
        days=days,
        promised=found.promised,
        kept_in_time=found.kept_in_time,
        kept_late=found.kept_late,
        kept_without_time=found.kept_without_time,
        open=found.open,
        failed=_reasons(found.failed),
        cancelled=_reasons(found.cancelled),
        waits=WaitsView(
            p50=_seconds(waits.p50),
            p90=_seconds(waits.p90),
            p95=_seconds(waits.p95),
            p99=_seconds(waits.p99),
            longest=_seconds(waits.longest),
        )
        if waits
        else None,
        caps=CapsView(
            hour_used=used.hour_used,
            full_ranges=used.full_ranges,
            full_numbers=used.full_numbers,
            full_persons=used.full_persons,
        ),
    )


def _reasons(found: Mapping[str, int]) -> list[ReasonCountView]:
    merged: dict[str, int] = {}
    for reason, number in found.items():  # who cancelled is no figure of ours: an agent's name stays out (N1)
        word = reason.partition(":")[0]
        merged[word] = merged.get(word, 0) + number
    return [ReasonCountView(reason=word, number=number) for word, number in sorted(merged.items())]


def _seconds(period: timedelta) -> int:
    return int(period.total_seconds())
