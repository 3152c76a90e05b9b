"""What a citizen hears and presses whom we ring before an agent is there, on the engine alone."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from core.language import Language
from ivr.model import InquiryName, MachineHeard, Phase, TellKind
from ivr.rehearsal import OPEN, Rehearsal, made_up
from tests.unit.ivr.shipped import book, new_call

PERSONAL = ("kod", "code", "ärende", "barnbidrag", "personnummer", "e-legitimation", "eID")


def rung(*keys: str, language: Language = Language.SWEDISH, **others: str) -> Rehearsal:
    """Ring a citizen who answers and presses these; a lone - is silence."""
    answers: Mapping[InquiryName, str] = {**OPEN, **{InquiryName(name): result for name, result in others.items()}}
    position = replace(new_call(), rung=True, language=language)
    citizen = Rehearsal(book(), position, made_up(answers))
    for key in keys:
        citizen.silence() if key == "-" else citizen.press(key)
    return citizen


def texts(citizen: Rehearsal) -> list[str]:
    return [utterance.text for utterance in citizen.heard]


def declined(citizen: Rehearsal) -> list[str]:
    return [one.kind for one in citizen.told if one.what is TellKind.DECLINED]


def test_whoever_answers_hears_who_rings_and_why_and_nothing_of_what_about() -> None:
    said = texts(rung())
    assert said[0] == "Hej, det här är Försäkringskassans Kundcenter. Vi ringer upp dig, för att du har sökt oss."
    assert not [text for text in said for word in PERSONAL if word in text and "visar att det är vi" not in text]


def test_one_key_leads_to_the_agent() -> None:
    citizen = rung("1")
    assert citizen.waits and "Tack. Vi kopplar dig." in texts(citizen)


def test_the_code_that_proves_us_is_said_on_request_only_and_then_one_chooses_again() -> None:
    assert not any("sju" in text for text in texts(rung()) if "två sju fyra" in text)
    citizen = rung("4")
    assert any("två sju fyra, nio ett tre" in text for text in texts(citizen))
    citizen.press("1")
    assert citizen.waits


def test_a_promise_without_a_code_says_so_and_goes_on() -> None:
    citizen = rung("4", promise_code="unknown")
    assert "Det finns ingen kod för det här samtalet." in texts(citizen)
    citizen.press("1")
    assert citizen.waits


@pytest.mark.parametrize(
    ("keys", "declines", "words"),
    [
        (("2",), "not_now", "Då ringer vi igen om en stund. Du behåller din plats."),
        (("3",), "wrong_person", "Förlåt att vi störde."),
        (("-", "-", "-"), "no_key", "Vi hörde inget val. Du når oss på"),
    ],
)
def test_whoever_will_not_talk_now_is_let_go_with_a_reason_for_us(
    keys: tuple[str, ...], declines: str, words: str
) -> None:
    citizen = rung(*keys)
    citizen.silence()
    assert citizen.over
    assert declined(citizen) == [declines]
    assert any(text.startswith(words) for text in texts(citizen))


def test_a_wrong_key_is_borne_and_the_choices_come_again() -> None:
    citizen = rung("7")
    assert not citizen.over and citizen.position.phase is Phase.ASKING
    citizen.press("1")
    assert citizen.waits


def test_eight_says_it_in_the_other_language_and_back() -> None:
    citizen = rung("8")
    assert any(text.startswith("Hello, this is") for text in texts(citizen))
    citizen.press("8")
    assert citizen.position.language is Language.SWEDISH


def test_a_machine_hears_who_rang_and_our_number_and_nothing_that_is_somebodys() -> None:
    citizen = rung()
    before = len(citizen.heard)
    citizen.happens(MachineHeard())
    said = texts(citizen)[before:]
    assert said and "Kundcenter" in said[0] and "noll sju sju ett, fem två fyra, fem två fyra" in said[0]
    assert not [text for text in said for word in (*PERSONAL, "bett oss") if word in text]
    citizen.silence()
    citizen.silence()
    assert citizen.over and declined(citizen) == ["machine"]


def test_somebody_who_was_taken_for_a_machine_presses_one_and_comes_through() -> None:
    citizen = rung()
    citizen.happens(MachineHeard())
    citizen.press("1")
    assert citizen.waits


def test_somebody_who_has_pressed_is_no_machine() -> None:
    citizen = rung("4")
    before = len(citizen.heard)
    citizen.happens(MachineHeard())
    assert len(citizen.heard) == before


def test_nobody_is_asked_who_they_are_in_a_call_that_we_place() -> None:
    for keys in (("1",), ("2",), ("3",), ("4", "1"), ("7", "1"), ("0",), ("-", "1")):
        asked = {one.name for one in rung(*keys).inquiries}
        assert not asked & {InquiryName.LOCATE, InquiryName.VERIFY_CODE}
