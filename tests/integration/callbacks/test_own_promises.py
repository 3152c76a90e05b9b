""" "I will ring you on Thursday at ten": an agent's own promise, which nobody else's crowds out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callbacks.errors import CallbackBusyError, NotNowError, NumberNotAllowedError
from callbacks.events import CallbackDue, CallbackMoved, CallbackPromised
from callbacks.model import CallbackState, Wish
from callbacks.service import Callbacks
from contacts.service import Contacts
from core.events import Event
from core.ids import AgentId, ContactId, LegId
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import NUMBER, POLICY, hang_up, in_line, promised, rings, row

ASA, BO = AgentId("asa"), AgentId("bo")
THURSDAY = START + timedelta(days=3)


async def test_an_own_promise_is_due_then_and_names_the_agent_and_the_deputy(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callbacks.renew(replace(POLICY, slots=replace(POLICY.slots, capacity=0)))  # it needs none
    contact = await rings(contacts, "con_a")
    promise = await callbacks.by_agent(agent=ASA, contact=contact, at=THURSDAY, deputy=BO)
    assert promise == await row(callbacks, promise.callback)
    assert (promise.bound_to, promise.deputy, promise.next_at, promise.wish) == (ASA, BO, THURSDAY, Wish.TIME)
    assert isinstance(told[-1], CallbackPromised) and not told[-1].already
    await hang_up(contacts, contact)
    clock.at = THURSDAY
    assert await callbacks.due() == 1
    assert isinstance(told[-1], CallbackDue) and (told[-1].bound_to, told[-1].deputy) == (ASA, BO)


async def test_without_a_time_it_is_as_soon_as_may_be_and_on_another_number_if_they_say_so(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    contact = await rings(contacts, "con_a", "")
    promise = await callbacks.by_agent(agent=ASA, contact=contact, number="070-174 06 05")
    assert (promise.number.e164, promise.next_at, promise.told) == (NUMBER, START, None)


async def test_what_cannot_be_promised_is_said_by_name(callbacks: Callbacks, contacts: Contacts) -> None:
    contact = await rings(contacts, "con_a")
    for at in (START + timedelta(hours=10), START - timedelta(minutes=1)):
        with pytest.raises(NotNowError):
            await callbacks.by_agent(agent=ASA, contact=contact, at=at)
    for number in ("112", "0900-123 45 67", ""):
        with pytest.raises(NumberNotAllowedError) as refused:
            await callbacks.by_agent(agent=ASA, contact=contact, number=number)
        assert not number or number not in str(refused.value)


async def test_an_open_promise_becomes_the_agents_own_and_keeps_its_rank(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await in_line(callbacks, contacts)
    clock.pass_time(hours=1)
    again = await rings(contacts, "con_b")
    promise = await callbacks.by_agent(agent=ASA, contact=again, at=THURSDAY)
    assert (promise.callback, promise.first_requested_at) == (callback, START)
    assert (promise.state, promise.bound_to, promise.next_at) == (CallbackState.WAITING, ASA, THURSDAY)
    moved, said = told[-2:]
    assert isinstance(moved, CallbackMoved) and moved.was_in_line
    assert isinstance(said, CallbackPromised) and said.already


async def test_while_they_are_being_rung_nothing_else_is_promised(callbacks: Callbacks, contacts: Contacts) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LegId("leg_1"), agent=BO)
    with pytest.raises(CallbackBusyError):
        await callbacks.by_agent(agent=ASA, contact=await rings(contacts, "con_b"), at=THURSDAY)


async def test_being_helped_by_somebody_else_leaves_an_own_promise_be(callbacks: Callbacks, contacts: Contacts) -> None:
    first = await rings(contacts, "con_a")
    promise = await callbacks.by_agent(agent=ASA, contact=first, at=THURSDAY)
    await hang_up(contacts, first)
    assert not await callbacks.helped(await rings(contacts, "con_b"))
    assert (await row(callbacks, promise.callback)).is_open


async def test_the_agents_own_ones_can_be_listed(callbacks: Callbacks, contacts: Contacts) -> None:
    await promised(callbacks, contacts, "con_other", "+46701740699")
    mine = await callbacks.by_agent(agent=ASA, contact=await rings(contacts, "con_a"), at=THURSDAY)
    async with callbacks.database.reading() as tx:
        found = await callbacks.listed(tx, states=(CallbackState.WAITING,), agent=ASA)
    assert [one.callback for one in found] == [mine.callback]
    assert mine.contact == ContactId("con_a")
