"""What we need of a switch. Implemented by ``asterisk`` and ``simulator``; both pass ``tests/contract/test_switch.py``."""

from collections.abc import AsyncIterator
from typing import Protocol

from telephony.model import Action, CallEvent


class Performs(Protocol):
    """Whoever can be asked to do something on a line: the switch itself, or another process's way to it."""

    async def perform(self, action: Action) -> None:
        """Start an action, and return when the switch has taken it; what becomes of it comes as events.

        Raises :class:`~telephony.errors.LegGoneError` when the leg has ended (never for ``HangUp``) and
        :class:`~telephony.errors.SwitchUnavailableError` when the switch does not take it within 3 s.
        """
        ...


class Switch(Performs, Protocol):
    """A telephone exchange that we drive."""

    def events(self) -> AsyncIterator[CallEvent]:
        """Connect, adopt what is there, and yield what happens, for as long as it is iterated.

        Reconnects by itself: ``SwitchLost``, later each ``LegAdopted`` and a ``SwitchConnected``. One whose events may be
        lost tells ``LegsCounted`` every few seconds.
        """
        ...

    async def ping(self) -> None:
        """Ask the switch for a sign of life.

        Raises :class:`~telephony.errors.SwitchUnavailableError` when it gives none within 3 s.
        """
        ...
