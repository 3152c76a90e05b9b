"""A clock that stands until it is moved, and ids that count: for tests that hand time and ids in."""

from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # a Monday, ten o'clock in Sweden


class HandClock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_time(self, **period: float) -> datetime:
        self.at += timedelta(**period)
        return self.at


class CountingIds:
    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"
