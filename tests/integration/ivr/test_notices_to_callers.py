"""Supervisors speak to callers: an emergency at an entry point, a word about a queue. Kept in SQL, heard at once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import select
from structlog.testing import capture_logs

from contacts.model import State
from core.errors import NotFoundError
from ivr.errors import NoticeRefusedError
from ivr.notices import Message, Notice, Place
from ivr.notices_store import notices
from storage.database import Database
from telephony.simulator.phone import SoundKind
from tests.integration.ivr.world import World

TEXT = "Just nu är det längre väntan än vanligt."
BLIND = "Just nu kan vi inte se sjukpenning."


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    world = World(database, redis)
    await world.start()
    yield world
    await world.stop()


async def put_up(world: World, place: Place = Place.ENTRY_POINT, name: str = "national", **more: Any) -> Notice:
    message = more.pop("message", Message(text=TEXT))
    async with world.database.transaction() as tx:
        notice = await world.notices.put_up(tx, place, name, message=message, by="disa", **more)
    await world.notices.refresh()
    return notice


async def rows(world: World) -> list[Any]:
    async with world.database.reading() as tx:
        return list((await tx.execute(select(notices).order_by(notices.c.number))).all())


async def test_a_new_caller_hears_an_emergency_first_and_is_served_as_usual(world: World) -> None:
    before = await world.call()
    await put_up(world)
    caller = await world.call(caller="+46701740612")
    assert TEXT not in before.heard, "who was in a call is not talked to anew"
    assert caller.heard[0] == TEXT
    await world.press(caller, "0")
    assert caller.hears is SoundKind.MUSIC
    assert sum(TEXT in said for said in caller.heard) == 1


async def test_a_switch_turned_off_is_heard_no_more_and_it_is_known_who_did_what_when(world: World) -> None:
    notice = await put_up(world)
    world.time.advance(60)
    async with world.database.transaction() as tx:
        assert await world.notices.take_down(tx, Place.ENTRY_POINT, "national", by="bo")
    await world.notices.refresh()
    caller = await world.call()
    assert TEXT not in " ".join(caller.heard)
    [row] = await rows(world)
    assert (row.put_up_by, row.put_up_at) == ("disa", notice.put_up_at)
    assert (row.taken_down_by, row.taken_down_at) == ("bo", notice.put_up_at + timedelta(seconds=60))
    async with world.database.transaction() as tx:
        assert not await world.notices.take_down(tx, Place.ENTRY_POINT, "national", by="bo"), "there is none"


async def test_the_new_one_takes_the_place_of_the_old_one_and_both_are_history(world: World) -> None:
    await put_up(world)
    await put_up(world, message=Message(text="Nu är det som vanligt igen i Luleå.", text_en="All is well in Luleå."))
    caller = await world.call()
    assert caller.heard[:2] == ["Nu är det som vanligt igen i Luleå.", "All is well in Luleå."]
    assert [row.taken_down_by for row in await rows(world)] == ["disa", ""]


async def test_it_ends_by_itself_after_four_hours_and_a_warning_comes_before(world: World) -> None:
    await put_up(world)
    world.time.advance(timedelta(hours=3, minutes=50).total_seconds())
    with capture_logs() as logged:
        assert await world.notices.run_due() == ()
        assert await world.notices.run_due() == ()
    assert [one["event"] for one in logged] == ["a notice ends soon; put it up again if it still is true"]
    assert world.notices.up()[0].ends_soon(at=world.time.now())
    world.time.advance(timedelta(minutes=10).total_seconds())
    assert world.notices.up() == (), "also before anybody has closed it, and without a database"
    assert [one.name for one in await world.notices.run_due()] == ["national"]
    assert await world.notices.run_due() == ()
    caller = await world.call()
    assert TEXT not in " ".join(caller.heard)
    assert [row.taken_down_at for row in await rows(world)] == [row.ends_at for row in await rows(world)]


async def test_it_survives_a_restart_and_is_known_while_the_database_is_away(world: World) -> None:
    await put_up(world)
    await world.stop()
    await world.start()
    engine, world.notices._database = world.notices._database, Database("sqlite+aiosqlite:////nowhere/at/all.db")
    with pytest.raises(Exception, match="database"):
        await world.notices.refresh()
    caller = await world.call()
    await world.notices._database.close()
    world.notices._database = engine
    assert caller.heard[0] == TEXT


async def test_a_word_about_a_queue_is_heard_before_waiting_there_and_nowhere_else(world: World) -> None:
    await put_up(world, Place.QUEUE, "sjuk", message=Message(text=BLIND, text_en="We cannot see sickness benefit."))
    sick = await world.call()
    await world.press(sick, "4", "2")
    told = " ".join(sick.heard)
    assert told.index(BLIND) < told.index("Vi kopplar dig till en handläggare")
    assert sick.hears is SoundKind.MUSIC
    assert (await world.the_contact()).state is State.WAITING
    home = await world.call(caller="+46701740612")
    await world.press(home, "4", "3")
    assert BLIND not in " ".join(home.heard)
    english = await world.call(caller="+46701740613")
    await world.press(english, "8", "4", "2")
    assert "We cannot see sickness benefit." in " ".join(english.heard)


FEW = "Just nu är vi få som talar engelska."


async def test_a_word_about_a_skill_is_heard_once_by_those_who_need_it_and_by_nobody_else(world: World) -> None:
    await put_up(world, Place.SKILL, "engelska", message=Message(text=FEW, text_en="Few of us speak English just now."))
    await put_up(world, Place.SKILL, "sjuk", message=Message(text=BLIND))
    await put_up(world, Place.QUEUE, "sjuk", message=Message(text=BLIND))
    await put_up(world, Place.SKILL, "partner", message=Message(text="Partner väntar längre i dag."))
    english = await world.call()
    await world.press(english, "8", "4", "3")
    assert " ".join(english.heard).count("Few of us speak English just now.") == 1
    assert english.hears is SoundKind.MUSIC and (await world.the_contact()).state is State.WAITING
    swedish = await world.call(caller="+46701740612")
    await world.press(swedish, "4", "2")
    told = " ".join(swedish.heard)
    assert told.count(BLIND) == 1, "of the queue and of the skill: the same words once"
    assert FEW not in told and "Partner" not in told
    partner = await world.call(caller="+46701740613", called="0771179000")
    await world.press(partner, "4", "2")
    assert " ".join(partner.heard).count("Partner väntar längre i dag.") == 1


async def test_a_ready_made_text_is_heard_in_the_language_of_the_caller(world: World) -> None:
    await put_up(world, Place.QUEUE, "allmant", message=Message(wording="notice_no_cases"))
    caller = await world.call()
    await world.press(caller, "8", "0")
    assert "we cannot see cases or payments" in " ".join(caller.heard)


async def test_what_cannot_be_said_is_refused_and_nothing_changes(world: World) -> None:
    await put_up(world)
    for message, lasts in (
        (Message(text="Det gäller 19900602-2397."), timedelta(hours=1)),
        (Message(text="Hej\x07"), timedelta(hours=1)),
        (Message(text="Hej."), timedelta(hours=100)),
        (Message(text="Hej."), timedelta(0)),
    ):
        with pytest.raises(NoticeRefusedError):
            await put_up(world, message=message, lasts=lasts)
    for place, name in ((Place.ENTRY_POINT, "internal"), (Place.QUEUE, "sjukk"), (Place.SKILL, "klingonska")):
        with pytest.raises(NotFoundError, match="Det finns"):
            await put_up(world, place, name)
    assert [row.text for row in await rows(world)] == [TEXT]
