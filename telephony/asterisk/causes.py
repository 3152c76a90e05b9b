"""Why a leg ended: the codes of ITU-T Q.850, and Asterisk's own 0 and 127, beside our words."""

from telephony.model import EndCause

SOUND_STAYED_AWAY = 44
"""The code that Asterisk gives a channel which it ends because no sound comes any more."""

_CAUSES = {
    0: EndCause.NORMAL,  # not told, as when a plain BYE comes
    1: EndCause.UNREACHABLE,  # unallocated number
    2: EndCause.UNREACHABLE,  # no route to network
    3: EndCause.UNREACHABLE,  # no route to destination
    16: EndCause.NORMAL,  # normal clearing
    17: EndCause.BUSY,  # user busy
    18: EndCause.NO_ANSWER,  # no user responding
    19: EndCause.NO_ANSWER,  # user alerting, no answer
    20: EndCause.UNREACHABLE,  # subscriber absent
    21: EndCause.REJECTED,  # call rejected
    22: EndCause.UNREACHABLE,  # number changed
    26: EndCause.NORMAL,  # answered elsewhere
    27: EndCause.UNREACHABLE,  # destination out of order
    28: EndCause.UNREACHABLE,  # invalid number format
    31: EndCause.NORMAL,  # normal, unspecified
    34: EndCause.UNREACHABLE,  # no circuit available
    38: EndCause.FAULT,  # network out of order
    41: EndCause.FAULT,  # temporary failure
    42: EndCause.FAULT,  # switching equipment congestion
    44: EndCause.FAULT,  # requested channel not available
    58: EndCause.FAULT,  # bearer capability not available
    88: EndCause.FAULT,  # incompatible destination
    102: EndCause.FAULT,  # recovery on timer expiry
    127: EndCause.NORMAL,  # interworking: also a caller who hangs up before we answer
}

_CODES = {
    EndCause.NORMAL: 16,
    EndCause.BUSY: 17,
    EndCause.NO_ANSWER: 19,
    EndCause.REJECTED: 21,
    EndCause.UNREACHABLE: 20,
    EndCause.FAULT: 41,
}


def end_cause(code: int) -> EndCause:
    """Return why a leg ended; a code that is not in the table is a fault."""
    return _CAUSES.get(code, EndCause.FAULT)


def reason_code(cause: EndCause) -> str:
    """Return the Q.850 code to hang up with."""
    return str(_CODES[cause])
