"""Which numbers we ring back. A list of what is allowed: Swedish fixed and mobile numbers, and nothing else. Pure.

``phonenumbers`` alone will not do: it counts pay, satellite and machine numbers as valid. The series are those of
the numbering plan of PTS; a number must also have a length that ``phonenumbers`` knows for its area.
"""

import re
from enum import StrEnum

import phonenumbers

from core.phone import PhoneNumber, parse_phone


class Refused(StrEnum):
    """Why a number cannot be rung back, as a word for the wording file."""

    WITHHELD = "withheld"
    NOT_A_NUMBER = "not_a_number"
    FOREIGN = "foreign"
    OUR_OWN = "our_own"
    PAY_OR_SPECIAL = "pay_or_special"


_WITHHELD = frozenset({"", "anonymous", "unknown", "private", "restricted", "unavailable", "withheld"})
_MOBILE = re.compile(r"7[02369][0-9]{7}")
_ANYWHERE = re.compile(r"10[0-9]{7}")
_PAY_OR_SPECIAL = re.compile(r"(?:900|939|944|99|20|71|74|75|77|78)")
_FIXED_KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def number_to_ring(text: str, *, own_numbers: frozenset[str]) -> PhoneNumber | Refused:
    """Return the number that may be rung for what a switch or a caller gave us, or why there is none."""
    if text.strip().lower() in _WITHHELD:
        return Refused.WITHHELD
    number = parse_phone(text)
    if number is None:
        return Refused.NOT_A_NUMBER
    if number.e164 in own_numbers or number.national in own_numbers:
        return Refused.OUR_OWN
    if not number.e164.startswith("+46"):
        return Refused.FOREIGN
    return number if _is_ordinary(number) else Refused.PAY_OR_SPECIAL


def _is_ordinary(number: PhoneNumber) -> bool:
    national = number.e164[3:]
    if national.startswith("0") or _PAY_OR_SPECIAL.match(national):
        return False
    if _MOBILE.fullmatch(national) or _ANYWHERE.fullmatch(national):
        return True
    known = phonenumbers.parse(number.e164)
    return phonenumbers.is_valid_number(known) and phonenumbers.number_type(known) in _FIXED_KINDS
