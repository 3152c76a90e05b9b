"""50,000 promises are stored, and 2,000 of them come due at the same instant: how long it takes until each is dialled."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, distinct, func, insert, select, update

from app.periodic import end
from benchmarks.promises.centre import Centre, centre
from benchmarks.promises.people import number_of
from callbacks.attempt_store import callback_attempts
from callbacks.model import CallbackState
from callbacks.store import callbacks
from contacts.store import contact_steps, contacts
from core.errors import UnavailableError
from core.ids import AgentId, CallbackId, ContactId
from core.language import Language
from core.phone import parse_phone
from skills_routing.model import AgentState
from skills_routing.store import offers, routed_contacts
from telephony.simulator.phone import SimulatedPhone

STORED, DUE, AGENTS = 50_000, 2_000, 1_000
QUEUE = "sjuk"  # whose agents are rung first
WITHIN, MOST_SECONDS = 60.0, 180.0
TALK = 20.0
"""Seconds of each talk: half of the promises wait until somebody is free again."""

AT_ONCE = 5_000


async def many_due(folder: Path) -> dict[str, object]:
    """Run it in a folder that there is not yet, and return the figures."""
    async with centre(folder, starts_at=None, agents=AGENTS) as made:
        due = await _promise(made)
        await _store_the_rest(made, due[0])
        await made.open()
        began = made.rooms.clock.now()
        await _come_due(made, due, began)
        return await _count(made, due, began, await _until_all_are_dialled(made))


async def _promise(made: Centre) -> list[CallbackId]:
    """Make the promises that will come due, one after the other, as callers who do not wait do."""
    rooms, found = made.rooms, list[CallbackId]()
    for number in range(DUE):
        contact, telephone = ContactId(f"con_{number:06d}"), parse_phone(number_of(number))
        assert telephone
        async with rooms.database.transaction() as tx:
            await rooms.contacts.open(tx, contact=contact, caller=telephone.e164)
            await rooms.contacts.wants_callback(tx, contact, telephone)
        answer = await rooms.callbacks.on_callback_requested(
            contact=contact, leg=None, queue=QUEUE, language=Language.SWEDISH, reason="unwilling_to_wait"
        )
        async with rooms.database.transaction() as tx:
            await rooms.contacts.close(tx, contact)
        found.append(answer.callback)  # type: ignore[union-attr]
    return found


async def _store_the_rest(made: Centre, like: CallbackId) -> None:
    """Store promises of other days, each with a contact of its own, all like this one."""
    async with made.rooms.database.reading() as tx:
        promise = (await tx.execute(select(callbacks).where(callbacks.c.callback == like))).mappings().one()
        contact = (await tx.execute(select(contacts).where(contacts.c.contact == promise["contact"]))).mappings().one()
        steps = (
            await tx.execute(select(contact_steps).where(contact_steps.c.contact == promise["contact"]))
        ).mappings().all()  # fmt: skip
    for first in range(DUE, STORED, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, STORED))
        later = [{"next_at": promise["next_at"] + timedelta(days=1 + n % 5)} for n in numbers]
        names = [f"con_{n:06d}" for n in numbers]
        async with made.rooms.database.transaction() as tx:
            await _copy(
                tx,
                contacts,
                contact,
                [{"contact": c, "caller": number_of(n)} for n, c in zip(numbers, names, strict=True)],
            )
            for step in steps:
                await _copy(
                    tx, contact_steps, {k: v for k, v in step.items() if k != "number"}, [{"contact": c} for c in names]
                )
            await _copy(
                tx, callbacks, promise,
                [{"callback": f"cbk_{n:06d}", "contact": c, "number": number_of(n), **at, "state": CallbackState.WAITING}
                 for n, c, at in zip(numbers, names, later, strict=True)],
            )  # fmt: skip


async def _copy(tx: Any, table: Table, like: Any, changes: list[dict[str, Any]]) -> None:
    await tx.execute(insert(table), [{**like, **each} for each in changes])


async def _come_due(made: Centre, due: list[CallbackId], at: datetime) -> None:
    async with made.rooms.database.transaction() as tx:
        for first in range(0, DUE, 500):
            some = callbacks.c.callback.in_(due[first : first + 500])
            await tx.execute(update(callbacks).where(some).values(next_at=at, state=CallbackState.WAITING))


@dataclass
class _Went:
    """After how many seconds each promise had been dialled, and when all stood in the line or had been offered."""

    seconds: float
    all_in_line_at: datetime | None = None
    without_answer: int = 0
    cpu_seconds: float = 0.0


async def _until_all_are_dialled(made: Centre) -> _Went:
    """Let everybody live until each promise has been dialled once at least."""
    rooms, began, people = made.rooms, time.monotonic(), _People(made)
    worked = time.process_time()
    went = _Went(0.0)
    tasks = [
        asyncio.create_task(_every(seconds, what, went))
        for seconds, what in (
            (1.0, rooms.callbacks.due),
            (0.5, rooms.routing.run_due),
            (2.0, rooms.routing.reconcile),
            (5.0, people.beat),
            (0.1, people.act),
        )
    ]
    try:
        while await _dialled(made) < DUE and time.monotonic() - began < MOST_SECONDS:
            if went.all_in_line_at is None and await _all_are_in(made):
                went.all_in_line_at = rooms.clock.now()
            await asyncio.sleep(0.2)
            for task in tasks:
                if task.done():
                    task.result()
        went.seconds, went.cpu_seconds = time.monotonic() - began, time.process_time() - worked
        return went
    finally:
        await end(tasks)
        await people.go_home()


class _People:
    """Agents who take what rings and write nothing up, and the citizens whom they ring: each of them for themselves."""

    def __init__(self, made: Centre) -> None:
        self._made = made
        self._citizens = [_Citizen(made.phone_of(number_of(number))) for number in range(DUE)]
        self._took_a_call: set[AgentId] = set()
        self._at_it: dict[AgentId, asyncio.Task[None]] = {}

    async def beat(self) -> None:
        """Have every browser tell that it is there."""
        routing = self._made.rooms.routing
        await asyncio.gather(*(routing.heartbeat(agent.id) for agent in self._made.agents))

    async def act(self) -> None:
        for citizen in self._citizens:
            citizen.act()
        for agent, phone in self._made.phones.items():
            if phone.ringing:
                phone.answer()
                self._took_a_call.add(agent)
            elif agent in self._took_a_call and not phone.in_call and agent not in self._at_it:
                self._at_it[agent] = asyncio.create_task(self._is_ready_again(agent))

    async def go_home(self) -> None:
        await end(self._at_it.values())

    async def _is_ready_again(self, agent: AgentId) -> None:
        routing = self._made.rooms.routing
        try:
            desk = await routing.desk(agent)
            if desk.wrap_up:
                await routing.wrap_up(agent, contact=desk.wrap_up, code="finished")
            elif desk.state is AgentState.NOT_READY:
                await routing.set_state(agent, state=AgentState.READY)
            self._took_a_call.discard(agent)
        except UnavailableError:
            pass  # they click once more
        finally:
            del self._at_it[agent]


class _Citizen:
    """Somebody who takes the call, and talks for a few seconds."""

    def __init__(self, phone: SimulatedPhone) -> None:
        self._phone = phone
        self._until: float | None = None

    def act(self) -> None:
        if self._phone.ringing:
            self._phone.answer()
            self._until = time.monotonic() + TALK
        elif self._until is not None and time.monotonic() > self._until:
            self._phone.hang_up()
            self._until = None


async def _every(seconds: float, what: Callable[[], Awaitable[object]], went: _Went) -> None:
    """Do it again and again, as a process does: what a store does not answer in time is done the next time."""
    while True:
        try:
            await what()
        except UnavailableError:
            went.without_answer += 1
        await asyncio.sleep(seconds)


async def _dialled(made: Centre) -> int:
    async with made.rooms.database.reading() as tx:
        query = select(func.count(distinct(callback_attempts.c.callback)))
        return int((await tx.execute(query)).scalar_one())


async def _all_are_in(made: Centre) -> bool:
    waits = select(func.count()).select_from(routed_contacts).where(routed_contacts.c.state == "waiting")
    async with made.rooms.database.reading() as tx:
        waiting = (await tx.execute(waits)).scalar_one()
        offered = (await tx.execute(select(func.count(distinct(offers.c.contact))))).scalar_one()
    return int(waiting + offered) >= DUE


async def _count(made: Centre, due: list[CallbackId], began: datetime, went: _Went) -> dict[str, object]:
    async with made.rooms.database.reading() as tx:
        attempts = (await tx.execute(select(callback_attempts))).all()
        offered = (await tx.execute(select(offers.c.contact, offers.c.offered_at).order_by(offers.c.token))).all()
        promised = select(callbacks.c.contact).where(callbacks.c.contact.in_(select(offers.c.contact)))
        by_rank = (await tx.execute(promised.order_by(callbacks.c.first_requested_at, callbacks.c.callback))).scalars()
    in_time = {one.callback for one in attempts if (one.started_at - began).total_seconds() <= WITHIN}
    place = {contact: number for number, contact in enumerate(by_rank)}
    ranks = [place[one.contact] for one in offered if went.all_in_line_at and one.offered_at > went.all_in_line_at]
    return {
        "due_stored": STORED,
        "due_at_once": DUE,
        "due_started_in_the_minute": round(len(in_time & set(due)) / DUE, 4),
        "due_seconds_until_all_were_dialled": round(went.seconds, 1),
        "due_cpu_seconds": round(went.cpu_seconds, 1),
        "due_store_did_not_answer": went.without_answer,
        "load": round(os.getloadavg()[0], 1),
        "due_dialled_twice": len(attempts) - len({one.callback for one in attempts}),
        "due_offered_from_a_full_line": len(ranks),
        "due_out_of_order": sum(after < before for before, after in zip(ranks, ranks[1:], strict=False)),
    }
