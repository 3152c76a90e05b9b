"""What citizens mean who write to us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import Language
from sms.keywords import Keyword, language_of, understood

HOSTILE = [
    "",
    " ",
    "\x00\x01\x1b[2J",
    "\u202eGNIR",
    "a" * 10_000,
    "😀😀",
    "\ud800",
    "'; DROP TABLE sms;--",
    "<script>x</script>",
]


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("RING", Keyword.CALL),
        ("ring.", Keyword.CALL),
        ("Ring mig tack!", Keyword.CALL),
        ("Hej, kan ni ringa upp mig?", Keyword.CALL),
        ("rign", Keyword.CALL),
        ("r\u200bing", Keyword.CALL),
        ("please call me", Keyword.CALL),
        ("ring inte", Keyword.OTHER),
        ("Do not call me", Keyword.OTHER),
        ("STOPP", Keyword.STOP),
        ("Stop.", Keyword.STOP),
        ("stopp, ring inte", Keyword.OTHER),
        ("start", Keyword.START),
        ("HJÄLP", Keyword.HELP),
        ("hja\u0308lp", Keyword.HELP),
        ("?", Keyword.HELP),
        ("ringrostig", Keyword.OTHER),
        ("När kommer pengarna", Keyword.PAYMENT),
        ("UTBETALNING", Keyword.PAYMENT),
        ("utbetlaning?", Keyword.PAYMENT),
        ("When is my payment?", Keyword.PAYMENT),
        ("inbetalning", Keyword.OTHER),
        ("Status.", Keyword.STATUS),
        ("stauts", Keyword.STATUS),
        ("statens", Keyword.OTHER),
        ("Hur går det med mitt ärende", Keyword.STATUS),
        ("jag undrar om min utbetalning, kan ni ringa", Keyword.CALL),
        ("boka", Keyword.BOOK),
        ("flytta min tid", Keyword.MOVE),
        ("Avboka min bokning", Keyword.CANCEL),
        ("meddela", Keyword.NOTIFY),
        ("Glöm mig", Keyword.FORGET),
        ("glöm inte min utbetalning", Keyword.FORGET),
        ("hej, jag glömde en sak", Keyword.OTHER),
        ("stoppa min utbetalning", Keyword.OTHER),
        ("STOPP, inga sms om utbetalning", Keyword.STOP),
        ("När startar det? starta", Keyword.OTHER),
        ("Kan ni hjälpa mig? hjälp", Keyword.HELP),
        ("STATUS?", Keyword.STATUS),
        ("HANDLÄGGARE", Keyword.HUMAN),
        ("handlagare", Keyword.HUMAN),
        ("Jag vill prata med en människa!", Keyword.HUMAN),
        ("kan man skriva med någon om utbetalningen", Keyword.HUMAN),
        ("I want to talk to a real person", Keyword.HUMAN),
        ("Human please", Keyword.HUMAN),
        ("kan min handläggare ringa mig", Keyword.CALL),
        ("ring inte, jag vill skriva med en handläggare", Keyword.HUMAN),
        ("sluta med automatsvar, jag vill ha en människa", Keyword.HUMAN),
        ("STOPP inga handläggare", Keyword.STOP),
        ("mvh Anna Persson, när kommer pengarna", Keyword.PAYMENT),
        ("handläggning", Keyword.STATUS),
    ],
)
def test_a_word_is_understood_as_people_write_it(text: str, keyword: Keyword) -> None:
    assert understood(text) is keyword


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("call me", Language.ENGLISH),
        ("ring me please", Language.SWEDISH),
        ("STATUS", None),
        ("stop", None),
        ("1", None),
        ("payment", Language.ENGLISH),
        ("RING", None),
        ("Ring, please", Language.SWEDISH),
        ("min utbetalning", Language.SWEDISH),
    ],
)
def test_the_language_is_that_of_the_words_of_ours(text: str, language: Language | None) -> None:
    assert language_of(text) is language


@given(st.sampled_from(["utbetalning", "status", "flytta", "avboka", "pengarna"]), st.data())
def test_a_long_word_is_known_with_one_letter_missing(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    assert understood(word[:at] + word[at + 1 :]) is understood(word)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_borne(text: str) -> None:
    assert understood(text) is Keyword.OTHER


@given(st.text())
def test_any_text_is_borne(text: str) -> None:
    assert understood(text) in Keyword
