"""Text from outside is made harmless to keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.text import one_line, several_lines


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Åsa Öberg", "Åsa Öberg"),  # Swedish letters stay
        ("  two\t words \r\n", "two words"),  # white space becomes one space
        ("a\x00b\x1b[31mc", "ab[31mc"),  # NUL and escape sequences lose their teeth
        ("evil\u202egnp.exe", "evilgnp.exe"),  # a mark that turns the writing
        ("zero\u200bwidth\ufeff", "zerowidth"),  # invisible characters
        ("half\ud800", "half"),  # half a character, which no database takes
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),  # text it is, and text it stays
        ("Action: x\r\nCommand: y", "Action: x Command: y"),  # no second line for a switch's protocol
        ("", ""),  # nothing
    ],
)
def test_one_line_stays_one_visible_line(text: str, kept: str) -> None:
    assert one_line(text, most=100) == kept


def test_a_note_keeps_its_lines() -> None:
    assert several_lines("first\r\nsecond\x07  line\n\n", most=100) == "first\nsecond line"


@given(st.text(max_size=300), st.integers(1, 50))
def test_no_text_is_too_long_or_holds_a_control_character(text: str, most: int) -> None:
    line, lines = one_line(text, most=most), several_lines(text, most=most)
    assert len(line) <= most and len(lines) <= most
    assert line.isprintable() or "\xa0" in line or not line.isascii()
    assert not any(ord(char) < 32 for char in line)
    assert not any(ord(char) < 32 for char in lines.replace("\n", ""))
    line.encode()
    lines.encode()


@given(st.text(max_size=100))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = one_line(text, most=60)
    assert one_line(once, most=60) == once
