"""The files that operators edit are read, or refused with file and field in plain words."""

from datetime import date
from pathlib import Path

import pytest

from cases.configuration import load_benefits, load_demo_persons, load_payment_days, load_segments
from cases.model import HowToApply, Owner
from core.errors import ConfigurationError
from core.language import Language
from identity.codes import is_code, is_too_simple
from identity.personnummer import parse
from ivr.model import RESULTS, InquiryName

CONFIG = Path(__file__).parents[3] / "config"
CATALOGUE = load_benefits((CONFIG / "benefits.yaml").read_text("utf-8"))
PERSONS = load_demo_persons((CONFIG / "demo" / "persons.yaml").read_text("utf-8"))
TODAY = date(2026, 11, 16)

PUBLISHED = {
    "194408139089", "199006022397", "199107172380", "199610202385", "190104132386", "200001052380", "195711212893",
    "196107293059", "199504242398", "199710182396", "200001022391", "197010632391",
}  # fmt: skip


def test_every_benefit_that_the_strategy_lists_is_in_the_catalogue() -> None:
    listed = """sjukpenning vab foraldrapenning bostadsbidrag underhallsstod barnbidrag arbetsskada alderspension
    bostadstillagg semesterloneforsakring smaforetagarforsakring smittbararersattning adoptionsbidrag
    graviditetspenning frivillig_forsakring narstaendepenning aktivitetsersattning sjukersattning
    handikappersattning vardbidrag assistansersattning rehabiliteringsersattning"""
    assert [benefit for benefit in listed.split() if CATALOGUE.find(benefit) is None] == []


def test_the_common_benefits_are_valid_and_have_names_in_both_languages() -> None:
    common = CATALOGUE.common(on=TODAY)
    assert len(common) >= 10
    assert all(benefit.label[language] for benefit in CATALOGUE.benefits for language in Language)


@pytest.mark.parametrize(
    ("benefit", "how"),
    [
        ("barnbidrag", HowToApply.BY_ITSELF),
        ("sgi", HowToApply.NOT_APPLIED_FOR),
        ("tandvardsstod", HowToApply.THROUGH_OTHERS),
        ("bostadsbidrag", HowToApply.APPLY),
        ("unknown", HowToApply.APPLY),
    ],
)
def test_how_a_benefit_is_come_by(benefit: str, how: HowToApply) -> None:
    assert CATALOGUE.how_to_apply(benefit) is how


def test_a_flow_speaks_of_every_way_to_come_by_a_benefit() -> None:
    assert set(RESULTS[InquiryName.HOW_TO_APPLY]) == set(HowToApply)


def test_a_benefit_that_was_replaced_is_not_valid_any_more() -> None:
    old, new = CATALOGUE.find("handikappersattning"), CATALOGUE.find("merkostnadsersattning")
    assert old is not None and new is not None
    change = date(2019, 1, 1)
    assert (old.is_valid(on=date(2018, 12, 31)), old.is_valid(on=change)) == (True, False)
    assert (new.is_valid(on=date(2018, 12, 31)), new.is_valid(on=change)) == (False, True)


@pytest.mark.parametrize(
    "benefit",
    ["sjukpenning", "sjukersattning", "aktivitetsersattning", "assistansersattning", "smittbararersattning", "vab"],
)
def test_a_name_that_tells_of_health_is_marked(benefit: str) -> None:
    found = CATALOGUE.find(benefit)
    assert found is not None and found.sensitive


def test_a_name_that_does_not_is_not() -> None:
    found = CATALOGUE.find("barnbidrag")
    assert found is not None and not found.sensitive and found.owner is Owner.NFC


def test_there_are_seventeen_segments_and_all_say_that_they_are_placeholders() -> None:
    segments = load_segments((CONFIG / "segments.yaml").read_text("utf-8"))
    assert len(segments) == 17
    assert all(segment.placeholder and segment.primary_channel for segment in segments)


def test_demo_persons_have_published_test_numbers_only_and_codes_that_can_be_set() -> None:
    assert {person.personnummer for person in PERSONS} <= PUBLISHED
    for person in PERSONS:
        assert parse(person.personnummer, on=TODAY).reveal() == person.personnummer
        assert is_code(person.code) and not is_too_simple(person.code)
    assert len({person.code for person in PERSONS}) == len(PERSONS)


def test_demo_persons_show_neither_number_nor_code() -> None:
    shown = repr(PERSONS)
    assert not any(person.personnummer in shown or person.code in shown for person in PERSONS)


def test_demo_persons_have_benefits_of_the_catalogue_only() -> None:
    used = {row.benefit for person in PERSONS for row in (*person.payments, *person.matters)}
    assert used and all(CATALOGUE.find(benefit) for benefit in used)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be a mapping"),  # empty
        ("- a\n- b", "must be a mapping"),  # a list
        ("benefits: [", "line"),  # half-written
        ("benefits: []", "benefits"),  # nothing in it
        ("benefits: [{benefit: x1}]", "benefit x1: label"),  # a field missing
        ("benefits: [{benefit: x1, label: {sv: a}, owner: nfc}]", "benefit x1: label"),  # a language missing
        ("benefits: [{benefit: x1, label: {sv: a, en: b}, owner: nobody}]", "benefit x1: owner"),  # an unknown word
        ("benefits: [{benefit: x1, label: {sv: a, en: b}, owner: nfc, colour: red}]", "benefit x1: colour"),  # a typo
        ("benefits: [{benefit: Ö, label: {sv: a, en: b}, owner: nfc}]", "benefit Ö: benefit"),  # not an id
        (
            "benefits: [{benefit: x1, label: {sv: a, en: b}, owner: nfc}, {benefit: x1, label: {sv: a, en: b}, owner: nfc}]",
            "x1 is there twice",
        ),
        ("a: &a [*a]", "benefits"),  # a loop
        ("!!python/object/apply:os.system [id]", "config/benefits.yaml"),  # code
        ("x" * 2_000_000, "too long"),
    ],
)
def test_a_broken_catalogue_is_refused_with_file_and_field(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_benefits(text)
    assert "config/benefits.yaml" in str(caught.value) and says in str(caught.value)


DAYS = ", ".join(f"2026-{month:02}-20" for month in range(1, 13))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (f"benefits: [x1], year: 2027, source: a page of ours, days: [{DAYS}]", "of that year"),
        (f"benefits: [x1], year: 2026, source: a page of ours, days: [{DAYS[:-12]}]", "twelve months"),
        (f"benefits: [x1], year: 2026, source: a page of ours, days: [{DAYS}, 2026-12-19]", "in order"),
        (f"benefits: [x1], year: 2026, source: a page of ours, days: [{DAYS}], born: [1, 15]", "each birth day"),
        (f"benefits: [x1], year: 2026, source: a page of ours, days: [{DAYS}], born: [9, 3]", "born"),
        (f"benefits: [x1], year: 2026, source: '', days: [{DAYS}]", "source"),
    ],
)
def test_a_broken_payment_table_is_refused_with_the_reason(table: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load_payment_days(f"tables: [{{{table}}}]")


def test_two_tables_for_the_same_birth_days_are_refused() -> None:
    row = f"{{benefits: [x1], year: 2026, source: a page of ours, days: [{DAYS}]}}"
    with pytest.raises(ConfigurationError, match="exactly one table"):
        load_payment_days(f"tables: [{row}, {row}]")
