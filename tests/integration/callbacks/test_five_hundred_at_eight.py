"""Five hundred were promised in the night to be rung, and all of them are due at eight, when several processes look."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from callbacks.attempt_store import callback_attempts
from callbacks.events import CallbackDue
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from callbacks.store import callbacks as table
from contacts.service import Contacts
from contacts.store import contacts as books
from core.events import Event
from core.ids import AgentId, CallbackId, LegId
from storage.database import Database
from tests.fakes.clock import CountingIds, HandClock
from tests.integration.callbacks.asking import POLICY, number_of, promised

MANY, PROCESSES, AGENTS = 500, 4, 20
NIGHT = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
EIGHT = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)  # by Stockholm's clock


class Morning:
    """Several processes with the same tables, each of which may die, and agents who dial what is in the line."""

    def __init__(self, database: Database, clock: HandClock, contacts: Contacts, new_id: CountingIds) -> None:
        self.database, self.clock, self.contacts, self.new_id = database, clock, contacts, new_id
        self.processes = [self._process() for _ in range(PROCESSES)]
        self.chance = random.Random(8)
        self.rung, self.missed = Counter[str](), Counter[str]()

    def _process(self) -> Callbacks:
        return Callbacks(
            database=self.database, clock=self.clock, new_id=self.new_id, contacts=self.contacts, policy=POLICY
        )

    async def all_look(self) -> int:
        """Let all processes bring in what is due at the same time, and one of them be started anew."""
        brought = await asyncio.gather(*(process.due(limit=40) for process in self.processes))
        self.processes[self.chance.randrange(PROCESSES)] = self._process()
        return sum(brought)

    async def dial_in_turn(self, wanted: list[CallbackId]) -> None:
        """Let agents dial these, two of them each at times, and let something come of every call, or nothing at all."""
        for begin in range(0, len(wanted), AGENTS):
            await asyncio.gather(*(self._dial(one, agent) for agent, one in enumerate(wanted[begin : begin + AGENTS])))

    async def _dial(self, callback: CallbackId, number: int) -> None:
        process, agent = self.processes[number % PROCESSES], AgentId(f"agent_{number}")
        legs = [LegId(self.new_id("leg")) for _ in range(self.chance.choice([1, 1, 2]))]
        answers = await asyncio.gather(
            *(process.dial(callback, leg=leg, agent=agent) for leg in legs), return_exceptions=True
        )
        (leg,) = [leg for leg, answer in zip(legs, answers, strict=True) if isinstance(answer, str)]
        self.rung[callback] += 1
        match self.chance.choice(["kept", "kept", "kept", "missed", "nobody knows"]):
            case "kept":
                await process.kept(callback)
            case "missed":
                self.missed[callback] += 1
                await process.missed(callback, "no_answer", leg=leg)
            case _:  # the process and the call are gone; what was asked of the switch is found out later
                self.processes[number % PROCESSES] = self._process()

    async def states(self) -> Counter[str]:
        async with self.database.reading() as tx:
            return Counter(row.state for row in await tx.execute(select(table.c.state)))

    async def in_line(self) -> list[CallbackId]:
        async with self.database.reading() as tx:
            stands = select(table.c.callback).where(table.c.state == CallbackState.IN_LINE)
            return [CallbackId(row.callback) for row in await tx.execute(stands)]

    async def attempts(self) -> Counter[str]:
        async with self.database.reading() as tx:
            return Counter(row.callback for row in await tx.execute(select(callback_attempts.c.callback)))


async def five_hundred(database: Database, first: CallbackId) -> list[CallbackId]:
    """Let as many more be promised the same as this one, under numbers of their own, a second later each."""
    async with database.transaction() as tx:
        promise = (await tx.execute(select(table).where(table.c.callback == first))).one()._asdict()
        contact = (await tx.execute(select(books).where(books.c.contact == promise["contact"]))).one()._asdict()
        others = [(f"cbk_more_{index}", f"con_more_{index}", number_of(index)) for index in range(1, MANY)]
        await tx.execute(
            insert(books),
            [{**contact, "contact": con, "callback": cbk, "caller": number} for cbk, con, number in others],
        )
        began = promise["first_requested_at"]
        rows = [
            {"callback": cbk, "contact": con, "number": number, "first_requested_at": began + timedelta(seconds=later)}
            for later, (cbk, con, number) in enumerate(others, 1)
        ]
        await tx.execute(insert(table), [{**promise, **row} for row in rows])
    return [first, *(CallbackId(callback) for callback, _, _ in others)]


@pytest.mark.thorough
async def test_each_is_brought_in_once_rung_once_at_a_time_and_ends(
    database: Database, callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    clock.at = NIGHT
    made = await five_hundred(database, await promised(callbacks, contacts))
    morning = Morning(database, clock, contacts, CountingIds())
    assert await morning.all_look() == 0
    clock.at = EIGHT
    brought = 0
    while more := await morning.all_look():
        brought += more
    assert brought == MANY
    due = [fact.callback for fact in told if isinstance(fact, CallbackDue)]
    assert Counter(due) == Counter(made)
    assert await morning.states() == {CallbackState.IN_LINE: MANY}
    await morning.dial_in_turn(due)
    for _ in range(6):
        clock.pass_time(minutes=31)
        for process in morning.processes:
            await process.release_stale()
        while await morning.all_look():
            pass
        await morning.dial_in_turn(await morning.in_line())
    states = await morning.states()
    assert set(states) <= {CallbackState.KEPT, CallbackState.FAILED} and states.total() == MANY, states
    assert states[CallbackState.KEPT] > MANY // 2
    assert await morning.attempts() == morning.rung
    assert max(morning.missed.values()) == POLICY.most_attempts  # what nobody knows the end of is no reason to give up
    assert clock.at < EIGHT + timedelta(hours=4)
