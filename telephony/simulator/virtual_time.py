"""Time that passes only when told to, so that minutes of waiting take no time in a test."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


@dataclass(order=True)
class VirtualTimer:
    """A timer on virtual time."""

    at: float
    order: int
    callback: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Let it not go off."""
        self.cancelled = True


class VirtualTime:
    """Both a ``core.clock.Clock`` and a ``telephony.timers.Timers``; stands still until :meth:`advance`."""

    def __init__(self, start: datetime = _START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._due: list[VirtualTimer] = []
        self._orders = itertools.count()

    def now(self) -> datetime:
        """Return the present virtual instant, in UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def time(self) -> float:
        """Return the virtual seconds that have passed since the start."""
        return self._elapsed

    def call_later(self, delay: float, callback: Callable[[], object]) -> VirtualTimer:
        """Call ``callback`` when ``delay`` virtual seconds have passed."""
        timer = VirtualTimer(self._elapsed + max(0.0, delay), next(self._orders), callback)
        heapq.heappush(self._due, timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass, and whatever falls due in them happen, in order."""
        until = self._elapsed + seconds
        while self._due and self._due[0].at <= until:
            timer = heapq.heappop(self._due)
            self._elapsed = max(self._elapsed, timer.at)
            if not timer.cancelled:
                timer.callback()
        self._elapsed = until
