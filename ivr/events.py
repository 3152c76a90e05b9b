"""What the IVR tells of a call: who is ringing, what they were told, what they want."""

from dataclasses import dataclass
from datetime import datetime

from core.events import Event
from core.ids import ContactId, LegId, PersonId, Subject
from core.language import Language


@dataclass(frozen=True, kw_only=True)
class CallerIdentified(Event):
    """The caller has given a personnummer and its code. ``level`` as in DESIGN §8; holds for this call only."""

    contact: ContactId
    person: PersonId
    subject: Subject
    level: int


@dataclass(frozen=True, kw_only=True)
class AnswerGiven(Event):
    """The caller has heard the answer to a question, to its end: ``kind`` such as ``payment`` or ``case_status``."""

    contact: ContactId
    kind: str
    benefit: str = ""


@dataclass(frozen=True, kw_only=True)
class HumanRequested(Event):
    """The caller wants to talk to somebody and from now on waits for an agent, hearing music.

    ``queue`` names a queue in ``config/queues.yaml``; ``waiting_since`` is when the call arrived (the place in the
    line counts from there); ``path`` is what was chosen on the way, as node names, never digits.
    """

    contact: ContactId
    leg: LegId
    queue: str
    language: Language
    waiting_since: datetime
    reason: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CitizenConfirmed(Event):
    """Whoever answered the telephone that we rang has pressed the key, and from now on waits for an agent."""

    contact: ContactId
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class CitizenDeclined(Event):
    """Whoever answered the telephone that we rang is not to be connected; ``how`` is ``not_now``, ``wrong_person``,
    ``machine`` or ``no_key``. The call ends after this."""

    contact: ContactId
    leg: LegId
    how: str


@dataclass(frozen=True, kw_only=True)
class LineLeft(Event):
    """A caller who waited has chosen something else (such as to be rung back), and waits no longer."""

    contact: ContactId
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaitTold(Event):
    """Somebody who waits was told just now that it will take from ``least_minutes`` to ``most_minutes``."""

    contact: ContactId
    least_minutes: int
    most_minutes: int


@dataclass(frozen=True, kw_only=True)
class CallbackRequested(Event):
    """The caller wants to be rung back, on the number in the contact's row: a fact is kept for days, and holds none.

    Nothing has been said yet: that waits for ``CallbackPromised``. ``slot_at`` is when the time begins that they chose;
    otherwise ``told_from`` and ``told_until`` are between when and when we will say that we ring, if we are sure of it.
    """

    contact: ContactId
    leg: LegId
    queue: str
    language: Language
    reason: str
    slot_at: datetime | None = None
    told_from: datetime | None = None
    told_until: datetime | None = None
