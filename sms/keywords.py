"""What a citizen means who writes to us: one of a few words, in any case, misspelt, or in a sentence. Pure."""

import re
import unicodedata
from enum import StrEnum


class Keyword(StrEnum):
    """What we understood."""

    CALL = "call"
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


LONGEST = 400
"""So many characters are read; a word of ours stands near the beginning."""

_WORDS = {
    **dict.fromkeys(
        ("ring", "ringa", "rring", "rng", "rign", "rinng", "uppringning", "call", "callback"), Keyword.CALL
    ),
    **dict.fromkeys(("stopp", "stop", "stoppa", "sluta", "avsluta", "unsubscribe"), Keyword.STOP),
    **dict.fromkeys(("start", "starta", "unstop"), Keyword.START),
    **dict.fromkeys(("hjalp", "help", "info", "?"), Keyword.HELP),
}
"""Without marks over letters. The first of these that a text holds counts; a text that is only STOPP counts before all."""

_NOT_TO_CALL = re.compile(
    r"\b(ring|ringa) (inte|ej|aldrig)\b|\b(inte|ej|aldrig) (ring|ringa|ringer)\b|\b(do not|dont|don t|not) call\b"
)
_WORD = re.compile(r"[a-z]+|\?")


def understood(text: str) -> Keyword:
    """Return what a text asks for; bears any text. ``OTHER`` when we cannot tell, which still gets an answer."""
    plain = _plain(text[:LONGEST])
    if _NOT_TO_CALL.search(plain):
        return Keyword.OTHER
    found = [_WORDS[word] for word in _WORD.findall(plain) if word in _WORDS]
    if Keyword.STOP in found and Keyword.CALL in found:
        return Keyword.OTHER  # "stop calling me" and "call me, stop texting" are for a person to tell apart
    return found[0] if found else Keyword.OTHER


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        char for char in apart if not unicodedata.combining(char) and unicodedata.category(char)[0] != "C"
    )
    return re.sub(r"[^a-z?]+", " ", letters)
