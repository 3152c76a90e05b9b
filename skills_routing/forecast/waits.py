"""What may be told of waits, and how good it was: for those who speak to callers and for those who look at the whole."""

from datetime import datetime, timedelta

from core.clock import Clock
from core.ids import ContactId
from skills_routing.forecast import told_store, wait_store
from skills_routing.forecast.accuracy_store import Accuracy, read_accuracy
from skills_routing.forecast.foreseen import WaitTold
from skills_routing.forecast.history_store import Memory, app_queue_says
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.told_store import RangeTold
from skills_routing.forecast.wait_store import seconds_between
from storage.database import Database


class Waits:
    """Waits as others may know them."""

    def __init__(self, *, live: LiveWaits, database: Database, clock: Clock) -> None:
        self._live, self._database, self._clock = live, database, clock

    async def of(self, contact: ContactId) -> WaitTold | None:
        """Return the place and what is foreseen of the rest of a wait; ``None`` for a contact that does not wait."""
        return await self._live.of(contact)

    async def told(self, contact: ContactId, *, low_minutes: int, high_minutes: int, at: datetime) -> None:
        """Record that a caller was told at ``at`` that it will take between so many minutes; twice does no harm."""
        expected = await self._live.expected(contact)
        async with self._database.transaction() as tx:
            needed = await wait_store.line_of(tx, contact)
            said = None if needed is None else await app_queue_says(tx, needed, memory=Memory())
            one = RangeTold(
                contact=contact,
                told_at=at,
                low_minutes=low_minutes,
                high_minutes=high_minutes,
                expected_seconds=None if expected is None else seconds_between(at, expected),
                app_queue_seconds=said,
            )
            await told_store.told(tx, one)

    async def accuracy(self, *, last: timedelta, queue: str = "") -> Accuracy:
        """Return how good the forecasts of the last days or hours were, of all queues or of one."""
        now = self._clock.now()
        async with self._database.reading() as tx:
            return await read_accuracy(tx, start=now - last, end=now, queue=queue)

    async def forget(self, *, older_than: timedelta) -> int:
        """Remove what is known of waits that began longer ago, and return of how many."""
        async with self._database.transaction() as tx:
            before = self._clock.now() - older_than
            await told_store.forget_before(tx, before)
            return await wait_store.forget_before(tx, before)
