"""How somebody who wants a human comes into the line: at the best of all the places that are theirs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from cases.model import PersonCard
from core.ids import CallbackId, ContactId
from ivr.events import HumanRequested
from ivr.opening_hours import entry_point_of
from skills_routing.model import Need

if TYPE_CHECKING:
    from app.wiring import Rooms

log = structlog.get_logger()


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
        **vars(await asks_of(rooms, fact.contact)),
    )


@dataclass(frozen=True, kw_only=True)
class Asks:
    """What one contact needs of an agent besides its queue, and what it would rather have."""

    needs: frozenset[Need] = frozenset()
    prefers: frozenset[Need] = frozenset()


async def asks_of(rooms: "Rooms", contact: ContactId) -> Asks:
    """Return what a contact asks for besides its queue: by the number that was rung, by what was chosen in the flow, and
    clearance for somebody with protected identity."""
    async with rooms.database.reading(short=True) as tx:
        row = await rooms.contacts.find(tx, contact)
    if row is None:
        return Asks()
    entry = entry_point_of(row.called, rooms.configuration.entry_points)
    asks = read_asks([*map(str, entry.wants), *row.wants], rooms.configuration.routing.skills)
    card = await rooms.cases.card(row.subject) if row.subject else None
    if isinstance(card, PersonCard) and card.protected:
        return replace(asks, needs=asks.needs | await rooms.routing.staffing.for_protected())
    return asks


def read_asks(wants: Iterable[str], skills: Collection[str]) -> Asks:
    """Read wants as the flow writes them (``partner:1``, ``?sjuk:3`` for a preference); a skill that is gone is told."""
    needs: set[Need] = set()
    prefers: set[Need] = set()
    for want in wants:
        skill, _, level = want.removeprefix("?").partition(":")
        if skill not in skills:
            log.error("a caller needs a skill that no file names any more, and is served without", skill=skill[:40])
        else:
            (prefers if want.startswith("?") else needs).add(Need(skill, int(level)))
    return Asks(needs=frozenset(needs), prefers=frozenset(prefers))


async def _wait_with(rooms: "Rooms", promise: CallbackId, contact: ContactId) -> None:
    if await rooms.callbacks.withdraw(promise, "rings_in"):
        await rooms.routing.promised.withdraw(promise, contact=contact, reason="rings_in")
