"""What a text tells of somebody's matters."""

from datetime import date

import pytest

from cases.configuration import load_benefits
from cases.model import CaseState, CaseStatus, NextPayment
from core.language import Language
from sms.answers import LONGEST_NAME, Told, names_for, of_matters, of_payments
from sms.wording import PHRASES, load_texts
from tests.architecture.tree import ROOT

CATALOGUE = load_benefits((ROOT / "config/benefits.yaml").read_text("utf-8"))
TEXTS = load_texts((ROOT / "config/sms.yaml").read_text("utf-8"))
FRIDAY = date(2026, 12, 18)


def lines(told: Told, language: Language = Language.SWEDISH) -> str:
    return TEXTS.lines(told.phrases, language, names=names_for(told.phrases, CATALOGUE, language))


def pay(benefit: str, kronor: int | None = 1250) -> NextPayment:
    return NextPayment(benefit=benefit, on=FRIDAY, amount_kronor=kronor)


def test_a_payment_has_its_day_and_its_amount_where_that_is_allowed() -> None:
    assert lines(of_payments([pay("barnbidrag")], amounts=False)).endswith("barnbidrag kommer fredag 18 december.")
    assert lines(of_payments([pay("barnbidrag")], amounts=True)).endswith("Du får 1 250 kr.")
    assert "kr" not in lines(of_payments([pay("barnbidrag", None)], amounts=True)).split(".")[1]


@pytest.mark.parametrize(
    ("language", "told"), [(Language.SWEDISH, "vet inte vilken dag"), (Language.ENGLISH, "not know the day")]
)
def test_a_payment_without_a_day_is_told_and_is_no_answer(language: Language, told: str) -> None:
    without = NextPayment(benefit="barnbidrag", on=None, amount_kronor=1250)
    only = of_payments([without], amounts=True)
    assert told in lines(only, language) and "RING" in lines(only, language)
    assert not only.is_answer
    beside = of_payments([pay("flerbarnstillagg"), without], amounts=True)
    assert told in lines(beside, language) and beside.is_answer
    assert of_payments([], amounts=True).is_answer, "that nothing is planned is one"


def test_beside_one_that_is_not_named_none_is() -> None:
    both = lines(of_payments([pay("barnbidrag"), pay("sjukpenning")], amounts=False))
    assert both.count("din ersättning") == 2
    assert "barnbidrag" not in both


@pytest.mark.parametrize("benefit", [one.benefit for one in CATALOGUE.benefits if one.sensitive] + ["unknown"])
def test_a_name_that_tells_of_health_is_never_written(benefit: str) -> None:
    for language, called in ((Language.SWEDISH, "din ersättning"), (Language.ENGLISH, "your benefit")):
        told = lines(of_payments([pay(benefit)], amounts=False), language)
        assert called in told
        found = CATALOGUE.find(benefit)
        assert found is None or found.label[language] not in told


def test_every_common_benefit_that_may_be_named_is() -> None:
    named = [one for one in CATALOGUE.benefits if one.common and not one.sensitive]
    assert named
    assert all(len(one.label[Language.SWEDISH]) <= LONGEST_NAME for one in named)


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("on", [None, FRIDAY])
def test_each_state_of_a_matter_has_its_sentence_and_no_paper_is_named(state: CaseState, on: date | None) -> None:
    matter = CaseStatus(
        benefit="bostadsbidrag", state=state, decision_expected_on=on, decided_on=on, missing=("läkarintyg",)
    )
    told = of_matters([matter])
    assert {one.name for one in told.phrases} <= set(PHRASES)
    assert "bostadsbidrag" in lines(told)
    assert "intyg" not in lines(told)


def test_more_than_two_are_for_a_person_to_tell() -> None:
    assert of_payments([pay("barnbidrag")] * 3, amounts=False).is_all is False
    assert len(of_payments([pay("barnbidrag")] * 3, amounts=False).phrases) == 2
