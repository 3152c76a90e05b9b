"""Which numbers we ring back. A list of what is allowed: ordinary fixed and mobile numbers of the configured countries. Pure.

``phonenumbers`` alone will not do: it counts pay, satellite and machine numbers as valid. The Swedish series are those
of the numbering plan of PTS; a number must also have a length that ``phonenumbers`` knows for its area.
"""

import re
from enum import StrEnum

import phonenumbers

from core.phone import PhoneNumber, parse_phone


class Refused(StrEnum):
    """Why a number cannot be rung back, as a word for the wording file."""

    WITHHELD = "withheld"
    NOT_A_NUMBER = "not_a_number"
    EMERGENCY = "emergency"
    SHORT = "short"
    FOREIGN = "foreign"
    OUR_OWN = "our_own"
    PAY_OR_SPECIAL = "pay_or_special"


SWEDEN = frozenset({"46"})
_WITHHELD = frozenset({"", "anonymous", "unknown", "private", "restricted", "unavailable", "withheld"})
_SEPARATORS = re.compile(r"[ ()./\u00a0-]")
_OF_SWEDEN = re.compile(r"^(\+46|0046)")
_EMERGENCY = frozenset({"112", "911", "999", "90000"})
_SHORT = re.compile(r"[1-9][0-9]{2,5}")
"""No number of a subscriber in Sweden has so few digits after the nought."""

_MOBILE = re.compile(r"7[02369][0-9]{7}")
_ANYWHERE = re.compile(r"10[0-9]{7}")
_PAY_OR_SPECIAL = re.compile(r"(?:900|939|944|99|20|71|74|75|77|78)")
_FIXED_KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
_KINDS_ABROAD = (*_FIXED_KINDS, phonenumbers.PhoneNumberType.MOBILE)


def number_to_ring(
    text: str, *, own_numbers: frozenset[str], countries: frozenset[str] = SWEDEN
) -> PhoneNumber | Refused:
    """Return the number that may be rung for what a switch or a caller gave us, or why there is none."""
    if text.strip().lower() in _WITHHELD:
        return Refused.WITHHELD
    if (few := _too_few_digits(text)) is not None:
        return few
    number = parse_phone(text)
    if number is None:
        return Refused.NOT_A_NUMBER
    if number.e164 in own_numbers or number.national in own_numbers:
        return Refused.OUR_OWN
    if number.e164.startswith("+46"):
        return _swedish(number) if "46" in countries else Refused.FOREIGN
    return _abroad(number, countries)


def is_country(code: str) -> bool:
    """Tell whether a calling code is a country's: satellites and world-wide pay numbers have codes, too."""
    return phonenumbers.region_code_for_country_code(int(code)) not in ("001", "ZZ")


def _too_few_digits(text: str) -> Refused | None:
    if len(text) > 40:
        return None
    digits = _OF_SWEDEN.sub("", _SEPARATORS.sub("", text.strip()))
    if digits in _EMERGENCY:
        return Refused.EMERGENCY
    return Refused.SHORT if _SHORT.fullmatch(digits) else None


def _abroad(number: PhoneNumber, countries: frozenset[str]) -> PhoneNumber | Refused:
    try:
        known = phonenumbers.parse(number.e164)
    except phonenumbers.NumberParseException:
        return Refused.FOREIGN
    if str(known.country_code) not in countries or not is_country(str(known.country_code)):
        return Refused.FOREIGN
    ordinary = phonenumbers.is_valid_number(known) and phonenumbers.number_type(known) in _KINDS_ABROAD
    return number if ordinary else Refused.PAY_OR_SPECIAL


def _swedish(number: PhoneNumber) -> PhoneNumber | Refused:
    """Return an ordinary number, or why it is none: one with too few or too many digits is no pay number."""
    national = number.e164[3:]
    if _PAY_OR_SPECIAL.match(national):
        return Refused.PAY_OR_SPECIAL
    if _MOBILE.fullmatch(national) or _ANYWHERE.fullmatch(national):
        return number
    if national.startswith(("0", "7", "10")) or not phonenumbers.is_valid_number(phonenumbers.parse(number.e164)):
        return Refused.NOT_A_NUMBER
    kind = phonenumbers.number_type(phonenumbers.parse(number.e164))
    return number if kind in _FIXED_KINDS else Refused.PAY_OR_SPECIAL
