"""Time as something that is handed in. Think of the system clock as a network call."""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
"""For opening hours, wording and screens only; everything stored or compared is aware UTC."""


class Clock(Protocol):
    """Tells the time. Only ``app/system.py`` knows the real one."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...
