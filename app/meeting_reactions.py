"""What follows on a meeting: kallelse, texts, documentation, preparation. Each part answers in a table of its own."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app import follow_ups, meeting_texts, texts
from app.reaction_tables import Table, merged
from cases.events import CaseEventKind, CaseEventReceived
from core.events import Event
from meetings.events import (
    DocumentHandedOver,
    MeetingBooked,
    MeetingCancelled,
    MeetingDone,
    MeetingMissed,
    MeetingMoved,
    PreparationGiven,
)
from webhooks.model import Happening

if TYPE_CHECKING:
    from app.wiring import Rooms


def table_of(rooms: "Rooms") -> Table:
    """Return who reacts to what happens to meetings. A fact may be told twice, and every function bears that."""
    return merged(_kallelse(rooms), _documents(rooms), _preparing(rooms), _following(rooms))


def _kallelse(rooms: "Rooms") -> Table:
    return {
        MeetingBooked: (lambda fact: meeting_texts.booked(rooms, fact),),
        MeetingMoved: (lambda fact: meeting_texts.moved(rooms, fact),),
        MeetingCancelled: (lambda fact: meeting_texts.cancelled(rooms, fact),),
        MeetingMissed: (lambda fact: meeting_texts.missed(rooms, fact, told=texts.promise_values),),
    }


def _documents(rooms: "Rooms") -> Table:
    return {DocumentHandedOver: (lambda fact: meeting_texts.document(rooms, fact),)}


def _preparing(rooms: "Rooms") -> Table:
    """A brief that may leave no more is refused at once, and for good; whoever reads it just then finds none either."""
    briefs = rooms.meetings.briefs

    async def refuse(fact: MeetingCancelled | MeetingMissed | PreparationGiven) -> None:
        await briefs.refuse_unwanted(fact.meeting)

    return dict.fromkeys((MeetingCancelled, MeetingMissed, PreparationGiven), (refuse,))


def _following(rooms: "Rooms") -> Table:
    return {
        MeetingDone: (lambda fact: follow_ups.after_meeting(rooms, fact),),
        CaseEventReceived: (lambda fact: _sick_since(rooms, fact),),
    }


async def _sick_since(rooms: "Rooms", fact: CaseEventReceived) -> None:
    """Have the personal handler offer a contact meeting before day 90; told twice it is one task."""
    if fact.kind is CaseEventKind.SICK_SINCE and fact.on is not None:
        await rooms.meetings.tasks.sick_since(fact.subject, fact.on, handler=fact.handler)


# --- what other systems are told: the id only, for where a protected person is met is nobody's (I-27) ------------------


def _telling(type_told: str) -> Callable[[Any], Happening]:
    return lambda fact: Happening(type=type_told, data={"meeting": fact.meeting}, occurred_at=fact.occurred_at)


_NAMES: Mapping[type[Event], str] = {
    MeetingBooked: "meeting.booked",
    MeetingMoved: "meeting.moved",
    MeetingCancelled: "meeting.cancelled",
    MeetingMissed: "meeting.missed",
    MeetingDone: "meeting.done",
}
TELLINGS: Mapping[type[Event], Callable[[Any], Happening]] = {kind: _telling(name) for kind, name in _NAMES.items()}
TYPES_TOLD = tuple(_NAMES.values())
