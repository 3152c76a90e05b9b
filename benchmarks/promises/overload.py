"""An hour in which five times as many people ring as can be talked with, and what became of each of them."""

import random
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from app.cli.ledger import examine
from benchmarks.promises.centre import Centre, centre
from benchmarks.promises.people import TALK, WRITING_UP, Citizen, Wish, Workers, number_of
from callbacks.attempt_store import callback_attempts
from callbacks.model import OPEN, AttemptState, CallbackState
from callbacks.store import callbacks
from contacts.model import Outcome

AGENTS, TIMES, HOUR = 12, 5, 3_600.0
STARTS_AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
"""Nine o'clock on a Monday in Sweden: what is promised can be kept on the same day."""

MOST_SECONDS = 10 * 3_600
WISHES = (Wish.RING_ME, Wish.WAIT, Wish.LOOK_UP), (60, 25, 15)
WANT_AN_AGENT = 0.85
"""Whoever only looks something up is no load for the agents."""

PATIENCE, ANSWERS = 480.0, 0.85


async def overload(folder: Path, *, seed: int = 1) -> dict[str, object]:
    """Run it in a folder that there is not yet, and return the figures; its state stays there, in ``state``."""
    chance = random.Random(seed)
    citizens = _citizens(chance, seed)
    began = time.monotonic()
    async with centre(folder, starts_at=STARTS_AT, agents=AGENTS) as made:
        kept = made.rooms.callbacks.policy
        made.rooms.callbacks.renew(replace(kept, hours=replace(kept.hours, always=False)))  # as outside the demo
        await made.open()
        passed = await _live(made, citizens, Workers(made, chance))
        figures = await _count(made, citizens)
    return {
        **figures,
        "overload_offered_of_capacity": round(sum(one.wish is not Wish.LOOK_UP for one in citizens) / _capacity(), 2),
        "overload_hours_until_all_was_kept": round(passed / 3_600, 2),
        "overload_seconds": round(time.monotonic() - began),
    }


def _capacity() -> float:
    return AGENTS * HOUR / (TALK + WRITING_UP)


def _citizens(chance: random.Random, seed: int) -> list[Citizen]:
    found, at = list[Citizen](), 0.0
    while True:
        at += chance.expovariate(TIMES / WANT_AN_AGENT * _capacity() / HOUR)
        if at >= HOUR:
            return found
        [wish] = chance.choices(*WISHES)
        patience = chance.expovariate(1 / PATIENCE) if wish is Wish.WAIT else HOUR
        number = number_of(len(found))
        found.append(Citizen(number, at, wish, patience, ANSWERS, random.Random(f"{seed} {number}")))


async def _live(made: Centre, citizens: list[Citizen], workers: Workers) -> int:
    for second in range(MOST_SECONDS):
        for citizen in citizens:
            citizen.act(made)
        await made.settled()
        await workers.act()
        await made.second()
        if second > HOUR and second % 60 == 0 and await _is_quiet(made, citizens):
            return second
    return MOST_SECONDS


async def _is_quiet(made: Centre, citizens: list[Citizen]) -> bool:
    if any(citizen.phone is None or citizen.phone.in_call for citizen in citizens):
        return False
    async with made.rooms.database.reading() as tx:
        left = await tx.execute(select(callbacks.c.callback).where(callbacks.c.state.in_(OPEN)).limit(1))
        return left.first() is None


async def _count(made: Centre, citizens: list[Citizen]) -> dict[str, object]:
    end = made.time.now() + timedelta(days=1)
    tally, faults = await examine(
        made.rooms.settings.sql_url, start=STARTS_AT - timedelta(days=1), end=end, now=made.time.now()
    )
    async with made.rooms.database.reading() as tx:
        states = Counter((await tx.execute(select(callbacks.c.state))).scalars())
        answered = select(callback_attempts.c.callback).where(callback_attempts.c.state == AttemptState.ANSWERED)
        talks = Counter((await tx.execute(answered)).scalars())
    calls = sum(citizen.calls for citizen in citizens)
    outcomes = {str(outcome): tally.outcomes.get(outcome, 0) for outcome in Outcome}
    return {
        "overload_contacts_offered": calls,
        **{f"overload_{outcome}": number for outcome, number in outcomes.items() if number},
        "overload_unaccounted": abs(calls - sum(outcomes.values())) + tally.offered - calls,
        "overload_refused": sum(citizen.refused for citizen in citizens),
        "overload_ledger_faults": len(faults),
        "overload_promises_kept": states[CallbackState.KEPT],
        "overload_promises_failed_with_reason": states[CallbackState.FAILED],
        "overload_promises_cancelled": states[CallbackState.CANCELLED],
        "overload_promises_open": sum(states[state] for state in OPEN),
        "overload_promises_talked_twice": sum(number > 1 for number in talks.values()),
    }
