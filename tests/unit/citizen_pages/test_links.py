"""A link of one kind of page opens no other, and a form's mark is of one thing for half a day."""

from datetime import UTC, datetime, timedelta

import pytest

from citizen_pages.links import FORM_LASTS, Links

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
KEY = "a signing key of this test only, long enough"


def links(about: str = "meeting", key: str = KEY) -> Links:
    return Links(about=about, page="/mote", signing_key=key, base_url="https://kc.example")


def test_it_leads_back_to_what_it_was_made_for() -> None:
    made = links().to("mtg_1")
    assert made.startswith("https://kc.example/mote/")
    assert links().read(made.rpartition("/")[2]) == "mtg_1"


@pytest.mark.parametrize("other", [links("callback"), links(key=KEY + "x")])
def test_neither_a_link_nor_a_mark_of_another_kind_or_key_is_worth_anything(other: Links) -> None:
    assert links().read(other.token("mtg_1")) is None
    assert not links().is_own_form(other.form_mark("mtg_1", now=NOW), "mtg_1", now=NOW)


def test_a_link_is_no_mark_and_a_mark_is_no_link() -> None:
    assert links().read(links().form_mark("mtg_1", now=NOW)) is None
    assert not links().is_own_form(links().token("mtg_1"), "mtg_1", now=NOW)


@pytest.mark.parametrize(
    ("age", "of", "is_own"),
    [
        (timedelta(0), "mtg_1", True),
        (FORM_LASTS, "mtg_1", True),
        (FORM_LASTS + timedelta(seconds=1), "mtg_1", False),
        (timedelta(0), "mtg_2", False),
        (-timedelta(minutes=6), "mtg_1", False),  # a mark of the time to come: a clock is wrong, or somebody plays
    ],
)
def test_a_mark_is_of_one_thing_and_not_for_ever(age: timedelta, of: str, is_own: bool) -> None:
    assert links().is_own_form(links().form_mark("mtg_1", now=NOW), of, now=NOW + age) is is_own
