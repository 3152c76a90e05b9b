"""What is found in a text, and what is known of the person before it is looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What something in a text may be. Where several fit, the first of these is told."""

    PERSONAL_NUMBER = "personal_number"
    PHONE = "phone"
    CONTACT = "contact"
    ADDRESS = "address"
    DATE = "date"
    NAME = "name"
    PLACE = "place"
    NUMBER = "number"
    MAYBE_NAME = "maybe_name"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Finding:
    """Something that may tell who somebody is: from ``start`` until, not including, ``end``; never the words themselves."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of somebody: what must go out wherever and however it is written.

    ``names``: theirs, of relatives, handlers, doctors, employers and schools. ``places``: small ones; ``large_places``
    may stay, for many live there.
    """

    names: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    large_places: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chunk:
    """Letters and digits that stand together: a word, a number, or both."""

    plain: str
    cased: str
    start: int
    end: int

    @property
    def has_capital(self) -> bool:
        """Whether a letter of it is large."""
        return self.plain != self.cased

    @property
    def has_digit(self) -> bool:
        """Whether a digit is in it."""
        return any(char.isdigit() for char in self.plain)
