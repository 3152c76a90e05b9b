"""Makes promises to ring back, and sees that each is kept, given up with notice, or no longer wanted (I-12)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import structlog

from callbacks import attempts, store
from callbacks.allowed_numbers import Refused, number_to_ring
from callbacks.errors import CallbackNotFoundError, CallbackTakenError, CallbackTooEarlyError
from callbacks.events import (
    CallbackCancelled,
    CallbackKept,
    CallbackNotPossible,
    CallbackPromised,
    CallbackStarted,
)
from callbacks.model import Callback, CallbackState, Policy
from contacts.model import Contact, Outcome
from contacts.service import Contacts
from core.clock import Clock
from core.ids import AgentId, CallbackId, ContactId, LegId, NewId
from core.language import Language
from core.phone import PhoneNumber
from storage.database import Database, Transaction
from storage.inbox import first_time

log = structlog.get_logger()

CUT_OFF = "cut_off"
SWITCH_RESTART = "switch_restart"
"""The fault of a call that ended because the switch did; whoever talked then was cut off, too."""


class Callbacks:
    """Promises to ring back."""

    def __init__(
        self, *, database: Database, clock: Clock, new_id: NewId, contacts: Contacts, policy: Policy | None = None
    ) -> None:
        self.database = database
        self._clock = clock
        self._new_id = new_id
        self._contacts = contacts
        self._policy = policy or Policy()

    async def on_callback_requested(
        self, *, contact: ContactId, leg: LegId | None, queue: str, language: Language, reason: str = ""
    ) -> CallbackPromised | CallbackNotPossible | None:
        """Promise to ring back, or say why we cannot; the fact is recorded in the same transaction.

        The number is in the contact's row, where it is answered once: ``None`` when that is done already. The rank is
        when the contact began to wait. A number with an open promise keeps that one (I-14).
        """
        async with self.database.transaction() as tx:
            asked = await self._contacts.get(tx, contact)
            if not asked.callback_number:
                return None
            to_ring = number_to_ring(asked.callback_number, own_numbers=self._policy.own_numbers)
            fact: CallbackPromised | CallbackNotPossible
            if isinstance(to_ring, Refused):
                now = self._clock.now()
                await self._contacts.callback_refused(tx, contact)
                fact = CallbackNotPossible(occurred_at=now, contact=contact, leg=leg, reason=to_ring)
            else:
                fact = await self._promise(tx, asked, to_ring, leg=leg, queue=queue, language=language, reason=reason)
            await tx.record(fact)
        log.info("callbacks.requested", contact=contact, result=type(fact).__name__)
        return fact

    async def recover(self, contact: ContactId, *, outcome: Outcome, fault: str = "") -> CallbackPromised | None:
        """Put a caller whom a fault of ours cut off in the line, or in a talk, on the list of those to ring back.

        Their outcome stays ``lost_technical``; nothing was said to them. Those who only asked the machine are left be.
        """
        if outcome is not Outcome.LOST_TECHNICAL:
            return None
        async with self.database.transaction() as tx:
            lost = await self._contacts.get(tx, contact)
            to_ring = number_to_ring(lost.caller, own_numbers=self._policy.own_numbers)
            if not _was_cut_off(lost, fault) or isinstance(to_ring, Refused):
                return None
            queue, language = lost.queue or self._policy.stranded_queue, lost.language or Language.SWEDISH
            fact = await self._promise(tx, lost, to_ring, leg=None, queue=queue, language=language, reason=CUT_OFF)
            await tx.record(fact)
        log.info("callbacks.recovered", contact=contact, already=fact.already)
        return fact

    async def waiting(self, tx: Transaction) -> Sequence[Callback]:
        """Return the promises that nobody has taken, by rank; some are not to be tried before ``not_before``."""
        return await store.in_state(tx, CallbackState.WAITING)

    async def get(self, tx: Transaction, callback: CallbackId) -> Callback:
        """Return a promise; raises :class:`CallbackNotFoundError`."""
        return await self._find(tx, callback)

    async def number_of(self, callback: CallbackId) -> str:
        """Return the number to ring (E.164); raises :class:`CallbackNotFoundError`."""
        async with self.database.reading() as tx:
            return (await self._find(tx, callback)).number.e164

    async def take(self, callback: CallbackId, agent: AgentId) -> CallbackStarted:
        """Give a promise to an agent, who rings now. The attempt is counted before anything rings.

        Raises :class:`CallbackTakenError` or :class:`CallbackTooEarlyError`.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            if row.state is not CallbackState.WAITING:
                raise CallbackTakenError(callback)
            if row.not_before is not None and now < row.not_before:
                raise CallbackTooEarlyError(callback)
            taken = replace(row, state=CallbackState.TAKEN, taken_by=agent, taken_at=now, attempts=row.attempts + 1)
            await store.change(tx, taken)
            fact = CallbackStarted(occurred_at=now, callback=callback, agent=agent, contact=row.contact)
            await tx.record(fact)
        return fact

    async def on_agent_connected(self, *, contact: ContactId, agent: AgentId) -> bool:
        """Note that a promise is kept as soon as the agent who took it and the citizen hear each other.

        However long they then talk, nobody else finds the promise waiting. ``False`` when there is none to keep.
        """
        async with self.database.reading() as tx:
            taken = await store.find_taken(tx, contact=contact, agent=agent)
        return taken is not None and await self.kept(taken.callback)

    async def kept(self, callback: CallbackId) -> bool:
        """Note that the citizen was reached; ``False`` when the promise was over already."""
        return await self._end(callback, CallbackState.KEPT)

    async def cancelled(self, callback: CallbackId, *, by: str) -> bool:
        """Note that the promise is no longer wanted; ``False`` when it was over already."""
        return await self._end(callback, CallbackState.CANCELLED, by=by)

    async def missed(self, callback: CallbackId, reason: str, *, citizen_was_rung: bool = True) -> bool:
        """Note that an attempt failed. The promise stands, at its rank, until there were as many attempts as we make.

        An attempt in which the citizen's phone never rang does not count. ``False`` when nobody had taken it.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            if row.state is not CallbackState.TAKEN:
                return False
            if citizen_was_rung:
                await attempts.missed(tx, row, reason, now=now, policy=self._policy)
            else:
                await attempts.undone(tx, row, reason)
        return True

    async def release_stale(self) -> int:
        """Put promises back in line that an agent took and nothing came of, and return how many."""
        now = self._clock.now()
        async with self.database.transaction() as tx:
            stale = await store.in_state(tx, CallbackState.TAKEN, taken_before=now - self._policy.stale_after)
            for row in stale:
                await attempts.stale(tx, row, policy=self._policy)
        if stale:
            log.warning("callbacks.released_stale", number_of=len(stale))
        return len(stale)

    async def import_stranded(self, *, number: str, called: str, at: datetime, key: str = "") -> CallbackId | None:
        """Take in a caller whom the switch could not give to us: a contact that ends in a promise, once only.

        Without a ``key`` the three values make one. Returns the promise, or ``None`` when the number cannot be rung
        (the contact then ends as ``lost_technical``) or was taken in before.
        """
        unique = key or sha256(f"{number}|{called}|{at.isoformat()}".encode()).hexdigest()
        async with self.database.transaction() as tx:
            if not await first_time(tx, f"stranded:{unique}"[:200], now=self._clock.now()):
                return None
            contact = ContactId(self._new_id("con"))
            opened = await self._contacts.open(tx, contact=contact, called=called, caller=number, at=at)
            to_ring = number_to_ring(number, own_numbers=self._policy.own_numbers)
            promise = None
            if isinstance(to_ring, PhoneNumber):
                queue, language = self._policy.stranded_queue, Language.SWEDISH
                fact = await self._promise(
                    tx, opened, to_ring, leg=None, queue=queue, language=language, reason="stranded"
                )
                await tx.record(fact)
                promise = fact.callback
            await self._contacts.close(tx, contact, fault="no_controller")
        return promise

    async def _promise(
        self,
        tx: Transaction,
        asked: Contact,
        number: PhoneNumber,
        *,
        leg: LegId | None,
        queue: str,
        language: Language,
        reason: str,
    ) -> CallbackPromised:
        now = self._clock.now()
        wanted = Callback(
            callback=CallbackId(self._new_id("cbk")),
            contact=asked.contact,
            person=asked.person,
            number=number,
            queue=queue,
            language=language,
            reason=reason[:60],
            state=CallbackState.WAITING,
            first_requested_at=asked.waiting_since or asked.opened_at,
            promised_at=now,
        )
        open_one = await store.add_unless_open(tx, wanted)
        await self._contacts.promised(tx, asked.contact, open_one.callback)
        already = open_one.callback != wanted.callback
        return CallbackPromised(
            occurred_at=now, callback=open_one.callback, contact=asked.contact, leg=leg, already=already
        )

    async def _end(self, callback: CallbackId, state: CallbackState, *, by: str = "") -> bool:
        now = self._clock.now()
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            if not row.is_open:
                return False
            await store.change(tx, replace(row, state=state, ended_at=now, last_reason=by[:60]))
            if state is CallbackState.KEPT:
                await tx.record(CallbackKept(occurred_at=now, callback=callback, contact=row.contact))
            else:
                await tx.record(CallbackCancelled(occurred_at=now, callback=callback, contact=row.contact, by=by))
        return True

    async def _find(self, tx: Transaction, callback: CallbackId, *, to_change: bool = False) -> Callback:
        row = await store.find(tx, callback, to_change=to_change)
        if row is None:
            raise CallbackNotFoundError(callback)
        return row


def _was_cut_off(lost: Contact, fault: str) -> bool:
    return bool(lost.queue) and (lost.wants_human or fault == SWITCH_RESTART)
