"""What is forgotten of meetings, and when: all of it, after the days of ``kept_days`` in ``config/meetings.yaml``."""

from datetime import timedelta

from meetings import forgetting_store
from meetings.changing import Changing

AT_ONCE = 500
OFFERS_KEPT = timedelta(days=7)
"""What a text has offered is of no use after an hour."""


class Forgetting:
    """Deletes what is old, a part at a time, so that nobody who books waits for it."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings

    async def forget(self) -> int:
        """Delete what is old, and return how many rows that were meetings, tasks, questions or offers. For the sweeper."""
        now, database = self._meetings.clock.now(), self._meetings.database
        before = now - self._meetings.policy.kept
        async with database.transaction() as tx:
            gone = await forgetting_store.forget_others(tx, before=before, offers_before=now - OFFERS_KEPT)
        while True:
            async with database.transaction() as tx:
                some = await forgetting_store.forget_meetings(tx, before=before, most=AT_ONCE)
            gone += some
            if some < AT_ONCE:
                return gone
