"""Whose promise it is: a number proves nobody; whoever was given up has their place again; and nobody who rings is a flood."""

from dataclasses import replace

import pytest

from callbacks import attempts
from callbacks.errors import TooManyPromisesError
from callbacks.events import CallbackPromised
from callbacks.service import Callbacks
from contacts.service import Contacts
from core.ids import AgentId, ContactId
from core.language import Language
from core.phone import PhoneNumber
from tests.fakes.clock import HandClock
from tests.integration.callbacks.asking import (
    NUMBER,
    POLICY,
    arrive,
    asks_as,
    hang_up,
    number_of,
    promised,
    rings,
    row,
)


async def talks(contacts: Contacts, contact: ContactId) -> None:
    async with contacts.database.transaction() as tx:
        await contacts.connected(tx, contact, AgentId("asa"))


async def test_on_the_worst_of_days_nobody_who_rings_is_refused_and_machines_are(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callbacks.renew(replace(POLICY, caps=replace(POLICY.caps, all_per_hour=1)))
    await promised(callbacks, contacts, "con_0", number_of(1))
    await promised(callbacks, contacts, "con_1", number_of(2))
    with pytest.raises(TooManyPromisesError):
        await callbacks.by_text(key="s1", number=PhoneNumber(number_of(3)), language=Language.SWEDISH)
    dropped = await arrive(contacts, "con_2", caller=number_of(4))
    await hang_up(contacts, dropped)
    await callbacks.keep_dropped_place(dropped)
    made = await callbacks.by_text(key="s2", number=PhoneNumber(number_of(4)), language=Language.SWEDISH)
    assert made.is_new, "whoever has waited is no stranger"


async def test_who_shares_a_telephone_and_has_not_said_who_they_are_ends_nobody_elses_promise(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    mine = await asks_as(callbacks, contacts, "con_1", NUMBER, "per_1")
    other = await rings(contacts, "con_2", NUMBER)
    assert await callbacks.open_of_contact(other) is None, (
        "it is neither told, moved nor cancelled, nor lends its place"
    )
    await talks(contacts, other)
    assert not await callbacks.helped(other)
    await hang_up(contacts, other)
    assert (await row(callbacks, mine.callback)).is_open
    me = await rings(contacts, "con_3", number_of(2), person="per_1")
    await talks(contacts, me)
    assert await callbacks.helped(me)


async def given_up(callbacks: Callbacks, contacts: Contacts, clock: HandClock, person: str) -> CallbackPromised:
    """Somebody is promised a call, and not reached in as many attempts as we make."""
    fact = await asks_as(callbacks, contacts, "con_1", NUMBER, person)
    async with callbacks.database.transaction() as tx:
        await attempts.given_up(tx, await callbacks.get(tx, fact.callback), "no_answer", now=clock.now())
    clock.pass_time(hours=1)
    return fact


@pytest.mark.parametrize("person", ["", "per_1"])
async def test_after_it_was_given_up_a_ring_has_the_first_place_and_queue_again_and_nobody_follows_up_in_vain(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, person: str
) -> None:
    before = await row(callbacks, (await given_up(callbacks, contacts, clock, person)).callback)
    made = await callbacks.by_text(key="s1", number=PhoneNumber(NUMBER), language=Language.SWEDISH)
    again = made.promise
    assert made.is_new and again.callback != before.callback
    assert (again.first_requested_at, again.queue, again.person) == (
        before.first_requested_at, "sjuk", before.person,
    )  # fmt: skip
    async with callbacks.database.reading() as tx:
        assert await callbacks.follow_ups(tx) == []


@pytest.mark.parametrize(("knows", "left"), [("per_1", 0), ("", 1)])
async def test_whoever_was_given_up_and_is_helped_leaves_the_list_and_nobody_else_takes_them_off_it(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, knows: str, left: int
) -> None:
    await given_up(callbacks, contacts, clock, "per_1")
    called = await rings(contacts, "con_2", NUMBER, person=knows)
    await talks(contacts, called)
    await callbacks.helped(called)
    async with callbacks.database.reading() as tx:
        assert len(await callbacks.follow_ups(tx)) == left
