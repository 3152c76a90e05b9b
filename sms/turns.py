"""Whose turn it is when a citizen writes: the machine's, or a person's who reads it. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from sms.keywords import Keyword


class Stands(StrEnum):
    """How the newest written contact of a number stands. ``LATELY``: it ended a short while ago."""

    NOWHERE = "nowhere"
    WAITING = "waiting"
    AT_HAND = "at_hand"
    LATELY = "lately"


class Turn(StrEnum):
    """What a text means for it. ``OURS``: the machine does what the words say.

    ``BEGIN``: a person is to read it. ``ADD``: whoever reads the thread reads this, too, and nothing is answered.
    ``REMIND``: as well, and the citizen is told once more that somebody will.
    """

    OURS = "ours"
    BEGIN = "begin"
    ADD = "add"
    REMIND = "remind"


class Why(StrEnum):
    """Why somebody is to read it, as the agent is told."""

    ASKED = "human/asked"
    NOT_UNDERSTOOD = "human/not_understood"
    AGAIN = "human/again"


ALWAYS_OURS = frozenset({Keyword.STOP, Keyword.START, Keyword.CALL})
"""What the machine does also while an agent writes with somebody: a command, or a promise that no agent has to make."""

_SAYS_NOTHING = frozenset({Keyword.OTHER, Keyword.TOO_LATE, Keyword.THANKS})
"""What has no word of ours, and is part of a conversation if there is one."""

_WHILE_WAITING: Mapping[Keyword, Turn] = dict.fromkeys(_SAYS_NOTHING, Turn.ADD) | {Keyword.HUMAN: Turn.REMIND}
_LATELY: Mapping[Keyword, Turn] = dict.fromkeys((Keyword.OTHER, Keyword.TOO_LATE, Keyword.HUMAN), Turn.BEGIN)


def turn(keyword: Keyword, stands: Stands, *, second_time: bool) -> Turn:
    """Return whose turn it is. ``second_time``: the text before it was not understood either."""
    match stands:
        case Stands.AT_HAND:
            return Turn.OURS if keyword in ALWAYS_OURS else Turn.ADD
        case Stands.WAITING:
            return _WHILE_WAITING.get(keyword, Turn.OURS)
        case Stands.LATELY:
            return _LATELY.get(keyword, Turn.OURS)
        case Stands.NOWHERE:
            begins = keyword is Keyword.HUMAN or (keyword is Keyword.OTHER and second_time)
            return Turn.BEGIN if begins else Turn.OURS


def why(keyword: Keyword, stands: Stands) -> Why:
    """Return why a text begins a written contact."""
    if keyword is Keyword.HUMAN:
        return Why.ASKED
    return Why.AGAIN if stands is Stands.LATELY else Why.NOT_UNDERSTOOD
