"""What a kallelse says and what it never says: refused without a working direct number, easy to read, and nobody's name in it."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.readability import LIX_LIMIT, lix, sends_to_the_web, turns_away
from core.ids import ContactId, PersonId
from core.language import Language
from meetings.errors import NoDirectNumberError, NumberNotRoutedError
from meetings.kallelse import Method, as_json, as_text, from_json
from meetings.letters import load_words
from meetings.register import Mode
from tests.unit.meetings.kallelser import ROUTED, ROW, kallelse, with_staff
from tests.unit.meetings.offices import policy, register

LENAS = "070-174 06 61"
PROTECTED = replace(ROW, is_protected=True)


def test_it_says_why_when_where_with_whom_how_long_what_to_think_of_and_the_direct_number() -> None:
    text = as_text(kallelse(link="https://kundcenter.example/mote/x"))
    about = policy().about["kundmote"]
    assert "Måndag 30 november klockan 10.00 till 10.45. Det tar ungefär 45 minuter." in text
    assert "Storgatan 1, Norrby" in text and "hörslinga" in text
    assert about.purpose[Language.SWEDISH] in text and "Mötet kallas kundmöte." in text
    assert "Lena hos Försäkringskassan" in text and f"Ring Lena på {LENAS}." in text
    assert all(one.asks[Language.SWEDISH] in text for one in about.questions)
    assert about.bring[Language.SWEDISH] in text and "FLYTTA eller AVBOKA" in text
    assert "https://kundcenter.example/mote/x" in text


def test_without_a_page_nobody_is_sent_to_one() -> None:
    text = as_text(kallelse())
    assert "sida" not in text and not sends_to_the_web(text)


def test_there_is_none_without_a_direct_number_that_reaches_somebody_of_ours() -> None:
    with pytest.raises(NumberNotRoutedError):
        kallelse(routed=ROUTED - {register().handlers[ROW.parts.staff[0]].number})
    with pytest.raises(NoDirectNumberError):
        kallelse(with_staff(ROW, "gone"))
    with pytest.raises(NoDirectNumberError):
        kallelse(with_staff(ROW, "sofia"))  # of another authority: her number is not ours to route
    with pytest.raises(NumberNotRoutedError):
        kallelse(method=Method.CANCEL, routed=())


def test_the_number_is_that_of_the_handler_of_ours_whoever_else_is_there() -> None:
    text = as_text(kallelse(with_staff(replace(ROW, type="kontaktmote"), "sofia", "lena")))
    assert LENAS in text and "070-174 06 67" not in text and "Sofia hos Arbetsförmedlingen" in text


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("kind", register().types)
def test_every_kallelse_is_easy_to_read_whole_and_sends_nobody_away(
    kind: str, mode: Mode, method: Method, language: str
) -> None:
    text = as_text(kallelse(replace(ROW, type=kind, mode=mode, language=language), method=method))
    assert lix(text) <= LIX_LIMIT and not turns_away(text)
    assert not re.search(r"\{|\}|None|\n\n\n", text) and LENAS in text


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("method", Method)
def test_whoever_has_a_protected_identity_reads_neither_place_nor_name_but_whom_to_ring(
    mode: Mode, method: Method
) -> None:
    made = kallelse(with_staff(replace(PROTECTED, mode=mode), "petra", interpreter="tolk-ar-1"), method=method)
    said = as_json(made)
    office = register().offices["norrby"]
    for told in (office.name, office.address, "Norrby", "Petra", "hörslinga", "trappor", "hiss"):
        assert told not in said
    assert made.place == "" and "070-174 06 65" in as_text(made)


def test_by_phone_and_video_there_is_no_place_but_how_it_goes() -> None:
    by_phone, by_video = (as_text(kallelse(replace(ROW, mode=mode))) for mode in (Mode.PHONE, Mode.VIDEO))
    assert "Vi ringer upp dig när mötet börjar." in by_phone and "Lena hjälper dig" in by_video
    assert "Storgatan" not in by_phone + by_video and "legitimation" not in by_phone


@pytest.mark.parametrize(
    ("spoken", "language", "tongue"),
    [
        ("sv", Language.SWEDISH, ""),
        ("sgn-se", Language.SWEDISH, "svenskt teckenspråk"),
        ("so", Language.ENGLISH, "Somali"),
        ("ar", Language.ENGLISH, "Arabic"),
    ],
)
def test_it_is_in_their_language_where_we_have_it_and_says_who_interprets(
    spoken: str, language: Language, tongue: str
) -> None:
    made = kallelse(with_staff(replace(ROW, language=spoken), "lena", interpreter="tolk" if tongue else None))
    assert made.language is language
    assert ("tolk som talar" in as_text(made) or "interpreter" in as_text(made)) == bool(tongue) and tongue in as_text(
        made
    )


def test_a_move_says_so_and_a_cancellation_is_newer_than_what_it_cancels() -> None:
    moved = replace(ROW, sequence=2)
    assert "ny tid" in kallelse(moved).title and kallelse(moved).sequence == 2
    cancelled = kallelse(moved, method=Method.CANCEL)
    assert cancelled.sequence == 3 and "avbokat" in cancelled.title and "blir inte av" in as_text(cancelled)


def test_on_both_nights_of_the_clock_it_says_what_the_clock_on_the_wall_shows() -> None:
    for day, said in (
        (datetime(2027, 3, 29, 8, 0, tzinfo=UTC), "10.00"),
        (datetime(2026, 10, 26, 9, 0, tzinfo=UTC), "10.00"),
    ):
        assert f"klockan {said} till" in as_text(
            kallelse(replace(ROW, starts_at=day, ends_at=day + (ROW.ends_at - ROW.starts_at)))
        )


_NAME = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789_", min_size=8, max_size=20).map("qz{}".format)
"""No word of ours begins so: what is looked for can stand in a kallelse only if it was put there."""


@given(person=_NAME, contact=_NAME, by=_NAME, needs=st.frozensets(_NAME, min_size=1, max_size=3), link=st.booleans())
def test_nothing_in_it_tells_whose_it_is_or_what_the_matter_is(
    person: str, contact: str, by: str, needs: frozenset[str], link: bool
) -> None:
    row = replace(ROW, person=PersonId(person), contact=ContactId(contact), by=by, needs=needs, matter="sjukersattning")
    said = as_json(kallelse(row, link="https://kundcenter.example/mote/x" if link else ""))
    assert not [one for one in (person, contact, by, *needs, "sjukersattning", "con_", "per_") if one in said]
    assert from_json(said) == kallelse(row, link="https://kundcenter.example/mote/x" if link else "")


def test_every_language_has_the_same_words_with_the_same_values() -> None:
    words = load_words()
    assert set(words) == set(Language)
    values = {
        language: {key: set(re.findall(r"\{(\w+)\}", said)) for key, said in of.items()}
        for language, of in words.items()
    }
    swedish, english = (values[one] for one in (Language.SWEDISH, Language.ENGLISH))
    assert swedish.keys() == english.keys()
    assert {key: said for key, said in swedish.items() if key != "number_said"} == {
        key: said for key, said in english.items() if key != "number_said"
    }
