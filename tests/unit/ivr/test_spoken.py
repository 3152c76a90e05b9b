"""How dates, times, amounts and digits sound."""

from datetime import date, time

import pytest

from core.language import Language
from core.phone import PhoneNumber, grouped
from ivr.spoken import DigitGroups, Kronor, Name, Value, Weekday, cardinal, spoken

SV, EN = Language.SWEDISH, Language.ENGLISH

TABLE: list[tuple[Value, Language, str]] = [
    # the example of the product's own issue
    (date(2026, 12, 24), SV, "torsdag den tjugofjärde december"),
    # the first, which is an ordinal of its own
    (date(2026, 1, 1), SV, "torsdag den första januari"),
    # a compound ordinal
    (date(2026, 3, 31), SV, "tisdag den trettioförsta mars"),
    # leap day
    (date(2028, 2, 29), SV, "tisdag den tjugonionde februari"),
    # the same day in English
    (date(2026, 12, 24), EN, "Thursday the twenty-fourth of December"),
    # the whole hour has no minutes
    (time(10), SV, "klockan tio"),
    # half past is said by its minutes, not as "halv elva", which is easily misheard
    (time(10, 30), SV, "klockan tio och trettio"),
    # few minutes
    (time(8, 5), SV, "klockan åtta och fem"),
    # the evening in 24 hours
    (time(20), SV, "klockan tjugo"),
    # midnight as the end of a day
    (time(0), SV, "klockan noll"),
    # morning, afternoon and evening in English
    (time(8), EN, "eight in the morning"),
    (time(12), EN, "twelve noon"),
    (time(12, 5), EN, "twelve oh five in the afternoon"),
    (time(16, 30), EN, "four thirty in the afternoon"),
    (time(20), EN, "eight in the evening"),
    (time(0), EN, "twelve in the morning"),
    # the example of the product's own issue: "ettusen", not num2words' "etttusen"
    (Kronor(1250), SV, "ettusen tvåhundrafemtio kronor"),
    # one krona, in common gender
    (Kronor(1), SV, "en krona"),
    # krona has common gender: tjugoen, not tjugoett
    (Kronor(21), SV, "tjugoen kronor"),
    # but eleven ends in nothing like "ett"
    (Kronor(11), SV, "elva kronor"),
    (Kronor(111), SV, "etthundraelva kronor"),
    # one hundred keeps its neuter
    (Kronor(100), SV, "etthundra kronor"),
    (Kronor(101), SV, "etthundraen kronor"),
    # a thousand within a compound: Swedish writes no consonant three times
    (Kronor(31500), SV, "trettioettusen femhundra kronor"),
    # forty is fyrtio, not num2words' "förtio", also within a compound
    (Kronor(40), SV, "fyrtio kronor"),
    (Kronor(5340), SV, "femtusen trehundrafyrtio kronor"),
    (Kronor(41_500), SV, "fyrtioettusen femhundra kronor"),
    (time(8, 45), SV, "klockan åtta och fyrtiofem"),
    # nothing
    (Kronor(0), SV, "noll kronor"),
    # English: kronor, without a comma that would be a pause
    (Kronor(1250), EN, "one thousand two hundred and fifty kronor"),
    (Kronor(1), EN, "one krona"),
    # digits one by one, groups as written
    (DigitGroups("070-174 06 05"), SV, "noll sju noll, ett sju fyra, noll sex, noll fem"),
    (DigitGroups("0771-524 524"), EN, "zero seven seven one, five two four, five two four"),
    # a count
    (3, SV, "tre"),
    (21, EN, "twenty-one"),
    # days of the week
    (Weekday(0), SV, "måndag"),
    (Weekday(6), EN, "Sunday"),
    # text and ids stay
    ("hyresavi", SV, "hyresavi"),
    (Name("barnbidrag"), SV, "barnbidrag"),
]


@pytest.mark.parametrize(("value", "language", "said"), TABLE)
def test_a_value_is_said_as_its_kind_is_said(value: Value, language: Language, said: str) -> None:
    assert spoken(value, language) == said


@pytest.mark.parametrize("number", [*range(0, 2100, 7), 99_999, 100_000, 121_121, 1_000_000])
def test_no_swedish_number_has_the_same_consonant_three_times(number: int) -> None:
    assert "ttt" not in cardinal(number, SV)


def test_digits_do_not_show_in_a_repr() -> None:
    assert "070" not in repr(DigitGroups("070-174 06 05"))


@pytest.mark.parametrize(
    ("number", "groups"),
    [
        # mobile
        ("+46701740605", "noll sju noll, ett sju fyra, noll sex, noll fem"),
        # Stockholm
        ("+468123456", "noll åtta, ett två, tre fyra, fem sex"),
        # an area code of three digits
        ("+46311234567", "noll tre ett, ett två tre, fyra fem, sex sju"),
        # of four digits
        ("+4697112345", "noll nio sju ett, ett två tre, fyra fem"),
        # ours
        ("+46771524524", "noll sju sju ett, fem två fyra, fem två fyra"),
    ],
)
def test_numbers_are_read_in_the_groups_in_which_swedes_say_them(number: str, groups: str) -> None:
    assert spoken(DigitGroups(grouped(PhoneNumber(number))), Language.SWEDISH) == groups
