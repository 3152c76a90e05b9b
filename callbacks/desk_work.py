"""What an agent at the desk needs of a promise: which one this contact is, and that it was a machine that answered."""

from collections.abc import Sequence
from dataclasses import replace

from callbacks import attempt_store, attempts, desk_store, store
from callbacks.model import AttemptState, Callback, CallbackState, Period, Policy
from callbacks.part import Part
from callbacks.ringing_hours import periods_after, stockholm_day
from core.ids import AgentId, CallbackId, ContactId
from storage.database import Transaction

REPLACED = "replaced"


class DeskWork(Part):
    """How agents see promises, and correct what the switch believed."""

    @property
    def policy(self) -> Policy:
        """How promises are kept just now."""
        return self._policy

    def ringing_periods(self, *, days: int) -> Sequence[Period]:
        """Return when citizens may be rung, from today on and for so many days, in order."""
        return list(periods_after(self._policy.hours, first=stockholm_day(self._clock.now()), days=days))

    async def of_contact(self, tx: Transaction, contact: ContactId) -> Callback | None:
        """Return the newest promise that began with a contact, open or over."""
        return await desk_store.newest_of_contact(tx, contact)

    async def not_reached(self, callback: CallbackId, agent: AgentId, how: str) -> bool:
        """Note that whoever answered was not the citizen: ``machine`` or ``wrong_person``. The promise is not kept.

        It counts as an attempt that was missed, and keeps its rank; one more is made, or the promise is given up. Only
        the agent who rang can say so; ``False`` for anybody else, and when the promise has gone on since.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            if row.taken_by != agent or row.state not in (CallbackState.TAKEN, CallbackState.KEPT):
                return False
            await self._correct_attempt(tx, row, how)
            wrong = replace(row, state=CallbackState.TAKEN, talked_at=None, ended_at=None)
            other = await store.find_open(tx, number=row.number, person=row.person)
            if other is not None and other.callback != row.callback:
                over = replace(wrong, state=CallbackState.CANCELLED, ended_at=now, next_at=None, last_reason=REPLACED)
                await store.change(tx, over)
            else:
                await attempts.missed(tx, wrong, how, now=now, policy=self._policy)
        return True

    async def _correct_attempt(self, tx: Transaction, row: Callback, how: str) -> None:
        made = await attempt_store.of(tx, row.callback)
        if made:
            last = made[-1]
            ended_at = last.ended_at or self._clock.now()
            await attempt_store.end(tx, last, AttemptState.MISSED, reason=how, now=ended_at)
