"""A personnummer is read as a person keys it, refused with a reason, and never shows itself."""

import copy
import json
import pickle
from contextlib import suppress
from datetime import date

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from personnummer.personnummer import Personnummer as Oracle
from personnummer.personnummer import PersonnummerException

from identity.errors import (
    BornInFutureError,
    NoSuchDateError,
    NotDigitsError,
    PersonnummerError,
    WrongCheckDigitError,
    WrongLengthError,
)
from identity.personnummer import fits_luhn, parse

TODAY = date(2026, 11, 16)

PUBLISHED = (
    "194408139089",
    "199006022397",
    "199107172380",
    "199610202385",
    "190104132386",
    "200001052380",
    "195711212893",
    "196107293059",
    "199504242398",
    "199710182396",
    "200001022391",
)


@pytest.mark.parametrize("digits", PUBLISHED)
def test_every_published_test_number_is_read_from_twelve_digits(digits: str) -> None:
    assert parse(digits, on=TODAY).reveal() == digits


@pytest.mark.parametrize("digits", [number for number in PUBLISHED if number != "190104132386"])
def test_every_published_test_number_of_a_living_age_is_read_from_ten_digits(digits: str) -> None:
    assert parse(digits[2:], on=TODAY).reveal() == digits
    assert parse(f"{digits[2:8]}-{digits[8:]}", on=TODAY).reveal() == digits


def test_the_published_coordination_number_is_read() -> None:
    number = parse("701063-2391", on=TODAY)
    assert number.reveal() == "197010632391"
    assert number.is_coordination_number
    assert number.born_on == date(1970, 10, 3)


@pytest.mark.parametrize(
    ("digits", "on", "read"),
    [
        # a plus sign means over a hundred: born 1901 and read in 2005
        ("010413+2386", date(2005, 1, 1), "190104132386"),
        # ten digits that would be of a child of four are of somebody of a hundred and four
        ("0104132386", date(2005, 6, 1), "190104132386"),
        # the same digits, twenty-five years on, are of an adult born in 2001
        ("0104132386", TODAY, "200104132386"),
        # a date later this year cannot be this century's
        ("4408139089", date(2044, 8, 12), "194408139089"),
        # spaces at the ends are no fault of anybody
        (" 199006022397 ", TODAY, "199006022397"),
    ],
)
def test_the_century_is_the_likely_one(digits: str, on: date, read: str) -> None:
    assert parse(digits, on=on).reveal() == read


@pytest.mark.parametrize(
    ("digits", "error"),
    [
        ("", WrongLengthError),  # nothing pressed
        ("1", WrongLengthError),  # one key
        ("990602239", WrongLengthError),  # one digit short of ten
        ("19900602239", WrongLengthError),  # eleven digits
        ("1990060223977", WrongLengthError),  # one too many
        ("9" * 100_000, WrongLengthError),  # a key that got stuck
        ("199006022398", WrongCheckDigitError),  # the last digit wrong
        ("199006022937", WrongCheckDigitError),  # two digits swapped
        ("9013022398", NoSuchDateError),  # month 13, check digit right
        ("0000000000", NoSuchDateError),  # zeros fit the check digit
        ("000000000000", NoSuchDateError),  # twelve of them
        ("201002302386", NoSuchDateError),  # 30 February
        ("9006922398", NoSuchDateError),  # day 92, beyond the coordination numbers
        ("9006602396", NoSuchDateError),  # day 60: neither a day nor a coordination number
        ("9006020003", NoSuchDateError),  # serial number 000 is never given
        ("179006022397", NoSuchDateError),  # the eighteenth century
        ("209006022397", BornInFutureError),  # the date has not come
        ("19900602*397", NotDigitsError),  # a star among the digits
        ("#199006022397", NotDigitsError),  # keys of the pad
        ("19900602-23-97", NotDigitsError),  # signs in odd places
        ("１９９００６０２２３９７", NotDigitsError),  # full-width digits
        ("١٩٩٠٠٦٠٢٢٣٩٧", NotDigitsError),  # Arabic digits
        ("199006022397\n", None),  # a line break at the end is a space
        ("1990060\x0022397", NotDigitsError),  # a NUL
        ("' OR 1=1 --", NotDigitsError),  # SQL
        ("${jndi:x}", NotDigitsError),  # templates
        ("TF9006022397", NotDigitsError),  # the letters of a reserve number
    ],
)
def test_what_is_not_a_personnummer_is_refused_with_a_reason(digits: str, error: type[Exception] | None) -> None:
    if error is None:
        assert parse(digits, on=TODAY)
        return
    with pytest.raises(error) as caught:
        parse(digits, on=TODAY)
    assert type(caught.value) is error
    assert not any(char.isdigit() for char in str(caught.value))


@given(st.text(max_size=30) | st.text("0123456789-+ *#", max_size=16))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with suppress(PersonnummerError):
        assert len(parse(text, on=TODAY).reveal()) == 12


# Numbers that could be somebody's are never made up: these tests live in the year 2150, with births after 2030.
FAR = date(2150, 6, 1)


@given(st.dates(date(2030, 1, 1), FAR), st.integers(1, 999), st.booleans())
def test_we_agree_with_the_library_on_every_number_that_could_be(born: date, serial: int, coordination: bool) -> None:
    nine = f"{born:%y%m}{born.day + 60 * coordination:02}{serial:03}"
    check = next(str(digit) for digit in range(10) if fits_luhn(nine + str(digit)))
    twelve = f"{born:%Y}"[:2] + nine + check
    with time_machine.travel(FAR, tick=False):
        assert parse(twelve, on=FAR).reveal() == Oracle(twelve).format(long_format=True)
        assert parse(twelve, on=FAR).born_on == born


@given(st.text("0123456789", min_size=10, max_size=10))
def test_we_refuse_and_take_the_same_ten_digits_as_the_library(ten: str) -> None:
    with time_machine.travel(FAR, tick=False):
        try:
            theirs = Oracle(ten)
        except PersonnummerException:
            theirs = None
    try:
        ours = parse(ten, on=FAR)
    except (BornInFutureError, WrongCheckDigitError, NoSuchDateError):
        ours = None
    if theirs is None or ours is None:
        # 29 February exists in one of two centuries only, so the readings may differ there and nowhere else.
        assert (theirs is None) == (ours is None) or (ten[2:4] == "02" and ten[4:6] in ("29", "89"))
    else:
        assert ours.reveal()[2:] == theirs.format(long_format=True)[2:]


def test_it_never_shows_itself() -> None:
    number = parse("199006022397", on=TODAY)
    for shown in (
        repr(number),
        str(number),
        f"{number}",
        f"{number:>20}",
        f"{number}",
        repr([number]),
        repr({1: number}),
    ):
        assert "9006" not in shown and "2397" not in shown
    assert not hasattr(number, "__dict__")
    with pytest.raises(TypeError):
        json.dumps(number)
    for copied in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            copied(number)


def test_two_readings_of_one_number_are_equal() -> None:
    assert parse("9006022397", on=TODAY) == parse("19900602-2397", on=TODAY)
    assert len({parse("9006022397", on=TODAY), parse("199006022397", on=TODAY)}) == 1
