"""What the Lua line tells of a decision, as typed facts, and how they become the events that other rooms know."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId, OfferId
from skills_routing import events
from skills_routing.model import instant


class Kind(StrEnum):
    """What has happened in the line."""

    ENTERED = "entered"
    OFFER_MADE = "offer_made"
    OFFER_ENDED = "offer_ended"
    CALLING = "calling"
    DIALLED = "dialled"
    REACHED = "reached"
    CONFIRMED = "confirmed"
    JOINED = "joined"
    HELD = "held"
    TALK_ENDED = "talk_ended"
    RETURNED = "returned"
    LEFT = "left"
    WRAPPED_UP = "wrapped_up"
    RING_BACK_ENDED = "ring_back_ended"
    AGENT_STATE = "agent_state"
    NEXT_STATE = "next_state"
    PHONE_HEARD = "phone_heard"
    STEP_TAKEN = "step_taken"


@dataclass(frozen=True, kw_only=True)
class LineFact:
    """One thing that a command did. Fields that do not belong to its kind are empty."""

    fact: Kind
    at: int
    contact: ContactId = ContactId("")
    agent: AgentId = AgentId("")
    offer: OfferId = OfferId("")
    token: int = 0
    leg: LegId = LegId("")
    agent_leg: LegId = LegId("")
    queue: str = ""
    place: int = 0
    how: str = ""
    by: str = ""
    state: str = ""
    reason: str = ""
    callback: CallbackId = CallbackId("")
    on_hold: str = ""
    step: int = 0
    line: str = ""
    rank: int = 0


_BETWEEN_FACTS, _BETWEEN_VALUES = "\x1e", "\x1f"
_NUMBERS = {"at", "token", "place", "step", "rank"}


def read_facts(text: str, *, at: int) -> tuple[LineFact, ...]:
    """Read the facts that a command returns: of each its kind, contact and agent, then names and values by turns."""
    return tuple(_read(fact.split(_BETWEEN_VALUES), at) for fact in text.split(_BETWEEN_FACTS)) if text else ()


def _read(parts: list[str], at: int) -> LineFact:
    values: dict[str, object] = dict(zip(parts[3::2], parts[4::2], strict=True))
    for name in _NUMBERS.intersection(values):
        values[name] = int(values[name] or 0)  # type: ignore[call-overload]
    fact = object.__new__(LineFact)  # the class has the defaults; its constructor takes five times as long
    fact.__dict__.update(values, fact=Kind(parts[0]), at=at, contact=parts[1], agent=parts[2])
    return fact


def live_event(fact: LineFact) -> Event | None:
    """Return the event to tell at once, or ``None`` for a fact that goes through the outbox or concerns nobody else."""
    at = instant(fact.at)
    match fact.fact:
        case Kind.ENTERED | Kind.RETURNED if not fact.leg:
            return None  # written: nobody hears anything
        case Kind.REACHED | Kind.ENTERED | Kind.CONFIRMED:
            return _of_citizen(fact, at)
        case Kind.OFFER_MADE:
            return events.OfferMade(
                occurred_at=at,
                offer=fact.offer,
                token=fact.token,
                contact=fact.contact,
                agent=fact.agent,
                leg=fact.leg,
                queue=fact.queue,
            )
        case Kind.OFFER_ENDED:
            return events.OfferEnded(
                occurred_at=at, offer=fact.offer, contact=fact.contact, agent=fact.agent, how=fact.how
            )
        case Kind.RETURNED:
            return events.ReturnedToLine(occurred_at=at, contact=fact.contact, leg=fact.leg, reason=fact.reason)
        case Kind.AGENT_STATE:
            return events.AgentStateChanged(occurred_at=at, agent=fact.agent, state=fact.state, reason=fact.reason)
        case Kind.STEP_TAKEN:
            return events.StepTaken(
                occurred_at=at, contact=fact.contact, queue=fact.queue, step=fact.step, line=fact.line, how=fact.how
            )
        case _:
            return None


def _of_citizen(fact: LineFact, at: datetime) -> Event:
    if fact.fact is Kind.REACHED:
        return events.CitizenAnswered(
            occurred_at=at, contact=fact.contact, leg=fact.leg, callback=fact.callback, queue=fact.queue
        )
    return events.LineEntered(occurred_at=at, contact=fact.contact, leg=fact.leg, queue=fact.queue, place=fact.place)
