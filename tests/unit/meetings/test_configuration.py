"""The files of offices and meeting types say what they say, and every fault in them is told by file, place and cause."""

import json
from datetime import date, timedelta

import pytest

from core.errors import ConfigurationError
from meetings.configuration import load_register
from meetings.register import Authority, Mode, OfficeKind, Seat
from meetings.shapes import offices_schema, types_schema
from tests.unit.meetings.offices import CONFIG, OFFICES, TYPES, register


def test_the_files_that_we_ship_have_offices_of_three_kinds_and_every_type() -> None:
    ours = register()
    assert {one.kind for one in ours.offices.values()} == set(OfficeKind)
    assert len(ours.handlers) >= 6 and all(one.number.e164 for one in ours.handlers.values())
    assert set(ours.types) == {
        "personligt_mote", "kundmote", "avstamningsmote", "kontaktmote", "gemensam_kartlaggning", "omstallningsmote",
        "overlamningsmote",
    }  # fmt: skip
    assert all(one.modes[0] is Mode.PHYSICAL for one in ours.types.values())
    assert ours.types["kontaktmote"].staff == (
        Seat(Authority.FORSAKRINGSKASSAN, "samverkan"), Seat(Authority.ARBETSFORMEDLINGEN, "samverkan"),
    )  # fmt: skip
    assert ours.types["kontaktmote"].length == timedelta(hours=1)


def test_every_office_has_a_meeting_for_any_matter() -> None:
    ours = register()
    kinds = [one for one in ours.types.values() if one.any_matter]
    assert all(any(office.offers(kind) for kind in kinds) for office in ours.offices.values())


def test_a_matter_of_ours_is_met_in_a_house_of_the_tax_agency_and_what_others_have_not_is_not() -> None:
    office = register().offices["soderhamra"]
    assert office.host is Authority.SKATTEVERKET
    assert office.offers(register().types["kundmote"]) and not office.offers(register().types["kontaktmote"])


@pytest.mark.parametrize(
    ("postcode", "nearest"), [("971 23", "norrby"), ("21120", "soderhamra"), ("55000", "mellanvik")]
)
def test_the_nearest_office_is_found_by_postcode(postcode: str, nearest: str) -> None:
    assert register().nearest(postcode, on=date(2026, 11, 16))[0].office == nearest


def test_whom_we_work_with_is_found_by_office() -> None:
    names = [one.name for one in register().partners_of("norrby")]
    assert names == ["Arbetsförmedlingen Norrby", "Norrby kommun"]


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("number: 070-174 06 61", 'number: "12"', "handler lena: number: this is not a phone number"),  # N6
        ("    number: 070-174 06 61\n", "", "handler lena: number: this is missing"),  # nobody could ring back
        ("offices: [norrby]\n    pools", "offices: [narrby]\n    pools", "handler lena: offices: there is no office"),
        ("room: norrby-1, office: norrby", "room: norrby-1, office: x", "room norrby-1: office: there is no office 'x'"),
        ("room: norrby-2,", "room: norrby-1,", "room norrby-1: there are 2 of this name"),
        ("centre: lfc_norr\n", "centre: lfc_nor\n", "area norr: centre: there is no centre 'lfc_nor' in this file"),
        ("[personligt_mote, kundmote,", "[kundmote,", "office soderhamra: services: every office has a meeting"),  # R42
        ("[personligt_mote, kundmote,", "[personligt_mote, kundmot,", "there is no type 'kundmot'"),  # a slip of the pen
        ('thursday: ["10:00-17:00"]', 'thursday: ["10:10-17:00"]', "office soderhamra: hours: thursday: '10:10-17:00'"),
        ("pools: [samverkan, skyddad]", "pools: [skyddad]", ""),  # others are still in the pool
    ],
)  # fmt: skip
def test_a_fault_among_the_offices_is_told_in_words(right: str, wrong: str, fault: str) -> None:
    assert right in OFFICES
    if not fault:
        load_register(offices=OFFICES.replace(right, wrong), types=TYPES)
        return
    assert any(
        fault in one and one.startswith("config/offices.yaml: ") for one in faults(OFFICES.replace(right, wrong))
    )


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("any_matter: true", "any_matter: false", "one type must be for any_matter"),  # R42
        ("minutes: 90", "minutes: 80", "type gemensam_kartlaggning: minutes"),  # no whole quarters
        ("replaced_by: omstallningsmote", "replaced_by: x", "type overlamningsmote: replaced_by: there is no type 'x'"),
        ("    decisions: false\n    separately: kundmote\n\n  - type: gem", "    decisions: false\n\n  - type: gem",
         "type kontaktmote: separately: say in which type"),  # R73
        ("authority: arbetsformedlingen, pool: samverkan}]\n    asked_by: [citizen", "pool: samverkan}]\n    asked_by: [citizen",
         "type kontaktmote: staff: each authority has one seat at most"),
        ("needs: [checklist, consent]", "needs: [checkist]", "type gemensam_kartlaggning: needs 1: this must be one of"),
        (', en: "client meeting"', "", "type kundmote: label: this needs sv, en"),
    ],
)  # fmt: skip
def test_a_fault_among_the_types_is_told_in_words(right: str, wrong: str, fault: str) -> None:
    assert right in TYPES
    assert any(fault in one for one in faults(OFFICES, TYPES.replace(right, wrong, 1)))


def test_a_pool_without_anybody_is_a_fault_and_all_faults_are_told_at_once() -> None:
    told = faults(OFFICES.replace("samverkan", "samverka").replace("070-174 06 61", "none"), TYPES.replace("Möte", "x"))
    assert any("handler lena: number" in one for one in told)
    told = faults(OFFICES.replace("samverkan", "samverka"))
    assert "config/offices.yaml: handlers: nobody of arbetsformedlingen is in the pool samverkan" in "\n".join(told)


def test_the_schemas_beside_the_files_are_current_and_the_files_name_them() -> None:
    for name, text, schema in (("offices", OFFICES, offices_schema()), ("meeting_types", TYPES, types_schema())):
        kept = json.loads((CONFIG / f"{name}.schema.json").read_text("utf-8"))
        assert kept == schema, f"write it anew: kundcenter config schema {name} > config/{name}.schema.json"
        assert text.splitlines()[0] == f"# yaml-language-server: $schema={name}.schema.json"


def faults(offices: str, types: str = TYPES) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        load_register(offices=offices, types=types)
    return refused.value.faults


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("070-174 06 62", "070-174 06 61", "handler mats: number: somebody else has this number, too"),
        ("deputy: lena, queue: sjuk", "deputy: nobody, queue: sjuk", "handler mats: deputy: there is no other handler"),
        ("deputy: lena, queue: sjuk", "deputy: mats, queue: sjuk", "handler mats: deputy: there is no other handler"),
    ],
)
def test_a_direct_number_is_one_persons_and_the_deputy_is_somebody_else(old: str, new: str, said: str) -> None:
    assert old in OFFICES
    with pytest.raises(ConfigurationError) as refused:
        load_register(offices=OFFICES.replace(old, new), types=TYPES)
    assert any(said in fault for fault in refused.value.faults), refused.value.faults
