"""Time that runs faster than a clock on the wall, and the same in every process of a proof."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class FastClock:
    """Both a ``core.clock.Clock`` and the seconds since the start of the proof."""

    def __init__(self, start: float, speed: float) -> None:
        self.start, self.speed = start, speed
        self.origin = datetime.fromtimestamp(start, UTC)

    def elapsed(self) -> float:
        """Return the proof's seconds since its start."""
        return (time.time() - self.start) * self.speed

    def now(self) -> datetime:
        return self.origin + timedelta(seconds=self.elapsed())

    def seconds_of(self, at: datetime) -> float:
        """Return an instant as seconds since the start."""
        return (at - self.origin).total_seconds()


class FastTimers:
    """Timers of the simulated exchange."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def time(self) -> float:
        return asyncio.get_running_loop().time() * self._speed

    def call_later(self, delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(delay / self._speed, callback)
