"""Promises that are due come into the line in order, are never forgotten there, and nobody is rung who is with us."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from callbacks.events import CallbackDue, CallbackGivenUp
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from callbacks.store import callbacks as table
from contacts.service import Contacts
from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import (
    NUMBER,
    answer,
    arrive,
    hang_up,
    in_line,
    number_of,
    promised,
    rings,
    row,
    wish,
)

EVENING = START + timedelta(hours=10)  # eight o'clock in Sweden: nobody is rung any more
MORNING = START + timedelta(hours=22)
ASA = AgentId("asa")


def due_ones(told: list[Event]) -> list[str]:
    return [fact.callback for fact in told if isinstance(fact, CallbackDue)]


async def test_a_promise_is_due_when_the_call_is_over_and_no_sooner(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    contact = await arrive(contacts, "con_a", caller=NUMBER)
    await wish(contacts, contact)
    clock.pass_time(minutes=3)
    fact = await answer(callbacks, contact)
    assert fact is not None and await callbacks.due() == 0
    await hang_up(contacts, contact)
    assert await callbacks.due() == 0  # looked at again in a moment
    clock.pass_time(seconds=15)
    assert await callbacks.due() == 1
    (due,) = [one for one in told if isinstance(one, CallbackDue)]
    assert (due.contact, due.queue, due.first_requested_at) == (contact, "sjuk", START)
    kept = await row(callbacks, due.callback)
    assert (kept.state, kept.next_at, kept.in_line_at) == (CallbackState.IN_LINE, None, clock.now())
    assert await callbacks.due() == 0


async def test_those_who_waited_longest_come_into_the_line_first_however_many_are_due(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    made = []
    for index in range(7):
        made.append(await promised(callbacks, contacts, f"con_{index}", number_of(index)))
        clock.pass_time(seconds=1)
    async with callbacks.database.transaction() as tx:  # the last to wait are the first to be due
        for index, callback in enumerate(made):
            at = START + timedelta(minutes=30 - index)
            await tx.execute(update(table).where(table.c.callback == callback).values(next_at=at))
    clock.pass_time(hours=1)
    assert [await callbacks.due(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert due_ones(told) == made


async def test_two_sweepers_at_once_bring_each_in_once(
    callbacks: Callbacks, contacts: Contacts, told: list[Event]
) -> None:
    made = [await promised(callbacks, contacts, f"con_{index}", number_of(index)) for index in range(20)]
    brought = await asyncio.gather(*(callbacks.due(limit=8) for _ in range(6)))
    assert sum(brought) == 20
    assert sorted(due_ones(told)) == sorted(made)


@pytest.mark.parametrize("how", ["number", "national", "person"])
async def test_nobody_comes_into_the_line_while_they_are_in_a_call_with_us(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, how: str
) -> None:
    async with contacts.database.transaction() as tx:
        await contacts.open(tx, contact=ContactId("con_a"), caller=NUMBER)
    if how == "person":
        await rings(contacts, "con_a", person="per_1")
    callback = await promised(callbacks, contacts)
    other = {"number": NUMBER, "national": "070-174 06 05", "person": "+46701740699"}[how]
    again = await rings(contacts, "con_again", other, person="per_1" if how == "person" else "")
    assert await callbacks.due() == 0
    clock.pass_time(seconds=15)
    assert await callbacks.due() == 0
    await hang_up(contacts, again)
    clock.pass_time(seconds=15)
    assert await callbacks.due() == 1
    assert (await row(callbacks, callback)).state is CallbackState.IN_LINE


async def test_outside_ringing_hours_a_promise_waits_for_the_morning(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await promised(callbacks, contacts)
    clock.at = EVENING
    assert await callbacks.due() == 0
    assert (await row(callbacks, callback)).next_at == MORNING
    clock.at = MORNING
    assert await callbacks.due() == 1
    assert due_ones(told) == [callback]


async def test_who_rings_in_is_taken_out_of_the_line_and_comes_back_by_itself(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await in_line(callbacks, contacts)
    assert await callbacks.withdraw(callback, "rings_in")
    assert not await callbacks.withdraw(callback, "rings_in")
    assert await callbacks.due() == 0
    clock.pass_time(seconds=15)
    assert await callbacks.due() == 1
    assert due_ones(told) == [callback, callback]
    assert (await row(callbacks, callback)).first_requested_at == START


async def test_what_the_line_has_forgotten_is_told_again_and_what_it_knows_is_not(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    known = await in_line(callbacks, contacts, "con_a", number_of(1))
    clock.pass_time(seconds=1)
    forgotten = await in_line(callbacks, contacts, "con_b", number_of(2))
    clock.pass_time(seconds=5)
    told.clear()
    assert await callbacks.retell(in_line={known, forgotten}) == 0
    clock.pass_time(seconds=1)
    assert await callbacks.retell(in_line={known}) == 1
    assert await callbacks.retell(in_line={known}) == 0  # it was told a moment ago
    assert due_ones(told) == [forgotten]
    clock.pass_time(seconds=6)
    assert await callbacks.retell(in_line=set()) == 2


async def test_after_the_attempts_have_become_fewer_nobody_waits_for_ever(
    callbacks: Callbacks, contacts: Contacts, told: list[Event]
) -> None:
    callback = await promised(callbacks, contacts)
    async with callbacks.database.transaction() as tx:
        await tx.execute(update(table).values(attempts=3, last_reason="no_answer"))
    assert await callbacks.due() == 0
    assert (await row(callbacks, callback)).state is CallbackState.FAILED
    assert isinstance(told[-1], CallbackGivenUp)


async def test_a_clock_that_jumps_brings_nothing_in_twice_and_loses_nothing(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    first = await promised(callbacks, contacts, "con_a", number_of(1))
    clock.at = START - timedelta(hours=2)  # eight o'clock in Sweden
    assert await callbacks.due() == 0
    second = await promised(callbacks, contacts, "con_b", number_of(2))
    assert await callbacks.due() == 1
    clock.at = START + timedelta(hours=2)
    assert await callbacks.due() == 1
    assert await callbacks.due() == 0
    assert due_ones(told) == [second, first]


async def test_a_talk_counts_although_a_clock_that_jumped_had_the_promise_released(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LegId("leg_1"), agent=ASA)
    clock.pass_time(hours=2)
    assert await callbacks.release_stale() == 1
    clock.pass_time(hours=-2)
    assert await callbacks.on_agent_connected(contact=ContactId("con_a"), agent=ASA)
    assert (await row(callbacks, callback)).state is CallbackState.KEPT


async def test_two_thousand_that_are_due_at_once_come_in_within_a_minute_and_in_order(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    template = await row(callbacks, await promised(callbacks, contacts))
    many = [CallbackId(f"cbk_many_{index:04d}") for index in range(2_000)]
    async with callbacks.database.transaction() as tx:
        values = {column.name: None for column in table.columns} | {
            name: getattr(template, name) for name in ("contact", "queue", "language", "reason", "state", "promised_at")
        }
        common = values | {"wish": "place", "attempts": 0, "last_reason": "", "proof": "", "follow_up_note": ""}
        await tx.execute(
            table.insert(),
            [
                common
                | {
                    "callback": callback,
                    "number": f"+4690{index:06d}",
                    "first_requested_at": START + timedelta(seconds=(index * 7919) % 2_000 + 1),
                    "next_at": START + timedelta(seconds=index % 60),
                }
                for index, callback in enumerate(many)
            ],
        )
    clock.pass_time(minutes=1)
    told.clear()
    began, brought = time.perf_counter(), 0
    while (now_brought := await callbacks.due()) > 0:
        brought += now_brought
    assert brought == 2_001
    facts = [fact for fact in told if isinstance(fact, CallbackDue)]
    assert [fact.first_requested_at for fact in facts] == sorted(fact.first_requested_at for fact in facts)
    assert time.perf_counter() - began < 60
