"""Tells other systems what has happened: at least once, in no promised order, again while they do not take it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from core.clock import Clock
from storage.database import Database, Transaction
from webhooks import store
from webhooks.errors import DeliveryNotFoundError, DeliveryUnderWayError, SwitchedOffError
from webhooks.model import GONE, Answer, Delivery, Happening, Reason, State, Subscription, after, asked_until, wanting
from webhooks.ports import Post
from webhooks.signing import headers_of
from webhooks.store import Count

AT_ONCE = 20
"""So many are told to one system at the same time, by each process."""

HOLD = timedelta(seconds=30)
"""So long nobody else tries what one process has taken: much longer than an attempt takes."""

KEPT = timedelta(days=30)
"""How long what is over stays in the log, and can be told again."""

MOST_AT_A_TIME = 1_000

log = structlog.get_logger()

_CameOf = tuple[Delivery, Delivery]


class Webhooks:
    """Who is told what, and what became of it. ``chance`` returns a number from 0 to below 1."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        chance: Callable[[], float],
        post: Post,
        subscriptions: Sequence[Subscription] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._chance = chance
        self._post = post
        self.subscriptions: Mapping[str, Subscription] = {one.system: one for one in subscriptions}
        self._paused_until: dict[str, datetime] = {}
        """Who has asked this process for a pause. Others learn it by an answer of their own."""

    @property
    def systems(self) -> tuple[str, ...]:
        """Who is told anything at all."""
        return tuple(self.subscriptions)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._post.close()

    async def tell(self, happening: Happening) -> None:
        """Have everybody told who is to be told of this, once each however often it is called for one fact.

        Whoever has said that they are gone has it in their log, from which it can be told again.
        """
        concerned = wanting(tuple(self.subscriptions.values()), happening)
        if not concerned:
            return
        now = self._clock.now()
        async with self._database.transaction() as tx:
            for one in concerned:
                new = Delivery(
                    delivery=happening.name_for(one.system), system=one.system, type=happening.type, body=happening.body,
                    state=State.WAITING, created_at=now, next_at=now,
                )  # fmt: skip
                if await store.is_off(tx, one):
                    new = replace(new, state=State.FAILED, reason=Reason.SWITCHED_OFF, next_at=None, ended_at=now)
                await store.add(tx, new)

    async def deliver_due(self, system: str) -> int:
        """Tell one system what is due, and return how many attempts that took.

        Whoever has asked for a pause (``Retry-After``) is told nothing at all until it is over. No transaction is open meanwhile. It ends when nothing is due, or when a whole round was not taken: whoever is away
        is not asked about each of thousands.
        """
        subscription, tried = self.subscriptions[system], 0
        while True:
            claimed = await self._claim(system)
            came_of = await asyncio.gather(*(self._attempt(one, subscription) for one in claimed))
            await self._write(came_of, subscription)
            tried += len(claimed)
            if len(claimed) < AT_ONCE or not any(then.state is State.DELIVERED for _, then in came_of):
                return tried

    async def get(self, delivery: str, *, system: str = "") -> Delivery:
        """Return a delivery, of this system if one is named; raises :class:`DeliveryNotFoundError`."""
        async with self._database.reading() as tx:
            return _theirs(await store.find(tx, delivery), delivery, system)

    async def listed(
        self, *, system: str = "", state: State | None = None, before: str = "", limit: int = 50
    ) -> list[Delivery]:
        """Return deliveries, the newest first; ``before`` is the last of the page before. Raises as :meth:`get`."""
        async with self._database.reading() as tx:
            last = _theirs(await store.find(tx, before), before, system) if before else None
            return await store.listed(tx, system=system, state=state, before=last, limit=limit)

    async def replay(self, delivery: str, *, system: str = "") -> Delivery:
        """Have a delivery tried anew, under its name; raises as :meth:`get`, and ``ConflictError``."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            found = _theirs(await store.find(tx, delivery, to_change=True), delivery, system)
            if found.claimed_until is not None and found.claimed_until > now:
                raise DeliveryUnderWayError
            if found.system in await self._off(tx):
                raise SwitchedOffError(found.system)
            await store.again(tx, [delivery], now=now)
            return _theirs(await store.find(tx, delivery), delivery, system)

    async def replay_failed(self, since: datetime, *, system: str = "") -> int:
        """Have all that has failed and happened since an instant tried anew, a thousand at most; return how many.

        Whoever has said that they are gone is left out.
        """
        async with self._database.transaction() as tx:
            off = await self._off(tx)
            names = await store.failed_since(tx, since, system=system, but_not=off, most=MOST_AT_A_TIME)
            await store.again(tx, names, now=self._clock.now())
        return len(names)

    async def switch_on(self, system: str) -> bool:
        """Tell a system again that had said it was gone; ``False`` when it had not. What it missed is to be replayed."""
        async with self._database.transaction() as tx:
            return await store.switch_on(tx, system)

    async def counted(self, *, since: datetime) -> Mapping[str, Count]:
        """Count, for each system that is subscribed, what is over since an instant and all that waits."""
        async with self._database.reading() as tx:
            found = await store.counted(tx, since=since)
        return {system: found.get(system, Count()) for system in self.subscriptions}

    async def off(self) -> list[str]:
        """Return the systems that are told nothing, for they have said that they are gone."""
        async with self._database.reading() as tx:
            return await self._off(tx)

    async def forget(self) -> int:
        """Delete what has long been over, give up what waits for nobody, and return how many were deleted."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await store.give_up_unsubscribed(tx, list(self.subscriptions), now=now)
            return await store.forget(tx, before=now - KEPT)

    async def _off(self, tx: Transaction) -> list[str]:
        return [name for name, one in self.subscriptions.items() if await store.is_off(tx, one)]

    async def _claim(self, system: str) -> Sequence[Delivery]:
        now = self._clock.now()
        if now < self._paused_until.get(system, now):
            return []
        async with self._database.reading(
            short=True
        ) as tx:  # mostly nothing is due, and then nobody waits for a writer
            if not await store.is_due(tx, system, now=now) or await store.is_off(tx, self.subscriptions[system]):
                return []
        async with self._database.transaction() as tx:
            return await store.claim(tx, system, now=now, until=now + HOLD, most=AT_ONCE)

    async def _attempt(self, claimed: Delivery, subscription: Subscription) -> _CameOf:
        headers = headers_of(claimed, subscription, at=self._clock.now())
        answer = await self._post(subscription.url, headers=headers, body=claimed.body)
        now = self._clock.now()
        then = after(claimed, answer, now=now, chance=self._chance())
        if (until := asked_until(answer, now=now)) is not None:
            self._paused_until[subscription.system] = until
        _say(then, answer)
        return claimed, then

    async def _write(self, came_of: Sequence[_CameOf], subscription: Subscription) -> None:
        if not came_of:
            return
        is_gone, now = any(then.status == GONE for _, then in came_of), self._clock.now()
        async with self._database.transaction() as tx:
            if is_gone:
                await store.switch_off(tx, subscription, now=now)
            await store.write(tx, came_of)
            if is_gone:
                await store.give_up(tx, subscription.system, now=now)
        if is_gone:
            log.error("webhooks.switched_off", system=subscription.system, host=subscription.host)


def _theirs(found: Delivery | None, name: str, system: str) -> Delivery:
    """Return what was found, unless it is somebody else's: that is as if there were none."""
    if found is None or system not in ("", found.system):
        raise DeliveryNotFoundError(name)
    return found


def _say(then: Delivery, answer: Answer) -> None:
    about = {"delivery": then.delivery, "system": then.system, "type": then.type, "attempts": then.attempts}
    if then.state is State.DELIVERED:
        log.info("webhooks.delivered", **about)
    elif then.state is State.FAILED:
        log.error("webhooks.failed", **about, status=answer.status)
    else:
        log.warning("webhooks.not_taken", **about, status=answer.status)
