"""What is known of somebody, in every form in which it is recognised: with an ending, a letter wrong, backwards, in digits."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from meetings.identifying.disguise import folded
from meetings.identifying.model import Kind, Known
from meetings.identifying.plain_words import EVERYDAY, EVERYDAY_AS_WELL, HARMLESS, NAMES, TOWNS

_LETTERS_FOR = tuple(str.maketrans("0134578", f"o{one}eastb") for one in "il")
_OF_PLACES = frozenset(["forsakringskassan", "servicekontoret", "kommun", "hos", "kontoret", "lan", "stad", "och"])
_SHORT = 4
"""A known word of fewer letters is looked for with a capital letter or beside another name only."""
_LONG = 5
"""From so many letters on a word is recognised with one letter wrong, and inside of longer ones."""


@dataclass(frozen=True)
class Index:
    """The words to look for, and the forms in which each is found."""

    kinds: dict[str, Kind]
    needs_capital: frozenset[str]
    long: tuple[str, ...]
    deletes: dict[str, str]
    anagrams: dict[str, str]
    initials: frozenset[str]
    allowed: frozenset[str]

    def known(self, word: str) -> str:
        """Return the known word that a word of a text is, in whatever form; nothing when it is none."""
        for form in _forms(word):
            found = form if form in self.kinds else self._nearly(form)
            if found:
                return found
        return next((one for one in self.long if one in word), "")

    def exactly(self, joined: str) -> str:
        """Return the known word that some parts of a word make when put together; nothing when none."""
        for form in _forms(joined):
            if form in self.kinds and len(form) >= _SHORT or form in NAMES and len(form) > _LONG:
                return form
        return ""

    def _nearly(self, form: str) -> str:
        if len(form) == _SHORT:
            return self.anagrams.get("".join(sorted(form)), "")
        if len(form) < _LONG - 1:
            return ""
        found = next((self.deletes[one] for one in (form, *_without_one(form)) if one in self.deletes), "")
        return found if form not in EVERYDAY else ""


@lru_cache(maxsize=64)
def index_of(known: Known) -> Index:
    """Return what to look for."""
    allowed = frozenset(part for one in known.large_places for part in parts(one))
    kinds = {part: Kind.PLACE for part in _worth(known.places) if part not in allowed}
    kinds |= dict.fromkeys(_worth(known.names), Kind.NAME)
    kinds |= {word[::-1]: kind for word, kind in kinds.items() if len(word) >= _SHORT and word[::-1] not in EVERYDAY}
    long = tuple(word for word in kinds if len(word) >= _LONG and word not in EVERYDAY)
    ambiguous = EVERYDAY | EVERYDAY_AS_WELL
    return Index(
        kinds=kinds,
        needs_capital=frozenset(word for word in kinds if len(word) < _SHORT or word in ambiguous),
        long=long,
        deletes={form: word for word in long for form in (word, *_without_one(word))},
        anagrams={"".join(sorted(word)): word for word in kinds if len(word) == _SHORT and word not in ambiguous},
        initials=frozenset(_initials(known.names)),
        allowed=allowed,
    )


def parts(name: str) -> list[str]:
    """Return the words of a name in small letters and without marks."""
    return re.findall(r"[a-z0-9]+", folded(name))


def is_a_name_of_many(word: str, *, has_capital: bool) -> bool:
    """Tell whether a word is a name that many have."""
    form = next((form for form in _forms(word) if form in NAMES), "")
    is_of_a_father = word.removesuffix("s").endswith(("sson", "sdotter")) and len(word) > 6
    return is_of_a_father or (bool(form) and (has_capital or form not in EVERYDAY_AS_WELL) and word not in EVERYDAY)


def is_a_town(word: str, *, allowed: frozenset[str]) -> bool:
    """Tell whether a word is a municipality in which not so many live that it may stay."""
    return any(one in TOWNS and one not in allowed for one in (word, word.removesuffix("s")))


def _worth(names: Iterable[str]) -> Iterator[str]:
    """Yield the words of names that say something; the whole name in one, too, for it may be written so."""
    for name in names:
        words = parts(name)
        is_one = len(words) == 1
        yield from (one for one in words if len(one) > 1 and (is_one or one not in HARMLESS | EVERYDAY | _OF_PLACES))
        if len(words) > 1:
            yield "".join(words)


def _initials(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        words = parts(name)
        if len(words) > 1:
            yield "".join(one[0] for one in words)
            yield words[0][0] + words[-1][0]


def _forms(word: str) -> Iterator[str]:
    for read in dict.fromkeys((word, *(word.translate(letters) for letters in _LETTERS_FOR))):
        yield read
        if read.endswith("s") and len(read) > 2:
            yield read[:-1]
        squeezed = re.sub(r"(.)\1+", r"\1\1", read)
        if squeezed != read:
            yield squeezed
        yield from (one for one in [re.sub(r"(.)\1+", r"\1", read)] if one not in {read, squeezed})


def _without_one(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))
