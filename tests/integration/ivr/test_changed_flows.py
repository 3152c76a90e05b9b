"""The flows are changed while callers are in them: each goes on by what it heard, or is taken over; nobody is lost."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from contacts.model import State
from core.language import Language
from ivr.flow import FlowBook
from ivr.flow_file import load_book
from ivr.opening_hours import always_open
from storage.database import Database
from telephony.simulator.phone import SoundKind
from tests.integration.ivr.world import POINTS, ROUTING, WORDINGS, World, read_all

ONE, TWO = 'key: "1", say: choice_payment, next: money/who', 'key: "2", say: choice_status, next: case/who'


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    world = World(database, redis)
    await world.start()
    yield world
    await world.stop()


def changed(welcome: str = "Hej och välkommen.") -> FlowBook:
    """Another edition: another welcome, and the first two choices of the main menu have changed places."""
    files = read_all("flows")
    main = files["main.yaml"].replace(ONE, "ONE").replace(TWO, TWO.replace('"2"', '"1"'))
    files["main.yaml"] = main.replace("ONE", ONE.replace('"1"', '"2"'))
    assert files["main.yaml"] != read_all("flows")["main.yaml"]
    swedish = {**WORDINGS.texts[Language.SWEDISH], "welcome": welcome}
    wordings = replace(WORDINGS, texts={**WORDINGS.texts, Language.SWEDISH: swedish})
    return load_book(files, wordings=wordings, benefits={queue.id: queue.benefits for queue in ROUTING.queues.values()})


async def test_a_caller_in_a_menu_goes_on_by_it_and_the_next_caller_meets_the_new_one(world: World) -> None:
    here = await world.call()
    world.editions.renew(changed(), POINTS)
    after = await world.call(caller="+46701740612")
    assert after.heard[0].startswith("Hej och välkommen.")
    await world.press(here, "1")
    await world.press(after, "1")
    await world.press(here, "0", "#")
    await world.press(after, "0", "#")
    paths = {row.caller: row.path for row in await open_contacts(world)}
    assert "main/menu:choice_payment" in paths[here.number]
    assert "main/menu:choice_status" in paths[after.number]


async def test_a_caller_in_a_menu_hears_the_new_one_when_the_controller_was_restarted_meanwhile(world: World) -> None:
    here = await world.call()
    await world.stop()
    world.book = changed()
    await world.start()
    assert "Vill du veta hur det går med ditt ärende? Tryck ett." in here.heard[-6:]
    await world.press(here, "1", "0", "#")
    [row] = await open_contacts(world)
    assert "main/menu:choice_status" in row.path and "main/menu:choice_payment" not in row.path


async def test_a_waiting_caller_hears_no_break_keeps_the_place_and_can_still_be_rung_back(world: World) -> None:
    here = await world.call()
    await world.press(here, "0")
    before = await world.the_contact()
    world.editions.renew(changed(), POINTS)
    assert here.hears is SoundKind.MUSIC and here.ended is None
    now = await world.the_contact()
    assert (now.state, now.waiting_since, now.queue) == (State.WAITING, before.waiting_since, before.queue)
    await world.pass_time(30)
    await world.press(here, "1")
    assert "Ska vi ringa när det är din tur?" in " ".join(here.heard[-4:])


async def test_opening_hours_count_at_once_also_for_who_is_in_a_call(world: World) -> None:
    here = await world.call()
    closed = replace(POINTS[0], hours=replace(POINTS[0].hours, week={}))
    world.editions.renew(world.book, [closed])
    await world.press(here, "0")
    assert "Just nu har vi stängt för samtal" in " ".join(here.heard)
    world.editions.renew(world.book, [always_open(closed)])
    after = await world.call(caller="+46701740612")
    assert "stängt" not in " ".join(after.heard)


async def open_contacts(world: World):  # type: ignore[no-untyped-def]
    async with world.database.reading() as tx:
        return await world.contacts.open_ones(tx)
