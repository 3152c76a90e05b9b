"""The one table of who reacts to what: *event → functions*, in order. No ``if`` lives here.

A fact of the outbox may be told twice, so every function here bears that.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from callbacks.events import CallbackNotPossible, CallbackPromised, CallbackStarted
from core.events import Event
from ivr.events import CallbackRequested, HumanRequested, LineLeft
from skills_routing.events import AgentConnected, LineEntered, ReturnedToLine, RingBackEnded, TalkEnded
from telephony.model import (
    CallArrived,
    Digits,
    LegAdopted,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegsBridged,
    NoInput,
    Said,
    SwitchConnected,
    SwitchLost,
)

if TYPE_CHECKING:
    from app.wiring import Rooms

Reaction = Callable[[Any], Awaitable[object]]


def reactions(rooms: "Rooms") -> Mapping[type[Event], tuple[Reaction, ...]]:
    """Return the table over these rooms."""
    ivr, routing, callbacks = rooms.call_flow, rooms.routing, rooms.callbacks
    heard, seen = ivr.on_call_event, routing.on_call_event
    return {
        # what happens on a line
        CallArrived: (heard,),
        Digits: (heard,),
        NoInput: (heard,),
        Said: (heard,),
        LegAdopted: (heard, seen),
        LegRinging: (seen,),
        LegAnswered: (seen,),
        LegsBridged: (seen,),
        LegEnded: (seen, heard),
        SwitchConnected: (heard, seen),
        SwitchLost: (seen,),
        # what the caller wants
        HumanRequested: (
            lambda fact: routing.enter(
                fact.contact,
                leg=fact.leg,
                queue=fact.queue,
                language=fact.language,
                waiting_since=fact.waiting_since,
                path=fact.path,
            ),
        ),
        LineLeft: (lambda fact: routing.leave(fact.contact, reason=fact.reason),),
        CallbackRequested: (
            lambda fact: callbacks.on_callback_requested(
                contact=fact.contact,
                leg=fact.leg,
                number=fact.number,
                queue=fact.queue,
                language=fact.language,
                reason=fact.reason,
            ),
        ),
        # what became of it
        LineEntered: (lambda fact: ivr.on_line_entered(fact.contact, fact.leg, fact.place),),
        ReturnedToLine: (lambda fact: ivr.on_returned_to_line(fact.contact, fact.leg),),
        AgentConnected: (
            lambda fact: ivr.on_agent_connected(fact.contact),
            lambda fact: callbacks.on_agent_connected(contact=fact.contact, agent=fact.agent),
        ),
        TalkEnded: (lambda fact: ivr.on_talk_ended(fact.contact),),
        CallbackPromised: (
            lambda fact: ivr.on_callback_promised(fact.contact, fact.already),
            lambda fact: rooms.desks_look_again(),
        ),
        CallbackNotPossible: (lambda fact: ivr.on_callback_not_possible(fact.contact, fact.reason),),
        # ringing back
        CallbackStarted: (
            lambda fact: routing.ring_back(
                fact.callback, contact=fact.contact, agent=fact.agent, number=fact.number, queue=""
            ),
        ),
        RingBackEnded: (
            lambda fact: RING_BACK_ENDS.get(fact.how, _missed)(rooms, fact),
            lambda fact: rooms.desks_look_again(),
        ),
    }


async def _kept(rooms: "Rooms", fact: RingBackEnded) -> object:
    return await rooms.callbacks.kept(fact.callback)


async def _missed(rooms: "Rooms", fact: RingBackEnded) -> object:
    return await rooms.callbacks.missed(fact.callback, fact.how)


async def _never_rung(rooms: "Rooms", fact: RingBackEnded) -> object:
    return await rooms.callbacks.missed(fact.callback, fact.how, citizen_was_rung=False)


RING_BACK_ENDS: Mapping[str, Callable[["Rooms", RingBackEnded], Awaitable[object]]] = {
    "reached": _kept,
    "agent": _never_rung,
    "agent_hung_up": _never_rung,
    "agent_rejected": _never_rung,
    "agent_timed_out": _never_rung,
    "agent_rescinded": _never_rung,
    "canceled": _never_rung,
    "fault": _never_rung,
}
"""How an attempt to ring back ended → what becomes of the promise; any other word means that nobody was reached."""
