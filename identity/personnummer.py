"""Reads a Swedish personnummer or coordination number as keyed or written (SKV M 2010:3). Pure.

The number never shows itself: not in ``repr``, in a log, in JSON, nor in a pickle. Ask for it with ``reveal``.
"""

import re
from datetime import date
from typing import NoReturn

from identity.errors import (
    BornInFutureError,
    NoSuchDateError,
    NotDigitsError,
    WrongCheckDigitError,
    WrongLengthError,
)

CHILD_YEARS = 13
"""A ten-digit number that would be of a child younger than this is read as of somebody a hundred years older."""

OLDEST_YEARS = 130
COORDINATION = 60

_WRITTEN = re.compile(r"([0-9]{6}|[0-9]{8})([-+]?)([0-9]{4})")


class Personnummer:
    """A valid personnummer or coordination number, which keeps itself to itself."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        self._digits = digits

    def reveal(self) -> str:
        """Return the twelve digits. Never to a log, a URL, a Redis key, a metric or a job."""
        return self._digits

    @property
    def is_coordination_number(self) -> bool:
        """Whether it is a coordination number: the day is 61 to 91."""
        return int(self._digits[6:8]) > COORDINATION

    @property
    def born_on(self) -> date:
        """The date of birth that the number tells."""
        return _date(self._digits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personnummer) and other._digits == self._digits

    def __hash__(self) -> int:
        return hash((Personnummer, self._digits))

    def __repr__(self) -> str:
        return "Personnummer(…)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a personnummer is not to be stored or sent as an object")


def parse(digits: str, *, on: date) -> Personnummer:
    """Read ten or twelve digits, as of the day ``on``; spaces at the ends, ``-`` and ``+`` are understood.

    Ten digits do not tell the century. The youngest reading counts, unless it is of a child under 13 years: then it
    is somebody a hundred years older, for children do not ring us with a code and people over 100 do. A plus sign
    says the same for certain. Raises a :class:`~identity.errors.PersonnummerError` that says what is wrong.
    """
    text = digits.strip() if len(digits) <= 20 else digits
    match = _WRITTEN.fullmatch(text)
    if match is None:
        _refuse(text)
    day, sign, last = match.groups()
    if not fits_luhn(day[-6:] + last):
        raise WrongCheckDigitError
    whole = day + last if len(day) == 8 else _with_century(day, sign, on) + day + last
    born = _date(whole)
    if born > on:
        raise BornInFutureError
    if on.year - born.year > OLDEST_YEARS or last[:3] == "000":
        raise NoSuchDateError
    return Personnummer(whole)


def fits_luhn(ten_digits: str) -> bool:
    """Tell whether the check digit fits: mod 10 with the weights 2 and 1 over the ten-digit form."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(ten_digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _with_century(day: str, sign: str, on: date) -> str:
    century = on.year // 100
    if _reading(century, day) > on:
        century -= 1
    age = on.year - _reading(century, day).year
    if sign == "+" or (sign == "" and age < CHILD_YEARS):
        century -= 1
    return str(century)


def _reading(century: int, day: str) -> date:
    """Return the date in this century; 29 February of a year that has none counts as 1 March, only to compare."""
    year, month, of_month = century * 100 + int(day[:2]), int(day[2:4]), int(day[4:6])
    of_month -= COORDINATION * (of_month > COORDINATION)
    if (month, of_month) == (2, 29):
        month, of_month = 3, 1
    try:
        return date(year, month, of_month)
    except ValueError:
        raise NoSuchDateError from None


def _date(twelve: str) -> date:
    day = int(twelve[6:8])
    try:
        return date(int(twelve[:4]), int(twelve[4:6]), day - COORDINATION * (day > COORDINATION))
    except ValueError:
        raise NoSuchDateError from None


def _refuse(text: str) -> NoReturn:
    if not text or (text.isascii() and text.isdigit()):
        raise WrongLengthError
    raise NotDigitsError
