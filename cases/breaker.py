"""Stops asking a system that does not answer, so that callers do not wait for it one after the other. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Breaker:
    """Opens after ``most_failures`` in a row; after ``rest`` lets one question through, whose answer decides."""

    most_failures: int = 5
    rest: timedelta = timedelta(seconds=15)
    failures: int = 0
    opened_at: datetime | None = None
    _probing_since: datetime | None = None

    def may_ask(self, *, now: datetime) -> bool:
        """Tell whether a question may be asked now; when half-open only to the first who asks."""
        if self.opened_at is None:
            return True
        since = self._probing_since or self.opened_at
        # A clock that was set back must not keep the breaker open.
        if since <= now < since + self.rest:
            return False
        self._probing_since = now
        return True

    def answered(self) -> None:
        """Note that the system answered: all is well again."""
        self.failures, self.opened_at, self._probing_since = 0, None, None

    def failed(self, *, now: datetime) -> None:
        """Note that the system did not answer."""
        self.failures += 1
        if self.failures >= self.most_failures:
            self.opened_at, self._probing_since = now, None
