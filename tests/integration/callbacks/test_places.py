"""Whoever hung up while waiting has the place again for some minutes, once."""

import asyncio
from datetime import timedelta

import pytest

from callbacks.events import CallbackPromised, PlaceKept
from callbacks.service import Callbacks
from contacts.service import Contacts
from core.events import Event
from core.ids import ContactId
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import NUMBER, arrive, ask, hang_up, rings


async def dropped(contacts: Contacts, contact: str = "con_a", caller: str = NUMBER) -> ContactId:
    waits = await arrive(contacts, contact, caller=caller)
    await hang_up(contacts, waits)
    return waits


async def test_a_dropped_line_has_its_place_again_from_the_same_number_however_it_is_written(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    contact = await arrive(contacts, "con_a", caller=NUMBER)
    clock.pass_time(minutes=9)
    await hang_up(contacts, contact)
    until = clock.now() + timedelta(minutes=15)
    assert await callbacks.keep_dropped_place(contact) == told[-1]
    assert told[-1] == PlaceKept(occurred_at=clock.now(), contact=contact, until=until)
    clock.pass_time(minutes=14)
    again = await rings(contacts, "con_b", "0701740605")
    assert await callbacks.place_of_dropped(again) == START
    assert await callbacks.place_of_dropped(again) == START  # asked again of the same call
    other = await rings(contacts, "con_c")
    assert await callbacks.place_of_dropped(other) is None  # a place is given once


async def test_a_place_is_kept_for_a_while_only(callbacks: Callbacks, contacts: Contacts, clock: HandClock) -> None:
    await callbacks.keep_dropped_place(await dropped(contacts))
    clock.pass_time(minutes=15)
    assert await callbacks.place_of_dropped(await rings(contacts, "con_b")) is None


async def test_told_twice_or_late_it_is_kept_once_or_not_at_all(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    contact = await dropped(contacts)
    await asyncio.gather(*(callbacks.keep_dropped_place(contact) for _ in range(5)))
    assert [type(fact) for fact in told].count(PlaceKept) == 1
    late = await dropped(contacts, "con_b", "+46701740606")
    clock.pass_time(minutes=20)
    assert await callbacks.keep_dropped_place(late) is None


async def test_of_two_who_ring_at_once_one_has_the_place(callbacks: Callbacks, contacts: Contacts) -> None:
    await callbacks.keep_dropped_place(await dropped(contacts))
    calls = [await rings(contacts, f"con_{n}") for n in range(6)]
    given = await asyncio.gather(*(callbacks.place_of_dropped(called) for called in calls))
    assert [since for since in given if since] == [START]


async def test_who_dropped_twice_has_the_better_place(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    await callbacks.keep_dropped_place(await dropped(contacts, "con_a"))
    clock.pass_time(minutes=2)
    await callbacks.keep_dropped_place(await dropped(contacts, "con_b"))
    clock.pass_time(minutes=2)
    assert await callbacks.place_of_dropped(await rings(contacts, "con_c")) == START


async def test_a_person_who_is_known_has_the_place_from_another_phone(callbacks: Callbacks, contacts: Contacts) -> None:
    contact = await rings(contacts, "con_a", "", person="per_1")
    async with contacts.database.transaction() as tx:
        await contacts.waiting(tx, contact, "sjuk")
    await hang_up(contacts, contact)
    assert await callbacks.keep_dropped_place(contact)
    assert await callbacks.place_of_dropped(await rings(contacts, "con_b", "+46701740606")) is None
    assert await callbacks.place_of_dropped(await rings(contacts, "con_c", "", person="per_1")) == START


@pytest.mark.parametrize("why", ["still_there", "did_not_wait", "withheld"])
async def test_there_is_no_place_to_keep(callbacks: Callbacks, contacts: Contacts, why: str) -> None:
    contact = await arrive(contacts, waits=why != "did_not_wait", caller="anonymous" if why == "withheld" else NUMBER)
    if why != "still_there":
        await hang_up(contacts, contact)
    assert await callbacks.keep_dropped_place(contact) is None
    assert await callbacks.place_of_dropped(await rings(contacts, "con_b", "")) is None


async def test_after_a_call_a_place_is_kept_and_what_it_put_off_is_due(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    await callbacks.call_ended(await dropped(contacts, "con_a"))
    promised_to = await arrive(contacts, "con_b", caller=NUMBER)
    assert await callbacks.place_of_dropped(promised_to) == START
    fact = await ask(callbacks, promised_to)
    assert isinstance(fact, CallbackPromised)
    assert await callbacks.due() == 0  # put off, while they are in a call with us
    await hang_up(contacts, promised_to)
    await callbacks.call_ended(promised_to)
    assert await callbacks.due() == 1


async def test_after_a_call_with_neither_a_place_nor_a_promise_nothing_is_written(
    callbacks: Callbacks, contacts: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = await arrive(contacts, waits=False, caller=NUMBER)
    await hang_up(contacts, contact)
    monkeypatch.setattr(callbacks.database, "transaction", None)
    await callbacks.call_ended(contact)
