"""The one table of who reacts to what: *event → functions*, in order. No ``if`` lives here.

A fact of the outbox may be told twice, so every function here bears that.
"""

from typing import TYPE_CHECKING

from app import agent_phones, coming_in, meeting_reactions, ring_backs, texts, waiting
from app.reaction_tables import Reaction, Table, merged
from app.tellings import TELLINGS, tell
from callbacks.events import (
    CallbackCancelled,
    CallbackDue,
    CallbackGivenUp,
    CallbackKept,
    CallbackMissed,
    CallbackMoved,
    CallbackNotPossible,
    CallbackPromised,
    CallbackStarted,
    PlaceKept,
)
from contacts.events import ContactEnded, ContactOpened
from ivr.events import CallbackRequested, CitizenConfirmed, CitizenDeclined, HumanRequested, LineLeft, WaitTold
from skills_routing.events import AgentConnected, CitizenAnswered, LineEntered, ReturnedToLine, RingBackEnded, TalkEnded
from telephony.model import (
    CallArrived,
    Digits,
    LegAdopted,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegsBridged,
    LegsCounted,
    NoInput,
    PhonesCounted,
    Said,
    SwitchConnected,
    SwitchLost,
    WhoAnswered,
)

if TYPE_CHECKING:
    from app.wiring import Rooms


def reactions(rooms: "Rooms") -> Table:
    """Return the whole table over these rooms."""
    tell_systems: Reaction = lambda fact: tell(rooms, fact)  # noqa: E731
    return merged(
        _counted(rooms),
        _on_the_line(rooms),
        _what_callers_want(rooms),
        _what_became_of_it(rooms),
        _ringing_back(rooms),
        texts.table_of(rooms),
        meeting_reactions.table_of(rooms),
        dict.fromkeys(TELLINGS, (tell_systems,)),
    )


def _counted(rooms: "Rooms") -> Table:
    return {ContactOpened: (rooms.figures.opened,)}


def _on_the_line(rooms: "Rooms") -> Table:
    heard, seen = rooms.call_flow.on_call_event, rooms.routing.on_call_event
    return {
        CallArrived: (heard,),
        Digits: (heard,),
        NoInput: (heard,),
        Said: (heard,),
        LegAdopted: (heard, seen),
        LegRinging: (seen, lambda fact: rooms.callbacks.rings(fact.leg)),
        LegAnswered: (lambda fact: rooms.callbacks.rings(fact.leg), seen),
        WhoAnswered: (heard,),
        LegsBridged: (seen,),
        LegEnded: (seen, heard),
        SwitchConnected: (heard, seen),
        LegsCounted: (seen,),
        PhonesCounted: (lambda fact: agent_phones.counted(rooms, fact),),
        SwitchLost: (seen,),
    }


def _what_callers_want(rooms: "Rooms") -> Table:
    return {
        HumanRequested: (lambda fact: coming_in.enter(rooms, fact),),
        WaitTold: (lambda fact: waiting.told(rooms, fact),),
        LineLeft: (lambda fact: rooms.routing.leave(fact.contact, reason=fact.reason),),
        CallbackRequested: (lambda fact: coming_in.promise(rooms, fact),),
        PlaceKept: (lambda fact: texts.place_kept(rooms, contact=fact.contact, at=fact.occurred_at, until=fact.until),),
    }


def _what_became_of_it(rooms: "Rooms") -> Table:
    ivr, callbacks = rooms.call_flow, rooms.callbacks
    return {
        LineEntered: (lambda fact: ivr.on_line_entered(fact.contact, fact.leg, fact.place),),
        ReturnedToLine: (lambda fact: ivr.on_returned_to_line(fact.contact, fact.leg),),
        AgentConnected: (
            lambda fact: ivr.on_agent_connected(fact.contact),
            lambda fact: callbacks.on_agent_connected(contact=fact.contact, agent=fact.agent),
        ),
        TalkEnded: (
            lambda fact: ivr.on_talk_ended(fact.contact),
            lambda fact: ring_backs.talked(rooms, fact),
        ),
        CallbackPromised: (
            lambda fact: ivr.on_callback_promised(fact.contact, fact.already),
            lambda _: rooms.desks_look_again(),
            lambda fact: texts.cut_off(rooms, fact),
            lambda fact: ring_backs.wake(rooms, fact.callback),
        ),
        ContactEnded: (
            rooms.figures.ended,
            lambda fact: callbacks.recover(fact.contact, outcome=fact.outcome, fault=fact.fault),
            lambda fact: ring_backs.call_over(rooms, fact),
        ),
        CallbackNotPossible: (lambda fact: ivr.on_callback_not_possible(fact.contact, fact.reason),),
    }


def _ringing_back(rooms: "Rooms") -> Table:
    look_again: tuple[Reaction, ...] = (lambda _: rooms.desks_look_again(),)
    return {
        CallbackStarted: (lambda fact: ring_backs.begin(rooms, fact),),
        RingBackEnded: (lambda fact: ring_backs.end(rooms, fact),),
        CallbackDue: (
            lambda fact: ring_backs.come_due(rooms, fact),
            lambda fact: texts.notice_of_callback(rooms, fact),
            *look_again,
        ),
        CallbackMoved: (
            lambda fact: ring_backs.withdraw(rooms, fact),
            lambda fact: ring_backs.wake(rooms, fact.callback),
            *look_again,
        ),
        CallbackCancelled: (lambda fact: ring_backs.withdraw(rooms, fact), *look_again),
        CitizenAnswered: (lambda fact: ring_backs.ask_citizen(rooms, fact),),
        CitizenConfirmed: (lambda fact: rooms.routing.promised.confirm(fact.contact, leg=fact.leg),),
        CitizenDeclined: (lambda fact: rooms.routing.promised.decline(fact.contact, leg=fact.leg, how=fact.how),),
        CallbackMissed: look_again,
        CallbackKept: look_again,
        CallbackGivenUp: (*look_again, lambda fact: texts.given_up(rooms, fact.callback)),
    }
