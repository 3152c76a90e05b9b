"""What every fact has in common. Rooms talk to each other by facts: past tense, ids and values, nothing that acts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that has happened.

    A subclass is a frozen dataclass whose fields are ids, strings, numbers, booleans, instants, enums,
    or tuples of these, so that it can be written to the outbox and read back unchanged.
    """

    occurred_at: datetime
