"""What the room tells. No fact holds a number or a text."""

from dataclasses import dataclass

from core.events import Event
from core.ids import AgentId, ContactId
from core.language import Language


@dataclass(frozen=True, kw_only=True)
class TextIntended(Event):
    """A text is to be sent; its row is committed, and from now on it is sent once whatever happens."""

    message: str
    contact: ContactId | None = None


@dataclass(frozen=True, kw_only=True)
class TextEnded(Event):
    """A text is delivered, or will not be: ``state`` says which, ``reason`` why.

    ``system`` is the other system that had it sent, if one had."""

    message: str
    contact: ContactId | None = None
    system: str = ""
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TextReceived(Event):
    """A citizen has written to us; ``keyword`` is what we understood."""

    received: str
    keyword: str


@dataclass(frozen=True, kw_only=True)
class WrittenBegan(Event):
    """Somebody who has written is to be answered by a person, and has been told so. ``agent`` answered them lately."""

    contact: ContactId
    language: Language
    agent: AgentId | None = None


@dataclass(frozen=True, kw_only=True)
class WrittenWithdrawn(Event):
    """Somebody who has written is not to be answered after all: ``stopped`` (they want no texts) or ``callback``."""

    contact: ContactId
    reason: str
