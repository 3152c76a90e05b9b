"""Whatever is planted, wherever and however it is disguised: it never goes out, and what is clean stays as it is."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.identifying.disguise import folded
from meetings.identifying.gate import findings, redacted
from tests.unit.meetings.planted import HARMLESS, KNOWN

NUMBERS = ["9006022397", "199006022397", "0701740661", "+46701740661", "7010632391"]
NAMES = ["kvistgren", "snårbäck", "granrot", "söderhamra", "mellanvik", "yngvild"]
FILLING = [line for line in HARMLESS if len(line) > 20]
LOOK_ALIKES = {"a": "а", "e": "е", "o": "о", "i": "і", "r": "r", "s": "ѕ"}


def spread(separators: str) -> Callable[[st.DrawFn, str], str]:
    def disguise(draw: st.DrawFn, planted: str) -> str:
        return "".join(char + draw(st.sampled_from([*separators, ""])) for char in planted)

    return disguise


def one_letter_wrong(draw: st.DrawFn, planted: str) -> str:
    place = draw(st.integers(0, len(planted) - 1))
    how = draw(st.sampled_from(["drop", "twice", "other", "swap"]))
    first, letter, rest = planted[:place], planted[place], planted[place + 1 :]
    return {
        "drop": first + rest,
        "twice": first + letter * 2 + rest,
        "other": first + "x" + rest,
        "swap": first + rest[:1] + letter + rest[1:],
    }[how]


def alike(draw: st.DrawFn, planted: str) -> str:
    return "".join(LOOK_ALIKES.get(char, char) if draw(st.booleans()) else char for char in planted)


def cased(draw: st.DrawFn, planted: str) -> str:
    return "".join(char.upper() if draw(st.booleans()) else char for char in planted)


def broad(_: st.DrawFn, planted: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in planted)


def figures_for_letters(draw: st.DrawFn, planted: str) -> str:
    return "".join({"o": "0", "i": "1", "e": "3", "a": "4"}.get(c, c) if draw(st.booleans()) else c for c in planted)


def letters_for_figures(draw: st.DrawFn, planted: str) -> str:
    return "".join({"0": "O", "1": "l"}.get(c, c) if draw(st.booleans()) else c for c in planted)


OF_NUMBERS = [spread("- ./\u200b"), spread(" \u2009\u00ad–"), broad, letters_for_figures]
OF_NAMES = [spread("\u200b\u00ad\u2060"), one_letter_wrong, alike, cased, broad, figures_for_letters]


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, str]:
    """A real-looking text, and how what was planted in it reads there."""
    items, disguises = draw(st.sampled_from([(NUMBERS, OF_NUMBERS), (NAMES, OF_NAMES)]))
    word = draw(st.sampled_from(disguises))(draw, draw(st.sampled_from(items)))
    words = " ".join(draw(st.lists(st.sampled_from(FILLING), min_size=1, max_size=2))).split()
    place = draw(st.integers(0, len(words)))
    return " ".join([*words[:place], word, *words[place:]]), word


@given(planted())
@settings(max_examples=150, deadline=None)
def test_nothing_that_was_planted_goes_out(text_and_word: tuple[str, str]) -> None:
    text, word = text_and_word
    out = redacted(text, KNOWN)
    left = folded(out).replace(" ", "")
    assert folded(word).replace(" ", "") not in left
    assert word not in out


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_in_what_goes_out_nothing_is_found_whatever_was_written(text: str) -> None:
    out = redacted(text, KNOWN)
    assert not findings(out, KNOWN)
    assert redacted(out, KNOWN) == out


@given(st.lists(st.sampled_from(FILLING), max_size=3).map(" ".join))
@settings(max_examples=30, deadline=None)
def test_what_is_clean_goes_out_as_it_is(text: str) -> None:
    assert redacted(text, KNOWN) == text
