"""What the room tells. No fact holds a number or a text."""

from dataclasses import dataclass

from core.events import Event
from core.ids import ContactId


@dataclass(frozen=True, kw_only=True)
class TextIntended(Event):
    """A text is to be sent; its row is committed, and from now on it is sent once whatever happens."""

    message: str
    contact: ContactId | None = None


@dataclass(frozen=True, kw_only=True)
class TextEnded(Event):
    """A text is delivered, or will not be: ``state`` says which, ``reason`` why."""

    message: str
    contact: ContactId | None = None
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TextReceived(Event):
    """A citizen has written to us; ``keyword`` is what we understood."""

    received: str
    keyword: str
