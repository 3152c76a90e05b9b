"""What has happened in the agency's systems, as they tell us of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.events import Event
from core.ids import Subject


class CaseEventKind(StrEnum):
    """What has happened, in the words of the contract (``cases/README.md``)."""

    PAYMENT_SET = "payment.set"
    PAYMENT_CHANGED = "payment.changed"
    DECIDED = "case.decided"
    MISSING = "case.needs_more"
    SICK_SINCE = "case.sick_since"


@dataclass(frozen=True, kw_only=True)
class CaseEventReceived(Event):
    """The agency's systems have told us of something; ``event`` is a name for it that is the same each time it is told.

    ``on`` is the day that money comes, where it is about money, and the first day of a sick leave. ``handler`` is the
    citizen's personal handler, where there is one.
    """

    event: str
    kind: CaseEventKind
    subject: Subject
    benefit: str
    on: date | None = None
    handler: str = ""
