"""Writes what a provider says of a text: its answer, what a look-up finds, its receipts. A state only moves forward (I-18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.clock import Clock
from core.ids import NewId
from sms import counting_store, store, written_store
from sms.counting_store import Rate
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

_Change = tuple[Message, Message]
"""A text as it was, and as it is to be."""

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
            now = self._clock.now()
            after = _moved(row, Taken(provider_id, state), provider=provider, now=now, reason=reason)
            await self._save(tx, [(row, after)] if after else [])
            if opted_out:
                await store.opt_out(tx, row.number, now=now)
        return True

    async def counted(self, *, since: datetime) -> Mapping[tuple[str, State], int]:
        """Count the texts that were meant since an instant, by the provider that was asked last and the state."""
        async with self.database.reading() as tx:
            return await counting_store.by_provider(tx, since=since)

    async def rates(self, *, since: datetime) -> Sequence[Rate]:
        """Return how the texts of each provider that we have now fared, of those meant since an instant."""
        async with self.database.reading() as tx:
            return [await counting_store.rates(tx, one.name, since=since) for one in self._routes.providers]

    async def forget(self, *, before: datetime) -> int:
        """Delete what was over before an instant, and return how many rows."""
        async with self.database.transaction() as tx:
            return await store.forget(tx, before=before) + await written_store.forget(tx, before=before)

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

    async def _write_in(self, tx: Transaction, results: Sequence[Result]) -> None:
        """Write what came of some attempts, in a few statements."""
        told = {one.message: one for one in results if not isinstance(one.answer, UnclearError)}
        if not told:
            return
        now, ends, changes = self._clock.now(), list[tuple[str, AttemptState]](), list[_Change]()
        for row in await store.find_all(tx, told, to_change=True):
            one = told[row.message]
            end, changed = await self._came_of(tx, row, one, now)
            ends += [(one.attempt.ref, end)] if end else []
            changes += [(row, changed)] if changed else []
        await store.end(tx, ends, now=now)
        await self._save(tx, changes)

    async def _came_of(
        self, tx: Transaction, row: Message, one: Result, now: datetime
    ) -> tuple[AttemptState | None, Message | None]:
        """Return how an attempt ended, and what its text becomes by it."""
        if isinstance(one.answer, Taken):
            if row.provider_id not in ("", one.answer.provider_id):
                log.error("sms.sent_twice", message=row.message, provider=one.attempt.provider)
            return AttemptState.TAKEN, _moved(row, one.answer, provider=one.attempt.provider, now=now)
        if not await self._is_under_way(tx, row, one.attempt):
            return None, None
        if isinstance(one.answer, NotTakenError):
            return AttemptState.NOT_TAKEN, self._not_taken(row, now)
        opted_out = isinstance(one.answer, OptedOutAtProviderError)
        if opted_out:
            await store.opt_out(tx, row.number, now=now)
        reason = OPTED_OUT_THERE if opted_out else one.answer.detail
        return AttemptState.REFUSED, ended(row, State.FAILED, reason, now=now)

    def _not_taken(self, row: Message, now: datetime) -> Message:
        """Have the next provider be asked at once; when all have been asked, after a while."""
        if row.created_at + self.policy.give_up_after <= now:
            return ended(row, State.FAILED, "not_taken", now=now)
        rounds, left = divmod(row.attempts, max(1, len(self._routes)))
        again = now if left else now + self.policy.pause_after(rounds)
        return replace(row, state=State.WAITING, next_at=again)

    async def _look_again(self, message: str, attempt: Attempt) -> None:
        async with self.database.transaction() as tx:
            now, row = self._clock.now(), await store.find(tx, message, to_change=True)
            if row is None or not await self._is_under_way(tx, row, attempt):
                return
            if attempt.started_at + self.policy.give_up_after <= now:
                await store.end(tx, [(attempt.ref, AttemptState.UNCLEAR)], now=now)
                later = ended(row, State.UNCLEAR, "cannot_be_looked_up", now=now)
            else:
                later = replace(row, next_at=now + self.policy.settle)
            await self._save(tx, [(row, later)])

    async def _is_under_way(self, tx: Transaction, row: Message, attempt: Attempt) -> bool:
        """Tell whether this attempt still is the one under way: a slow look-up may come after the next."""
        if row.state is not State.SENDING:
            return False
        last = await store.last_attempt(tx, row.message)
        return last is not None and last.ref == attempt.ref

    async def _save(self, tx: Transaction, changes: Sequence[_Change]) -> None:
        """Write what texts have become, and tell of those that are over by it."""
        await store.change_all(tx, [after for _, after in changes])
        for before, after in changes:
            if after.state in OVER and after.state is not before.state:
                await tx.record(
                    TextEnded(
                        occurred_at=self._clock.now(), message=after.message, contact=after.contact, system=after.system,
                        state=after.state, reason=after.reason,
                    )
                )  # fmt: skip


def _moved(row: Message, taken: Taken, *, provider: str, now: datetime, reason: str = "") -> Message | None:
    """Return what a text becomes by what a provider says of it; ``None`` when that is nothing new."""
    state = further(row.state, taken.state)
    if state is row.state and row.provider_id:
        return None
    named = replace(row, provider=provider, provider_id=row.provider_id or taken.provider_id, next_at=None)
    if state in OVER and state is not row.state:
        return ended(named, state, "" if state is State.DELIVERED else reason or "provider", now=now)
    return replace(named, state=state)


def ended(row: Message, state: State, reason: str, *, now: datetime) -> Message:
    """Return a text that is over."""
    return replace(row, state=state, reason=reason[:60], next_at=None, ended_at=now)


def provider_of(attempt: Attempt, routes: Routes) -> Provider:
    """Return the provider that was asked: nobody else knows what became of an attempt (I-17)."""
    return routes.of(attempt.provider)
