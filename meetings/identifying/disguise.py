"""Takes the disguise off a text: letters that only look like others, marks that nobody sees, digits of other scripts."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property

_PAIRS = """
аa бb вb гr еe ёe іi їi јj кk мm нh оo рp сc тt уy хx һh ѕs ԁd ԛq ԝw ӏl ʟl ɑa ɡg ıi łl øo đd ðo αa
βb γy εe ιi ηn κk μm νv οo ρp τt υu χx ωw ζz АA ВB ЕE З3 ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ЅS ԌG ԚQ
ԜW ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ØO ĐD ŁL |I
ßss æae ÆAE þth ÞTh œoe ŒOE
"""
_LOOKS_LIKE = {pair[0]: pair[1:] for pair in _PAIRS.split()}
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5")
"""Letters and symbols of which nothing is seen, so that they can stand in the middle of a word."""
_DASHES = frozenset("‐‑‒–—―−﹣－·•‧∙⋅")


@dataclass(frozen=True)
class Undisguised:
    """A text as it is read: ``cased`` and ``plain`` (small letters) have a character for each place in ``places``.

    ``places`` says from where in the text as it was written each character comes. Letters are without their marks: ``å``
    is ``a``, as in names that are written in a hurry.
    """

    cased: str
    places: tuple[int, ...]

    @cached_property
    def plain(self) -> str:
        """The same in small letters."""
        return "".join(char.lower()[:1] for char in self.cased)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the text as written something stands."""
        return self.places[start], self.places[end - 1] + 1


def undisguised(text: str) -> Undisguised:
    """Return a text as somebody reads it, whatever it is made of."""
    found = [(char, place) for place, written in enumerate(text) for char in _read(written)]
    return Undisguised("".join(char for char, _ in found), tuple(place for _, place in found))


def folded(word: str) -> str:
    """Return a word in small letters and without marks: ``Åsa`` and ``asa`` are the same."""
    return undisguised(word).plain


def _read(written: str) -> str:
    if written in "\n\t\r\v\f":
        return "\n" if written == "\n" else " "
    if written in _DASHES:
        return "-"
    return "".join(_one(char) for char in unicodedata.normalize("NFKD", written))


def _one(char: str) -> str:
    kind = unicodedata.category(char)
    if char in _UNSEEN or kind[0] in "CM":
        return ""
    if kind[0] == "Z":
        return " "
    if kind[0] == "N" and (digit := unicodedata.digit(char, None)) is not None:
        return str(digit)
    return "-" if char in _DASHES else _LOOKS_LIKE.get(char, char)
