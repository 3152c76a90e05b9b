"""How hard a text is to follow: LIX, the Swedish measure, and words that a caller must never hear. Pure."""

import re

LIX_LIMIT = 50
"""Above this a text is hard for many (LIX 50 is the language of official reports)."""

FEWEST_WORDS = 12
"""LIX says nothing about a shorter text."""

_WORD = re.compile(r"[^\W\d_]+")
_LONG = 6
_NAMES = frozenset({"försäkringskassan", "samordningsnummer", "personnummer"})
"""Names of things that have no easier one; they count as words, not as long ones."""

_TURNED_AWAY = re.compile(
    r"(ring|försök|återkom|kom)\w*( \w+)? (igen senare|senare|tillbaka senare|vid ett senare tillfälle)|"
    r"(call|try|come)( us)?( back)?( again)? (later|another time)|all (our )?lines are busy",
    re.IGNORECASE,
)
_WEB = re.compile(
    r"\b(webb\w*|hemsida\w*|mina sidor|internet|appen|www|website|online|my pages|web site|the app)\b|\.se\b",
    re.IGNORECASE,
)


def lix(text: str) -> float:
    """Return the LIX of a text: words per sentence plus the share of words longer than six letters in per cent."""
    words = _WORD.findall(text)
    sentences = max(1, len(re.findall(r"[.!?:]+(?=\s|$)", text)))
    long = [word for word in words if len(word) > _LONG and word.lower() not in _NAMES]
    return len(words) / sentences + 100 * len(long) / len(words) if words else 0.0


def is_hard(text: str) -> bool:
    """Tell whether a text is long enough to measure, and too hard (R14)."""
    plain = re.sub(r"\{[a-z_]+\}", "det", text)
    return len(_WORD.findall(plain)) >= FEWEST_WORDS and lix(plain) > LIX_LIMIT


def turns_away(text: str) -> bool:
    """Tell whether a text asks the caller to come back another time (N5)."""
    return _TURNED_AWAY.search(text) is not None


def sends_to_the_web(text: str) -> bool:
    """Tell whether a text speaks of a website, an app or the like (R22)."""
    return _WEB.search(text) is not None
