"""What citizens mean who write to us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.keywords import Keyword, understood

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
        ("När kommer pengarna", Keyword.OTHER),
    ],
)
def test_a_word_is_understood_as_people_write_it(text: str, keyword: Keyword) -> None:
    assert understood(text) is keyword


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_borne(text: str) -> None:
    assert understood(text) is Keyword.OTHER


@given(st.text())
def test_any_text_is_borne(text: str) -> None:
    assert understood(text) in Keyword
