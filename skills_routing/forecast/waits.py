"""What may be told of waits, and how good it was: for those who speak to callers and for those who look at the whole."""

from datetime import timedelta

from core.clock import Clock
from core.ids import ContactId
from skills_routing.forecast.accuracy_store import Accuracy, read_accuracy
from skills_routing.forecast.foreseen import WaitTold
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.wait_store import forget_before
from storage.database import Database


class Waits:
    """Waits as others may know them."""

    def __init__(self, *, live: LiveWaits, database: Database, clock: Clock) -> None:
        self._live, self._database, self._clock = live, database, clock

    async def of(self, contact: ContactId) -> WaitTold | None:
        """Return the place and what is foreseen of the rest of a wait; ``None`` for a contact that does not wait."""
        return await self._live.of(contact)

    async def accuracy(self, *, last: timedelta, queue: str = "") -> Accuracy:
        """Return how good the forecasts of the last days or hours were, of all queues or of one."""
        now = self._clock.now()
        async with self._database.reading() as tx:
            return await read_accuracy(tx, start=now - last, end=now, queue=queue)

    async def forget(self, *, older_than: timedelta) -> int:
        """Remove what is known of waits that began longer ago, and return of how many."""
        async with self._database.transaction() as tx:
            return await forget_before(tx, self._clock.now() - older_than)
