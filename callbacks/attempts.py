"""What becomes of a promise after an attempt that did not reach the citizen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from callbacks import store
from callbacks.events import CallbackGivenUp, CallbackMissed
from callbacks.model import Attempt, AttemptState, Callback, CallbackState, Policy, next_state
from callbacks.ringing_hours import next_open
from storage.database import Transaction

FAULT = "fault"
"""The reason of an attempt that a fault of the network or of ours has ended."""


async def missed(tx: Transaction, row: Callback, reason: str, *, now: datetime, policy: Policy) -> None:
    """Put the promise back at its rank for another attempt, or give it up; tell which."""
    if next_state(row, policy=policy) is CallbackState.FAILED:
        return await given_up(tx, row, reason, now=now)
    again = next_open(policy.hours, at=now + policy.pause_after(reason))
    await store.change(tx, _back(row, reason, attempts=row.attempts, next_at=again))
    again_later = CallbackMissed(
        occurred_at=now,
        callback=row.callback,
        contact=row.contact,
        reason=reason,
        attempts=row.attempts,
        not_before=again,
    )
    await tx.record(again_later)


async def given_up(tx: Transaction, row: Callback, reason: str, *, now: datetime) -> None:
    """Give a promise up: it stands on the list that people work through from now on."""
    over = replace(row, state=CallbackState.FAILED, ended_at=now, next_at=None, last_reason=reason[:60])
    await store.change(tx, over)
    fact = CallbackGivenUp(
        occurred_at=now, callback=row.callback, contact=row.contact, reason=reason, attempts=row.attempts
    )
    await tx.record(fact)


async def undone(tx: Transaction, row: Callback, reason: str, *, attempts: int, now: datetime) -> None:
    """Put the promise back as it was, due at once: the citizen's phone never rang."""
    await store.change(tx, _back(row, reason, attempts=attempts, next_at=now))


async def failed_before_it_rang(
    tx: Transaction, row: Callback, before: Sequence[Attempt], *, attempts: int, now: datetime, policy: Policy
) -> None:
    """Put the promise back after a fault: nobody has seen a call, so it does not count, but the next comes later each time.

    ``before`` are all attempts, this one too. What fails again and again is given up: a person looks into it.
    """
    in_a_row = len(list(takewhile(_was_fault, reversed(before))))
    if in_a_row >= policy.most_faults:
        return await given_up(tx, replace(row, attempts=attempts), FAULT, now=now)
    pause = min(policy.after_fault * 2 ** max(in_a_row - 1, 0), policy.between_attempts)
    await store.change(tx, _back(row, FAULT, attempts=attempts, next_at=next_open(policy.hours, at=now + pause)))


def _was_fault(attempt: Attempt) -> bool:
    return attempt.state is AttemptState.NOT_RUNG and attempt.reason == FAULT


async def stale(tx: Transaction, row: Callback, attempt: Attempt | None, *, now: datetime, policy: Policy) -> None:
    """Put a promise back that an agent took and nothing came of.

    Nobody knows whether the phone rang, so an attempt counts, and keeps its distance to the next; but it is never the
    last, for a promise is not given up on a guess.
    """
    attempts = min(row.attempts, policy.most_attempts - 1)
    again = now if attempt is None else max(now, attempt.started_at + policy.between_attempts)
    await store.change(tx, _back(row, "stale", attempts=attempts, next_at=again))


def may_try_from(last: Attempt, *, policy: Policy) -> datetime | None:
    """Return from when the next attempt may be made after this one; ``None`` when the citizen's phone never rang."""
    if last.state is AttemptState.MISSED:
        return (last.ended_at or last.started_at) + policy.pause_after(last.reason)
    return last.started_at + policy.between_attempts if last.state is AttemptState.UNKNOWN else None


def _back(row: Callback, reason: str, *, attempts: int, next_at: datetime) -> Callback:
    return replace(
        row,
        state=CallbackState.WAITING,
        attempts=attempts,
        next_at=next_at,
        in_line_at=None,
        taken_by=None,
        taken_at=None,
        last_reason=reason[:60],
    )
