"""What happens between a promise to ring back and the line: how an attempt begins, and what becomes of the promise."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from callbacks.events import CallbackStarted
from core.errors import ConflictError
from skills_routing.events import RingBackEnded

if TYPE_CHECKING:
    from app.wiring import Rooms


async def begin(rooms: "Rooms", fact: CallbackStarted) -> None:
    """Ring the agent and then the citizen. When the agent has become busy, the promise waits for the next."""
    try:
        await rooms.routing.ring_back(
            fact.callback, contact=fact.contact, agent=fact.agent, number=fact.number, queue=""
        )
    except ConflictError:
        if not await _is_under_way(rooms, fact):  # told twice, the second time is no failure
            await rooms.callbacks.missed(fact.callback, "agent_busy", citizen_was_rung=False)


async def _is_under_way(rooms: "Rooms", fact: CallbackStarted) -> bool:
    desk = await rooms.routing.desk(fact.agent)
    at_hand = (desk.offer and desk.offer.contact, desk.talk and desk.talk.contact, desk.wrap_up)
    return fact.contact in at_hand


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
