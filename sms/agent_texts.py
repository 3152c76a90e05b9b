"""What an agent may write to a citizen by text, and what not: the rules for what we write hold for everybody. Pure."""

import re
from enum import StrEnum

from sms.gsm import Encoding, Written, written

MOST_SEGMENTS = 3
_LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(se|com|nu|org|net|eu|info|io)\b", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9][0-9 +()./-]{4,}[0-9]")
_MOST_DIGITS = 6
"""A time, a date or an amount has fewer digits in a row; a personnummer and a telephone number have more."""


class Fault(StrEnum):
    """Why a text is not sent as it is."""

    EMPTY = "empty"
    LINK = "link"
    NUMBER = "number"
    CHARACTER = "character"
    TOO_LONG = "too_long"


def fault_in(text: str, *, own_number: str) -> Fault | None:
    """Return why this text may not be sent; ``own_number`` is ours as it is read, the only one that may be in it."""
    if not text.strip():
        return Fault.EMPTY
    if _LINK.search(text):
        return Fault.LINK
    rest = text.replace(own_number, "")
    if any(sum(char.isdigit() for char in found) > _MOST_DIGITS for found in _DIGITS.findall(rest)):
        return Fault.NUMBER
    as_sent: Written = written(text)
    if as_sent.encoding is not Encoding.GSM_7:
        return Fault.CHARACTER
    return Fault.TOO_LONG if as_sent.segments > MOST_SEGMENTS else None
