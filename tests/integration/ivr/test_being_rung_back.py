"""Callers who want to be rung back: from the line, while closed, and as they hang up."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from contacts.model import Contact, Outcome
from ivr.events import LineLeft
from storage.database import Database
from tests.integration.ivr.world import World


async def test_a_callback_is_promised_only_after_its_row_is_there(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "0", "1", "1", "1")
    assert any(text.startswith("Vi ringer upp dig.") for text in phone.heard)
    assert [promise.number.e164 for promise in await world.promises()] == ["+46701740611"]
    assert len(world.told(LineLeft)) == 1
    await world.listens_out(phone)
    assert phone.ended is not None


async def test_who_asks_twice_to_be_rung_back_hears_that_it_is_promised_already(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "0", "1", "1", "1")
    phone.hang_up()
    await world.settle()
    again = await world.call()
    await world.press(again, "0", "1", "1", "1")
    assert again.heard.count("Vi har lovat att ringa upp det här numret.") == 2, "once unasked, once when asking"
    assert len(await world.promises()) == 1


@pytest.mark.parametrize("promise_comes", ["before the end is seen", "after the end is seen"])
async def test_who_asks_to_be_rung_back_and_hangs_up_in_the_same_moment_is_promised_it(
    world: World, monkeypatch: pytest.MonkeyPatch, promise_comes: str
) -> None:
    hung_up = asyncio.Event()
    answer = world.callbacks.on_callback_requested

    async def late(**wish: Any) -> object:
        await hung_up.wait()
        return await answer(**wish)

    phone = await world.call()
    contact = await world.the_contact()
    await world.press(phone, "0", "1", "1")
    if promise_comes == "after the end is seen":
        monkeypatch.setattr(world.callbacks, "on_callback_requested", late)
    phone.press("1")
    phone.hang_up()
    await until_seen(world, contact)
    hung_up.set()
    await world.settle()
    row = await world.get(contact)
    assert (row.outcome, row.callback_number) == (Outcome.CALLBACK_PROMISED, "")
    assert (await world.promises())[0].number.e164 == "+46701740611"


async def until_seen(world: World, contact: Contact) -> None:
    async with asyncio.timeout(5):
        while (await world.get(contact)).ended_at is None:
            await asyncio.sleep(0.01)


async def test_a_number_that_may_not_be_rung_is_asked_for_anew(world: World) -> None:
    phone = await world.call(caller="")
    await world.press(phone, "0", "1", "1", "09001234567#", "1")
    assert "Vi kan tyvärr inte ringa betalnummer eller andra särskilda nummer." in phone.heard
    await world.press(phone, "1", "0701740605#", "1")
    assert any(text.startswith("Vi ringer upp dig.") for text in phone.heard)
    assert [promise.number.e164 for promise in await world.promises()] == ["+46701740605"]


async def test_closed_lines_say_when_we_open_and_take_a_wish_to_be_rung_back(database: Database, redis: Redis) -> None:
    world = World(database, redis, start=datetime(2026, 12, 24, 9, 0, tzinfo=UTC))
    await world.start()
    phone = await world.call()
    contact = await world.the_contact()
    assert any("Vi öppnar söndag den tjugosjunde december klockan tio" in text for text in phone.heard)
    await world.press(phone, "4", "1")
    assert "Det blir så snart vi kan när vi har öppnat, söndag den tjugosjunde december klockan tio." in phone.heard
    await world.listens_out(phone)
    assert phone.ended is not None
    assert (await world.get(contact)).outcome is Outcome.CALLBACK_PROMISED
    await world.stop()


async def test_a_caller_who_only_listens_while_closed_is_promised_nothing_and_hears_when_a_human_answers(
    database: Database, redis: Redis
) -> None:
    world = World(database, redis, start=datetime(2026, 12, 24, 9, 0, tzinfo=UTC))
    await world.start()
    phone = await world.call()
    contact = await world.the_contact()
    await world.listens_out(phone)
    assert phone.ended is not None
    assert any(text.endswith("också om du inte trycker på något.") for text in phone.heard)
    assert await world.promises() == []
    assert (await world.get(contact)).outcome is Outcome.ABANDONED
    await world.stop()
