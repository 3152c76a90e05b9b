"""Steady time and timers as something handed in; the running asyncio loop is one, virtual time another."""

from collections.abc import Callable
from typing import Protocol


class TimerHandle(Protocol):
    """A timer that is set."""

    def cancel(self) -> None:
        """Let it not go off."""
        ...


class Timers(Protocol):
    """A steady clock in seconds, and timers on it. ``asyncio.AbstractEventLoop`` fits as it is."""

    def time(self) -> float:
        """Return the steady time in seconds; only differences mean anything."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object], /) -> TimerHandle:
        """Call ``callback`` once, ``delay`` seconds from now."""
        ...
