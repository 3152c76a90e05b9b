"""Counts over texts: by provider and state, how providers have done lately, and whether a cap is reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import case, func, select

from sms.model import AttemptState, Policy, State
from sms.shares import LATE, LOOK_BACK, SLOW, Asked, Seen
from sms.store import SAME_BUT, attempts, messages
from storage.database import Transaction

LAST_ASKED = 100
"""So many attempts of each provider are looked at: enough to see what is wrong within seconds, and few to read."""

MOST_TIMED = 1_000
"""Of so many texts it is looked at how long they took: enough for a median, and few to read."""

_MEANS_WELL = frozenset({AttemptState.TAKEN, AttemptState.REFUSED})


async def by_provider(tx: Transaction, *, since: datetime) -> Mapping[tuple[str, State], int]:
    """Count texts meant since an instant, by provider and state; those that no provider was asked for have ``""``."""
    query = (
        select(messages.c.provider, messages.c.state, func.count().label("many"))
        .where(messages.c.created_at >= since)
        .group_by(messages.c.provider, messages.c.state)
    )
    return {(row.provider, State(row.state)): row.many for row in await tx.execute(query)}


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What became of the texts that a provider was asked for last, meant in a time; ``accepted`` are still on their way.

    ``median_seconds``: half of those that are there were there sooner, from when it was asked; of the newest
    thousand. ``None`` when none is.
    """

    provider: str
    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    unclear: int = 0
    median_seconds: float | None = None


async def rates(tx: Transaction, provider: str, *, since: datetime) -> Rate:
    """Return how the texts of a provider have fared that were meant since an instant."""
    query = select(messages.c.state, func.count().label("many")).where(
        messages.c.created_at >= since, messages.c.provider == provider
    )
    many = {State(row.state): row.many for row in await tx.execute(query.group_by(messages.c.state))}
    took = await _seconds_to_delivery(tx, provider, since=since)
    return Rate(
        provider=provider,
        accepted=many.get(State.ACCEPTED, 0) + many.get(State.SENT, 0),
        delivered=many.get(State.DELIVERED, 0),
        failed=many.get(State.FAILED, 0),
        unclear=many.get(State.UNCLEAR, 0),
        median_seconds=median(took) if took else None,
    )


async def _seconds_to_delivery(tx: Transaction, provider: str, *, since: datetime) -> list[float]:
    query = (
        select(attempts.c.started_at, messages.c.ended_at)
        .join(messages, messages.c.message == attempts.c.message)
        .where(attempts.c.provider == provider, attempts.c.state == AttemptState.TAKEN)
        .where(attempts.c.started_at >= since, messages.c.created_at >= since)
        .where(messages.c.state == State.DELIVERED)
        .order_by(attempts.c.started_at.desc())
        .limit(MOST_TIMED)
    )
    return [(row.ended_at - row.started_at).total_seconds() for row in await tx.execute(query)]


async def seen(tx: Transaction, provider: str, *, now: datetime) -> Seen:
    """Return how a provider has done lately."""
    query = (
        select(attempts.c.state, attempts.c.started_at, attempts.c.ended_at)
        .where(attempts.c.provider == provider, attempts.c.started_at > now - LOOK_BACK)
        .order_by(attempts.c.started_at.desc())
        .limit(LAST_ASKED)
    )
    asked = [one for row in await tx.execute(query) if (one := _asked(row, now)) is not None]
    taken, late = await _late(tx, provider, now=now)
    return Seen(asked=asked, taken=taken, late=late)


def _asked(row: Any, now: datetime) -> Asked | None:
    if row.ended_at is None and now - row.started_at < SLOW:
        return None  # it is being asked just now
    known_at = min(row.ended_at or now, row.started_at + SLOW)
    went_well = row.ended_at is not None and row.ended_at - row.started_at <= SLOW and row.state in _MEANS_WELL
    return Asked(max(0.0, (now - known_at).total_seconds()), went_well)


async def _late(tx: Transaction, provider: str, *, now: datetime) -> tuple[int, int]:
    """Count the texts that a provider took long enough ago to be there, and those of them that are not."""
    is_late = case((messages.c.state.in_((State.ACCEPTED, State.SENT)), 1), else_=0)
    query = (
        select(func.count().label("taken"), func.coalesce(func.sum(is_late), 0).label("late"))
        .join(messages, messages.c.message == attempts.c.message)
        .where(attempts.c.provider == provider, attempts.c.state == AttemptState.TAKEN)
        .where(attempts.c.started_at > now - LOOK_BACK, attempts.c.started_at < now - LATE)
    )
    row = (await tx.execute(query)).one()
    return int(row.taken), int(row.late)


@dataclass(frozen=True, kw_only=True)
class Caps:
    """How near the caps are: texts of the last hour as a part of the most for everybody; ranges and numbers that are full."""

    hour_used: float
    full_ranges: int
    full_numbers: int


async def caps(tx: Transaction, policy: Policy, *, now: datetime) -> Caps:
    """Return how near the caps are: whoever has us write to run up our bills is seen here."""
    hour, day = messages.c.created_at > now - timedelta(hours=1), messages.c.created_at > now - timedelta(days=1)
    alike = func.substr(messages.c.number, 1, func.length(messages.c.number) - SAME_BUT)
    made = (await tx.execute(select(func.count()).select_from(messages).where(hour))).scalar_one()
    return Caps(
        hour_used=made / policy.all_per_hour,
        full_ranges=await _full(tx, alike, hour, policy.range_per_hour),
        full_numbers=await _full(tx, messages.c.number, day, policy.number_per_day),
    )


async def _full(tx: Transaction, by: Any, when: Any, most: int) -> int:
    full = select(by.label("of")).where(when).group_by(by).having(func.count() >= most).subquery()
    return int((await tx.execute(select(func.count()).select_from(full))).scalar_one())
