"""Turns a promise to ring back into what is said of it, and the forecast of a wait into what can be promised. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from core.clock import STOCKHOLM
from core.phone import PhoneNumber, grouped, parse_phone
from ivr.model import Line, Time, Wait
from ivr.opening_hours import OpeningHours, is_open, next_opening
from ivr.ports import Promise
from ivr.spoken import Between, DigitGroups

ROUND = timedelta(minutes=5)
"""Nobody promises to the minute."""
FEWEST_TIMES, MOST_TIMES = 2, 16
"""Four pages of times; whoever wants none of them can wait, or be rung when it is their turn."""
_NOON, _EVENING = 12, 16


def of_promise(promise: Promise, hours: OpeningHours, *, at: datetime, our_number: str) -> tuple[Line, ...]:
    """Say what was promised, in the order in which one wants to know it, and last the code that proves us."""
    chosen = promise.slot is not None
    return (
        Line(wording="promise_made"),
        of_time(promise, hours, at=at),
        Line(wording="promise_from", values={"number": DigitGroups(_as_printed(our_number))}),
        Line(wording="promise_tries", values={"tries": promise.attempts}),
        Line(wording="promise_need_not_time" if chosen else "promise_need_not_place"),
        *of_code(promise, wording="promise_code"),
        *((Line(wording="promise_never_ask"),) if promise.proof else ()),
    )


def _as_printed(number: str) -> str:
    known = parse_phone(number)
    return grouped(known) if known else number


def of_code(promise: Promise, *, wording: str = "promise_code_again") -> tuple[Line, ...]:
    """Say the code that proves us when we ring; nothing when there is none to say."""
    half = len(promise.proof) // 2
    groups = DigitGroups(f"{promise.proof[:half]} {promise.proof[half:]}")
    return (Line(wording=wording, values={"code": groups}),) if promise.proof else ()


def of_known(promise: Promise, hours: OpeningHours, *, at: datetime, caller: PhoneNumber | None) -> tuple[Line, ...]:
    """Say that we have promised to ring, and when: nothing of what about, for a number proves nobody."""
    this_number = caller is not None and promise.number_tail and caller.e164.endswith(promise.number_tail)
    known = Line(wording="promise_known_here")
    if not this_number:
        known = Line(wording="promise_known", values={"tail": DigitGroups(promise.number_tail)})
    return (known, of_time(promise, hours, at=at))


def of_time(promise: Promise, hours: OpeningHours, *, at: datetime) -> Line:
    """Say when we ring: at the chosen time, about when was foreseen, or when it is their turn or we open."""
    if promise.slot is not None and promise.slot.ends_at > at:
        return Line(wording="promise_at", values={"time": between(promise.slot, at=at)})
    if promise.told is not None and promise.told.ends_at > at:
        return Line(wording="promise_about", values={"time": between(promise.told, at=at)})
    opens = None if is_open(hours, at=at) else next_opening(hours, after=at)
    if opens is None:
        return Line(wording="promise_soon")
    local = opens.astimezone(STOCKHOLM)
    return Line(wording="promise_when_open", values={"opens_on": local.date(), "opens_at": local.time()})


def between(time: Time, *, at: datetime) -> Between:
    """Return a time as it is said at an instant."""
    return Between(time.starts_at, time.ends_at, said_at=at)


def foreseen_turn(wait: Wait | None, hours: OpeningHours) -> Time | None:
    """Return between when and when it is somebody's turn; ``None`` when nobody is sure, or we close before."""
    if wait is None or not wait.most:
        return None
    first, last = wait.at + timedelta(minutes=min(wait.least, wait.most - 1)), wait.latest
    turn = Time(starts_at=_round(first), ends_at=_round(last, up=True))
    return turn if is_open(hours, at=turn.ends_at) else None


def _round(at: datetime, *, up: bool = False) -> datetime:
    over = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at - over + (ROUND if up and over else timedelta())


def worth_saying(times: Sequence[Time], *, at: datetime) -> tuple[Time, ...]:
    """Choose from many times so few that they can be read out: the next two of today, then one for each part of each day.

    Nobody has to choose from one where there are two.
    """
    first = [next(same_part) for _part, same_part in groupby(times, key=_part_of_day)]
    soonest = [time for time in times[:2] if _part_of_day(time)[0] == at.astimezone(STOCKHOLM).date()]
    few = times[:FEWEST_TIMES] if len({*first, *soonest}) < FEWEST_TIMES else ()
    return tuple(sorted({*first, *soonest, *few}, key=lambda time: time.starts_at)[:MOST_TIMES])


def _part_of_day(time: Time) -> tuple[object, int]:
    local = time.starts_at.astimezone(STOCKHOLM)
    return local.date(), (local.hour >= _NOON) + (local.hour >= _EVENING)
