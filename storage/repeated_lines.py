"""Keeps an outage from filling the log: a line that repeats is written once, and then at doubling intervals."""

import logging
import time
from dataclasses import dataclass

_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 600.0
_QUIET_SECONDS = 10.0
"""Who has said nothing for so long begins anew: it is another outage."""


@dataclass
class _Said:
    last_asked_at: float
    due_at: float
    pause: float


class Repeated:
    """Tells which of the lines that come again and again are to be written. ``kind`` is what makes two the same."""

    def __init__(self) -> None:
        self._said: dict[str, _Said] = {}

    def is_due(self, kind: str, *, at: float) -> bool:
        """Tell whether this line is to be written; ``at`` is in seconds on any clock that does not jump."""
        said = self._said.get(kind)
        if said is None or at - said.last_asked_at > _QUIET_SECONDS:
            self._said[kind] = _Said(at, at + _FIRST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS)
            return True
        said.last_asked_at = at
        if at < said.due_at:
            return False
        said.pause = min(said.pause * 2, _LONGEST_PAUSE_SECONDS)
        said.due_at = at + said.pause
        return True


class SeldomTheSame(logging.Filter):
    """Drops what a library's logger repeats: two lines are the same when their message, before its values, is."""

    def __init__(self) -> None:
        super().__init__()
        self._repeated = Repeated()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to write this line."""
        return self._repeated.is_due(f"{record.name} {record.levelno} {record.msg}", at=time.monotonic())
