"""Phone numbers as citizens, agents and logs may see them."""

import re
from dataclasses import dataclass

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_AREAS_OF_THREE = frozenset(
    {
        *("011", "013", "016", "018", "019", "021", "023", "026", "031", "033", "035", "036"),
        *("040", "042", "044", "046", "054", "060", "063", "090"),
    }
)
_SEPARATORS = re.compile(r"[ ()./\u00a0-]")


@dataclass(frozen=True)
class PhoneNumber:
    """A number in international form (ITU-T E.164), such as ``+46701740605``."""

    e164: str

    def __post_init__(self) -> None:
        if not _E164.fullmatch(self.e164):
            raise ValueError("a phone number is a plus sign and 7 to 15 digits")

    @property
    def masked(self) -> str:
        """The number with all but the country and the last two digits hidden, for logs: ``+46*******05``."""
        return self.e164[:3] + "*" * (len(self.e164) - 5) + self.e164[-2:]

    @property
    def national(self) -> str:
        """The digits as dialled within Sweden (``0701740605``), or with ``00`` for other countries."""
        if self.e164.startswith("+46"):
            return "0" + self.e164[3:]
        return "00" + self.e164[1:]

    @property
    def is_swedish_mobile(self) -> bool:
        """Whether the number is in one of the mobile series 070, 072, 073, 076 and 079 (PTS numbering plan)."""
        return re.fullmatch(r"\+467[02369][0-9]{7}", self.e164) is not None

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked})"

    __str__ = __repr__


def parse_phone(text: str | None) -> PhoneNumber | None:
    """Read a number as a person or a switch writes it; ``None`` when it is not one, or is withheld.

    ``070-174 06 05``, ``0046701740605``, ``46701740605`` and ``+46 (0)70 174 06 05`` are the same number.
    """
    if not text or len(text) > 40:
        return None
    digits = _SEPARATORS.sub("", text.strip().replace("+46(0)", "+46").replace("(0)", ""))
    if not re.fullmatch(r"\+?[0-9]+", digits):
        return None
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+46" + digits[1:]
    elif digits.startswith("46"):
        digits = "+" + digits
    return PhoneNumber(digits) if _E164.fullmatch(digits) else None


def grouped(number: PhoneNumber) -> str:
    """Write a number as it is read in Swedish: ``070-174 06 05``, ``031-12 34 56``; 077 as the agency prints them, ``0771-524 524``."""
    national = number.national
    if national.startswith("077") and len(national) == 10:
        return f"{national[:4]}-{national[4:7]} {national[7:]}"
    if number.is_swedish_mobile or (national.startswith("010") and len(national) == 10):
        return f"{national[:3]}-{national[3:6]} {national[6:8]} {national[8:]}"
    area = _area_of(national)
    return f"{area}-{' '.join(_pairs_from_end(national[len(area) :]))}" if area else national


def _area_of(national: str) -> str:
    """Return the area code of a Swedish fixed number (PTS numbering plan); ``""`` for another country's."""
    if national.startswith("00"):
        return ""
    if national.startswith("08"):
        return "08"
    return national[:3] if national[:3] in _AREAS_OF_THREE else national[:4]


def _pairs_from_end(digits: str) -> list[str]:
    head = len(digits) % 2
    first = digits[: 2 + head]
    return [first] + [digits[i : i + 2] for i in range(2 + head, len(digits), 2)]
