"""That a number belongs to somebody who has shown who they are, and what we may write to it. Pure.

A number is given to somebody else sooner or later, and can be taken over. So it belongs to a person between two dates,
and only for as long as it is confirmed again and again (docs/decisions/0022).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.ids import ContactId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber


class Kind(StrEnum):
    """What somebody has allowed us to write of their matters: as an answer to a text of theirs, or by ourselves (``on_…``)."""

    STATUS = "status"
    PAYMENT = "payment"
    AMOUNT = "amount"
    ON_PAYMENT = "on_payment"
    ON_DECISION = "on_decision"
    ON_MISSING = "on_missing"
    ON_CALLBACK = "on_callback"


ANSWERS = frozenset({Kind.STATUS, Kind.PAYMENT})
"""What is allowed by asking to be answered on a number; all else is asked for by itself."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """One number of one person. It holds from ``confirmed_at``, when the telephone itself has said yes.

    ``asked_by`` is a word: ``call``, or ``system:`` and its name. ``contact`` is the call in which it was asked for.
    """

    binding: str
    person: PersonId
    subject: Subject
    number: PhoneNumber
    language: Language
    allowed: frozenset[Kind]
    asked_at: datetime
    asked_by: str
    contact: ContactId | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""

    def holds(self, *, at: datetime, lifetime: timedelta) -> bool:
        """Tell whether the number still counts as this person's."""
        if self.ended_at is not None or self.confirmed_at is None:
            return False
        return at < self.confirmed_at + lifetime

    def is_asked(self, *, at: datetime, answer_within: timedelta) -> bool:
        """Tell whether the telephone is still to say whether this is right."""
        return self.ended_at is None and self.confirmed_at is None and at < self.asked_at + answer_within


class Nobody(StrEnum):
    """Why a number tells us of no person."""

    UNBOUND = "unbound"
    SHARED = "shared"


def owner(bindings: Iterable[Binding], *, at: datetime, lifetime: timedelta) -> Binding | Nobody:
    """Return whose number it is. Several persons' is nobody's: who of them writes is not known, nor to be asked in a text."""
    held = [one for one in bindings if one.holds(at=at, lifetime=lifetime)]
    if not held:
        return Nobody.UNBOUND
    if len({one.person for one in held}) > 1:
        return Nobody.SHARED
    return max(held, key=lambda one: one.asked_at)
