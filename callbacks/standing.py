"""Brings promises that are due into the line, and sees to it that the line forgets none."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from callbacks import attempts, store
from callbacks.events import CallbackDue
from callbacks.model import Callback, CallbackState, DialMode
from callbacks.part import Part
from callbacks.ringing_hours import next_open
from contacts.model import InCalls
from core.ids import CallbackId, ContactId
from core.phone import parse_phone
from storage.database import Transaction

log = structlog.get_logger()

SILENT_FOR = timedelta(seconds=5)
"""A promise that stands in the line for so long must be known there."""


class Standing(Part):
    """How promises get into the line and out of it."""

    async def due(self, *, limit: int = 500, only: CallbackId | None = None) -> int:
        """Bring the promises that are due into the line, by rank, and return how many; at most ``limit`` at a time.

        Nobody is brought in outside ringing hours, nor while they are in a call with us, nor while somebody else's promise
        is kept on the same telephone: that is put off.
        """
        async with self.database.reading() as tx:
            if not await store.is_any_due(tx, now=self._clock.now()):
                return 0
        async with self.database.transaction() as tx:
            now = self._clock.now()
            rows = await store.due(tx, now=now, limit=limit, only=only)
            opens_at = next_open(self._policy.hours, at=now)
            if opens_at > now:
                await store.postpone(tx, rows, until=opens_at)
                return 0
            ready = await self._ready(tx, rows)
            await store.into_line(tx, ready, now=now)
            for row in ready:
                await tx.record(self._fact(row))
        if ready:
            log.info("callbacks.due", number_of=len(ready))
        return len(ready)

    async def retell(self, *, in_line: Collection[CallbackId]) -> int:
        """Tell again of the promises that stand in the line by our books and that the line does not know.

        ``in_line`` are those that it knows. Returns how many it had forgotten.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            silent = await store.in_state(tx, CallbackState.IN_LINE, in_line_before=now - SILENT_FOR)
            forgotten = [row for row in silent if row.callback not in in_line]
            await store.into_line(tx, forgotten, now=now)
            for row in forgotten:
                await tx.record(self._fact(row))
        if forgotten:
            log.warning("callbacks.retold", number_of=len(forgotten))
        return len(forgotten)

    async def withdraw(self, callback: CallbackId, reason: str) -> bool:
        """Take a promise out of the line for a moment: the citizen rings us just now. ``False`` when it is not there."""
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            if row.state is not CallbackState.IN_LINE:
                return False
            again = self._clock.now() + self._policy.while_they_call
            waits = replace(row, state=CallbackState.WAITING, next_at=again, in_line_at=None, last_reason=reason[:60])
            await store.change(tx, waits)
        return True

    async def call_over(self, contact: ContactId) -> Sequence[CallbackId]:
        """Let what was only put off because of this contact's call be due at once, and return those promises."""
        now = self._clock.now()
        async with self.database.transaction() as tx:
            who = await self._contacts.get(tx, contact)
            number = parse_phone(who.caller)
            row = await store.find_open(tx, number=number, person=who.person, to_change=True)
            mine = await store.find(tx, who.callback, to_change=True) if who.callback else None
            on_this_line = await store.open_to(tx, number, to_change=True)  # whoever they are for: the line was busy
            put_off = [one for one in {row, mine, *on_this_line} if one is not None and self._is_put_off(one, now)]
            await store.postpone(tx, put_off, until=now)
        return [row.callback for row in put_off]

    def _is_put_off(self, row: Callback, now: datetime) -> bool:
        soon = now + self._policy.while_they_call
        return row.state is CallbackState.WAITING and row.next_at is not None and now < row.next_at <= soon

    async def _ready(self, tx: Transaction, rows: Sequence[Callback]) -> list[Callback]:
        with_us = await self._contacts.in_calls(tx)
        busy = [row for row in rows if is_with_us(row, with_us)] + await _share_a_telephone(tx, rows)
        await store.postpone(tx, busy, until=self._clock.now() + self._policy.while_they_call)
        tried = [row for row in rows if row not in busy and row.attempts >= self._policy.most_attempts]
        for row in tried:  # there may be fewer attempts than when it was missed
            await attempts.given_up(tx, row, row.last_reason, now=self._clock.now())
        return [row for row in rows if row not in busy and row not in tried]

    def _fact(self, row: Callback) -> CallbackDue:
        return CallbackDue(
            occurred_at=self._clock.now(),
            callback=row.callback,
            contact=row.contact,
            queue=row.queue,
            language=row.language,
            first_requested_at=row.first_requested_at,
            bound_to=row.bound_to,
            deputy=row.deputy,
            citizen_first=self._policy.dial_mode(row) is DialMode.CITIZEN_FIRST,
        )


async def _share_a_telephone(tx: Transaction, rows: Sequence[Callback]) -> list[Callback]:
    """Return those whose telephone is about to ring for somebody else: two agents never ring one telephone at once."""
    rung, wait = await store.being_rung(tx, {row.number.e164 for row in rows}), list[Callback]()
    for row in rows:
        if row.number.e164 in rung:
            wait.append(row)
        rung.add(row.number.e164)
    return wait


def is_with_us(row: Callback, with_us: InCalls) -> bool:
    """Tell whether whoever was promised something is in a call with us, from whatever telephone: nobody is rung then."""
    return row.number.e164 in with_us.numbers or row.person in with_us.persons or row.contact in with_us.contacts
