"""How somebody who wants a human comes into the line: at the best of all the places that are theirs."""

from typing import TYPE_CHECKING

from cases.model import PersonCard
from core.ids import CallbackId, ContactId
from ivr.events import HumanRequested
from skills_routing.model import Need

if TYPE_CHECKING:
    from app.wiring import Rooms


async def enter(rooms: "Rooms", fact: HumanRequested) -> None:
    """Let a caller into the line as early as they first asked us: in this call, in one that broke off, or for a callback.

    A promise to ring them back waits meanwhile: nobody is rung while they hold the line.
    """
    since = [fact.waiting_since]
    if (dropped := await rooms.callbacks.place_of_dropped(fact.contact)) is not None:
        since.append(dropped)
    if (promise := await rooms.callbacks.open_of_contact(fact.contact)) is not None:
        since.append(promise.first_requested_at)
        await _wait_with(rooms, promise.callback, promise.contact)
    await rooms.routing.enter(
        fact.contact,
        leg=fact.leg,
        queue=fact.queue,
        language=fact.language,
        waiting_since=min(since),
        path=fact.path,
        needs=await needs_of(rooms, fact.contact),
    )


async def needs_of(rooms: "Rooms", contact: ContactId) -> frozenset[Need]:
    """Return what a contact needs of an agent besides its queue: clearance, for somebody with protected identity."""
    async with rooms.database.reading(short=True) as tx:
        row = await rooms.contacts.find(tx, contact)
    card = await rooms.cases.card(row.subject) if row is not None and row.subject else None
    if isinstance(card, PersonCard) and card.protected:
        return await rooms.routing.staffing.for_protected()
    return frozenset()


async def _wait_with(rooms: "Rooms", promise: CallbackId, contact: ContactId) -> None:
    if await rooms.callbacks.withdraw(promise, "rings_in"):
        await rooms.routing.promised.withdraw(promise, contact=contact, reason="rings_in")
