"""What the room tells of numbers that belong to persons. The fact holds no number."""

from dataclasses import dataclass

from core.events import Event
from core.ids import ContactId


@dataclass(frozen=True, kw_only=True)
class NumberAsked(Event):
    """Somebody who has shown who they are wants to be answered on a number; its telephone is to say yes first."""

    binding: str
    contact: ContactId | None = None
