"""Why a number, or a code, is not one. None of them ever holds the digits."""

from core.errors import KundcenterError, UnavailableError


class PersonnummerError(KundcenterError):
    """This is not a personnummer."""


class WrongLengthError(PersonnummerError):
    """A personnummer has ten or twelve digits."""


class NotDigitsError(PersonnummerError):
    """A personnummer is digits only, with at most one hyphen or plus sign before the last four."""


class NoSuchDateError(PersonnummerError):
    """The first digits are not a date on which anybody can have been born."""


class BornInFutureError(PersonnummerError):
    """The date of birth has not come yet."""


class WrongCheckDigitError(PersonnummerError):
    """The last digit does not fit the others: one of them was probably mistyped."""


class BadCodeError(KundcenterError):
    """A code is six digits, neither all the same nor a simple run."""


class IdentityBusyError(UnavailableError):
    """Too many codes are being checked just now."""


class NumberNotPossibleError(KundcenterError):
    """We cannot answer on this number: it is no Swedish mobile number, or one too many."""
