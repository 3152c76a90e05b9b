"""Which times can be chosen: whole slots within ringing hours on the next working days. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from callbacks.model import Period, Planned, Policy
from callbacks.ringing_hours import SEARCH_DAYS, is_working_day, on_the_clock, periods_on, stockholm_day

FEWEST = 2
"""Of so many times a citizen must be able to choose one."""


def grid(policy: Policy, *, now: datetime) -> list[Period]:
    """Return every time that can be offered now, full or not, in order: today's and those of the working days ahead."""
    earliest = now + policy.slots.first_after
    return [
        slot for day in _days(policy, stockholm_day(now)) for slot in _of(policy, day) if slot.starts_at >= earliest
    ]


def slot_at(policy: Policy, *, starts_at: datetime, now: datetime) -> Period | None:
    """Return the time that begins then, if it is one that can be chosen now."""
    return next((slot for slot in grid(policy, now=now) if slot.starts_at == starts_at), None)


def capacity_of(policy: Policy, queue: str, slot: Period) -> int:
    """Return how many promises of a queue one slot holds: what the agents planned for it can keep, or a fixed number."""
    slots = policy.slots
    planned = slots.staffing.planned.get(queue)
    if planned is None:
        return slots.of_queues.get(queue, slots.capacity)
    worked = sum((_worked(each, slot) for each in planned), timedelta(0))
    return int(worked * slots.staffing.share / slots.staffing.talk)


def shortfalls(policy: Policy, queues: Iterable[str], *, now: datetime) -> Iterator[tuple[str, str]]:
    """Say of each queue in which nobody can choose between times, or whose room follows from no plan: the place in the file,
    and why in a whole sentence. Seen from ``now``, over today and the working days ahead."""
    slots = policy.slots
    days = grid(policy, now=now)
    for queue in queues:
        many = sum(capacity_of(policy, queue, slot) > 0 for slot in days)
        is_planned, is_fixed = queue in slots.staffing.planned, queue in slots.of_queues
        place = (
            f"queues: {queue}: {'planned' if is_planned else 'capacity'}"
            if is_planned or is_fixed
            else "times: capacity"
        )
        if many < FEWEST:
            yield (
                place,
                (
                    f"in {queue} callers have {'no time' if not many else 'one time only'} to choose in the next days; "
                    "plan agents within ringing hours, or give it a capacity"
                ),
            )
        elif not is_planned and not is_fixed:
            yield (
                f"queues: {queue}",
                (
                    f"no agents are planned, so each time holds {slots.capacity} promises, whoever is at work; "
                    "plan agents, or give it a capacity of its own"
                ),
            )


def free(slots: list[Period], *, taken: Mapping[datetime, int], policy: Policy, queue: str) -> list[Period]:
    """Return the slots of a queue in which there is room, by how many have taken the one that begins at an instant."""
    return [slot for slot in slots if taken.get(slot.starts_at, 0) < capacity_of(policy, queue, slot)]


def _worked(planned: Planned, slot: Period) -> timedelta:
    """Return how long these agents together work during a slot."""
    day = stockholm_day(slot.starts_at)
    if day.weekday() != planned.weekday:
        return timedelta(0)
    at_work = on_the_clock(day, planned.span)
    together = min(at_work.ends_at, slot.ends_at) - max(at_work.starts_at, slot.starts_at)
    return max(together, timedelta(0)) * planned.agents


def _days(policy: Policy, today: date) -> Iterator[date]:
    days = (today + timedelta(days=number) for number in range(SEARCH_DAYS))
    ahead = 0
    for day in days:
        if not is_working_day(day):
            continue
        ahead += day != today
        if ahead > policy.slots.working_days_ahead:
            return
        yield day


def _of(policy: Policy, day: date) -> Iterator[Period]:
    for period in periods_on(policy.hours, day):
        starts_at = period.starts_at
        while starts_at + policy.slots.length <= period.ends_at:
            yield Period(starts_at, starts_at + policy.slots.length)
            starts_at += policy.slots.length
