"""An ear beside a leg: the switch listens to who has answered (AMD) while the leg is spoken to, and tells what it thinks.

The ear is a channel of Asterisk's own that hears what the far side says. It comes to us, is sent to the dialplan (context
``who-answered`` in extensions.conf), and comes back with what it has found.
"""

from core.ids import LegId
from telephony.model import AnsweredBy

_EAR = ".ear"
_LISTENING, _HEARD = "listening", "heard"
ATTEND = {"context": "who-answered", "extension": "s", "priority": "1"}
_SAID_NOTHING = "INITIALSILENCE"
"""AMD takes whoever says nothing at first for a machine. A person may well wait for us to begin."""


def ear_body(leg: LegId, *, app: str) -> dict[str, object]:
    """Return the request that gives a leg an ear."""
    return {"spy": "in", "app": app, "appArgs": _LISTENING, "snoopId": f"{leg}{_EAR}"}


def is_new_ear(arguments: tuple[str, ...]) -> bool:
    """Tell whether a channel that has come to us is an ear that has not listened yet."""
    return arguments == (_LISTENING,)


def heard_by(ear: LegId, arguments: tuple[str, ...]) -> tuple[LegId, AnsweredBy] | None:
    """Return what an ear that comes back has found, and of which leg; ``None`` for any other channel."""
    match arguments:
        case (found, status, cause) if found == _HEARD and ear.endswith(_EAR):
            return LegId(ear.removesuffix(_EAR)), _who(status, cause)
        case _:
            return None


def _who(status: str, cause: str) -> AnsweredBy:
    if status == "HUMAN":
        return AnsweredBy.HUMAN
    is_machine = status == "MACHINE" and not cause.startswith(_SAID_NOTHING)
    return AnsweredBy.MACHINE if is_machine else AnsweredBy.UNKNOWN
