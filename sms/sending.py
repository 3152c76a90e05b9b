"""Sends what is meant to be sent: the attempt's row, then the provider, then the result (I-17).

An attempt whose end nobody wrote (we were killed, the reply was lost) is looked up at the provider before the text is
sent again. What cannot be looked up stays as it is until it can be, and after a day it is ``unclear``, and not sent.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from core.clock import Clock
from core.errors import UnavailableError
from core.ids import NewId
from core.phone import PhoneNumber
from sms import store
from sms.events import TextEnded
from sms.model import OVER, Attempt, AttemptState, Message, Refused, State, further
from sms.part import Part
from sms.ports import NotTakenError, Provider, RefusedByProviderError, Taken, ToSend, UnclearError
from sms.wording import Texts
from storage.database import Database, Transaction

log = structlog.get_logger()

StillWanted = Callable[[Message], Awaitable[bool]]
"""Tells, just before a text is sent for the first time, whether it still is of use to whom it goes."""


async def always_wanted(_message: Message) -> bool:
    """Return that every text still is of use."""
    return True


class Sending(Part):
    """How texts go out."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        new_id: NewId,
        texts: Texts,
        own_number: str,
        provider: Provider | None,
        still_wanted: StillWanted = always_wanted,
    ) -> None:
        super().__init__(database=database, clock=clock, new_id=new_id, texts=texts, own_number=own_number)
        self.is_on = provider is not None
        self._provider: Provider = provider or _Nobody()
        self.still_wanted = still_wanted

    async def send_due(self, *, limit: int = 50) -> int:
        """Send, or look up, the texts that are due, and return how many; another process may be at it too."""
        async with self.database.reading() as tx:
            waiting = await store.due(tx, now=self._clock.now(), limit=limit)
        for message in waiting:
            await self.send(message)
        return len(waiting)

    async def send(self, message: str) -> None:
        """Send one text if it is due, or look up what became of an attempt; asked again, it does nothing more."""
        async with self.database.reading() as tx:
            row = await self.get(tx, message)
        if not _is_due(row, self._clock.now()):
            return
        if row.state is State.SENDING:
            await self._settle(message)
            return
        wanted = await self.still_wanted(row)
        attempt = await self._begin(message, wanted=wanted)
        if attempt is not None:
            await self._ask(row, attempt)

    async def receipt(self, *, provider: str, provider_id: str, state: State, ref: str = "") -> bool:
        """Take in what a provider tells of a text; the state only moves forward (I-18). ``False`` when it is not ours.

        With our own ``ref`` it also settles an attempt whose reply was lost.
        """
        async with self.database.transaction() as tx:
            row = await store.find_by_provider(tx, provider, provider_id)
            if row is None and ref and (attempt := await store.attempt_of(tx, ref)) is not None:
                row = await store.find(tx, attempt.message, to_change=True)
                if row is not None and (attempt.provider != provider or row.provider_id not in ("", provider_id)):
                    return False
            if row is None:
                return False
            await self._move(tx, row, Taken(provider_id, state), provider=provider)
        return True

    async def listed(self, tx: Transaction, *, number: PhoneNumber | None = None, limit: int = 50) -> Sequence[Message]:
        """Return the newest texts first: to one number, or to all."""
        return await store.listed(tx, number=number, limit=limit)

    async def counted(self) -> Mapping[State, int]:
        """Count the texts in each state."""
        async with self.database.reading() as tx:
            found = await store.counted(tx)
        return {state: found.get(state, 0) for state in State}

    async def forget(self, *, before: datetime) -> int:
        """Delete what was over before an instant, and return how many rows."""
        async with self.database.transaction() as tx:
            return await store.forget(tx, before=before)

    async def _begin(self, message: str, *, wanted: bool) -> Attempt | None:
        """Write the attempt; ``None`` when somebody else is at it, or the text is of no use any more."""
        async with self.database.transaction() as tx:
            now, row = self._clock.now(), await store.find(tx, message, to_change=True)
            if row is None or row.state is not State.WAITING or not _is_due(row, now):
                return None
            if row.expires_at is not None and row.expires_at <= now:
                await self._over(tx, row, State.DROPPED, Refused.TOO_LATE)
                return None
            if not wanted:
                await self._over(tx, row, State.DROPPED, Refused.NOT_WANTED)
                return None
            name = self._provider.name
            attempt = Attempt(
                ref=self._new_id("sat"), message=message, provider=name, state=AttemptState.SENDING, started_at=now
            )
            await store.begin(tx, attempt)
            sending = replace(
                row, state=State.SENDING, attempts=row.attempts + 1, provider=name, next_at=now + self.policy.settle
            )
            await store.change(tx, sending)
        return attempt

    async def _ask(self, row: Message, attempt: Attempt) -> None:
        """Ask the provider, with no transaction open, and write what it says."""
        try:
            taken = await self._provider.send(_to_send(row, attempt))
        except UnclearError as error:
            log.warning("sms.unclear", message=row.message, provider=attempt.provider, reason=error.detail)
            return  # the row says "sending"; it is looked up when it has settled
        except NotTakenError as error:
            log.warning("sms.not_taken", message=row.message, provider=attempt.provider, reason=error.detail)
            await self._not_taken(row.message, attempt)
        except RefusedByProviderError as error:
            log.warning("sms.refused", message=row.message, provider=attempt.provider, reason=error.detail)
            await self._refused(row.message, attempt, reason=error.detail)
        else:
            await self._taken(row.message, attempt, taken)

    async def _settle(self, message: str) -> None:
        """Find out at the provider what became of an attempt that nobody has written the end of."""
        async with self.database.reading() as tx:
            row, attempt = await self.get(tx, message), await store.last_attempt(tx, message)
        if attempt is None:
            return
        try:
            found = await self._provider.look_up(_to_send(row, attempt))
        except UnavailableError as error:
            log.warning("sms.look_up_failed", message=message, provider=attempt.provider, reason=error.detail)
            await self._look_again(message, attempt)
            return
        async with self.database.reading() as tx:
            others = await store.known_to(tx, attempt.provider, [one.provider_id for one in found])
        ours = [one for one in found if one.provider_id not in others]
        log.info("sms.looked_up", message=message, provider=attempt.provider, found=len(ours))
        if ours:
            await self._taken(message, attempt, ours[0])
        else:
            await self._not_taken(message, attempt)

    async def _taken(self, message: str, attempt: Attempt, taken: Taken) -> None:
        async with self.database.transaction() as tx:
            await store.end(tx, attempt.ref, AttemptState.TAKEN, now=self._clock.now())
            row = await store.find(tx, message, to_change=True)
            if row is not None:
                await self._move(tx, row, taken, provider=attempt.provider)

    async def _not_taken(self, message: str, attempt: Attempt) -> None:
        async with self.database.transaction() as tx:
            now, row = self._clock.now(), await self._still_sending(tx, message, attempt)
            if row is None:
                return
            await store.end(tx, attempt.ref, AttemptState.NOT_TAKEN, now=now)
            if row.created_at + self.policy.give_up_after <= now:
                await self._over(tx, row, State.FAILED, "not_taken")
                return
            again = now + self.policy.pause_after(row.attempts)
            await store.change(tx, replace(row, state=State.WAITING, next_at=again))

    async def _refused(self, message: str, attempt: Attempt, *, reason: str) -> None:
        async with self.database.transaction() as tx:
            row = await self._still_sending(tx, message, attempt)
            if row is not None:
                await store.end(tx, attempt.ref, AttemptState.REFUSED, now=self._clock.now())
                await self._over(tx, row, State.FAILED, reason)

    async def _look_again(self, message: str, attempt: Attempt) -> None:
        async with self.database.transaction() as tx:
            now, row = self._clock.now(), await self._still_sending(tx, message, attempt)
            if row is None:
                return
            if attempt.started_at + self.policy.give_up_after <= now:
                await store.end(tx, attempt.ref, AttemptState.UNCLEAR, now=now)
                await self._over(tx, row, State.UNCLEAR, "cannot_be_looked_up")
                return
            await store.change(tx, replace(row, next_at=now + self.policy.settle))

    async def _still_sending(self, tx: Transaction, message: str, attempt: Attempt) -> Message | None:
        """Return the text, locked, if this attempt still is the one under way: a slow look-up may come after the next."""
        row = await store.find(tx, message, to_change=True)
        last = await store.last_attempt(tx, message)
        is_ours = last is not None and last.ref == attempt.ref
        return row if row is not None and row.state is State.SENDING and is_ours else None

    async def _move(self, tx: Transaction, row: Message, taken: Taken, *, provider: str) -> None:
        state = further(row.state, taken.state)
        if state is row.state and row.provider_id:
            return
        named = replace(row, provider=provider, provider_id=row.provider_id or taken.provider_id, next_at=None)
        if state in OVER:
            await self._over(tx, named, state, "" if state is State.DELIVERED else "provider")
        else:
            await store.change(tx, replace(named, state=state))

    async def _over(self, tx: Transaction, row: Message, state: State, reason: str) -> None:
        now = self._clock.now()
        await store.change(tx, replace(row, state=state, reason=reason[:60], next_at=None, ended_at=now))
        fact = TextEnded(occurred_at=now, message=row.message, contact=row.contact, state=state, reason=reason[:60])
        await tx.record(fact)


class _Nobody:
    """Stands where no provider is: takes nothing, and is only asked for texts that were meant while there was one."""

    name = "none"

    async def send(self, one: ToSend) -> Taken:
        raise NotTakenError("no provider")

    async def look_up(self, one: ToSend) -> Sequence[Taken]:
        raise UnavailableError("no provider")


def _is_due(row: Message, now: datetime) -> bool:
    return row.state in (State.WAITING, State.SENDING) and row.next_at is not None and row.next_at <= now


def _to_send(row: Message, attempt: Attempt) -> ToSend:
    return ToSend(ref=attempt.ref, number=row.number, text=row.text, since=attempt.started_at)
