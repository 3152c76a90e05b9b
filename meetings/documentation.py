"""What is written down at the end of a meeting, and when that is enough (N7, R66, R67). Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import KundcenterError
from core.ids import AgentId
from meetings.errors import DocumentMissingError, NextStepMissingError
from meetings.model import MeetingId


class Handed(StrEnum):
    """How the citizen got the documentation: on paper, on their own page with a text that says so, or not at all."""

    PRINT = "print"
    DIGITAL = "digital"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Document:
    """One edition of what was written down, when and by whom (FL 27 §)."""

    meeting: MeetingId
    edition: int
    text: str
    agreed: str
    next_step: str
    how: Handed
    reason: str
    made_by: AgentId
    made_at: datetime

    @property
    def handed_over_at(self) -> datetime | None:
        """When the citizen got it: as it was written, or never."""
        return None if self.how is Handed.NONE else self.made_at

    def says_the_same(self, other: "Document") -> bool:
        """Tell whether another edition has the same words of the same person."""
        plain = ("meeting", "text", "agreed", "next_step", "how", "reason", "made_by")
        return all(getattr(self, name) == getattr(other, name) for name in plain)


def incomplete(document: Document) -> KundcenterError | None:
    """Return what keeps a meeting from being closed so; ``None`` when nothing does.

    What comes next is always said (R67). What was talked about is handed over, or there is a reason why it is not (N7).
    """
    if not document.next_step.strip():
        return NextStepMissingError()
    is_there = bool(document.text.strip()) if document.how is not Handed.NONE else bool(document.reason.strip())
    return None if is_there else DocumentMissingError()
