"""A promise from the first wish to its end: chosen, told, recognised, moved and let go of, with the real rooms behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from callbacks.model import Policy, Slots
from contacts.model import Outcome, State
from core.errors import UnavailableError
from core.ids import CallbackId, ContactId
from core.language import Language
from ivr.events import CallbackRequested
from ivr.model import Wait
from ivr.ports import Promise
from ivr.spoken import DigitGroups, spoken
from storage.database import Database
from storage.outbox import outbox
from telephony.simulator.phone import SimulatedPhone
from tests.integration.ivr.world import PROOF, World

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
ELSEWHERE = "+46701740612"
HERE = "Vi har lovat att ringa upp det här numret."


@pytest.fixture
async def world(database: Database, redis: Redis) -> World:
    world = World(database, redis)
    await world.start()
    yield world
    await world.stop()


async def is_promised_a_time(world: World, *, key: str = "1", caller: str = "+46701740611") -> SimulatedPhone:
    phone = await world.call(caller=caller)
    await world.press(phone, "0", "1", "2", key, "1")
    return phone


async def rings_again(world: World, phone: SimulatedPhone, *keys: str) -> SimulatedPhone:
    phone.hang_up()
    await world.settle()
    again = await world.call()
    await world.press(again, *keys)
    return again


def in_this_call(phone: SimulatedPhone) -> list[str]:
    """Return what was said since the telephone was last picked up."""
    welcomed = [number for number, text in enumerate(phone.heard) if text.startswith("Välkommen")]
    return phone.heard[welcomed[-1] :]


CODE = spoken(DigitGroups(f"{PROOF[:3]} {PROOF[3:]}"), Language.SWEDISH)


async def test_whoever_chooses_a_time_is_promised_that_time_and_hears_all_of_it(world: World) -> None:
    phone = await is_promised_a_time(world)
    (promise,) = await world.promises()
    assert promise.slot is not None and promise.slot.starts_at == NOON - timedelta(hours=1)
    assert "Det blir i dag mellan klockan elva och tolv." in phone.heard
    assert any(text.endswith(f"Koden är {CODE}.") for text in phone.heard)
    (wish,) = world.told(CallbackRequested)
    assert isinstance(wish, CallbackRequested)
    assert (wish.slot_at, wish.told_from, wish.told_until) == (promise.slot.starts_at, None, None)
    await world.listens_out(phone)
    assert phone.ended is not None


async def test_whoever_keeps_the_place_hears_about_when_and_that_is_written_with_the_promise(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "0")
    world.wait = Wait(at=world.time.now(), place=7, least=12, most=23)
    await world.press(phone, "1", "1", "1")
    assert "Det blir troligen i dag mellan klockan tio tio och tio tjugofem." in phone.heard
    (promise,) = await world.promises()
    assert promise.told is not None
    (wish,) = world.told(CallbackRequested)
    assert isinstance(wish, CallbackRequested)
    assert (wish.told_from, wish.told_until) == (promise.told.starts_at, promise.told.ends_at)
    assert wish.slot_at is None


async def test_when_nobody_is_sure_no_time_is_promised(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "0", "1", "1", "1")
    assert "Det blir när det är din tur." in phone.heard
    assert (await world.promises())[0].told is None


async def test_the_code_is_said_again_on_nine_and_stands_in_no_position_key_or_fact(world: World, redis: Redis) -> None:
    phone = await is_promised_a_time(world)
    await world.press(phone, "9", "9")
    assert phone.heard.count(f"Koden som vi säger är {CODE}.") == 2
    kept = [(key, await redis.get(key)) async for key in redis.scan_iter("kc:position:*")]
    assert kept
    assert not any(PROOF in f"{key} {value}" for key, value in kept)
    assert not any(PROOF in str(fact) for fact in world.facts)
    async with world.database.reading() as tx:
        bodies = (await tx.connection.execute(outbox.select())).all()
    assert bodies
    assert not any(PROOF in str(body) for body in bodies)


async def test_a_time_that_others_have_taken_meanwhile_is_offered_no_more_and_the_caller_chooses_another(
    world: World,
) -> None:
    world.callbacks.renew(replace(Policy(), slots=Slots(capacity=1)))
    slow = await world.call()
    await world.press(slow, "0", "1", "2", "1")
    await is_promised_a_time(world, caller=ELSEWHERE)
    await world.press(slow, "1")
    assert "Den tiden blev just tagen av någon annan. Välj gärna en ny." in slow.heard
    assert slow.heard[-1] == "Fler tider: tryck sju."
    await world.press(slow, "1", "1")
    assert "Det blir i dag mellan klockan tolv och tretton." in slow.heard
    assert len({promise.slot for promise in await world.promises()}) == 2


async def test_whoever_rings_again_hears_that_it_is_known_and_nothing_of_the_code(world: World) -> None:
    again = await rings_again(world, await is_promised_a_time(world))
    assert in_this_call(again)[:3] == [
        "Välkommen till Försäkringskassan.",
        HERE,
        "Det blir i dag mellan klockan elva och tolv.",
    ]
    await world.press(again, "1")
    await world.listens_out(again)
    assert "Tack. Då ringer vi som vi har lovat." in again.heard
    assert not any(CODE in text for text in in_this_call(again))
    assert len(await world.promises()) == 1


async def test_whoever_rings_from_another_number_hears_nothing_of_it(world: World) -> None:
    await is_promised_a_time(world)
    phone = await world.call(caller=ELSEWHERE)
    assert HERE not in phone.heard
    withheld = await world.call(caller="")
    assert not any("lovat" in text for text in withheld.heard)


async def test_it_is_moved_to_another_time_and_its_rank_stays(world: World) -> None:
    phone = await is_promised_a_time(world)
    (before,) = await world.promises()
    again = await rings_again(world, phone, "2", "2")
    assert again.heard[-2:] == ["Tack. Nu är det ändrat.", "Det blir i dag mellan klockan tretton och fjorton."]
    (after,) = await world.promises()
    assert (after.callback, after.first_requested_at) == (before.callback, before.first_requested_at)
    assert after.slot is not None and after.slot.starts_at == NOON.replace(hour=12)


async def test_it_can_become_one_for_the_place(world: World) -> None:
    again = await rings_again(world, await is_promised_a_time(world), "2", "5")
    assert "Det blir när det är din tur." in again.heard
    assert (await world.promises())[0].slot is None


async def test_it_is_let_go_of_and_the_call_counts_as_answered_by_the_machine(world: World) -> None:
    again = await rings_again(world, await is_promised_a_time(world), "3", "1")
    contact = await world.the_contact()
    assert "Då ringer vi inte upp dig." in again.heard
    assert await world.promises() == []
    await world.pass_time(1)
    again.hang_up()
    await world.settle()
    assert (await world.get(contact)).outcome is Outcome.SELF_SERVED
    third = await world.call()
    assert HERE not in in_this_call(third)


async def test_whoever_would_rather_wait_comes_into_the_line_and_the_promise_stands(world: World) -> None:
    again = await rings_again(world, await is_promised_a_time(world), "4", "2")
    row = await world.the_contact()
    assert (row.state, row.queue) == (State.WAITING, "sjuk")
    assert again.ended is None
    assert len(await world.promises()) == 1


async def test_a_wish_for_somebody_elses_number_tells_nothing_of_theirs_and_moves_nothing(world: World) -> None:
    await is_promised_a_time(world)
    other = await world.call(caller=ELSEWHERE)
    await world.press(other, "0", "1", "1", "2", "0701740611#", "1")
    assert "Vi har redan lovat att ringa upp dig på det numret, och det gäller." in other.heard
    assert not any(CODE in text or "mellan klockan elva" in text for text in other.heard)
    assert len(await world.promises()) == 1


async def test_a_number_that_is_too_short_is_explained(world: World) -> None:
    phone = await world.call()
    await world.press(phone, "0", "1", "1", "2", "112#")
    assert "Det är ett nödnummer, och dit kan vi inte ringa." in phone.heard
    await world.press(phone, "1", "11313#")
    assert "Det är ett kortnummer, och sådana kan vi tyvärr inte ringa." in phone.heard
    await world.press(phone, "1", "0701740605#", "1")
    assert [promise.number.e164 for promise in await world.promises()] == ["+46701740605"]


class OutOfReach:
    """Promises that nobody can look at just now."""

    async def open_for(self, contact: ContactId) -> Promise | None:
        raise UnavailableError

    promised_to = times = move = open_for  # type: ignore[assignment]

    async def cancel(self, callback: CallbackId) -> bool:
        raise UnavailableError


async def test_when_promises_cannot_be_looked_up_a_caller_is_served_as_ever(world: World) -> None:
    await world.stop()
    world.kept = OutOfReach()  # type: ignore[assignment]
    await world.start()
    phone = await world.call()
    assert "Vill du tala med oss? Tryck fyra." in phone.heard
    await world.press(phone, "0", "1", "2")
    assert "Det finns tyvärr ingen tid att välja just nu." in phone.heard
    await world.press(phone, "1", "1")
    assert "Vi ringer upp dig. Du behåller din plats." in phone.heard
    assert len(await world.promises()) == 1
