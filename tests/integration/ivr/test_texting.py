"""Callers who have shown who they are ask for answers by text, and let go of them."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from core.phone import PhoneNumber
from identity.binding import ANSWERS, Binding, Kind
from identity.bindings import Bindings, Lifetime
from identity.personnummer import parse
from ivr.texting import TextAnswers
from storage.database import Database
from telephony.simulator.phone import SimulatedPhone
from tests.integration.ivr.world import PERSONS, World

MAJA, PROTECTED = PERSONS[0], PERSONS[7]
MOBILE, FIXED = PhoneNumber("+46701740611"), "+4681234567"


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    world = World(database, redis)
    world.no_texts_to = set()
    world.bindings = Bindings(database=database, clock=world.time, new_id=world.new_id, lifetime=Lifetime)

    async def takes_texts(number: PhoneNumber) -> bool:
        return number.e164 not in world.no_texts_to

    world.texts = TextAnswers(world.bindings, takes_texts)
    await world.start()
    await world.codes(PERSONS)
    yield world
    await world.stop()


async def asks_for_the_money(world: World, *, caller: str = MOBILE.e164, person=MAJA) -> SimulatedPhone:
    phone = await world.call(caller=caller)
    await world.press(phone, "1", person.personnummer, person.code)
    await world.pass_time(1)
    return phone


def offered(phone: SimulatedPhone) -> bool:
    return any("fråga med sms" in text for text in phone.heard)


async def of_maja(world: World) -> list[Binding]:
    person = world.identity.person_id(parse(MAJA.personnummer, on=world.today()))
    async with world.database.reading() as tx:
        return list(await world.bindings.of_person(tx, person))


async def test_after_an_answer_one_key_asks_for_answers_by_text(world: World) -> None:
    phone = await asks_for_the_money(world)
    assert offered(phone)
    await world.press(phone, "3")
    assert any("Vi skickar ett sms till dig" in text for text in phone.heard)
    await world.pass_time(1)
    await world.press(phone, "1")
    assert any("Då skriver vi också belopp" in text for text in phone.heard)
    assert await of_maja(world) == [], "its telephone is to say yes first"
    assert await world.bindings.answer(MOBILE, is_right=True)
    (one,) = await of_maja(world)
    assert (one.number, one.allowed, one.subject) == (MOBILE, ANSWERS | {Kind.AMOUNT}, MAJA.subject)
    row = await world.the_contact()
    assert one.contact == row.contact


async def test_whoever_has_it_is_not_asked_again_and_it_holds_anew(world: World) -> None:
    first = await asks_for_the_money(world)
    await world.press(first, "3")
    await world.pass_time(1)
    await world.press(first, "2", "2")
    assert first.ended is not None
    await world.bindings.answer(MOBILE, is_right=True)
    before = (await of_maja(world))[0].confirmed_at
    first.sounds.clear()
    await world.pass_time(3600)
    phone = await asks_for_the_money(world)
    assert not offered(phone)
    (one,) = await of_maja(world)
    assert one.confirmed_at is not None
    assert before is not None
    assert one.confirmed_at > before
    assert Kind.AMOUNT not in one.allowed


async def test_the_two_choices_of_before_are_there_as_before(world: World) -> None:
    phone = await asks_for_the_money(world)
    await world.press(phone, "2")
    assert phone.ended is not None


@pytest.mark.parametrize(
    ("caller", "person"),
    [
        (FIXED, MAJA),  # takes no texts
        ("", MAJA),  # withheld
        (MOBILE.e164, PROTECTED),  # nothing is written to them
        ("+46701740612", MAJA),  # has written STOPP
    ],
)
async def test_nothing_is_offered_where_nothing_may_be_written(world: World, caller: str, person) -> None:
    world.no_texts_to = {"+46701740612"}
    phone = await asks_for_the_money(world, caller=caller, person=person)
    assert not offered(phone)
    assert any("Kan vi hjälpa dig" in text for text in phone.heard)


async def test_nobody_who_has_not_shown_who_they_are_is_offered_anything(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "3", "6")
    await world.pass_time(1)
    assert not offered(phone)


async def test_under_information_one_lets_go_of_it(world: World) -> None:
    await world.press(await asks_for_the_money(world), "3", "2")
    await world.bindings.answer(MOBILE, is_right=True)
    phone = await world.call(caller=FIXED)
    await world.press(phone, "3", "7", MAJA.personnummer, MAJA.code)
    await world.pass_time(1)
    assert any("Ska vi sluta svara dig med sms?" in text for text in phone.heard)
    await world.press(phone, "2")
    assert any("Nu svarar vi inte längre dig med sms" in text for text in phone.heard)
    assert await of_maja(world) == []
