"""Turns what the agency's systems know of somebody into phrases of a text: as much as may be written, and no more. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cases.model import BenefitCatalogue, CaseState, CaseStatus, NextPayment
from core.language import Language

MOST_PHRASES = 2
"""More is told by a person: a text that goes on and on is not read."""

LONGEST_NAME = 40
"""A benefit with a longer name than this is not called by it."""

Value = date | int | str
NameOf = Callable[[str], str | None]
"""Returns how a benefit is called in a text; ``None`` when its name is not to be in one."""


@dataclass(frozen=True)
class Phrase:
    """One sentence of the wording file, with its values; ``benefit`` is the id of one."""

    name: str
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Told:
    """What is told, whether there is more to tell, and whether what was asked is answered with it."""

    phrases: tuple[Phrase, ...]
    is_all: bool = True
    is_answer: bool = True


def of_payments(payments: Sequence[NextPayment], *, amounts: bool) -> Told:
    """Tell when money comes next; the amount only if it is allowed in texts, too.

    No day of any payment is no answer to "when does the money come?".
    """
    if not payments:
        return Told((Phrase("no_payment"),))
    told = _first(tuple(_payment(one, amounts) for one in payments))
    return replace(told, is_answer=any(one.on for one in payments))


def _payment(payment: NextPayment, amounts: bool) -> Phrase:
    if payment.on is None:
        return Phrase("payment_no_day", {"benefit": payment.benefit})
    known: dict[str, Value] = {"benefit": payment.benefit, "date": payment.on}
    if payment.amount_kronor is None or not amounts:
        return Phrase("payment", known)
    return Phrase("payment_amount", known | {"amount": payment.amount_kronor})


def of_matters(matters: Sequence[CaseStatus]) -> Told:
    """Tell how far each matter has come. What is missing is never named: it may be a doctor's certificate."""
    if not matters:
        return Told((Phrase("no_case"),))
    return _first(tuple(_matter(one) for one in matters))


def _matter(matter: CaseStatus) -> Phrase:
    name = f"case_{matter.state}"
    on = matter.decided_on if matter.state is CaseState.DECIDED else matter.decision_expected_on
    if on is None or matter.state is CaseState.NEEDS_MORE:
        return Phrase(name, {"benefit": matter.benefit})
    suffix = "_on" if matter.state is CaseState.DECIDED else "_until"
    return Phrase(name + suffix, {"benefit": matter.benefit, "date": on})


def _first(phrases: tuple[Phrase, ...]) -> Told:
    return Told(phrases[:MOST_PHRASES], is_all=len(phrases) <= MOST_PHRASES)


def names_for(told: Sequence[Phrase], catalogue: BenefitCatalogue, language: Language) -> NameOf:
    """Return how the benefits of one text are called: all by their names, or none of them.

    A single one without its name beside others with theirs would say that it is of the kind that is not named.
    """
    ids = {str(one.values["benefit"]) for one in told if "benefit" in one.values}
    names = {one: _name(one, catalogue, language) for one in ids}
    if any(name is None for name in names.values()):
        return lambda _benefit: None
    return names.get


def _name(benefit: str, catalogue: BenefitCatalogue, language: Language) -> str | None:
    found = catalogue.find(benefit)
    if found is None or found.sensitive or len(found.label[language]) > LONGEST_NAME:
        return None
    return found.label[language]
