"""What every part of the service stands on: the database, the clock, the policy, and how a promise is found and ended."""

from collections.abc import Callable
from dataclasses import replace

from callbacks import attempt_store, store
from callbacks.allowed_numbers import Refused, number_to_ring
from callbacks.errors import CallbackNotFoundError
from callbacks.events import CallbackCancelled, CallbackKept
from callbacks.model import AttemptState, Callback, CallbackState, Policy
from contacts.service import Contacts
from core.clock import Clock
from core.ids import CallbackId, NewId
from core.phone import PhoneNumber
from storage.database import Database, Transaction

NewProof = Callable[[], str]
"""Makes six digits that nobody can guess. Only ``app/system.py`` knows the real one."""


def no_proof() -> str:
    """Return that no code is told."""
    return ""


class Part:
    """What every part of the service stands on."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        new_id: NewId,
        contacts: Contacts,
        policy: Policy | None = None,
        new_proof: NewProof = no_proof,
    ) -> None:
        self.database = database
        self._clock = clock
        self._new_id = new_id
        self._contacts = contacts
        self._policy = policy or Policy()
        self._new_proof = new_proof

    def renew(self, policy: Policy) -> None:
        """Go by another policy from now on."""
        self._policy = policy

    async def get(self, tx: Transaction, callback: CallbackId) -> Callback:
        """Return a promise; raises :class:`CallbackNotFoundError`."""
        return await self._find(tx, callback)

    async def _find(self, tx: Transaction, callback: CallbackId, *, to_change: bool = False) -> Callback:
        row = await store.find(tx, callback, to_change=to_change)
        if row is None:
            raise CallbackNotFoundError(callback)
        return row

    def _number_to_ring(self, text: str) -> PhoneNumber | Refused:
        return number_to_ring(text, own_numbers=self._policy.own_numbers, countries=self._policy.countries)

    async def _keep(self, tx: Transaction, row: Callback) -> bool:
        if not row.is_open:
            return False
        now = self._clock.now()
        if (attempt := await attempt_store.under_way(tx, row.callback)) is not None:
            await attempt_store.end(tx, attempt, AttemptState.ANSWERED, now=now)
        await store.change(
            tx, replace(row, state=CallbackState.KEPT, talked_at=now, ended_at=now, next_at=None, last_reason="")
        )
        await tx.record(CallbackKept(occurred_at=now, callback=row.callback, contact=row.contact))
        return True

    async def _cancel(self, tx: Transaction, row: Callback, *, by: str) -> bool:
        if not row.is_open:
            return False
        now, was_in_line = self._clock.now(), row.state is CallbackState.IN_LINE
        await store.change(
            tx, replace(row, state=CallbackState.CANCELLED, ended_at=now, next_at=None, last_reason=by[:60])
        )
        fact = CallbackCancelled(
            occurred_at=now, callback=row.callback, contact=row.contact, by=by[:60], was_in_line=was_in_line
        )
        await tx.record(fact)
        return True
