"""How a text goes over the air, against the alphabet of another implementation and the plainest way to count."""

import re

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from sms.gsm import ALPHABET, EXTENSION, Encoding, written

SWEDISH = "Hej! Ring oss före kl 14.25. Åke, Örjan, Älva och é."


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", Encoding.GSM_7, 1),
        (SWEDISH, Encoding.GSM_7, 1),
        ("å" * 160, Encoding.GSM_7, 1),
        ("å" * 161, Encoding.GSM_7, 2),
        ("a" * 306, Encoding.GSM_7, 2),
        ("a" * 307, Encoding.GSM_7, 3),
        ("€" * 80, Encoding.GSM_7, 1),
        ("€" * 81, Encoding.GSM_7, 2),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM_7, 3),  # the two septets of € do not fit into what is left
        ("č" * 70, Encoding.UCS_2, 1),
        ("č" * 71, Encoding.UCS_2, 2),
        ("😀" * 35, Encoding.UCS_2, 1),
        ("😀" * 36, Encoding.UCS_2, 2),
        ("😀" * 67, Encoding.UCS_2, 3),  # a pair is not parted: 33 in each segment
    ],
)
def test_the_segments_are_those_of_the_standard(text: str, encoding: Encoding, segments: int) -> None:
    assert (written(text).encoding, written(text).segments) == (encoding, segments)


def test_what_looks_alike_is_replaced_so_that_it_fits() -> None:
    curly = written("”Hej” – det’s klart…\u00a0• ok")
    assert curly.text == '"Hej" - det\'s klart... - ok'
    assert curly.encoding is Encoding.GSM_7


def test_the_alphabet_has_its_127_characters_and_9_more() -> None:
    assert (len(ALPHABET), len(EXTENSION)) == (127, 10)  # the form feed is in the extension, too
    assert set("åäöÅÄÖéüÜà") <= ALPHABET
    assert not set("áíóúêëçšž–…”") & ALPHABET


@given(st.text(alphabet=sorted(ALPHABET | EXTENSION), max_size=700))
def test_septets_are_filled_as_by_hand(text: str) -> None:
    septets = re.sub(r"[\f^{}\\\[~\]|€]", "##", text)
    one = written(text)
    assert one.encoding is Encoding.GSM_7
    if len(septets) <= 160:
        assert one.segments == 1
        return
    left, count = text, 0
    while left:
        most = max(n for n in range(1, 154) if len(re.sub(r"[\f^{}\\\[~\]|€]", "##", left[:n])) <= 153)
        left, count = left[most:], count + 1
    assert one.segments == count


GSM_OR_NOT = st.text(alphabet=sorted(ALPHABET | EXTENSION), max_size=500) | st.text(
    st.characters(codec="utf-8"), max_size=250
)


@given(
    GSM_OR_NOT.filter(lambda text: "\x1b" not in text)
)  # it begins a character of the extension, and is none by itself
def test_another_implementation_counts_the_same_segments(text: str) -> None:
    one = written(text)
    other = smsutil.split(one.text)
    assert one.segments == len(other.parts)
    assert not one.text or (one.encoding is Encoding.GSM_7) is smsutil.is_valid_gsm(one.text)


@given(st.text(max_size=400))
def test_any_text_is_borne_and_ucs_2_counts_the_units_of_utf_16(text: str) -> None:
    one = written(text)
    if one.encoding is Encoding.UCS_2:
        units = len(one.text.encode("utf-16-le", "surrogatepass")) // 2
        assert one.segments >= (1 if units <= 70 else -(-units // 67))
        assert one.segments <= max(1, -(-units // 66))
