"""Answers by number: what they mean, and that nothing ever waits for one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.dialogue import ASK, FREE, OPTIONS, POSTCODE, Question, choice, meant
from sms.keywords import Keyword, understood
from sms.wording import NAMES

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
names = st.sampled_from([*OPTIONS, "a text that asks nothing"])


def ask(name: str, *, ago: timedelta = timedelta()) -> Question:
    return Question(name, NOW - ago)


@pytest.mark.parametrize(
    ("text", "of", "number"),
    [
        ("1", 3, 1),
        (" 2. ", 3, 2),
        ("nr 3 tack", 3, 3),
        ("två", 3, 2),
        ("1\ufe0f\u20e3", 3, 1),
        ("１", 3, 1),
        ("ja", 2, 1),
        ("Nej tack", 2, 2),
        ("ja", 3, None),
        ("12", 3, None),
        ("1 eller 2", 3, None),
        ("jag har 1 barn och undrar en sak", 3, None),
        ("", 3, None),
        ("hej", 2, None),
    ],
)
def test_an_answer_is_read_as_people_write_it(text: str, of: int, number: int | None) -> None:
    assert choice(text, of=of) == number


@pytest.mark.parametrize(
    ("text", "asked", "keyword"),
    [
        ("Tack!", None, Keyword.THANKS),
        ("tack så mycket för hjälpen", "other", Keyword.THANKS),
        ("Thank you very much", None, Keyword.THANKS),
        ("ok", None, Keyword.THANKS),
        ("ok", "meeting", Keyword.CALL),  # yes to: shall we call you back?
        ("tack men när kommer det", None, Keyword.OTHER),
        ("ja tack", None, Keyword.TOO_LATE),
    ],
)
def test_mere_thanks_are_no_question(text: str, asked: str | None, keyword: Keyword) -> None:
    assert meant(text, ask(asked) if asked else None, at=NOW, lapses_after=HOUR) is keyword


def test_each_option_of_each_question_can_be_chosen() -> None:
    for name, options in OPTIONS.items():
        assert name in NAMES
        found = [meant(str(number), ask(name), at=NOW, lapses_after=HOUR) for number in range(1, len(options) + 1)]
        assert tuple(found) == options
        assert meant(str(len(options) + 1), ask(name), at=NOW, lapses_after=HOUR) is Keyword.OTHER


@given(st.text(), names, st.integers(-60, 120))
def test_no_text_is_too_much_and_a_word_of_ours_always_begins_afresh(text: str, name: str, minutes: int) -> None:
    found = meant(text, ask(name, ago=timedelta(minutes=minutes)), at=NOW, lapses_after=HOUR)
    assert found in set(Keyword) - {Keyword.OWN_WORDS}
    if understood(text) is not Keyword.OTHER:
        assert found is understood(text)


@given(st.sampled_from(["1", "2", "ja"]), names)
def test_an_old_question_is_no_question(text: str, name: str) -> None:
    late = meant(text, ask(name, ago=HOUR), at=NOW, lapses_after=HOUR)
    assert late is meant(text, None, at=NOW, lapses_after=HOUR) is Keyword.TOO_LATE


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        (
            "Nej, jag trodde att det gällde ett beslut om pengar",
            Keyword.OWN_WORDS,
        ),  # words of ours that stand by chance
        ("ja", Keyword.OWN_WORDS),
        ("1", Keyword.OWN_WORDS),
        ("jag visste det", Keyword.OWN_WORDS),
        ("STATUS", Keyword.STATUS),
        ("boka tid", Keyword.BOOK),
        ("STOPP", Keyword.STOP),
        ("Kan ni ringa mig om det i stället", Keyword.CALL),
        ("jag vill prata med en riktig människa", Keyword.HUMAN),
        ("Tack!", Keyword.THANKS),
    ],
)
def test_what_is_asked_for_in_own_words_may_be_answered_days_later(text: str, keyword: Keyword) -> None:
    assert FREE.keys() | OPTIONS.keys() | {POSTCODE} == ASK
    assert FREE.keys() <= set(NAMES)
    assert meant(text, ask("meeting_follow_up", ago=timedelta(days=2)), at=NOW, lapses_after=HOUR) is keyword
    late = meant(text, ask("meeting_follow_up", ago=timedelta(days=3)), at=NOW, lapses_after=HOUR)
    assert late is meant(text, None, at=NOW, lapses_after=HOUR)


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("98231", Keyword.POSTCODE),
        ("982 31 Norrby", Keyword.POSTCODE),
        ("jag vet inte", Keyword.POSTCODE),  # it is asked for once more
        ("Ring mig", Keyword.CALL),
        ("tack", Keyword.THANKS),
    ],
)
def test_where_a_postcode_is_asked_for_digits_are_one(text: str, keyword: Keyword) -> None:
    assert meant(text, ask(POSTCODE), at=NOW, lapses_after=HOUR) is keyword
    late = meant(text, ask(POSTCODE, ago=HOUR), at=NOW, lapses_after=HOUR)
    assert late is meant(text, None, at=NOW, lapses_after=HOUR)
