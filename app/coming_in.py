"""How somebody who wants a human comes into the line: at the best of all the places that are theirs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from app.promises import told
from cases.model import PersonCard
from core.ids import AgentId, CallbackId, ContactId
from ivr.events import CallbackRequested, HumanRequested
from ivr.opening_hours import dialled, entry_point_of
from skills_routing.errors import UnknownAgentError
from skills_routing.model import AgentState, Need
from storage.redis import LiveStoreUnavailableError

if TYPE_CHECKING:
    from app.wiring import Rooms

log = structlog.get_logger()

_Two = tuple[AgentId | None, AgentId | None]
"""Who is asked first, and who then."""


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
    first, second = await _who_is_there(rooms, fact.contact)
    await rooms.routing.enter(
        fact.contact,
        leg=fact.leg,
        queue=fact.queue,
        language=fact.language,
        waiting_since=min(since),
        path=fact.path,
        **vars(await asks_of(rooms, fact.contact)),
        preferred_agent=first,
        deputy=second,
    )


async def promise(rooms: "Rooms", fact: CallbackRequested) -> None:
    """Promise to ring back whoever asks for it; the handler does whose direct number they rang (R49)."""
    first, second = await _who_answers(rooms, fact.contact)
    await rooms.callbacks.on_callback_requested(
        contact=fact.contact,
        leg=fact.leg,
        queue=fact.queue,
        language=fact.language,
        reason=fact.reason,
        slot_at=fact.slot_at,
        told=told(fact),
        bound_to=first,
        deputy=second,
    )


async def _who_answers(rooms: "Rooms", contact: ContactId) -> _Two:
    """Return the handler of the direct number that was rung, and their deputy, as agents; nobody for another number."""
    async with rooms.database.reading(short=True) as tx:
        row = await rooms.contacts.find(tx, contact)
    who = rooms.configuration.meetings.who_answers(dialled(row.called) if row else ())
    return _two(who)


async def _who_is_there(rooms: "Rooms", contact: ContactId) -> _Two:
    """Return whom a call to a direct number is for, of those who are at work: nobody waits for one who is not (R48)."""
    asked = await _who_answers(rooms, contact)
    return _two([one for one in asked if one is not None and await _is_at_work(rooms, one)])


def _two(agents: Sequence[AgentId]) -> _Two:
    first, second, *_ = (*agents, None, None)
    return first, second


async def _is_at_work(rooms: "Rooms", agent: AgentId) -> bool:
    try:
        return (await rooms.routing.desk(agent)).state is not AgentState.LOGGED_OFF
    except (UnknownAgentError, LiveStoreUnavailableError):
        return False


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
