"""What happens between a promise to ring back and the line: how an attempt begins, and what becomes of the promise."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from callbacks.events import CallbackStarted
from callbacks.model import CallbackState
from skills_routing.events import RingBackEnded

if TYPE_CHECKING:
    from app.wiring import Rooms


async def begin(rooms: "Rooms", fact: CallbackStarted) -> None:
    """Ring the agent and then the citizen, unless this attempt is over already: a fact may be told twice (I-13)."""
    async with rooms.database.reading() as tx:
        promise = await rooms.callbacks.get(tx, fact.callback)
    if promise.state is CallbackState.TAKEN and promise.taken_at == fact.occurred_at:
        await rooms.routing.ring_back(fact.callback, contact=fact.contact, agent=fact.agent, queue=promise.queue)


async def end(rooms: "Rooms", fact: RingBackEnded) -> None:
    """Keep the promise, or let it stand for another attempt."""
    await _ENDS.get(fact.how, _not_reached)(rooms, fact)


async def _kept(rooms: "Rooms", fact: RingBackEnded) -> object:
    return await rooms.callbacks.kept(fact.callback)


async def _not_reached(rooms: "Rooms", fact: RingBackEnded) -> object:
    return await rooms.callbacks.missed(fact.callback, fact.how)


async def _never_rung(rooms: "Rooms", fact: RingBackEnded) -> object:
    return await rooms.callbacks.missed(fact.callback, fact.how, citizen_was_rung=False)


_ENDS: Mapping[str, Callable[["Rooms", RingBackEnded], Awaitable[object]]] = {
    "reached": _kept,
    "agent": _never_rung,
    "agent_hung_up": _never_rung,
    "agent_rejected": _never_rung,
    "agent_timed_out": _never_rung,
    "agent_rescinded": _never_rung,
    "canceled": _never_rung,
    "fault": _never_rung,
}
"""How an attempt ended → what becomes of the promise; any other word means that the citizen was not reached."""
