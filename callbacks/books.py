"""What is shown and counted: promises for desks and the API, those to follow up, and how they were kept."""

from collections.abc import Sequence
from datetime import datetime

from callbacks import attempt_store, counting, counting_store, store
from callbacks.caps import Used
from callbacks.model import Attempt, Callback, CallbackState
from callbacks.part import Part
from core.ids import AgentId, CallbackId
from storage.database import Transaction

NOTE_LENGTH = 2_000


class Books(Part):
    """How promises are read."""

    async def waiting(self, tx: Transaction) -> Sequence[Callback]:
        """Return the promises that nobody has taken, by rank; some are not to be tried before ``not_before``."""
        return await store.in_state(tx, CallbackState.WAITING, CallbackState.IN_LINE)

    async def listed(
        self,
        tx: Transaction,
        *,
        states: Sequence[CallbackState] = (),
        queue: str = "",
        agent: AgentId | None = None,
        limit: int = 100,
        after: CallbackId | None = None,
    ) -> Sequence[Callback]:
        """Return promises by rank: in these states (all when none are named), of a queue, of an agent's own.

        The next page begins ``after`` the last one of this page. Raises :class:`CallbackNotFoundError` for that.
        """
        beyond = await self._find(tx, after) if after else None
        return await counting_store.listed(
            tx, states=states, queue=queue, agent=agent, limit=min(limit, 1_000), beyond=beyond
        )

    async def attempts_of(self, tx: Transaction, callback: CallbackId) -> Sequence[Attempt]:
        """Return the attempts of a promise, in order."""
        return await attempt_store.of(tx, callback)

    async def follow_ups(self, tx: Transaction) -> Sequence[Callback]:
        """Return the promises that were given up and that nobody has worked through, the oldest first."""
        return await counting_store.to_follow_up(tx)

    async def followed_up(self, callback: CallbackId, agent: AgentId, note: str = "") -> bool:
        """Note that an agent has worked through a promise that was given up (a letter, say); ``False`` when it was before."""
        now = self._clock.now()
        async with self.database.transaction() as tx:
            await self._find(tx, callback)
            return await counting_store.follow_up(tx, callback, agent=agent, note=note[:NOTE_LENGTH], now=now)

    async def counted(self, tx: Transaction, *, start: datetime, end: datetime) -> counting.Count:
        """Count what was promised in a half-open period, and what became of it."""
        return counting.count(await counting_store.promised_between(tx, start, end))

    async def caps_used(self, tx: Transaction) -> Used:
        """Return how near the caps against fraud are: counts, never whose they are."""
        return await counting_store.used(tx, self._policy.caps, now=self._clock.now())
