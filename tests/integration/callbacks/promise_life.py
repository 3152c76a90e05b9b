"""A life of promises with everything that can happen to them, and the oracles that read the tables after each step."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from callbacks.attempt_store import callback_attempts
from callbacks.joining import JOINED
from callbacks.model import OPEN, AttemptState, Callback, CallbackState, Policy
from callbacks.ringing_hours import is_open, next_open
from callbacks.service import Callbacks
from callbacks.store import callbacks as table
from callbacks.store import read
from contacts.service import Contacts
from core.errors import KundcenterError
from core.ids import AgentId, CallbackId, ContactId, LegId, PersonId
from core.language import Language
from core.phone import PhoneNumber
from storage.database import Database
from tests.fakes.clock import START, CountingIds, HandClock
from tests.integration.callbacks.asking import number_of

POLICY = replace(Policy(), caps=replace(Policy().caps, number_per_day=10_000, person_per_day=10_000))
POLICY = replace(POLICY, slots=replace(POLICY.slots, capacity=2))
S = CallbackState
PATHS: Mapping[CallbackState, frozenset[CallbackState]] = {
    S.WAITING: frozenset(S),  # it may be brought in, dialled and ended between two looks
    S.IN_LINE: frozenset(S),
    S.TAKEN: frozenset(S),
    S.KEPT: frozenset({S.KEPT}),
    S.FAILED: frozenset({S.FAILED}),
    S.CANCELLED: frozenset({S.CANCELLED}),
}
RANG = {AttemptState.MISSED, AttemptState.ANSWERED, AttemptState.UNKNOWN}
AGENTS = (AgentId("asa"), AgentId("bo"))


class PromiseLife:
    """The service, a clock in our hand, and who is in a call just now."""

    def __init__(self, database: Database, begins: datetime = START) -> None:
        self.database = database
        self.begins = begins
        self.clock = HandClock(begins)
        self.new_id = CountingIds()
        self.contacts = Contacts(database=database, clock=self.clock)
        self.callbacks = self.restarted()
        self.calls: list[ContactId] = []
        self.legs: list[tuple[CallbackId, LegId, AgentId]] = []
        self.before: dict[CallbackId, Callback] = {}
        self.jumps = 0
        self.jumps_before: dict[str, int] = {}

    def restarted(self) -> Callbacks:
        """Whatever a process knew is gone; the tables are not."""
        return Callbacks(
            database=self.database, clock=self.clock, new_id=self.new_id, contacts=self.contacts, policy=POLICY
        )

    async def happen(self, what: str, a: int, b: int) -> None:
        with contextlib.suppress(KundcenterError):  # a refusal with a name
            await getattr(self, f"_{what}")(a, b)
        await self.look()

    async def look(self) -> None:
        """Read the tables, and compare them with what must hold and with what was before."""
        async with self.database.reading() as tx:
            rows = {row.callback: read(row) for row in await tx.execute(select(table))}
            attempts = (await tx.execute(select(callback_attempts).order_by(callback_attempts.c.number))).all()
        self._one_open_each(rows)
        self._slots_hold(rows)
        for callback, row in rows.items():
            self._is_whole(row)
            earlier = self.before.get(callback)
            if earlier is not None:
                assert row.state in PATHS[earlier.state], (earlier.state, row.state)
                assert row.first_requested_at == earlier.first_requested_at or _took_over(row, earlier, rows.values())
                assert row.is_open or earlier.is_open or row == replace(earlier, followed_up_at=row.followed_up_at)
            self._attempts_hold(row, [one for one in attempts if one.callback == callback])
        assert set(self.before) <= set(rows), "a promise is gone"
        self.before = dict(rows)

    async def end_well(self) -> None:
        """With everybody's receiver down and agents at hand, every promise ends: none is lost (I-12)."""
        for call in self.calls:
            await self.hang_up(call)
        for _ in range(60):
            still_open = [row for row in self.before.values() if row.is_open]
            if not still_open:
                return
            await self.callbacks.release_stale()
            await self.callbacks.due()
            for row in [one for one in self.before.values() if one.is_open]:
                with contextlib.suppress(KundcenterError):
                    await self.callbacks.dial(row.callback, leg=LegId(self.new_id("leg")), agent=AGENTS[0])
                    await self.callbacks.kept(row.callback)
            waits = [row.next_at for row in self.before.values() if row.is_open and row.next_at]
            soonest = min(waits, default=self.clock.at + timedelta(minutes=16))
            self.clock.at = next_open(POLICY.hours, at=max(soonest, self.clock.at + timedelta(minutes=16)))
            await self.look()
        raise AssertionError(f"these do not end: {still_open}")

    async def hang_up(self, call: ContactId) -> None:
        async with self.database.transaction() as tx:
            await self.contacts.close(tx, call)

    def _one_open_each(self, rows: Mapping[Any, Callback]) -> None:
        open_ones = [row for row in rows.values() if row.state in OPEN]
        for each in (
            Counter(row.number.e164 for row in open_ones if not row.person),
            Counter(row.person for row in open_ones if row.person),
            Counter(row.number.e164 for row in open_ones if row.state is S.IN_LINE),  # persons may share it
        ):
            assert max(each.values(), default=0) <= 1

    def _slots_hold(self, rows: Mapping[Any, Callback]) -> None:
        booked = Counter(row.slot.starts_at for row in rows.values() if row.slot and row.state is not S.CANCELLED)
        assert max(booked.values(), default=0) <= POLICY.slots.capacity

    def _is_whole(self, row: Callback) -> None:
        assert (row.next_at is not None) == (row.state is S.WAITING), row
        assert (row.in_line_at is not None) == (row.state is S.IN_LINE) or not row.is_open, row
        assert (row.taken_by is not None) == (row.state is S.TAKEN) or not row.is_open, row
        assert (row.ended_at is not None) == (not row.is_open), row
        assert row.attempts <= POLICY.most_attempts

    def _attempts_hold(self, row: Callback, attempts: list[Any]) -> None:
        under_way = [one for one in attempts if one.state == AttemptState.DIALLING]
        assert len(under_way) <= 1
        assert not under_way or row.state is S.TAKEN or not row.is_open
        assert sum(one.state == AttemptState.MISSED for one in attempts) <= POLICY.most_attempts
        assert all(is_open(POLICY.hours, at=one.started_at) for one in attempts)
        rang = [one for one in attempts if AttemptState(one.state) in RANG]
        for one in attempts:
            self.jumps_before.setdefault(one.leg, self.jumps)
        for earlier, later in zip(rang, rang[1:], strict=False):
            if self.jumps_before[earlier.leg] == self.jumps_before[later.leg]:  # by one clock, as it went
                assert later.started_at - earlier.started_at >= POLICY.between_attempts

    def _some(self, index: int, *likely: CallbackState) -> CallbackId:
        """Choose a promise: mostly one in a state in which something comes of it, now and then any."""
        known = list(self.before)
        fitting = [name for name in known if self.before[name].state in likely]
        chosen = fitting if fitting and index % 5 else known
        return chosen[index % len(chosen)] if chosen else CallbackId("cbk_nothing")

    def _slot_at(self, index: int) -> datetime:
        return self.begins + timedelta(days=1, hours=index // 3 % 2)

    async def _request(self, a: int, b: int) -> None:
        contact = ContactId(self.new_id("con"))
        person = PersonId(f"per_{b % 5}") if b % 2 else None
        async with self.database.transaction() as tx:
            await self.contacts.open(tx, contact=contact, caller=number_of(a % 8))
            if person:
                await self.contacts.identified(tx, contact, person=person, subject=None, level=2)
            await self.contacts.wants_callback(tx, contact, PhoneNumber(number_of(a % 8)))
        await self.callbacks.on_callback_requested(
            contact=contact,
            leg=None,
            queue="sjuk",
            language=Language.SWEDISH,
            slot_at=self._slot_at(b) if b % 3 == 0 else None,
        )
        await self.hang_up(contact)

    async def _move(self, a: int, b: int) -> None:
        await self.callbacks.move(
            self._some(a, S.WAITING, S.IN_LINE), slot_at=self._slot_at(b) if b % 3 else None, by="citizen"
        )

    async def _cancel(self, a: int, b: int) -> None:
        await self.callbacks.cancel(self._some(a), by="citizen")

    async def _time(self, a: int, b: int) -> None:
        self.clock.pass_time(minutes=(1, 6, 16, 31, 120, 14 * 60)[b % 6])

    async def _jump(self, a: int, b: int) -> None:
        self.jumps += 1
        self.clock.pass_time(hours=-2 if b % 2 else 2)

    async def _due(self, a: int, b: int) -> None:
        await self.callbacks.due(limit=1 + b % 5)

    async def _retell(self, a: int, b: int) -> None:
        await self.callbacks.retell(in_line=list(self.before)[:: 1 + b % 2])

    async def _withdraw(self, a: int, b: int) -> None:
        await self.callbacks.withdraw(self._some(a, S.IN_LINE), "rings_in")

    async def _take(self, a: int, b: int) -> None:
        await self.callbacks.take(self._some(a, S.IN_LINE), AGENTS[b % 2])

    async def _dial(self, a: int, b: int) -> None:
        callback, agent = self._some(a, S.IN_LINE, S.TAKEN), AGENTS[b % 2]
        leg = LegId(self.new_id("leg"))
        self.legs.append((callback, leg, agent))
        number = await self.callbacks.dial(callback, leg=leg, agent=agent)
        assert number == self.before[callback].number.e164

    async def _dial_again(self, a: int, b: int) -> None:
        if self.legs:
            callback, leg, agent = self.legs[a % len(self.legs)]
            await self.callbacks.dial(callback, leg=leg, agent=agent)

    async def _missed(self, a: int, b: int) -> None:
        if self.legs:
            callback, leg, _agent = self.legs[-1 - a % min(3, len(self.legs))]
            reason = ("no_answer", "busy", "machine")[b % 3]
            await self.callbacks.missed(callback, reason, citizen_was_rung=b % 4 != 0, leg=leg)

    async def _would_rather_be_rung_now(self, a: int, b: int) -> None:
        """Whoever was just missed asks for the place in the line, and an agent is there: that shortens no pause."""
        tried = [row for row in self.before.values() if row.state is S.WAITING and row.attempts]
        if tried:
            row = tried[a % len(tried)]
            await self.callbacks.move(row.callback, slot_at=None, by="citizen")
            await self.look()
            await self.callbacks.due()
            leg = LegId(self.new_id("leg"))
            self.legs.append((row.callback, leg, AGENTS[b % 2]))
            await self.callbacks.dial(row.callback, leg=leg, agent=AGENTS[b % 2])

    async def _kept(self, a: int, b: int) -> None:
        row = self.before.get(self._some(a, S.TAKEN))
        if row is not None and row.taken_by is not None:
            await self.callbacks.on_agent_connected(contact=row.contact, agent=row.taken_by)

    async def _rings_in(self, a: int, b: int) -> None:
        call = ContactId(self.new_id("con"))
        async with self.database.transaction() as tx:
            await self.contacts.open(tx, contact=call, caller=number_of(a % 8))
        self.calls.append(call)

    async def _hangs_up(self, a: int, b: int) -> None:
        if self.calls:
            await self.hang_up(self.calls.pop(a % len(self.calls)))

    async def _is_helped(self, a: int, b: int) -> None:
        if self.calls:
            await self.callbacks.helped(self.calls[a % len(self.calls)])

    async def _restart(self, a: int, b: int) -> None:
        self.callbacks = self.restarted()

    async def _stale(self, a: int, b: int) -> None:
        await self.callbacks.release_stale()


HAPPENINGS = sorted(
    name.removeprefix("_")
    for name in vars(PromiseLife)
    if name.startswith("_") and not name.startswith("__")
    and name not in {"_one_open_each", "_slots_hold", "_is_whole", "_attempts_hold", "_some", "_slot_at"}
)  # fmt: skip


def _took_over(row: Callback, earlier: Callback, rows: Iterable[Callback]) -> bool:
    """Tell whether a promise has the better place of another one that turned out to be the same person's, and is over."""
    joined = {one.first_requested_at for one in rows if one.last_reason == JOINED}
    return (
        row.person is not None
        and row.first_requested_at < earlier.first_requested_at
        and row.first_requested_at in joined
    )
