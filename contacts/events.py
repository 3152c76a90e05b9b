"""What the contacts room tells: a conversation began, changed hands, ended."""

from dataclasses import dataclass

from contacts.model import Channel, Outcome
from core.events import Event
from core.ids import AgentId, ContactId, LegId


@dataclass(frozen=True, kw_only=True)
class ContactOpened(Event):
    """A conversation has begun: its row is committed. Told once per contact, before anything else of it."""

    contact: ContactId
    channel: Channel
    leg: LegId | None = None


@dataclass(frozen=True, kw_only=True)
class ContactEnded(Event):
    """A conversation has ended in its one outcome. Told once per contact; nothing of it follows but the wrap-up."""

    contact: ContactId
    outcome: Outcome
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class ContactWrappedUp(Event):
    """An agent has written the reason and the note of a conversation."""

    contact: ContactId
    agent: AgentId
    code: str
