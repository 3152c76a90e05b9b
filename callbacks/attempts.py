"""What becomes of a promise after an attempt that did not reach the citizen."""

from dataclasses import replace
from datetime import datetime

from callbacks import store
from callbacks.events import CallbackGivenUp, CallbackMissed
from callbacks.model import Callback, CallbackState, Policy, next_state
from storage.database import Transaction


async def missed(tx: Transaction, row: Callback, reason: str, *, now: datetime, policy: Policy) -> None:
    """Put the promise back at its rank for another attempt, or give it up; tell which."""
    if next_state(row, policy=policy) is CallbackState.FAILED:
        await store.change(tx, replace(row, state=CallbackState.FAILED, ended_at=now, last_reason=reason[:60]))
        given_up = CallbackGivenUp(
            occurred_at=now, callback=row.callback, contact=row.contact, reason=reason, attempts=row.attempts
        )
        return await tx.record(given_up)
    again = now + policy.between_attempts
    await store.change(tx, _back(row, reason, attempts=row.attempts, not_before=again))
    again_later = CallbackMissed(
        occurred_at=now,
        callback=row.callback,
        contact=row.contact,
        reason=reason,
        attempts=row.attempts,
        not_before=again,
    )
    await tx.record(again_later)


async def undone(tx: Transaction, row: Callback, reason: str) -> None:
    """Put the promise back as it was: the citizen's phone never rang."""
    await store.change(tx, _back(row, reason, attempts=row.attempts - 1, not_before=row.not_before))


async def stale(tx: Transaction, row: Callback, *, policy: Policy) -> None:
    """Put a promise back that an agent took and nothing came of.

    Nobody knows whether the phone rang, so it counts as an attempt; but never as the last, for a promise is not
    given up on a guess.
    """
    attempts = min(row.attempts, policy.most_attempts - 1)
    await store.change(tx, _back(row, "stale", attempts=attempts, not_before=None))


def _back(row: Callback, reason: str, *, attempts: int, not_before: datetime | None) -> Callback:
    return replace(
        row,
        state=CallbackState.WAITING,
        attempts=attempts,
        not_before=not_before,
        taken_by=None,
        taken_at=None,
        last_reason=reason[:60],
    )
