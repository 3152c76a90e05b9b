"""How far we have read what the switch tells: what is read late has not happened late.

When this process was held up, a caller's keys lie unread while the time for the next one runs out by our clock. Each
event says when it happened, by the switch's clock. What lies between the two clocks shows in the event that was read
soonest after it happened.
"""

import asyncio
import math

_LATEST_SECONDS = 30.0
"""What seems to have happened longer ago was told by a clock that has been set."""

_DRIFT = 0.05
"""So many seconds a second may the switch's clock seem to fall behind, so that one that was set back is soon believed."""

_A_MOMENT = 0.05


class Reading:
    """What one connection to the switch has read so far."""

    def __init__(self) -> None:
        self._events = 0
        self._apart = math.inf
        self._read_at = 0.0
        self._newest = -math.inf

    def note(self, told_at: float, *, now: float) -> float:
        """Take note of an event that is read now, and return when it happened, by our steady clock.

        ``told_at`` is the switch's clock (seconds since 1970, 0 when it does not tell), ``now`` our steady one.
        """
        self._events += 1
        happened = self._happened(told_at, now) if told_at else now
        self._read_at, self._newest = now, max(self._newest, happened)
        return happened

    def _happened(self, told_at: float, now: float) -> float:
        apart = min(now - told_at, self._apart + _DRIFT * (now - self._read_at))
        if now - told_at - apart > _LATEST_SECONDS:
            apart = now - told_at
        self._apart = apart
        return told_at + apart

    async def reaches(self, moment: float) -> None:
        """Return when nothing that happened before ``moment``, which has passed, is unread any more.

        As long as something comes, and happened before, more of it may follow.
        """
        before = -1
        while self._newest < moment and self._events != before:
            before = self._events
            await asyncio.sleep(_A_MOMENT)
