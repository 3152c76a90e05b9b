"""How a text goes over the air: GSM-7 where it fits, else UCS-2, and in how many segments. Pure.

3GPP TS 23.038 §6.2.1 has the alphabet and its extension; 23.040 §9.2.3.24.1 the header that long texts spend on being
put together again, which leaves 153 of 160 septets or 67 of 70 UTF-16 units a segment.
"""

from dataclasses import dataclass
from enum import StrEnum

ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Each of these costs two septets, and the two are never parted between segments."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        "…": "...", "•": "-", "\u200b": "", "\ufeff": "", "\u00ad": "",
    }
)  # fmt: skip


class Encoding(StrEnum):
    """How the characters of a text are written."""

    GSM_7 = "gsm-7"
    UCS_2 = "ucs-2"


@dataclass(frozen=True)
class Written:
    """A text as it is sent; ``segments`` is what it costs."""

    text: str
    encoding: Encoding
    segments: int


def written(text: str) -> Written:
    """Return a text as it will be sent: curly quotes, long dashes and ellipses are replaced by plain ones."""
    plain = text.translate(_PLAIN)
    if all(char in ALPHABET or char in EXTENSION for char in plain):
        costs = [2 if char in EXTENSION else 1 for char in plain]
        return Written(plain, Encoding.GSM_7, _segments(costs, alone=160, joined=153))
    costs = [2 if ord(char) > 0xFFFF else 1 for char in plain]
    return Written(plain, Encoding.UCS_2, _segments(costs, alone=70, joined=67))


def _segments(costs: list[int], *, alone: int, joined: int) -> int:
    if sum(costs) <= alone:
        return 1
    segments, used = 1, 0
    for cost in costs:
        if used + cost > joined:
            segments, used = segments + 1, 0
        used += cost
    return segments
