"""What a citizen means who writes to us: one of a few words, in any case, misspelt, or in a sentence. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

from core.language import Language


class Keyword(StrEnum):
    """What we understood. Those after ``OTHER`` are answers, to a question of ours or to an agent."""

    CALL = "call"
    HUMAN = "human"
    PAYMENT = "payment"
    STATUS = "status"
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    NOTIFY = "notify"
    FORGET = "forget"
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"
    THANKS = "thanks"
    YES_MINE = "yes_mine"
    NOT_MINE = "not_mine"
    ON_PAYMENT = "on_payment"
    ON_DECISION = "on_decision"
    ON_MISSING = "on_missing"
    ON_CALLBACK = "on_callback"
    NOTHING = "nothing"
    POSTCODE = "postcode"
    TIME_1 = "time_1"
    TIME_2 = "time_2"
    TIME_3 = "time_3"
    OTHER_TIMES = "other_times"
    SURE = "sure"
    NOT_SURE = "not_sure"
    OWN_WORDS = "own_words"
    TOO_LATE = "too_late"


LONGEST = 400
"""So many characters are read; a word of ours stands near the beginning."""

_SWEDISH: Mapping[Keyword, tuple[str, ...]] = {
    Keyword.CALL: ("ring", "ringa", "rring", "rng", "rign", "rinng", "uppringning", "uppringd"),
    Keyword.PAYMENT: (
        "utbetalning", "utbetalningen", "utbetalningar", "utbetald", "betalning", "betalningen", "pengar", "pengarna",
        "penga", "utbet",
    ),
    Keyword.HUMAN: ("manniska", "manniskan", "handlaggare", "handlaggaren", "handlaggarna"),
    Keyword.STATUS: ("status", "arende", "arendet", "arenden", "beslut", "beslutet", "ansokan", "handlaggning"),
    Keyword.BOOK: ("boka", "bokning"),
    Keyword.MOVE: ("flytta", "omboka"),
    Keyword.CANCEL: ("avboka", "avbokning"),
    Keyword.NOTIFY: ("meddela", "avisera", "avisering", "meddelanden"),
    Keyword.FORGET: ("glom",),
    Keyword.STOP: ("stopp", "stp", "stoppp", "stoppa", "sluta", "avsluta"),
    Keyword.START: ("start", "starta"),
    Keyword.HELP: ("hjalp", "hjlp", "jhalp", "hjapl", "info", "?"),
}  # fmt: skip
_ENGLISH: Mapping[Keyword, tuple[str, ...]] = {
    Keyword.CALL: ("call", "callback"),
    Keyword.HUMAN: ("human", "agent", "caseworker"),
    Keyword.PAYMENT: ("payment", "payments", "money", "paid", "payout"),
    Keyword.STATUS: ("case", "decision", "application"),
    Keyword.BOOK: ("book", "appointment"),
    Keyword.MOVE: ("move", "reschedule"),
    Keyword.CANCEL: ("cancel",),
    Keyword.NOTIFY: ("notify",),
    Keyword.FORGET: ("forget",),
    Keyword.STOP: ("stop", "unsubscribe"),
    Keyword.START: ("unstop",),
    Keyword.HELP: ("help",),
}
"""Without marks over letters."""

_WORDS = {word: keyword for words in (_SWEDISH, _ENGLISH) for keyword, forms in words.items() for word in forms}
_IN_BOTH = frozenset({"?", "status", "info", "start", "stop"})
_SAYS_ENGLISH = {word for forms in _ENGLISH.values() for word in forms} - _IN_BOTH

LONG_ENOUGH = 6
"""From so many letters on a word of ours is known with one letter wrong, missing, too many or two exchanged."""
_LONG = tuple(word for word in _WORDS if len(word) >= LONG_ENOUGH)

_RANKS: Sequence[frozenset[Keyword]] = (
    frozenset({Keyword.CALL}),
    frozenset({Keyword.HUMAN}),
    frozenset({Keyword.CANCEL, Keyword.MOVE}),
    frozenset({Keyword.BOOK}),
    frozenset({Keyword.PAYMENT, Keyword.STATUS}),
    frozenset({Keyword.NOTIFY}),
    frozenset({Keyword.HELP}),
)
"""In a sentence with several words of ours the first rank counts: whoever wants to talk is not given a date instead."""

_ONLY_FIRST = frozenset({Keyword.STOP, Keyword.START, Keyword.FORGET})
"""Words that change what we may write count where a text begins with them; in the middle they are part of a sentence."""

_SURE_STOP = frozenset({"stopp", "stop", "unsubscribe"})
_NOT_TO_CALL = re.compile(
    r"\b(ring|ringa) (inte|ej|aldrig)\b|\b(inte|ej|aldrig) (ring|ringa|ringer)\b|\b(do not|dont|don t|not) call\b"
)
_TO_A_HUMAN = re.compile(
    r"\b(prata|tala|chatta|skriva) med (en |nagon |ngn )?(riktig )?(person|nagon|ngn|manniska|handlaggare)\b"
    r"|\b(talk|speak|write|chat) (to|with) (a |an )?(real |live )?(person|somebody|someone|human)\b"
)
_THANKS = frozenset({"tack", "tackar", "thanks", "thank", "thx", "ok", "okej", "okay"})
_BESIDE_THANKS = frozenset(
    {
        "sa",
        "mycket",
        "for",
        "hjalpen",
        "svaret",
        "det",
        "da",
        "bra",
        "super",
        "toppen",
        "perfekt",
        "you",
        "very",
        "much",
    }
)
_WORD = re.compile(r"[a-z]+|\?")


def understood(text: str) -> Keyword:
    """Return what a text asks for; bears any text. ``OTHER`` when we cannot tell, which still gets an answer."""
    plain = _plain(text)
    words = _WORD.findall(plain)
    if set(words) != {"?"}:
        words = [word for word in words if word != "?"]  # a question that we do not understand is no cry for help
    found = [keyword for keyword in map(_meaning, words) if keyword is not None]
    if _TO_A_HUMAN.search(plain):
        found.append(Keyword.HUMAN)
    if _NOT_TO_CALL.search(plain):
        return Keyword.HUMAN if Keyword.HUMAN in found else Keyword.OTHER
    first = _meaning(words[0]) if words else None
    if Keyword.STOP in found:
        return _stop(words, found)
    if first in _ONLY_FIRST:
        return first
    return next((one for rank in _RANKS for one in found if one in rank), Keyword.OTHER)


def is_thanks(text: str) -> bool:
    """Tell whether a text is a word of thanks and nothing else: nobody has to answer it."""
    words = _WORD.findall(_plain(text))
    return bool(_THANKS.intersection(words)) and set(words) <= _THANKS | _BESIDE_THANKS


def language_of(text: str) -> Language | None:
    """Return the language that a text is in, by the words of ours in it; ``None`` when they do not tell.

    One Swedish word alone does not: it is what our texts say, in every language, that one may reply.
    """
    every = _WORD.findall(_plain(text))
    words = {word for word in every if word in _WORDS}
    swedish = words - _SAYS_ENGLISH - _IN_BOTH
    if swedish:
        return Language.SWEDISH if len(every) > 1 else None
    return Language.ENGLISH if words & _SAYS_ENGLISH else None


def _stop(words: list[str], found: list[Keyword]) -> Keyword:
    """A text about nothing else, or that begins with STOPP, means it; "stoppa min utbetalning" is for a person to read."""
    is_sure = words[0] in _SURE_STOP
    if Keyword.HUMAN in found and not is_sure:
        return Keyword.HUMAN
    if Keyword.CALL in found:
        return Keyword.OTHER  # "stop calling me" and "call me, stop texting" are for a person to tell apart
    alone = set(found) <= {Keyword.STOP, Keyword.HELP}
    return Keyword.STOP if alone or is_sure else Keyword.OTHER


def _meaning(word: str) -> Keyword | None:
    if word in _WORDS:
        return _WORDS[word]
    if len(word) < LONG_ENOUGH - 1:
        return None
    return next((_WORDS[ours] for ours in _LONG if _is_one_off(word, ours)), None)


def _is_one_off(word: str, ours: str) -> bool:
    """Tell whether one letter is wrong, missing or too many, or two neighbours are exchanged."""
    if abs(len(word) - len(ours)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(word, ours, strict=False)) if a != b), min(len(word), len(ours)))
    rest, other = word[same:], ours[same:]
    return (
        rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
        or (rest[:2] == other[:2][::-1] and rest[2:] == other[2:])
    )  # fmt: skip


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    letters = "".join(
        char for char in apart if not unicodedata.combining(char) and unicodedata.category(char)[0] != "C"
    )
    return re.sub(r"[^a-z?]+", " ", letters)
