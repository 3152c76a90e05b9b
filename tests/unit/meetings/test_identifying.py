"""Nothing that tells who somebody is gets through to another authority, in whatever spelling (N8, R68)."""

import re

import pytest

from meetings.identifying.disguise import folded
from meetings.identifying.gate import MARK, findings, redacted
from meetings.identifying.model import Kind, Known
from tests.unit.meetings.planted import HARMLESS, KNOWN, PLANTED

BEFORE, AFTER = "Jag har arbetat i skogen och ", " sedan dess, mest halvtid."


def left_of(planted: str, text: str) -> list[str]:
    """Return the words of what was planted that can still be read."""
    words = {folded(word) for word in re.findall(r"\w+", planted) if len(word) > 1}
    return sorted(words & {folded(word) for word in re.findall(r"\w+", text)} - LEFT_OVER)


LEFT_OVER = {
    "min",
    "sambo",
    "heter",
    "lakaren",
    "pa",
    "den",
    "och",
    "sedan",
    "sist",
    "fodd",
    "vagen",
    "dnr",
    "ab",
    "xxxx",
}
"""Words beside what was planted that say nothing."""


@pytest.mark.parametrize(("planted", "why"), PLANTED, ids=[why for _, why in PLANTED])
def test_what_was_planted_is_not_in_what_goes_out(planted: str, why: str) -> None:
    text = redacted(f"{BEFORE}{planted}{AFTER}", KNOWN)
    assert left_of(planted, text) == [], why
    assert MARK in text
    assert text.startswith("Jag har arbetat i skogen") and text.endswith("mest halvtid."), "all else stays"


@pytest.mark.parametrize(("planted", "why"), PLANTED, ids=[why for _, why in PLANTED])
def test_it_does_not_matter_that_a_sentence_begins_with_it(planted: str, why: str) -> None:
    assert left_of(planted, redacted(f"Det var bra. {planted} var med.", KNOWN)) == [], why


@pytest.mark.parametrize("sentence", HARMLESS)
def test_a_sentence_that_tells_nothing_of_who_it_is_goes_through_as_it_is(sentence: str) -> None:
    assert redacted(sentence, KNOWN) == sentence


def test_there_are_enough_ways_to_write_it() -> None:
    assert len(PLANTED) >= 60


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("900602-2397", Kind.PERSONAL_NUMBER),
        ("070-174 06 61", Kind.PHONE),
        ("tilda@post.example", Kind.CONTACT),
        ("på storgatan 1", Kind.ADDRESS),
        ("hos kvistgren", Kind.NAME),
        ("i söderhamra", Kind.PLACE),
        ("den 2 juni", Kind.DATE),
        ("ärende 88123", Kind.NUMBER),
        ("hos Zyprian", Kind.MAYBE_NAME),
        ("hos تيلدا", Kind.UNCLEAR),
    ],
)
def test_a_reviewer_is_told_what_it_may_be_and_where(text: str, kind: Kind) -> None:
    found = findings(text, KNOWN)
    assert kind in {one.kind for one in found}
    assert all(0 <= one.start < one.end <= len(text) for one in found)


def test_what_is_found_holds_no_word_of_it() -> None:
    assert "kvistgren" not in repr(findings("hos kvistgren", KNOWN)).lower()


def test_findings_come_in_order_and_nothing_twice() -> None:
    found = findings("Tilda Kvistgren, 900602-2397, Storgatan 1, 907 31 Norrby, tilda@post.se", KNOWN)
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))


def test_a_large_place_may_stay_and_a_small_one_not() -> None:
    text = "Jag bor i Malmö nu."
    assert redacted(text, KNOWN) == text
    assert "Malmö" not in redacted(text, Known(places=frozenset({"Malmö"})))


def test_who_has_the_initials_of_an_everyday_short_word_is_not_told_by_it() -> None:
    assert "IT" in redacted("Arbete inom IT.", Known(names=frozenset({"Tilda Kvistgren"})))
    assert "IT" not in redacted("Det sa IT.", Known(names=frozenset({"Isidor Tallmo"})))
