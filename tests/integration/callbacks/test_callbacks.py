"""A promise to ring back is made once, kept, given up with notice, or no longer wanted. It is never lost."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from callbacks import store
from callbacks.errors import CallbackNotFoundError, CallbackTakenError, CallbackTooEarlyError
from callbacks.events import (
    CallbackCancelled,
    CallbackGivenUp,
    CallbackKept,
    CallbackMissed,
    CallbackNotPossible,
    CallbackPromised,
    CallbackStarted,
)
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from contacts.errors import ContactNotFoundError
from contacts.model import Outcome
from contacts.service import Contacts
from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import NUMBER, arrive, ask, row

ASA, BO = AgentId("asa"), AgentId("bo")


async def promise(callbacks: Callbacks, contacts: Contacts) -> CallbackId:
    fact = await ask(callbacks, await arrive(contacts))
    assert isinstance(fact, CallbackPromised)
    return fact.callback


async def close(contacts: Contacts, contact: ContactId) -> None:
    async with contacts.database.transaction() as tx:
        await contacts.close(tx, contact)


async def number_of_rows(callbacks: Callbacks) -> int:
    async with callbacks.database.reading() as tx:
        return int((await tx.execute(select(func.count()).select_from(store.callbacks))).scalar_one())


async def test_a_promise_keeps_the_place_of_the_caller_and_becomes_the_outcome(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    contact = await arrive(contacts)
    clock.pass_time(minutes=16)
    fact = await ask(callbacks, contact)
    assert fact == told[-1]
    assert isinstance(fact, CallbackPromised) and not fact.already and fact.leg == "leg-con_a"
    kept = await row(callbacks, fact.callback)
    assert (kept.first_requested_at, kept.promised_at) == (START, clock.now())
    assert kept.state is CallbackState.WAITING and kept.number.e164 == NUMBER
    async with contacts.database.transaction() as tx:
        assert await contacts.close(tx, contact) is Outcome.CALLBACK_PROMISED


async def test_asking_twice_in_one_call_or_two_gives_one_promise_and_says_so(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    first = await ask(callbacks, await arrive(contacts))
    again = await ask(callbacks, ContactId("con_a"))
    other = await ask(callbacks, await arrive(contacts, "con_b"), "070-174 06 05")
    assert isinstance(first, CallbackPromised) and isinstance(again, CallbackPromised)
    assert isinstance(other, CallbackPromised)
    assert (first.already, again.already, other.already) == (False, True, True)
    assert first.callback == again.callback == other.callback
    async with contacts.database.transaction() as tx:
        assert await contacts.close(tx, ContactId("con_b")) is Outcome.CALLBACK_PROMISED


async def test_ten_calls_from_one_number_at_once_get_one_promise(callbacks: Callbacks, contacts: Contacts) -> None:
    calls = [await arrive(contacts, f"con_{number}") for number in range(10)]
    facts = await asyncio.gather(*(ask(callbacks, contact) for contact in calls))
    assert len({fact.callback for fact in facts if isinstance(fact, CallbackPromised)}) == 1
    assert [fact.already for fact in facts if isinstance(fact, CallbackPromised)].count(False) == 1
    assert await number_of_rows(callbacks) == 1


async def test_when_a_promise_is_over_the_same_number_can_have_another(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    first = await promise(callbacks, contacts)
    await callbacks.take(first, ASA)
    assert await callbacks.kept(first)
    second = await ask(callbacks, await arrive(contacts, "con_b"))
    assert isinstance(second, CallbackPromised) and second.callback != first and not second.already


@pytest.mark.parametrize(
    ("number", "reason"),
    [("0900-123 45 67", "pay_or_special"), ("+4790012345", "foreign"), ("0771524524", "our_own")],
)
async def test_a_number_that_we_do_not_ring_gives_no_promise_but_a_reason(
    callbacks: Callbacks, contacts: Contacts, told: list[Event], number: str, reason: str
) -> None:
    contact = await arrive(contacts, waits=False)
    fact = await ask(callbacks, contact, number)
    assert isinstance(fact, CallbackNotPossible) and fact.reason == reason and told[-1] == fact
    assert await number_of_rows(callbacks) == 0
    async with contacts.database.transaction() as tx:
        assert await contacts.close(tx, contact) is Outcome.ABANDONED


async def test_nothing_is_promised_for_a_contact_that_is_not_there(callbacks: Callbacks) -> None:
    with pytest.raises(ContactNotFoundError):
        await ask(callbacks, ContactId("con_nobody"))
    assert await number_of_rows(callbacks) == 0


async def test_those_who_waited_longest_come_first(callbacks: Callbacks, contacts: Contacts, clock: HandClock) -> None:
    late = await arrive(contacts, "con_1")
    clock.pass_time(minutes=1)
    later = await arrive(contacts, "con_2")
    await ask(callbacks, later, "+46701740606")
    await ask(callbacks, late, "+46701740607")
    async with callbacks.database.reading() as tx:
        assert [one.contact for one in await callbacks.waiting(tx)] == ["con_1", "con_2"]


async def test_of_ten_agents_who_take_a_promise_at_once_one_has_it(
    callbacks: Callbacks, contacts: Contacts, told: list[Event]
) -> None:
    callback = await promise(callbacks, contacts)
    took = await asyncio.gather(
        *(callbacks.take(callback, AgentId(f"agent{n}")) for n in range(10)), return_exceptions=True
    )
    started = [fact for fact in took if isinstance(fact, CallbackStarted)]
    assert len(started) == 1 and started[0].contact == "con_a"
    assert [type(other) for other in took].count(CallbackTakenError) == 9
    assert [fact for fact in told if isinstance(fact, CallbackStarted)] == started
    assert (await row(callbacks, callback)).taken_by == started[0].agent


async def test_a_promise_is_kept_once(callbacks: Callbacks, contacts: Contacts, told: list[Event]) -> None:
    callback = await promise(callbacks, contacts)
    await callbacks.take(callback, ASA)
    assert await callbacks.kept(callback)
    assert not await callbacks.kept(callback)
    assert not await callbacks.cancel(callback, by="citizen")
    assert [type(fact) for fact in told].count(CallbackKept) == 1
    assert (await row(callbacks, callback)).state is CallbackState.KEPT


async def test_a_promise_is_kept_when_they_hear_each_other_however_long_they_talk(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await promise(callbacks, contacts)
    assert not await callbacks.on_agent_connected(contact=ContactId("con_a"), agent=ASA)  # nobody has taken it
    await callbacks.take(callback, ASA)
    assert not await callbacks.on_agent_connected(contact=ContactId("con_a"), agent=BO)
    assert await callbacks.on_agent_connected(contact=ContactId("con_a"), agent=ASA)
    clock.pass_time(hours=1)
    assert await callbacks.release_stale() == 0
    assert not await callbacks.missed(callback, "no_answer")
    assert (await row(callbacks, callback)).state is CallbackState.KEPT
    assert [type(fact) for fact in told].count(CallbackKept) == 1


async def test_a_missed_citizen_keeps_the_place_and_is_tried_again_after_a_while(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await promise(callbacks, contacts)
    await close(contacts, ContactId("con_a"))
    await callbacks.take(callback, ASA)
    assert await callbacks.dial(callback, leg=LegId("leg_1"), agent=ASA) == NUMBER
    assert await callbacks.missed(callback, "no_answer", leg=LegId("leg_1"))
    assert isinstance(told[-1], CallbackMissed) and told[-1].attempts == 1
    with pytest.raises(CallbackTooEarlyError):
        await callbacks.take(callback, BO)
    clock.pass_time(minutes=30)
    await callbacks.take(callback, BO)
    await callbacks.dial(callback, leg=LegId("leg_2"), agent=BO)
    kept = await row(callbacks, callback)
    assert (kept.first_requested_at, kept.attempts, kept.taken_by) == (START, 2, BO)


async def test_after_three_attempts_it_is_given_up_and_told(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await promise(callbacks, contacts)
    for _ in range(3):
        await callbacks.take(callback, ASA)
        await callbacks.missed(callback, "no_answer")
        clock.pass_time(minutes=30)
    assert isinstance(told[-1], CallbackGivenUp) and told[-1].attempts == 3
    assert (await row(callbacks, callback)).state is CallbackState.FAILED
    with pytest.raises(CallbackTakenError):
        await callbacks.take(callback, ASA)


async def test_an_attempt_in_which_the_citizens_phone_never_rang_does_not_count(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callback = await promise(callbacks, contacts)
    for _ in range(5):
        await callbacks.take(callback, ASA)
        assert await callbacks.missed(callback, "agent_unreached", citizen_was_rung=False)
    assert not await callbacks.missed(callback, "no_answer")  # nobody has taken it
    assert (await row(callbacks, callback)).attempts == 0


async def test_what_an_agent_took_and_nothing_came_of_goes_back_and_never_is_given_up_on_a_guess(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await promise(callbacks, contacts)
    await close(contacts, ContactId("con_a"))
    for number in range(5):
        await callbacks.take(callback, ASA)
        await callbacks.dial(callback, leg=LegId(f"leg_{number}"), agent=ASA)
        clock.pass_time(minutes=15)
        assert await callbacks.release_stale() == 0
        clock.pass_time(seconds=1)
        assert await callbacks.release_stale() == 1
        clock.pass_time(minutes=15)
    kept = await row(callbacks, callback)
    assert (kept.state, kept.first_requested_at, kept.attempts) == (CallbackState.WAITING, START, 2)


async def test_a_citizen_may_change_their_mind(callbacks: Callbacks, contacts: Contacts, told: list[Event]) -> None:
    callback = await promise(callbacks, contacts)
    assert await callbacks.cancel(callback, by="citizen")
    assert isinstance(told[-1], CallbackCancelled)
    async with callbacks.database.reading() as tx:
        assert await callbacks.waiting(tx) == []


async def test_a_promise_that_is_not_there_is_said_to_be_so(callbacks: Callbacks) -> None:
    with pytest.raises(CallbackNotFoundError):
        await callbacks.take(CallbackId("cbk_nothing"), ASA)


async def test_a_caller_whom_the_switch_could_not_give_us_is_taken_in_once(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    at = START - timedelta(minutes=4)
    callback = await callbacks.import_stranded(number="0701740605", called="0771524524", at=at)
    assert callback is not None
    assert await callbacks.import_stranded(number="0701740605", called="0771524524", at=at) is None
    kept = await row(callbacks, callback)
    assert (kept.first_requested_at, kept.queue, kept.reason) == (at, "allmant", "stranded")
    async with contacts.database.reading() as tx:
        found = await contacts.get(tx, kept.contact)
        assert (found.outcome, found.opened_at) == (Outcome.CALLBACK_PROMISED, at)
        assert (await contacts.tally(tx, at, at + timedelta(minutes=1))).holds
    assert [type(fact) for fact in told].count(CallbackPromised) == 1


async def test_the_same_file_of_a_stranded_caller_in_parallel_is_taken_in_once(callbacks: Callbacks) -> None:
    made = await asyncio.gather(
        *(callbacks.import_stranded(number="0701740605", called="0771524524", at=START, key="a-file") for _ in range(8))
    )
    assert len([callback for callback in made if callback]) == 1
    assert await number_of_rows(callbacks) == 1


async def test_a_stranded_caller_who_cannot_be_rung_is_counted_as_lost(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    assert await callbacks.import_stranded(number="anonymous", called="0771524524", at=START) is None
    async with contacts.database.reading() as tx:
        tally = await contacts.tally(tx, START, START + timedelta(minutes=1))
    assert tally.holds and tally.outcomes[Outcome.LOST_TECHNICAL] == 1


async def test_a_promise_whose_commit_fails_is_neither_told_nor_kept(
    callbacks: Callbacks, contacts: Contacts, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = await arrive(contacts)
    told.clear()

    async def broken(*_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(contacts, "promised", broken)
    with pytest.raises(ZeroDivisionError):
        await ask(callbacks, contact)
    assert told == [] and await number_of_rows(callbacks) == 0
