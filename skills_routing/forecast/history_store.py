"""Reads from SQL what forecasts go by. Every query is bounded, and what it returns is of many callers, never of one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from statistics import fmean

from sqlalchemy import select

from skills_routing.forecast.estimates import OneQueue
from skills_routing.forecast.history import History, Passing
from skills_routing.forecast.wait_store import HowItEnded, waits
from skills_routing.model import Requirement, read_requirement
from storage.database import Transaction

RING_BACK = ""
"""The line of those whom we ring back: they wait in none, and take an agent's time all the same."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """How far back we look. ``handlings`` is per line; ``hang_ups`` so many before we say that people hang up."""

    handling: timedelta = timedelta(days=14)
    handlings: int = 2000
    longest_handling: timedelta = timedelta(hours=2)
    patience: timedelta = timedelta(days=7)
    waits: int = 5000
    hang_ups: int = 20
    passing: timedelta = timedelta(hours=1)
    arrivals: int = 10_000
    least_head_start: timedelta = timedelta(seconds=5)
    average: int = 40


async def read_history(tx: Transaction, lines: Iterable[str], *, now: datetime, memory: Memory) -> History:
    """Return what was measured of these lines, of patience, and of who comes in ahead of others."""
    handlings = {}
    for line in {*lines, RING_BACK}:
        handlings[read_requirement(line)] = await _handlings(tx, line, now, memory)
    patience, answering = await _waiting(tx, now, memory)
    passing = await _passing(tx, now, memory)
    return History(handlings=handlings, patience=patience, passing=passing, answering=answering)


async def app_queue_says(tx: Transaction, line: str, *, memory: Memory) -> float:
    """Return what Asterisk's ``app_queue`` would tell somebody who comes into this line now, in seconds.

    Its average weighs the newest wait by a quarter, so those before the last forty have no say.
    """
    query = (
        select(waits.c.waited_seconds)
        .where(waits.c.line == line, waits.c.how == HowItEnded.SERVED)
        .order_by(waits.c.ended_at.desc())
        .limit(memory.average)
    )
    last = [row.waited_seconds for row in await tx.execute(query)]
    return reduce(_answered, reversed(last), OneQueue()).app_queue()


def _answered(queue: OneQueue, wait: float) -> OneQueue:
    queue.answered(wait=wait)
    return queue


async def _handlings(tx: Transaction, line: str, now: datetime, memory: Memory) -> list[float]:
    query = (
        select(waits.c.handling_seconds)
        .where(waits.c.line == line, waits.c.handled_at >= now - memory.handling)
        .order_by(waits.c.handled_at.desc())
        .limit(memory.handlings)
    )
    longest = memory.longest_handling.total_seconds()  # beyond that nobody was at the desk
    return [min(longest, row.handling_seconds) for row in await tx.execute(query)]


async def _waiting(tx: Transaction, now: datetime, memory: Memory) -> tuple[float | None, float]:
    """Return how long people wait before they hang up, and how long a telephone of ours rings; seconds, on average."""
    query = (
        select(waits.c.waited_seconds, waits.c.how, waits.c.answering_seconds)
        .where(waits.c.ended_at >= now - memory.patience, waits.c.line != RING_BACK)
        .order_by(waits.c.ended_at.desc())
        .limit(memory.waits)
    )
    rows = (await tx.execute(query)).all()
    gave_up = sum(row.how == HowItEnded.HUNG_UP for row in rows)
    waited = sum(row.waited_seconds for row in rows)
    answering = [row.answering_seconds for row in rows if row.answering_seconds is not None]
    return waited / gave_up if gave_up > memory.hang_ups else None, fmean(answering) if answering else 0.0


async def _passing(tx: Transaction, now: datetime, memory: Memory) -> list[Passing]:
    """Return at what rate contacts have come in ahead of others lately, those with like head starts together."""
    least = memory.least_head_start.total_seconds()
    query = (
        select(waits.c.line, waits.c.head_start_seconds)
        .where(waits.c.entered_at >= now - memory.passing, waits.c.head_start_seconds >= least)
        .where(waits.c.line != RING_BACK)
        .order_by(waits.c.entered_at.desc())
        .limit(memory.arrivals)
    )
    alike: dict[tuple[str, int], list[float]] = defaultdict(list)
    for row in await tx.execute(query):
        alike[row.line, int(row.head_start_seconds / least).bit_length()].append(row.head_start_seconds)
    return [_passing_of(read_requirement(line), some, memory) for (line, _), some in sorted(alike.items())]


def _passing_of(requirement: Requirement, head_starts: Sequence[float], memory: Memory) -> Passing:
    rate = len(head_starts) / memory.passing.total_seconds()
    return Passing(requirement, rate, timedelta(seconds=fmean(head_starts)))
