"""What the agency's systems know of a citizen, and what may be told of it. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.language import Language


class CaseState(StrEnum):
    """How far a matter has come, in the citizen's eyes."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    NEEDS_MORE = "needs_more"
    DECIDED = "decided"


class Owner(StrEnum):
    """Which part of the agency has a benefit's matters (R33–R37)."""

    NFC = "nfc"
    LFC = "lfc"
    SPLIT = "split"
    ELSEWHERE = "elsewhere"


class HowToApply(StrEnum):
    """How a benefit is come by, as anybody may hear it."""

    APPLY = "apply"
    BY_ITSELF = "by_itself"
    THROUGH_OTHERS = "through_others"
    NOT_APPLIED_FOR = "not_applied_for"


@dataclass(frozen=True, kw_only=True)
class Benefit:
    """A benefit of the catalogue.

    ``common`` ones have self-service for dates and status (R26). A ``sensitive`` one tells of health or disability by
    its name alone, so the name is never sent in a text nor shown where others look. The period is half-open.
    """

    benefit: str
    label: Mapping[Language, str]
    owner: Owner
    how_to_apply: HowToApply = HowToApply.APPLY
    common: bool = False
    sensitive: bool = False
    low_volume: bool = False
    valid_from: date | None = None
    valid_until: date | None = None

    def is_valid(self, *, on: date) -> bool:
        """Tell whether the benefit exists on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


def _names(one: Benefit) -> tuple[str, ...]:
    """What a benefit is called is also known with an ending: ``sjukpenningen``."""
    labels = (label.partition("(")[0] for label in one.label.values())
    return (f"{one.benefit} ", *(_plain(label) for label in labels))


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9-]+", letters))


@dataclass(frozen=True)
class BenefitCatalogue:
    """Every benefit, in the order of the file."""

    benefits: tuple[Benefit, ...]

    def find(self, benefit: str) -> Benefit | None:
        """Return the benefit with this id."""
        return next((one for one in self.benefits if one.benefit == benefit), None)

    def how_to_apply(self, benefit: str) -> HowToApply:
        """Return how this benefit is come by; by applying, where nobody has said otherwise."""
        found = self.find(benefit)
        return found.how_to_apply if found else HowToApply.APPLY

    def named_in(self, text: str) -> tuple[str, ...]:
        """Return the benefits that a citizen's text names, in any case and without marks, the longest name first."""
        plain = f" {_plain(text)} "
        found = {name: one.benefit for one in self.benefits for name in _names(one) if f" {name}" in plain}
        return tuple(found[name] for name in sorted(found, key=lambda name: (-len(name), name)))

    def common(self, *, on: date) -> tuple[Benefit, ...]:
        """Return the benefits that have self-service on a day."""
        return tuple(one for one in self.benefits if one.common and one.is_valid(on=on))


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A row of the agency's payment system. Without a date it is paid on the benefit's own days."""

    benefit: str
    on: date | None = None
    amount_kronor: int | None = None
    amount_allowed: bool = False


@dataclass(frozen=True, kw_only=True)
class CaseStatus:
    """A matter as it may be told: ``missing`` names papers in plain words, ``decision_expected_on`` may be unknown."""

    benefit: str
    state: CaseState
    decision_expected_on: date | None = None
    decided_on: date | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the register says of a citizen. ``born_day`` (1–31) decides the payment day of some benefits."""

    name: str
    born_day: int
    language: Language = Language.SWEDISH
    protected: bool = False


@dataclass(frozen=True, kw_only=True)
class NextPayment:
    """Money that comes. ``on`` is ``None`` while nobody knows the day: that is told, and never guessed.

    The amount is ``None`` unless the citizen has allowed it to be told.
    """

    benefit: str
    on: date | None
    amount_kronor: int | None = None


@dataclass(frozen=True)
class NoPayment:
    """No payment is planned at all; one whose day is not known is a :class:`NextPayment`."""

    benefit: str


class Unseen(StrEnum):
    """Why we cannot see a citizen's matters just now."""

    UNAVAILABLE = "unavailable"
    WRONG_ANSWER = "wrong_answer"


@dataclass(frozen=True)
class CannotSee:
    """The agency's systems did not give an answer that can be trusted. Say so, and offer a human."""

    reason: Unseen


@dataclass(frozen=True, kw_only=True)
class PersonCard:
    """What an agent sees of a citizen. The name of a protected person is there only for a cleared agent."""

    name: str
    language: Language
    protected: bool
    open_matters: tuple[CaseStatus, ...]


@dataclass(frozen=True, kw_only=True)
class PayDay:
    """A day on which a benefit is paid, to those born on these days of a month."""

    on: date
    born_from: int = 1
    born_to: int = 31


@dataclass(frozen=True)
class CalendarAnswer:
    """The next payment days of a benefit, for anybody to hear: one, or one per group of birth days."""

    benefit: str
    days: tuple[PayDay, ...]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A customer segment with its one primary channel (R15); a ``placeholder`` waits for the agency's own name."""

    segment: str
    label: Mapping[Language, str]
    primary_channel: str
    other_channels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    placeholder: bool = False
