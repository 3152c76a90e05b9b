"""A time that was chosen is one's own: never more than fit, moved whole or not at all, and free again when it is not wanted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from callbacks.caps import Used
from callbacks.errors import (
    CallbackBusyError,
    CallbackNotFoundError,
    CallbackOverError,
    CallbackTooEarlyError,
    SlotTakenError,
)
from callbacks.events import CallbackCancelled, CallbackDue, CallbackMoved, CallbackNotPossible, CallbackPromised
from callbacks.model import Callback, CallbackState, Period, Wish
from callbacks.service import Callbacks
from callbacks.store import callbacks as table
from contacts.model import Outcome
from contacts.service import Contacts
from core.events import Event
from core.ids import AgentId, CallbackId, ContactId, LegId
from core.language import Language
from storage.database import DatabaseUnavailableError
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import (
    NUMBER,
    POLICY,
    arrive,
    asks_as,
    hang_up,
    in_line,
    number_of,
    promised,
    rings,
    row,
    wish,
)

TEN = START + timedelta(days=1)  # tomorrow at ten in Sweden
ELEVEN = TEN + timedelta(hours=1)
ASA = AgentId("asa")


async def in_slot(callbacks: Callbacks, starts_at: datetime) -> int:
    async with callbacks.database.reading() as tx:
        query = select(func.count()).where(table.c.slot_starts_at == starts_at, table.c.state != "cancelled")
        return int((await tx.execute(query)).scalar_one())


async def answered(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until the database has a connection to spare, as the outbox does."""
    while True:
        try:
            return await ask()
        except DatabaseUnavailableError:
            continue


async def ask_for(callbacks: Callbacks, contacts: Contacts, index: int, slot_at: datetime) -> object:
    contact = await arrive(contacts, f"con_{index}")
    await wish(contacts, contact, number_of(index))
    return await callbacks.on_callback_requested(
        contact=contact, leg=None, queue="sjuk", language=Language.SWEDISH, slot_at=slot_at
    )


async def test_a_chosen_time_is_promised_and_told_and_due_when_it_begins(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await promised(callbacks, contacts, slot_at=TEN)
    kept = await row(callbacks, callback)
    slot = Period(TEN, ELEVEN)
    assert (kept.wish, kept.slot, kept.told, kept.next_at) == (Wish.TIME, slot, slot, TEN)
    clock.at = TEN - timedelta(seconds=1)
    assert await callbacks.due() == 0
    with pytest.raises(CallbackTooEarlyError):
        await callbacks.take(callback, ASA)
    clock.at = TEN
    assert await callbacks.due() == 1
    (due,) = [fact for fact in told if isinstance(fact, CallbackDue)]
    assert due.first_requested_at == START


async def test_of_fifty_who_want_the_last_place_one_gets_it_and_the_others_are_told_so(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callbacks.renew(replace(POLICY, slots=replace(POLICY.slots, capacity=1)))
    answers = await asyncio.gather(
        *(answered(lambda index=index: ask_for(callbacks, contacts, index, TEN)) for index in range(50))
    )
    assert [type(answer) for answer in answers].count(CallbackPromised) == 1
    refused = [answer for answer in answers if isinstance(answer, CallbackNotPossible)]
    assert [answer.reason for answer in refused] == ["slot_taken"] * 49
    assert await in_slot(callbacks, TEN) == 1
    async with contacts.database.reading() as tx:
        tally = await contacts.tally(tx, START, START + timedelta(hours=1))
    assert tally.offered == 50


async def test_a_full_time_is_no_longer_offered_and_one_that_is_given_up_is_again(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callbacks.renew(replace(POLICY, slots=replace(POLICY.slots, capacity=1)))
    before = await callbacks.times(queue="sjuk")
    assert len(before) >= 2 and Period(TEN, ELEVEN) in before
    callback = await promised(callbacks, contacts, slot_at=TEN)
    assert Period(TEN, ELEVEN) not in await callbacks.times(queue="sjuk")
    assert Period(TEN, ELEVEN) in await callbacks.times(queue="bostad")  # each queue has its own
    await callbacks.cancel(callback, by="citizen")
    assert await callbacks.times(queue="sjuk") == before


async def test_a_time_that_was_never_offered_cannot_be_had(callbacks: Callbacks, contacts: Contacts) -> None:
    for index, wrong in enumerate((TEN + timedelta(minutes=30), START, TEN + timedelta(days=60))):
        answer = await ask_for(callbacks, contacts, index, wrong)
        assert isinstance(answer, CallbackNotPossible) and answer.reason == "slot_taken"


async def test_moving_gives_the_new_time_and_frees_the_old_one(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await promised(callbacks, contacts, slot_at=TEN)
    clock.pass_time(minutes=5)
    moved = await callbacks.move(callback, slot_at=ELEVEN, by="citizen")
    assert moved == await row(callbacks, callback)
    assert (moved.next_at, moved.slot, moved.first_requested_at) == (
        ELEVEN,
        Period(ELEVEN, ELEVEN + timedelta(hours=1)),
        START,
    )
    assert (await in_slot(callbacks, TEN), await in_slot(callbacks, ELEVEN)) == (0, 1)
    assert told[-1] == CallbackMoved(
        occurred_at=clock.now(), callback=callback, contact=ContactId("con_a"), was_in_line=False
    )
    assert (await callbacks.move(callback, slot_at=ELEVEN, by="citizen")).slot == moved.slot  # nothing changes


async def test_a_move_to_a_full_time_changes_nothing(
    callbacks: Callbacks, contacts: Contacts, told: list[Event]
) -> None:
    callbacks.renew(replace(POLICY, slots=replace(POLICY.slots, capacity=1)))
    mine = await promised(callbacks, contacts, "con_a", number_of(1), slot_at=TEN)
    await promised(callbacks, contacts, "con_b", number_of(2), slot_at=ELEVEN)
    before, facts = await row(callbacks, mine), list(told)
    with pytest.raises(SlotTakenError):
        await callbacks.move(mine, slot_at=ELEVEN, by="citizen")
    assert await row(callbacks, mine) == before and told == facts


async def test_twenty_who_move_at_once_to_a_time_for_four_are_four_there_and_sixteen_where_they_were(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    callbacks.renew(replace(POLICY, slots=replace(POLICY.slots, capacity=20)))
    made = [await promised(callbacks, contacts, f"con_{n}", number_of(n), slot_at=TEN) for n in range(20)]
    callbacks.renew(POLICY)
    answers = await asyncio.gather(
        *(answered(lambda one=one: callbacks.move(one, slot_at=ELEVEN, by="citizen")) for one in made),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers].count(Callback) == 4
    assert [type(answer) for answer in answers].count(SlotTakenError) == 16
    assert (await in_slot(callbacks, TEN), await in_slot(callbacks, ELEVEN)) == (16, 4)


async def test_two_who_change_places_at_once_do_not_wait_for_each_other(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    one = await promised(callbacks, contacts, "con_a", number_of(1), slot_at=TEN)
    two = await promised(callbacks, contacts, "con_b", number_of(2), slot_at=ELEVEN)
    for here, there in ((ELEVEN, TEN), (TEN, ELEVEN)) * 5:
        await asyncio.gather(
            callbacks.move(one, slot_at=here, by="citizen"), callbacks.move(two, slot_at=there, by="citizen")
        )
    assert (await in_slot(callbacks, TEN), await in_slot(callbacks, ELEVEN)) == (1, 1)


async def test_who_stands_in_the_line_may_choose_a_time_and_who_has_a_time_may_have_the_place(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock, told: list[Event]
) -> None:
    callback = await in_line(callbacks, contacts)
    moved = await callbacks.move(callback, slot_at=TEN, by="citizen")
    assert (moved.state, moved.wish, moved.in_line_at) == (CallbackState.WAITING, Wish.TIME, None)
    assert isinstance(told[-1], CallbackMoved) and told[-1].was_in_line
    back = await callbacks.move(callback, slot_at=None, by="citizen")
    assert (back.wish, back.slot, back.told, back.next_at) == (Wish.PLACE, None, None, clock.now())
    assert isinstance(told[-1], CallbackMoved) and not told[-1].was_in_line
    assert await callbacks.due() == 1
    stays = await callbacks.move(callback, slot_at=None, by="citizen")
    assert stays.state is CallbackState.IN_LINE and stays.first_requested_at == START
    assert isinstance(told[-1], CallbackMoved) and not told[-1].was_in_line


async def test_what_cannot_be_moved_is_said_by_name(callbacks: Callbacks, contacts: Contacts) -> None:
    callback = await in_line(callbacks, contacts)
    await callbacks.dial(callback, leg=LegId("leg_1"), agent=ASA)
    with pytest.raises(CallbackBusyError):
        await callbacks.move(callback, slot_at=TEN, by="citizen")
    await callbacks.kept(callback)
    with pytest.raises(CallbackOverError):
        await callbacks.move(callback, slot_at=TEN, by="citizen")
    with pytest.raises(CallbackNotFoundError):
        await callbacks.move(CallbackId("cbk_nothing"), slot_at=TEN, by="citizen")


async def test_a_person_has_one_promise_on_whichever_number(callbacks: Callbacks, contacts: Contacts) -> None:
    first = await asks_as(callbacks, contacts, "con_1", number_of(1), "per_1")
    other_phone = await asks_as(callbacks, contacts, "con_2", number_of(2), "per_1")
    assert (other_phone.already, other_phone.callback) == (True, first.callback)
    unknown = await asks_as(callbacks, contacts, "con_3", number_of(1), "")
    assert not unknown.already, "a number proves nobody: whoever it is has a promise of their own"
    found = await callbacks.open_of_contact(ContactId("con_2"))
    assert found is not None and found.callback == first.callback  # the person counts before the number
    promised_to = await callbacks.promised_to(ContactId("con_3"))
    assert promised_to is not None and promised_to.callback == unknown.callback
    await callbacks.cancel(unknown.callback, by="citizen")
    await callbacks.cancel(first.callback, by="citizen")
    assert await callbacks.open_of_contact(ContactId("con_1")) is None
    assert (await callbacks.promised_to(ContactId("con_1"))) is not None


async def test_persons_who_share_a_telephone_each_have_a_promise_and_it_rings_for_one_after_the_other(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    mine = await asks_as(callbacks, contacts, "con_1", NUMBER, "per_1")
    yours = await asks_as(callbacks, contacts, "con_2", NUMBER, "per_2")
    assert not yours.already and yours.callback != mine.callback
    assert (await asks_as(callbacks, contacts, "con_3", NUMBER, "per_2")).callback == yours.callback
    assert await callbacks.open_of_contact(await rings(contacts, "con_4", NUMBER)) is None, "whose would it be?"
    await hang_up(contacts, ContactId("con_4"))
    assert await callbacks.due() == 1
    assert (await row(callbacks, mine.callback)).state is CallbackState.IN_LINE
    for _ in range(3):
        clock.pass_time(seconds=15)
        assert await callbacks.due() == 0, "it is to ring for the first of them"
    await callbacks.dial(mine.callback, leg=LegId("leg_1"), agent=ASA)
    clock.pass_time(seconds=15)
    assert await callbacks.due() == 0
    await callbacks.kept(mine.callback)
    clock.pass_time(seconds=15)
    assert await callbacks.due() == 1
    assert (await row(callbacks, yours.callback)).state is CallbackState.IN_LINE


async def test_whoever_of_those_who_share_a_telephone_is_helped_the_others_are_still_owed(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    mine = await asks_as(callbacks, contacts, "con_1", NUMBER, "per_1")
    yours = await asks_as(callbacks, contacts, "con_2", NUMBER, "per_2")
    assert not await callbacks.helped(await rings(contacts, "con_3", NUMBER)), "nobody knows who it was"
    assert await callbacks.helped(await rings(contacts, "con_4", NUMBER, person="per_2"))
    assert (await row(callbacks, mine.callback)).is_open and not (await row(callbacks, yours.callback)).is_open


async def test_who_says_later_who_they_are_has_the_promise_that_was_made_to_the_number(
    callbacks: Callbacks, contacts: Contacts
) -> None:
    first = await asks_as(callbacks, contacts, "con_1", NUMBER, "")
    later = await asks_as(callbacks, contacts, "con_2", NUMBER, "per_1")
    assert (later.already, later.callback) == (True, first.callback)
    again = await asks_as(callbacks, contacts, "con_3", number_of(2), "per_1")
    assert (again.already, again.callback) == (True, first.callback), "theirs from then on, on any telephone"
    assert await callbacks.open_of_contact(await rings(contacts, "con_4", NUMBER)) is None, "and nobody else's"


async def test_ten_phones_of_one_person_at_once_get_one_promise(callbacks: Callbacks, contacts: Contacts) -> None:
    calls = [await rings(contacts, f"con_{n}", number_of(n), person="per_1") for n in range(10)]
    for index, called in enumerate(calls):
        await wish(contacts, called, number_of(index))
    facts = await asyncio.gather(
        *(
            callbacks.on_callback_requested(contact=called, leg=None, queue="sjuk", language=Language.SWEDISH)
            for called in calls
        )
    )
    assert len({fact.callback for fact in facts if isinstance(fact, CallbackPromised)}) == 1
    assert [fact.already for fact in facts if isinstance(fact, CallbackPromised)].count(False) == 1


async def test_too_many_promises_to_one_number_are_refused_and_others_go_on(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    for index in range(5):
        await callbacks.cancel(await promised(callbacks, contacts, f"con_{index}"), by="citizen")
    contact = await arrive(contacts, "con_6")
    await wish(contacts, contact)
    refused = await callbacks.on_callback_requested(contact=contact, leg=None, queue="sjuk", language=Language.SWEDISH)
    assert isinstance(refused, CallbackNotPossible) and refused.reason == "too_many"
    await promised(callbacks, contacts, "con_7", "+46701740699")
    clock.pass_time(days=1)
    await promised(callbacks, contacts, "con_8")


async def test_how_near_the_caps_are_is_counted_without_telling_whose_they_are(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    caps = replace(POLICY.caps, number_per_day=2, person_per_day=1, range_per_hour=3, all_per_hour=10)
    callbacks.renew(replace(POLICY, caps=caps))

    async def used() -> Used:
        async with callbacks.database.reading() as tx:
            return await callbacks.caps_used(tx)

    assert await used() == Used(hour_used=0, full_ranges=0, full_numbers=0, full_persons=0)
    await callbacks.cancel((await asks_as(callbacks, contacts, "con_a", number_of(0), "per_1")).callback, by="citizen")
    assert await used() == Used(hour_used=0.1, full_ranges=0, full_numbers=0, full_persons=1)
    await promised(callbacks, contacts, "con_b", number_of(0))
    await promised(callbacks, contacts, "con_c", "+46846500401")
    assert await used() == Used(hour_used=0.3, full_ranges=0, full_numbers=1, full_persons=1)
    await promised(callbacks, contacts, "con_d", number_of(1))
    assert await used() == Used(hour_used=0.4, full_ranges=1, full_numbers=1, full_persons=1)
    clock.pass_time(hours=1)
    assert await used() == Used(hour_used=0, full_ranges=0, full_numbers=1, full_persons=1)
    clock.pass_time(hours=23)
    assert await used() == Used(hour_used=0, full_ranges=0, full_numbers=0, full_persons=0)


async def test_a_row_of_numbers_is_refused_before_it_costs_anything(callbacks: Callbacks, contacts: Contacts) -> None:
    callbacks.renew(replace(POLICY, caps=replace(POLICY.caps, range_per_hour=3)))
    for index in range(3):
        await promised(callbacks, contacts, f"con_{index}", number_of(index))
    contact = await arrive(contacts, "con_3")
    await wish(contacts, contact, number_of(3))
    refused = await callbacks.on_callback_requested(contact=contact, leg=None, queue="sjuk", language=Language.SWEDISH)
    assert isinstance(refused, CallbackNotPossible) and refused.reason == "too_many"
    await promised(callbacks, contacts, "con_4", "+46846500401")


@pytest.mark.parametrize("known_by", ["number", "person"])
async def test_who_is_helped_on_another_way_is_owed_nothing_any_more(
    callbacks: Callbacks, contacts: Contacts, told: list[Event], known_by: str
) -> None:
    called = await rings(contacts, "con_a", NUMBER, person="per_1" if known_by == "person" else "")
    await wish(contacts, called)
    fact = await callbacks.on_callback_requested(contact=called, leg=None, queue="sjuk", language=Language.SWEDISH)
    await hang_up(contacts, called)
    assert isinstance(fact, CallbackPromised) and await callbacks.due() == 1
    other = (NUMBER, "") if known_by == "number" else ("+46701740699", "per_1")
    again = await rings(contacts, "con_b", other[0], person=other[1])
    assert await callbacks.helped(again)
    assert not await callbacks.helped(again)
    assert isinstance(told[-1], CallbackCancelled) and (told[-1].by, told[-1].was_in_line) == ("helped", True)
    assert (await row(callbacks, fact.callback)).last_reason == "helped"


async def test_what_was_promised_in_the_talk_itself_stands(callbacks: Callbacks, contacts: Contacts) -> None:
    called = await rings(contacts, "con_a")
    async with contacts.database.transaction() as tx:
        await contacts.waiting(tx, called, "sjuk")
        await contacts.connected(tx, called, ASA)
    await wish(contacts, called)
    await callbacks.on_callback_requested(
        contact=called, leg=None, queue="sjuk", language=Language.SWEDISH, reason="agent"
    )
    async with contacts.database.transaction() as tx:
        await contacts.talk_ended(tx, called, "agent")
        assert await contacts.close(tx, called) is Outcome.ANSWERED
    assert not await callbacks.helped(called)


async def test_who_asked_while_waiting_and_was_answered_after_all_is_not_rung(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    contact = await arrive(contacts, "con_a", caller=NUMBER)
    await wish(contacts, contact)
    await callbacks.on_callback_requested(contact=contact, leg=None, queue="sjuk", language=Language.SWEDISH)
    clock.pass_time(seconds=1)
    async with contacts.database.transaction() as tx:
        await contacts.connected(tx, contact, ASA)
    assert await callbacks.helped(contact)
