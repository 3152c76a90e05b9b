"""Writes what a provider says of a text: its answer, what a look-up finds, its receipts. A state only moves forward (I-18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.clock import Clock
from core.ids import NewId
from sms import counting_store, store
from sms.events import TextEnded
from sms.model import OVER, Attempt, AttemptState, Message, State, further
from sms.part import Part
from sms.ports import (
    NotTakenError,
    OptedOutAtProviderError,
    Provider,
    RefusedByProviderError,
    Taken,
    UnclearError,
)
from sms.routes import Route, Routes
from sms.wording import Texts
from storage.database import Database, Transaction

log = structlog.get_logger()

Answer = Taken | NotTakenError | RefusedByProviderError | UnclearError
"""What came of asking a provider; after the last nothing is written: the row says "sending" until it is looked up."""

OPTED_OUT_THERE = "opted_out_at_provider"


@dataclass(frozen=True)
class Result:
    """What came of one attempt."""

    message: str
    attempt: Attempt
    answer: Answer


class Results(Part):
    """What becomes of texts that were handed over."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        new_id: NewId,
        texts: Texts,
        own_number: str,
        routes: Sequence[Route] = (),
    ) -> None:
        super().__init__(database=database, clock=clock, new_id=new_id, texts=texts, own_number=own_number)
        self._routes = Routes(routes)
        self.is_on = len(self._routes) > 0

    async def close(self) -> None:
        """Let go of the connections to providers."""
        for provider in self._routes.providers:
            await provider.close()

    async def receipt(
        self, *, provider: str, provider_id: str, state: State, ref: str = "", reason: str = "", opted_out: bool = False
    ) -> bool:
        """Take in what a provider tells of a text; the state only moves forward (I-18). ``False`` when it is not ours.

        With our own ``ref`` it also settles an attempt whose reply was lost.
        """
        async with self.database.transaction() as tx:
            row = await store.find_by_provider(tx, provider, provider_id)
            if row is None and ref:
                row = await self._of_attempt(tx, ref, provider, provider_id)
            if row is None:
                return False
            await self._move(tx, row, Taken(provider_id, state), provider=provider, reason=reason)
            if opted_out:
                await store.opt_out(tx, row.number, now=self._clock.now())
        return True

    async def counted(self, *, since: datetime) -> Mapping[tuple[str, State], int]:
        """Count the texts that were meant since an instant, by the provider that was asked last and the state."""
        async with self.database.reading() as tx:
            return await counting_store.by_provider(tx, since=since)

    async def forget(self, *, before: datetime) -> int:
        """Delete what was over before an instant, and return how many rows."""
        async with self.database.transaction() as tx:
            return await store.forget(tx, before=before)

    async def _of_attempt(self, tx: Transaction, ref: str, provider: str, provider_id: str) -> Message | None:
        """Return the text of our name for an attempt, unless it has gone by another attempt since."""
        attempt = await store.attempt_of(tx, ref)
        row = await store.find(tx, attempt.message, to_change=True) if attempt else None
        if attempt is None or row is None or attempt.provider != provider:
            return None
        if row.provider_id not in ("", provider_id):
            log.error("sms.sent_twice", message=row.message, provider=provider)
            return None
        return row

    async def _write(self, results: Sequence[Result]) -> None:
        """Write what came of some attempts, in one transaction."""
        told = [one for one in results if not isinstance(one.answer, UnclearError)]
        if not told:
            return
        async with self.database.transaction() as tx:
            for one in sorted(told, key=lambda one: one.message):  # whoever locks several locks them in one order
                await self._write_one(tx, one)

    async def _write_one(self, tx: Transaction, one: Result) -> None:
        now = self._clock.now()
        row = await store.find(tx, one.message, to_change=True)
        if row is None:
            return
        if isinstance(one.answer, Taken):
            await store.end(tx, one.attempt.ref, AttemptState.TAKEN, now=now)
            if row.provider_id not in ("", one.answer.provider_id):
                log.error("sms.sent_twice", message=row.message, provider=one.attempt.provider)
            await self._move(tx, row, one.answer, provider=one.attempt.provider)
            return
        if not await self._is_under_way(tx, row, one.attempt):
            return
        if isinstance(one.answer, RefusedByProviderError):
            await store.end(tx, one.attempt.ref, AttemptState.REFUSED, now=now)
            await self._refused(tx, row, one.answer)
        else:
            await store.end(tx, one.attempt.ref, AttemptState.NOT_TAKEN, now=now)
            await self._not_taken(tx, row)

    async def _refused(self, tx: Transaction, row: Message, error: RefusedByProviderError) -> None:
        if not isinstance(error, OptedOutAtProviderError):
            await self._over(tx, row, State.FAILED, error.detail)
            return
        await store.opt_out(tx, row.number, now=self._clock.now())
        await self._over(tx, row, State.FAILED, OPTED_OUT_THERE)

    async def _not_taken(self, tx: Transaction, row: Message) -> None:
        """Ask the next provider at once; when all have been asked, wait a while."""
        now, of_us = self._clock.now(), max(1, len(self._routes))
        if row.created_at + self.policy.give_up_after <= now:
            await self._over(tx, row, State.FAILED, "not_taken")
            return
        rounds, left = divmod(row.attempts, of_us)
        again = now if left else now + self.policy.pause_after(rounds)
        await store.change(tx, replace(row, state=State.WAITING, next_at=again))

    async def _look_again(self, message: str, attempt: Attempt) -> None:
        async with self.database.transaction() as tx:
            now, row = self._clock.now(), await store.find(tx, message, to_change=True)
            if row is None or not await self._is_under_way(tx, row, attempt):
                return
            if attempt.started_at + self.policy.give_up_after <= now:
                await store.end(tx, attempt.ref, AttemptState.UNCLEAR, now=now)
                await self._over(tx, row, State.UNCLEAR, "cannot_be_looked_up")
                return
            await store.change(tx, replace(row, next_at=now + self.policy.settle))

    async def _is_under_way(self, tx: Transaction, row: Message, attempt: Attempt) -> bool:
        """Tell whether this attempt still is the one under way: a slow look-up may come after the next."""
        if row.state is not State.SENDING:
            return False
        last = await store.last_attempt(tx, row.message)
        return last is not None and last.ref == attempt.ref

    async def _move(self, tx: Transaction, row: Message, taken: Taken, *, provider: str, reason: str = "") -> None:
        state = further(row.state, taken.state)
        if state is row.state and row.provider_id:
            return
        named = replace(row, provider=provider, provider_id=row.provider_id or taken.provider_id, next_at=None)
        if state in OVER and state is not row.state:
            await self._over(tx, named, state, "" if state is State.DELIVERED else reason or "provider")
        else:
            await store.change(tx, replace(named, state=state))

    async def _over(self, tx: Transaction, row: Message, state: State, reason: str) -> None:
        now = self._clock.now()
        await store.change(tx, replace(row, state=state, reason=reason[:60], next_at=None, ended_at=now))
        fact = TextEnded(occurred_at=now, message=row.message, contact=row.contact, state=state, reason=reason[:60])
        await tx.record(fact)


def provider_of(attempt: Attempt, routes: Routes) -> Provider:
    """Return the provider that was asked: nobody else knows what became of an attempt (I-17)."""
    return routes.of(attempt.provider)
