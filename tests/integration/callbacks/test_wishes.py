"""A wish to be rung back is in the contact's row until it is promised or refused, whoever hangs up meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from callbacks.events import CallbackNotPossible, CallbackPromised
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from contacts import ledger
from contacts.events import ContactEnded
from contacts.model import Outcome
from contacts.service import Contacts
from core.events import Event
from storage.outbox import outbox
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import NUMBER, answer, arrive, ask, hang_up, row, wish


@pytest.mark.parametrize("hangs_up", ["before", "after"])
async def test_who_hangs_up_as_the_promise_is_made_has_it_and_the_books_say_so(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event], hangs_up: str
) -> None:
    contact = await arrive(contacts)
    await wish(contacts, contact)
    happens = [lambda: hang_up(contacts, contact), lambda: answer(callbacks, contact)]
    for happening in happens if hangs_up == "before" else reversed(happens):
        clock.pass_time(seconds=1)
        await happening()
    promised = [fact for fact in told if isinstance(fact, CallbackPromised)]
    assert [fact.already for fact in promised] == [False]
    assert (await row(callbacks, promised[0].callback)).state is CallbackState.WAITING
    async with contacts.database.reading() as tx:
        ended = await contacts.get(tx, contact)
        steps = [step.what for step in await contacts.timeline(tx, contact)]
        assert not await ledger.inspect(tx, start=START, end=clock.now(), now=clock.pass_time(minutes=5))
    assert (ended.outcome, ended.callback, ended.callback_number) == (
        Outcome.CALLBACK_PROMISED, promised[0].callback, ""
    )  # fmt: skip
    assert ended.ended_at == START + timedelta(seconds=1 if hangs_up == "before" else 2)
    assert steps[-2:] == ["promised", "ended"]
    assert [type(fact) for fact in told].count(ContactEnded) == 1


async def test_who_hangs_up_before_the_number_is_refused_has_abandoned_after_all(
    callbacks: Callbacks, contacts: Contacts, told: list[Event]
) -> None:
    contact = await arrive(contacts)
    await wish(contacts, contact, "0900-123 45 67")
    assert await hang_up(contacts, contact) is None
    assert isinstance(await answer(callbacks, contact), CallbackNotPossible)
    (ended,) = [fact for fact in told if isinstance(fact, ContactEnded)]
    assert ended.outcome is Outcome.ABANDONED


async def test_a_wish_that_nobody_answers_is_found_in_the_books(contacts: Contacts, clock: HandClock) -> None:
    contact = await arrive(contacts)
    await wish(contacts, contact)
    await hang_up(contacts, contact)
    async with contacts.database.reading() as tx:
        assert not await ledger.inspect(tx, start=START, end=clock.now(), now=clock.pass_time(seconds=59))
        (finding,) = await ledger.inspect(tx, start=START, end=clock.now(), now=clock.pass_time(seconds=2))
    assert "nobody has answered the wish" in finding.what


async def test_a_wish_that_is_told_twice_is_answered_once(
    callbacks: Callbacks, contacts: Contacts, told: list[Event]
) -> None:
    contact = await arrive(contacts)
    await ask(callbacks, contact)
    assert await answer(callbacks, contact) is None
    assert [type(fact) for fact in told].count(CallbackPromised) == 1


async def test_no_number_stays_where_the_wish_was(callbacks: Callbacks, contacts: Contacts) -> None:
    contact = await arrive(contacts)
    await ask(callbacks, contact)
    async with contacts.database.reading() as tx:
        assert (await contacts.get(tx, contact)).callback_number == ""
        bodies = (await tx.execute(select(outbox.c.body))).scalars().all()
    assert bodies
    assert not any(NUMBER[3:] in body for body in bodies)
