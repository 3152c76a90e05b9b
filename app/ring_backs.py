"""What happens between a promise to ring back and the line: how an attempt begins, and what becomes of the promise."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from app.coming_in import asks_of
from callbacks.events import CallbackCancelled, CallbackDue, CallbackMoved, CallbackStarted
from callbacks.model import CallbackState
from contacts.events import ContactEnded
from core.ids import CallbackId
from skills_routing.events import CitizenAnswered, RingBackEnded, TalkEnded
from storage.redis import LiveStoreUnavailableError

if TYPE_CHECKING:
    from app.wiring import Rooms

BRING_IN = "callbacks.bring_in"
"""A job that brings one promise into the line, if it is due. It only wakes: the sweeper finds what is due, too."""


async def wake(rooms: "Rooms", callback: CallbackId) -> None:
    """Have a worker look at a promise at once; two wakes for the same attempt are one."""
    async with rooms.database.reading(short=True) as tx:
        promise = await rooms.callbacks.get(tx, callback)
    if promise.state is CallbackState.WAITING and promise.next_at is not None and promise.next_at <= rooms.clock.now():
        with suppress(LiveStoreUnavailableError):  # the sweeper comes by within a second
            await rooms.jobs.wake(BRING_IN, callback, job_id=f"callback_{callback}_{promise.attempts + 1}")


async def bring_in(rooms: "Rooms", callback: str) -> None:
    """Bring one promise into the line if it is due and stands nowhere yet; asked again, it does nothing more."""
    await rooms.callbacks.due(only=CallbackId(callback))


async def call_over(rooms: "Rooms", fact: ContactEnded) -> None:
    """A call has ended: the place of whoever hung up while waiting is kept, and who is owed a call is rung from now on."""
    for callback in await rooms.callbacks.call_ended(fact.contact):
        await wake(rooms, callback)


async def begin(rooms: "Rooms", fact: CallbackStarted) -> None:
    """Ring the agent and then the citizen, unless this attempt is over already: a fact may be told twice (I-13)."""
    async with rooms.database.reading(short=True) as tx:
        promise = await rooms.callbacks.get(tx, fact.callback)
    if promise.state is CallbackState.TAKEN and promise.taken_at == fact.occurred_at:
        await rooms.routing.ring_back(fact.callback, contact=fact.contact, agent=fact.agent, queue=promise.queue)


async def come_due(rooms: "Rooms", fact: CallbackDue) -> None:
    """Put a promise in the line, unless it is over or elsewhere by now: a fact may be told late, and twice."""
    async with rooms.database.reading(short=True) as tx:
        promise = await rooms.callbacks.get(tx, fact.callback)
    if promise.state is CallbackState.IN_LINE:
        await rooms.routing.promised.enter(
            fact.callback,
            contact=fact.contact,
            queue=fact.queue,
            language=fact.language,
            waiting_since=fact.first_requested_at,
            bound_to=fact.bound_to,
            deputy=fact.deputy,
            citizen_first=fact.citizen_first,
            **vars(await asks_of(rooms, fact.contact)),
        )


async def ask_citizen(rooms: "Rooms", fact: CitizenAnswered) -> None:
    """Have a citizen whom we rang before an agent hear who rings, and ask whether it suits them."""
    async with rooms.database.reading(short=True) as tx:
        promise = await rooms.callbacks.get(tx, fact.callback)
    await rooms.call_flow.on_citizen_answered(fact.contact, fact.leg, queue=fact.queue, language=promise.language)


async def release_stale(rooms: "Rooms") -> int:
    """Put promises back of which nothing came; whoever waits on the line for an agent is waited for."""
    return await rooms.callbacks.release_stale(besides=await rooms.routing.promised.on_the_line())


async def withdraw(rooms: "Rooms", fact: CallbackMoved | CallbackCancelled) -> None:
    """Take a promise out of the line that has another time, or is no longer wanted."""
    await rooms.routing.promised.withdraw(fact.callback, contact=fact.contact, reason="callback")


async def retell(rooms: "Rooms") -> None:
    """Have promises put in the line again that it does not know."""
    await rooms.callbacks.retell(in_line=await rooms.routing.promised.here())


async def talked(rooms: "Rooms", fact: TalkEnded) -> None:
    """Whoever has talked with an agent to the end is owed nothing; whom a fault of ours cut off while we rang them is."""
    await _AFTER_TALK.get(fact.by, _helped)(rooms, fact)


async def _helped(rooms: "Rooms", fact: TalkEnded) -> object:
    return await rooms.callbacks.helped(fact.contact)


async def _cut_off(rooms: "Rooms", fact: TalkEnded) -> object:
    return await rooms.callbacks.cut_off(fact.contact)


_AFTER_TALK: Mapping[str, Callable[["Rooms", TalkEnded], Awaitable[object]]] = {"fault": _cut_off}


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
