"""Takes a time that a citizen chose, in the transaction that writes the promise."""

from datetime import datetime

from callbacks import slot_store, slots
from callbacks.model import Period, Policy
from core.ids import CallbackId
from storage.database import Transaction


async def book(
    tx: Transaction,
    *,
    queue: str,
    starts_at: datetime,
    policy: Policy,
    now: datetime,
    leaving_out: CallbackId | None = None,
) -> Period | None:
    """Return the slot that begins then when it can be chosen and has room for one more; else ``None``.

    Nobody else gets its last place until the transaction ends.
    """
    slot = slots.slot_at(policy, starts_at=starts_at, now=now)
    if slot is None:
        return None
    capacity = slots.capacity_of(policy, queue, slot)
    room = await slot_store.has_room(tx, queue=queue, slot=slot, capacity=capacity, leaving_out=leaving_out)
    return slot if room else None
