"""Invented citizens under published test numbers, for the demo and for tests. Their dates follow the day. Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from cases.model import CaseState, CaseStatus, Payment, Person
from core.ids import Subject
from core.language import Language


@dataclass(frozen=True, kw_only=True)
class DemoPayment:
    """A payment; without ``in_days`` it comes on the benefit's own days."""

    benefit: str
    in_days: int | None = None
    amount_kronor: int | None = None
    amount_allowed: bool = False


@dataclass(frozen=True, kw_only=True)
class DemoMatter:
    """A matter, with its days counted from today."""

    benefit: str
    state: CaseState
    expected_in_days: int | None = None
    decided_days_ago: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """A person who does not exist. ``about`` says what one can try with them."""

    subject: Subject
    personnummer: str = field(repr=False)
    code: str = field(repr=False)
    name: str
    about: str
    language: Language = Language.SWEDISH
    protected: bool = False
    payments: tuple[DemoPayment, ...] = ()
    matters: tuple[DemoMatter, ...] = ()

    def as_person(self) -> Person:
        """Return the person as a register tells of them; a coordination number's day is 60 more than the birth day."""
        day = int(self.personnummer[6:8])
        return Person(name=self.name, born_day=day - 60 * (day > 60), language=self.language, protected=self.protected)

    def payments_on(self, today: date) -> tuple[Payment, ...]:
        """Return the payments as of a day."""
        return tuple(
            Payment(
                benefit=row.benefit,
                on=_from(today, row.in_days),
                amount_kronor=row.amount_kronor,
                amount_allowed=row.amount_allowed,
            )
            for row in self.payments
        )

    def matters_on(self, today: date) -> tuple[CaseStatus, ...]:
        """Return the matters as of a day."""
        return tuple(
            CaseStatus(
                benefit=row.benefit,
                state=row.state,
                decision_expected_on=_from(today, row.expected_in_days),
                decided_on=_from(today, None if row.decided_days_ago is None else -row.decided_days_ago),
                missing=row.missing,
            )
            for row in self.matters
        )


def _from(today: date, days: int | None) -> date | None:
    return None if days is None else today + timedelta(days=days)
