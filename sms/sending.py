"""Sends what is meant to be sent: the attempt's row, then the provider, then the result (I-17).

An attempt whose end nobody wrote (we were killed, the reply was lost) is looked up at the provider that was asked before
the text is sent again, by whichever. What cannot be looked up stays as it is until it can be, and after a day it is
``unclear``, and not sent. Many are sent at once, so that a slow answer keeps no other text waiting; what came of them is
written together, in as few transactions as they come in.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from core.errors import UnavailableError
from core.phone import PhoneNumber
from sms import counting_store, store
from sms.dialogue import Question
from sms.model import Attempt, AttemptState, Message, Purpose, Refused, State
from sms.ports import NotTakenError, RefusedByProviderError, ToSend, UnclearError
from sms.results import Result, Results, ended, provider_of
from sms.shares import Health, shares, wellness
from storage.database import Transaction

log = structlog.get_logger()

StillWanted = Callable[[Message], Awaitable[bool]]
"""Tells, just before a text is sent for the first time, whether it still is of use to whom it goes."""

AT_ONCE = 64
"""So many are asked of providers at once."""

A_ROUND = 500
"""So many are taken up at a time; whoever comes meanwhile is in the next round."""

SHARES_LAST = timedelta(seconds=1)


async def always_wanted(_message: Message) -> bool:
    """Return that every text still is of use."""
    return True


class Sending(Results):
    """How texts go out."""

    still_wanted: StillWanted = staticmethod(always_wanted)
    _shares_at: datetime | None = None
    _health: Mapping[str, Health] = {}

    async def send_due(self, *, most: int = A_ROUND) -> int:
        """Send, or look up, the texts that are due, and return how many; another process may be at it too."""
        done = 0
        while True:
            async with self.database.reading() as tx:
                waiting = await store.due(tx, now=self._clock.now(), limit=most)
            handled = await self._go_through(waiting)
            done += handled
            if handled == 0:  # what one provider has not taken is due at once, for the next
                return done

    async def send(self, message: str) -> None:
        """Send one text if it is due, or look up what became of an attempt; asked again, it does nothing more."""
        async with self.database.reading() as tx:
            row = await self.get(tx, message)
        await self._go_through([row])

    async def listed(self, tx: Transaction, *, number: PhoneNumber | None = None, limit: int = 50) -> Sequence[Message]:
        """Return the newest texts first: to one number, or to all."""
        return await store.listed(tx, number=number, limit=limit)

    async def health(self) -> Mapping[str, Health]:
        """Return how each provider has done lately, and which part of the texts it gets for it; the parts add up to 1."""
        now = self._clock.now()
        if self._shares_at is None or not timedelta(0) <= now - self._shares_at < SHARES_LAST:
            async with self.database.reading() as tx:
                seen = {name: await counting_store.seen(tx, name, now=now) for name in self._routes.meant}
            parts = shares(self._routes.meant, seen)
            self._shares_at = now
            self._health = {name: Health(share=parts[name], wellness=wellness(seen[name])) for name in parts}
        return self._health

    async def shares(self) -> Mapping[str, float]:
        """Return which part of the texts each provider gets just now."""
        return {name: health.share for name, health in (await self.health()).items()}

    async def _go_through(self, rows: Iterable[Message]) -> int:
        """Send or look up these texts if they are due, some at once, and return of how many something came."""
        waiting, under_way, handled = deque(rows), set[asyncio.Task[Result | None]](), 0
        results: list[Result] = []
        try:
            while waiting or under_way or results:
                room = AT_ONCE - len(under_way)
                if not waiting or (room < AT_ONCE // 2 and under_way):  # too few to be worth a transaction
                    some: list[Message] = []
                else:
                    some = [waiting.popleft() for _ in range(min(room, len(waiting)))]
                begun, over = await self._turn(results, some)
                under_way |= begun
                handled += len(begun) + over
                done, under_way = await _first_of(under_way)
                results = [result for task in done if (result := task.result()) is not None]
        finally:
            for task in under_way:  # what they asked is looked up later
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        return handled

    async def _turn(
        self, results: Sequence[Result], rows: Sequence[Message]
    ) -> tuple[set[asyncio.Task[Result | None]], int]:
        """Write what came of some, take up others, and return what is being asked, and how many are of no use any more.

        What its provider has no room for just now is left out, and stays due.
        """
        due = [row for row in rows if _is_due(row, self._clock.now())]
        stale = [row for row in due if row.state is State.SENDING]
        fresh = [(row, await self.still_wanted(row)) for row in due if row.state is State.WAITING]
        begun: list[tuple[Message, Attempt]] = []
        over = 0
        if fresh:
            await self.shares()  # before the transaction: it reads in one of its own
        if fresh or results:
            async with self.database.transaction(short=True) as tx:
                await self._write_in(tx, results)
                begun, over = await self._begin(tx, fresh)
        asking = {asyncio.create_task(self._ask(row, attempt)) for row, attempt in begun}
        return asking | {asyncio.create_task(self._settle(row.message)) for row in stale}, over

    async def _begin(
        self, tx: Transaction, fresh: Sequence[tuple[Message, bool]]
    ) -> tuple[list[tuple[Message, Attempt]], int]:
        """Write an attempt of each of these texts that nobody else is at; with each comes whether it still is wanted."""
        now, begun, over = self._clock.now(), list[tuple[Message, Attempt]](), list[tuple[Message, Message]]()
        ours = await store.still_waiting(tx, [row.message for row, _ in fresh], now=now)
        for row, is_wanted in fresh:
            if row.message not in ours:
                continue
            if (reason := _of_no_use(row, now, is_wanted=is_wanted)) is not None:
                over.append((row, ended(row, State.DROPPED, reason, now=now)))
            elif (attempt := self._attempt(row, now)) is not None:
                begun.append((self._sending(row, attempt), attempt))
        await store.begin(tx, [attempt for _, attempt in begun])
        for row, _ in begun:
            if row.purpose is Purpose.QUESTION:  # from now on what is written may be its answer
                await store.ask(tx, row.number, Question(row.key.split(":")[1], now))
        await self._save(tx, [*over, *((row, row) for row, _ in begun)])
        return begun, len(over)

    def _attempt(self, row: Message, now: datetime) -> Attempt | None:
        """Return the next attempt: by another provider than the one that has just not taken it. ``None``: not just now."""
        ref = self._new_id("sat")
        parts = {name: health.share for name, health in self._health.items()}
        provider = self._routes.choose(parts, ref, rather_not=row.provider)
        if not self._routes.may_ask(provider.name, at=asyncio.get_running_loop().time()):
            return None
        return Attempt(ref=ref, message=row.message, provider=provider.name, state=AttemptState.SENDING, started_at=now)

    def _sending(self, row: Message, attempt: Attempt) -> Message:
        look_at = attempt.started_at + self.policy.settle
        return replace(row, state=State.SENDING, attempts=row.attempts + 1, provider=attempt.provider, next_at=look_at)

    async def _ask(self, row: Message, attempt: Attempt) -> Result:
        """Ask the provider, with no transaction open, and return what it says."""
        if self._clock.now() - attempt.started_at > self.policy.settle / 2:
            # we stood still meanwhile, and somebody else may be about to look it up and send it again
            return Result(row.message, attempt, NotTakenError("not asked in time"))
        try:
            taken = await provider_of(attempt, self._routes).send(_to_send(row, attempt))
        except (UnclearError, NotTakenError, RefusedByProviderError) as error:
            what = type(error).__name__
            log.warning("sms.not_sent", message=row.message, provider=attempt.provider, what=what, reason=error.detail)
            return Result(row.message, attempt, error)
        return Result(row.message, attempt, taken)

    async def _settle(self, message: str) -> Result | None:
        """Find out, at the provider that was asked, what became of an attempt that nobody has written the end of."""
        async with self.database.reading() as tx:
            row, attempt = await self.get(tx, message), await store.last_attempt(tx, message)
        if attempt is None:
            return None
        try:
            found = await provider_of(attempt, self._routes).look_up(_to_send(row, attempt))
        except UnavailableError as error:
            log.warning("sms.look_up_failed", message=message, provider=attempt.provider, reason=error.detail)
            await self._look_again(message, attempt)
            return None
        async with self.database.reading() as tx:
            others = await store.known_to(tx, attempt.provider, [one.provider_id for one in found])
        ours = [one for one in found if one.provider_id not in others]
        log.info("sms.looked_up", message=message, provider=attempt.provider, found=len(ours))
        return Result(message, attempt, ours[0] if ours else NotTakenError("not there"))


async def _first_of(
    tasks: set[asyncio.Task[Result | None]],
) -> tuple[set[asyncio.Task[Result | None]], set[asyncio.Task[Result | None]]]:
    """Wait until one of these has ended, and return those that have and those that have not."""
    return await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED) if tasks else (set(), set())


def _is_due(row: Message, now: datetime) -> bool:
    return row.state in (State.WAITING, State.SENDING) and row.next_at is not None and row.next_at <= now


def _of_no_use(row: Message, now: datetime, *, is_wanted: bool) -> Refused | None:
    if row.expires_at is not None and row.expires_at <= now:
        return Refused.TOO_LATE
    return None if is_wanted else Refused.NOT_WANTED


def _to_send(row: Message, attempt: Attempt) -> ToSend:
    return ToSend(ref=attempt.ref, number=row.number, text=row.text, since=attempt.started_at)
