"""What a citizen can choose: a time, another one, the place in the line again, or no callback after all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from callbacks import counting_store, slot_store, slots, store
from callbacks.booking import book
from callbacks.errors import CallbackBusyError, CallbackOverError, SlotTakenError
from callbacks.events import CallbackMoved
from callbacks.joining import Joining
from callbacks.model import Callback, CallbackState, Period, Wish
from contacts.model import Contact
from core.ids import CallbackId, ContactId
from core.phone import parse_phone
from storage.database import Transaction
from storage.inbox import first_time

HELPED = "helped"


class Choosing(Joining):
    """How promises get another time, and end before they are kept."""

    async def times(self, *, queue: str, now: datetime | None = None) -> Sequence[Period]:
        """Return the times that are free for a queue, in order: of today and of the working days ahead."""
        at = now or self._clock.now()
        offered = slots.grid(self._policy, now=at)
        if not offered:
            return []
        async with self.database.reading() as tx:
            taken = await slot_store.taken(tx, queue=queue, since=offered[0].starts_at)
        return slots.free(offered, taken=taken, policy=self._policy, queue=queue)

    async def move(self, callback: CallbackId, *, slot_at: datetime | None, by: str, key: str = "") -> Callback:
        """Give a promise another time, or with ``None`` its place in the line; the rank stays. One transaction (I-15).

        Under one ``key`` it is moved once, however often it is asked for: a request that comes again moves nothing back.
        Raises :class:`CallbackNotFoundError`, :class:`CallbackOverError`, :class:`SlotTakenError`, and
        :class:`CallbackBusyError` while the citizen is being rung.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            if key and not await first_time(tx, f"move:{key}", now=now):
                return await self._find(tx, callback)
            slot = await self._slot(tx, await self._find(tx, callback), slot_at)
            row = await self._find(tx, callback, to_change=True)
            if not row.is_open:
                raise CallbackOverError(callback)
            if row.state is CallbackState.TAKEN:
                raise CallbackBusyError(callback)
            moved = _at_slot(row, slot, by=by) if slot else _at_place(row, now=now, by=by)
            await store.change(tx, moved)
            left_line = row.state is CallbackState.IN_LINE and moved.state is not CallbackState.IN_LINE
            fact = CallbackMoved(occurred_at=now, callback=callback, contact=row.contact, was_in_line=left_line)
            await tx.record(fact)
        return moved

    async def cancel(self, callback: CallbackId, *, by: str) -> bool:
        """Note that the promise is no longer wanted; ``False`` when it was over already."""
        async with self.database.transaction() as tx:
            return await self._cancel(tx, await self._find(tx, callback, to_change=True), by=by)

    async def helped(self, contact: ContactId) -> bool:
        """Note that an agent has answered this contact, on any channel: whoever it is, is owed nothing any more.

        What was given up needs no following up then, either.
        What was promised in that very talk stands, and so does what an agent promised in person. ``False`` when there
        was nothing to end.
        """
        return await self.database.together.run(partial(self._helped, contact=contact))

    async def _helped(self, tx: Transaction, *, contact: ContactId) -> bool:
        who = await self._contacts.get(tx, contact)
        number, now = parse_phone(who.caller), self._clock.now()
        given_up = await counting_store.given_up_of(tx, number=number, person=who.person)
        await counting_store.made_good(tx, given_up, note=HELPED, now=now)
        row = await self._open_of(tx, who, to_change=True)
        if row is not None and row.contact == contact and who.connected_at is None:  # the talk that we promised
            return row.state is CallbackState.TAKEN and await self._keep(tx, row)
        if row is None or row.bound_to or _was_made_in_talk(row, who):
            return False
        return await self._cancel(tx, row, by=HELPED)

    async def _slot(self, tx: Transaction, row: Callback, slot_at: datetime | None) -> Period | None:
        # The slot is locked before the promise, as when one is made: two at once never wait for each other.
        if slot_at is None:
            return None
        now = self._clock.now()
        slot = await book(
            tx, queue=row.queue, starts_at=slot_at, policy=self._policy, now=now, leaving_out=row.callback
        )
        if slot is None and row.is_open:
            raise SlotTakenError(row.callback)
        return slot


def _was_made_in_talk(row: Callback, who: Contact) -> bool:
    return row.contact == who.contact and who.connected_at is not None and row.promised_at >= who.connected_at


def _at_slot(row: Callback, slot: Period, *, by: str) -> Callback:
    return replace(
        row,
        state=CallbackState.WAITING,
        wish=Wish.TIME,
        slot=slot,
        told=slot,
        next_at=slot.starts_at,
        in_line_at=None,
        last_reason=f"moved:{by}"[:60],
    )


def _at_place(row: Callback, *, now: datetime, by: str) -> Callback:
    """Whoever stands in the line stays there; others are due now."""
    in_line = row.state is CallbackState.IN_LINE
    next_at = None if in_line else now
    return replace(row, wish=Wish.PLACE, slot=None, told=None, next_at=next_at, last_reason=f"moved:{by}"[:60])
