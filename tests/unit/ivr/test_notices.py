"""What supervisors may have said to callers, what is refused and in which words, and how it is heard."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.language import Language
from ivr.model import InquiryName
from ivr.notices import LONGEST_TEXT, Message, Notice, Place, faults_in, spoken, spoken_to_all
from ivr.rehearsal import OPEN, Rehearsal, made_up
from telephony.model import Hold, Utterance
from tests.unit.ivr.shipped import NOW, book, new_call, wordings

LONG_WAIT = "Just nu är det längre väntan än vanligt."
SWEDISH = Utterance(LONG_WAIT, Language.SWEDISH)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # nothing
        ("  ", "Skriv vad som ska sägas"),
        # for ever
        ("a" * (LONGEST_TEXT + 1), "högst 400 tecken"),
        # a line break would end a line of whatever reads it
        ("Hej\r\nAction: Originate", "osynligt styrtecken"),
        # a zero
        ("Hej\x00", "osynligt styrtecken"),
        # writing that turns
        ("Hej \u202e jeH", "osynligt styrtecken"),
        # markup
        ("<break time='9s'/>", "”<” kan inte läsas upp"),
        # a voice's own language
        ("[[f'o:n]]", "”[” kan inte läsas upp"),
        # a field of ours
        ("{personnummer}", "”{” kan inte läsas upp"),
        # a person, as people write it
        ("Söker du 19900602-2397?", "aldrig ett nummer som kan vara ett personnummer"),
        # the same, spelled apart
        ("Det gäller 90 06 02 - 23 97.", "aldrig ett nummer som kan vara ett personnummer"),
        # a coordination number
        ("Det gäller 900662-2397.", "aldrig ett nummer som kan vara ett personnummer"),
        # digits of another script read the same
        ("Det gäller ٩٠٠٦٠٢٢٣٩٧.", "aldrig ett nummer som kan vara ett personnummer"),
        # N5
        ("Ring igen senare.", "Be aldrig någon att ringa en annan gång"),
    ],
)
def test_what_cannot_be_said_to_everybody_is_refused_in_plain_words(text: str, said: str) -> None:
    assert said in " ".join(faults_in(Message(text=text), wordings()))


@pytest.mark.parametrize(
    "text",
    [
        LONG_WAIT,
        "Vi har strömavbrott i Östersund: samtal kan brytas. Vi ringer upp dig då!",
        "Numret till oss är 0771-524 524, som alltid (dygnet runt).",
        "Utbetalningarna den 18 december 2026 kommer 2 timmar senare.",
        "Éva & Söner, 50 % mer – ”som vanligt”",
    ],
)
def test_plain_sentences_can_be_said(text: str) -> None:
    assert faults_in(Message(text=text), wordings()) == ()


def test_a_ready_made_text_is_chosen_by_its_name_and_no_other_wording_is() -> None:
    assert faults_in(Message(wording="notice_no_cases"), wordings()) == ()
    assert faults_in(Message(wording="welcome"), wordings()) == ("Den färdiga texten finns inte.",)
    assert faults_in(Message(wording="notice_nothing"), wordings()) == ("Den färdiga texten finns inte.",)
    assert "inte båda" in faults_in(Message(text="Hej.", wording="notice_no_cases"), wordings())[0]


def test_a_caller_who_has_chosen_no_language_hears_every_one_that_there_is() -> None:
    both = spoken_to_all(Message(text="Hej.", text_en="Hello."), wordings())
    assert [(one.text, one.language) for one in both] == [("Hej.", "sv"), ("Hello.", "en")]
    assert [one.language for one in spoken_to_all(Message(wording="notice_no_cases"), wordings())] == ["sv", "en"]
    assert spoken_to_all(Message(text="Hej."), wordings()) == spoken(Message(text="Hej."), Language.ENGLISH, wordings())


def test_a_ready_made_text_can_have_a_recording() -> None:
    (said,) = spoken(Message(wording="notice_no_cases"), Language.SWEDISH, wordings())
    assert said.wording == "notice_no_cases"


def test_a_notice_ends_by_itself_and_tells_before_it_does() -> None:
    notice = Notice(
        number=1, place=Place.QUEUE, name="sjuk", message=Message(text="Hej."), put_up_by="disa",
        put_up_at=NOW, ends_at=NOW + timedelta(hours=4),
    )  # fmt: skip
    assert notice.is_up(at=NOW) and not notice.ends_soon(at=NOW)
    assert notice.ends_soon(at=NOW + timedelta(hours=3, minutes=50))
    assert not notice.is_up(at=notice.ends_at) and not notice.ends_soon(at=notice.ends_at)
    assert not replace(notice, put_up_at=NOW + timedelta(hours=1)).is_up(at=NOW)


def test_an_emergency_is_the_first_that_a_caller_hears_and_then_all_is_as_usual() -> None:
    usual = Rehearsal(book(), new_call(), made_up(OPEN))
    in_need = Rehearsal(book(), new_call(), made_up(OPEN), notices=(SWEDISH,))
    assert in_need.heard == [SWEDISH, *usual.heard]
    in_need.press("9")
    usual.press("9")
    assert in_need.heard.count(SWEDISH) == 1, "said once"
    assert in_need.heard[1:] == usual.heard


def test_a_word_about_a_queue_is_said_before_the_wait_in_it_and_the_caller_waits_as_usual() -> None:
    def answer(inquiry):  # type: ignore[no-untyped-def]
        answered = made_up(OPEN)(inquiry)
        return replace(answered, notices=(SWEDISH,)) if inquiry.name is InquiryName.REQUEST_HUMAN else answered

    call = Rehearsal(book(), new_call(), answer)
    call.press("0")
    assert call.waits and call.position.in_line
    assert isinstance(next(one for one in call.actions if isinstance(one, Hold)), Hold)
    told = [one.text for one in call.heard]
    assert told.index(LONG_WAIT) + 1 == next(place for place, text in enumerate(told) if "Vi kopplar dig" in text)
