"""Rings citizens: who takes a promise, what is dialled and when it is refused, and how an attempt ended (I-13)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from callbacks import attempt_store, attempts, store
from callbacks.allowed_numbers import Refused
from callbacks.errors import (
    AlreadyTriedError,
    CallbackOverError,
    CallbackTakenError,
    CallbackTooEarlyError,
    NotNowError,
    NumberNotAllowedError,
)
from callbacks.events import CallbackStarted
from callbacks.model import Attempt, AttemptState, Callback, CallbackState
from callbacks.part import Part
from callbacks.ringing_hours import is_open, next_open
from callbacks.standing import is_with_us
from core.ids import AgentId, CallbackId, ContactId, LegId
from storage.database import Transaction

log = structlog.get_logger()

_ASKED_FOR_PATIENCE = frozenset({"gave_up", "not_now"})
"""How an attempt ends in which the citizen answered and was ready to talk, or wants it later: it does not count."""
_OURS = frozenset({"agent", "agent_hung_up", "agent_rejected", "agent_timed_out", "agent_rescinded", "canceled"})
"""How an attempt ends that we broke off: it does not count, but whoever has heard it ring has peace for a while."""
_CAN_BE_TAKEN = (CallbackState.WAITING, CallbackState.IN_LINE)


class Dialling(Part):
    """How a promise is tried."""

    async def take(self, callback: CallbackId, agent: AgentId) -> CallbackStarted:
        """Give a promise to an agent who rings now, out of turn. The attempt begins, and counts, with :meth:`dial`.

        Raises :class:`CallbackTakenError`, :class:`CallbackTooEarlyError` or :class:`NotNowError`.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            if row.state not in _CAN_BE_TAKEN:
                raise CallbackTakenError(callback)
            if row.next_at is not None and now < row.next_at:
                raise CallbackTooEarlyError(callback)
            if not is_open(self._policy.hours, at=now):
                raise NotNowError(callback)
            await store.change(tx, _taken(row, agent, now))
            fact = CallbackStarted(occurred_at=now, callback=callback, agent=agent, contact=row.contact)
            await tx.record(fact)
        return fact

    async def dial(self, callback: CallbackId, *, leg: LegId, agent: AgentId | None) -> str:
        """Return the number to ring (E.164) for a promise that stands in the line, or that this agent has taken.

        Without an agent the citizen is rung first, and whoever then talks with them has taken it.
        The attempt is written before the answer is given, and never twice for one leg. Raises
        :class:`CallbackOverError`, :class:`CallbackTakenError`, :class:`CallbackTooEarlyError`, :class:`NotNowError`,
        :class:`NumberNotAllowedError`, and :class:`AlreadyTriedError` when that leg's attempt is over. A promise that is
        refused for now goes back to wait, so that it is not offered again at once.
        """
        try:
            return await self._dial(callback, leg, agent)
        except (CallbackTooEarlyError, NotNowError, NumberNotAllowedError) as refusal:
            await self._put_off(callback, type(refusal).__name__)
            raise

    async def _dial(self, callback: CallbackId, leg: LegId, agent: AgentId | None) -> str:
        begin = partial(self._begin, callback=callback, leg=leg, agent=agent, now=self._clock.now())
        number, attempt = await self.database.together.run(begin)
        if attempt:
            log.info("callbacks.dialled", callback=callback, attempt=attempt)
        return number

    async def _begin(
        self, tx: Transaction, *, callback: CallbackId, leg: LegId, agent: AgentId | None, now: datetime
    ) -> tuple[str, int]:
        """Write an attempt; return the number to ring and that of the attempt, 0 when it was there before."""
        row = await self._find(tx, callback, to_change=True)
        same = await attempt_store.by_leg(tx, leg)
        if same is not None:
            return _dialled(row, same, agent), 0
        await self._refuse_to_dial(tx, row, agent, now)
        taken_at = row.taken_at if row.state is CallbackState.TAKEN and row.taken_at else now
        await store.change(tx, replace(_taken(row, agent, taken_at), attempts=row.attempts + 1))
        attempt = await attempt_store.begin(tx, callback=callback, leg=leg, agent=agent, now=now)
        return row.number.e164, attempt.number

    async def number_of(self, callback: CallbackId) -> str:
        """Return the number to ring (E.164); raises :class:`CallbackNotFoundError`."""
        async with self.database.reading() as tx:
            return (await self._find(tx, callback)).number.e164

    async def on_agent_connected(self, *, contact: ContactId, agent: AgentId) -> bool:
        """Note that a promise is kept as soon as the agent who took it and the citizen hear each other.

        However long they then talk, nobody else finds the promise waiting. ``False`` when there is none to keep.
        """
        return await self.database.together.run(partial(self._connected, contact=contact, agent=agent))

    async def _connected(self, tx: Transaction, *, contact: ContactId, agent: AgentId) -> bool:
        row = await self._being_kept(tx, contact, agent)
        if row is None:
            return False
        if row.taken_by is None:  # the citizen was rung first: now an agent has it
            row = replace(row, taken_by=agent)
            if (attempt := await attempt_store.under_way(tx, row.callback)) is not None:
                await attempt_store.given_to(tx, attempt, agent)
        return await self._keep(tx, row)

    async def kept(self, callback: CallbackId) -> bool:
        """Note that the citizen was reached; ``False`` when the promise was over already.

        Told late, it says nothing of a promise that has been put back since: it was a machine, the agent said.
        """
        return await self.database.together.run(partial(self._reached, callback=callback))

    async def _reached(self, tx: Transaction, *, callback: CallbackId) -> bool:
        row = await self._find(tx, callback, to_change=True)
        tried = await attempt_store.of(tx, callback)
        was_missed = bool(tried) and tried[-1].state is AttemptState.MISSED
        return not was_missed and await self._keep(tx, row)

    async def missed(
        self, callback: CallbackId, reason: str, *, citizen_was_rung: bool = True, leg: LegId | None = None
    ) -> bool:
        """Note that an attempt failed. The promise stands, at its rank, until there were as many attempts as we make.

        An attempt in which the citizen's phone never rang does not count; nor one that we broke off, or in which they
        answered, and either want it later or hung up before an agent was free: then they have peace for as long as after
        one that does. A fault before it rang is followed by longer and longer pauses. ``citizen_was_rung`` is what is
        known besides :meth:`rings`. ``leg`` is the attempt's own, so that one that is settled is not settled again.
        ``False`` when nobody has the promise any more.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            attempt = await attempt_store.under_way(tx, callback)
            if leg is not None and await _is_another(tx, attempt, leg):
                return False
            has_rung = citizen_was_rung or (attempt is not None and attempt.reason == attempt_store.RINGS)
            if attempt is not None:
                how = AttemptState.MISSED if has_rung else AttemptState.NOT_RUNG
                await attempt_store.end(tx, attempt, how, reason=reason, now=now)
            if row.state is not CallbackState.TAKEN:
                return False
            await self._put_back(tx, row, reason, is_counted=attempt is not None, has_rung=has_rung)
        return True

    async def _put_back(self, tx: Transaction, row: Callback, reason: str, *, is_counted: bool, has_rung: bool) -> None:
        """Let the promise wait for another attempt, or give it up. ``is_counted``: its attempts hold this one already."""
        now, before = self._clock.now(), row.attempts - 1 if is_counted else row.attempts
        if reason in _ASKED_FOR_PATIENCE or (has_rung and reason in _OURS):
            again = next_open(self._policy.hours, at=now + self._policy.between_attempts)
            await attempts.undone(tx, row, reason, attempts=before, now=again)
        elif has_rung:
            await attempts.missed(tx, replace(row, attempts=before + 1), reason, now=now, policy=self._policy)
        elif reason == attempts.FAULT and is_counted:
            tried = await attempt_store.of(tx, row.callback)
            await attempts.failed_before_it_rang(tx, row, tried, attempts=before, now=now, policy=self._policy)
        else:
            await attempts.undone(tx, row, reason, attempts=before, now=now)

    async def rings(self, leg: LegId) -> None:
        """Note that a telephone rings, if an attempt of ours rings it; any other leg is none of our business."""
        async with self.database.reading(short=True) as tx:
            attempt = await attempt_store.by_leg(tx, leg)
        if attempt is not None and attempt.state is AttemptState.DIALLING:
            await self.database.together.run(partial(attempt_store.rings, leg=leg))

    async def release_stale(self, *, besides: Collection[CallbackId] = ()) -> int:
        """Put promises back that an agent took and nothing came of, and return how many: the last net.

        ``besides`` are those whose citizens are on the line just now.
        """
        now = self._clock.now()
        async with self.database.transaction() as tx:
            taken = await store.in_state(tx, CallbackState.TAKEN, taken_before=now - self._policy.stale_after)
            stale = [row for row in taken if row.callback not in besides]
            for row in stale:
                attempt = await attempt_store.under_way(tx, row.callback)
                if attempt is not None:
                    await attempt_store.end(tx, attempt, AttemptState.UNKNOWN, reason="stale", now=now)
                await attempts.stale(tx, row, attempt, now=now, policy=self._policy)
        if stale:
            log.warning("callbacks.released_stale", number_of=len(stale))
        return len(stale)

    async def _refuse_to_dial(self, tx: Transaction, row: Callback, agent: AgentId | None, now: datetime) -> None:
        if not row.is_open:
            raise CallbackOverError(row.callback)
        if row.state is CallbackState.WAITING:  # they rang us just now, or were moved, since the agent was asked
            raise NotNowError(row.callback)
        if row.state is CallbackState.TAKEN and row.taken_by != agent:
            raise CallbackTakenError(row.callback)
        before = await attempt_store.of(tx, row.callback)
        if any(one.state is AttemptState.DIALLING for one in before):
            raise CallbackTakenError(row.callback)
        if now < self._earliest(before, now):
            raise CallbackTooEarlyError(row.callback)
        if isinstance(refused := self._number_to_ring(row.number.e164), Refused):
            raise NumberNotAllowedError(refused)
        if not is_open(self._policy.hours, at=now) or is_with_us(row, await self._contacts.in_calls(tx)):
            raise NotNowError(row.callback)

    def _earliest(self, before: Sequence[Attempt], now: datetime) -> datetime:
        """Return from when another attempt may be made."""
        return max((attempts.may_try_from(one, policy=self._policy) or now for one in before), default=now)

    async def _put_off(self, callback: CallbackId, why: str) -> None:
        now = self._clock.now()
        async with self.database.transaction() as tx:
            row = await self._find(tx, callback, to_change=True)
            if row.state not in (CallbackState.IN_LINE, CallbackState.TAKEN):
                return
            if isinstance(self._number_to_ring(row.number.e164), Refused):
                return await attempts.given_up(tx, row, why, now=now)
            before = await attempt_store.of(tx, callback)
            again = max(self._earliest(before, now), now + self._policy.while_they_call)
            await attempts.undone(tx, row, why, attempts=row.attempts, now=again)

    async def _being_kept(self, tx: Transaction, contact: ContactId, agent: AgentId) -> Callback | None:
        taken = await store.find_taken(tx, contact=contact, agent=agent)
        if taken is not None:
            return await self._find(tx, taken.callback, to_change=True)
        # A clock that jumped may have had it released while the citizen's phone rang: they talk all the same.
        for row in await store.of_contact(tx, contact):
            last = await attempt_store.of(tx, row.callback)
            if last and last[-1].state is AttemptState.UNKNOWN and last[-1].agent == agent:
                return await self._find(tx, row.callback, to_change=True)
        return None


def _taken(row: Callback, agent: AgentId | None, at: datetime) -> Callback:
    return replace(row, state=CallbackState.TAKEN, taken_by=agent, taken_at=at, next_at=None, in_line_at=None)


def _dialled(row: Callback, same: Attempt, agent: AgentId | None) -> str:
    if same.callback != row.callback or same.agent != agent or same.state is not AttemptState.DIALLING:
        raise AlreadyTriedError(row.callback)
    if row.state is not CallbackState.TAKEN:  # cancelled since
        raise CallbackOverError(row.callback)
    return row.number.e164


async def _is_another(tx: Transaction, attempt: Attempt | None, leg: LegId) -> bool:
    """Tell whether the leg is not the attempt's that is under way: it was settled before, or is none of ours."""
    if attempt is not None:
        return attempt.leg != leg
    return await attempt_store.by_leg(tx, leg) is not None
