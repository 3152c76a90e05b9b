"""Promises are listed page by page, counted honestly, and what was given up stands on a list until somebody saw to it."""

from datetime import timedelta

import pytest

from callbacks.errors import CallbackNotFoundError
from callbacks.model import CallbackState
from callbacks.service import Callbacks
from contacts.service import Contacts
from core.ids import AgentId, CallbackId, LegId
from tests.fakes.clock import START, HandClock
from tests.integration.callbacks.asking import in_line, number_of, promised

ASA = AgentId("asa")


async def test_pages_follow_each_other_by_rank_and_leave_nobody_out(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    made = []
    for index in range(7):
        made.append(await promised(callbacks, contacts, f"con_{index}", number_of(index)))
        clock.pass_time(seconds=index // 3)  # some at the same instant
    seen: list[CallbackId] = []
    async with callbacks.database.reading() as tx:
        while page := await callbacks.listed(tx, limit=3, after=seen[-1] if seen else None):
            seen += [one.callback for one in page]
        assert seen == made
        assert [one.callback for one in await callbacks.listed(tx, states=(CallbackState.KEPT,))] == []
        assert await callbacks.listed(tx, queue="bostad") == []
        with pytest.raises(CallbackNotFoundError):
            await callbacks.listed(tx, after=CallbackId("cbk_nothing"))


async def test_what_is_given_up_is_on_the_list_until_somebody_has_seen_to_it(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    callback = await in_line(callbacks, contacts)
    assert not await callbacks.followed_up(callback, ASA, "not yet")
    for number in range(3):
        await callbacks.dial(callback, leg=LegId(f"leg_{number}"), agent=ASA)
        await callbacks.missed(callback, "no_answer", leg=LegId(f"leg_{number}"))
        clock.pass_time(minutes=30)
        await callbacks.due()
    async with callbacks.database.reading() as tx:
        assert [one.callback for one in await callbacks.follow_ups(tx)] == [callback]
    assert await callbacks.followed_up(callback, ASA, "A letter is sent.")
    assert not await callbacks.followed_up(callback, ASA, "Another one.")
    async with callbacks.database.reading() as tx:
        assert await callbacks.follow_ups(tx) == []
        assert (await callbacks.get(tx, callback)).followed_up_at == clock.now()


async def test_the_books_tell_what_became_of_each_and_add_up(
    callbacks: Callbacks, contacts: Contacts, clock: HandClock
) -> None:
    ten = START + timedelta(days=1)
    for index, minutes in enumerate((30, 90)):  # one in time, one late
        callback = await promised(callbacks, contacts, f"con_{index}", number_of(index), slot_at=ten)
        clock.at = ten + timedelta(minutes=minutes)
        assert await callbacks.due() == 1
        await callbacks.dial(callback, leg=LegId(f"leg_{index}"), agent=ASA)
        await callbacks.kept(callback)
        clock.at = START
    await callbacks.kept(await promised(callbacks, contacts, "con_5", number_of(5)))
    await callbacks.cancel(await promised(callbacks, contacts, "con_6", number_of(6)), by="citizen")
    await promised(callbacks, contacts, "con_7", number_of(7))
    async with callbacks.database.reading() as tx:
        counted = await callbacks.counted(tx, start=START, end=START + timedelta(days=1))
        nothing = await callbacks.counted(tx, start=START - timedelta(days=1), end=START)
    assert counted.holds and counted.promised == 5
    assert (counted.kept_in_time, counted.kept_late, counted.kept_without_time) == (1, 1, 1)
    assert (counted.cancelled, counted.open, counted.failed) == ({"citizen": 1}, 1, {})
    assert counted.waits is not None and counted.waits.longest == timedelta(days=1, minutes=90)
    assert nothing.holds and nothing.promised == 0 and nothing.waits is None
