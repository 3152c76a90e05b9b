"""Citizens whose line breaks, and what they read and write on their telephone."""

import urllib.request
from collections.abc import Awaitable
from urllib.parse import quote, urlencode

import pytest
from playwright.async_api import Page, expect

from tests.builders.browser import accessible, chromium, new_page, no_complaints
from tests.fixtures_running import both_switches
from tests.journeys.callers import ELSEWHERE_E164
from tests.journeys.rung_people import RungPerson
from tests.journeys.test_promises_are_kept import comes_to, promise_to
from tests.journeys.test_self_service import ELSA, ELSAS_CODE
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import eventually

on_the_simulator = pytest.mark.parametrize("system", ["simulator"], indirect=True)


def page(world: World, number: str, text: str = "") -> str:
    """Return what a handset shows, after having written from it, if there is something to write."""
    form = urlencode({"telefon": number, "text": text})
    address = f"{world.system.url}/sms"
    asked = urllib.request.Request(address, data=form.encode()) if text else f"{address}?{form}"
    with urllib.request.urlopen(asked, timeout=5) as answer:
        return str(answer.read().decode())


@both_switches
async def test_whoever_is_dropped_gets_a_text_within_half_a_minute_and_ring_keeps_the_place(world: World) -> None:
    caller = world.caller(6)
    await asks_for(caller, "2")
    await caller.is_waiting()
    await caller.hang_up()
    await eventually(
        lambda: "bröts innan vi hann svara" in page(world, caller.number),
        within=30,
        what="the text is on the handset",
    )
    page(world, caller.number, "Ja tack ring mig")
    await eventually(
        lambda: "kvar din plats i kön" in page(world, caller.number), within=10, what="the promise is confirmed"
    )
    promise = promise_to(world, caller.number)
    assert promise["first_requested_at"] < promise["promised_at"], "waiting began with the call"


def _shown(world: World, number: str, words: str, *, within: float = 20) -> Awaitable[None]:
    return eventually(lambda: words in page(world, number), within=within, what=f"the handset shows: {words}")


async def _is_rung_and_talks(world: World, citizen: RungPerson) -> None:
    """Somebody of the queue whose citizens are rung first is rung, presses the key, and talks with an agent."""
    carin = await world.agent("carin")
    await citizen.rings(within=20)
    await citizen.answer()
    await citizen.hears_words()
    await citizen.press("1")
    await carin.talks()  # nobody is asked to accept whom they have rung
    await citizen.hears_somebody()
    await carin.hang_up()
    await carin.wrap_up("finished", "Ringde upp.")
    assert (await comes_to(world, ELSEWHERE_E164, "kept"))["attempts"] == 1


@both_switches
async def test_whoever_writes_ring_is_rung_and_talks(world: World) -> None:
    citizen = await world.somebody_at(ELSEWHERE_E164)
    page(world, ELSEWHERE_E164, "Hej! Kan ni ringa mig?")
    await _shown(world, ELSEWHERE_E164, "Vi ringer upp dig när det är din tur")
    await _is_rung_and_talks(world, citizen)


@both_switches
async def test_whoever_was_dropped_writes_ring_is_rung_at_the_place_that_was_kept_and_talks(world: World) -> None:
    caller = world.caller(int(ELSEWHERE_E164[-2:]) - int(world.caller(0).number[-2:]))
    assert caller.number == ELSEWHERE_E164
    await caller.call()
    await caller.wants_a_human()
    await caller.hang_up()
    assert await caller.outcome() == "abandoned_recovered"
    await _shown(world, ELSEWHERE_E164, "bröts innan vi hann svara", within=30)
    citizen = await world.somebody_at(ELSEWHERE_E164)
    page(world, ELSEWHERE_E164, "RING")
    await _shown(world, ELSEWHERE_E164, "Du har kvar din plats i kön")
    promise = promise_to(world, ELSEWHERE_E164)
    assert promise["first_requested_at"] < promise["promised_at"], "waiting began with the call"
    await _is_rung_and_talks(world, citizen)


@on_the_simulator
async def test_from_a_call_to_answers_by_text_and_another_telephone_hears_nothing(world: World) -> None:
    caller, stranger = world.caller(4), world.caller(7)
    await caller.call()
    await caller.hears("Vill du veta när pengarna kommer? Tryck")
    await caller.press("1")
    await caller.hears("Tryck in ditt personnummer")
    await caller.press(ELSA)
    await caller.hears("Tryck in din personliga kod")
    await caller.press(ELSAS_CODE)
    await caller.hears("Vill du kunna fråga med sms från det här numret? Tryck", within=20)
    await caller.press("3")
    await caller.hears("Vi skickar ett sms till dig")
    await caller.hang_up()
    async with chromium() as browser:
        handset = await new_page(browser, world.system.url)
        await handset.goto(f"/sms?telefon={quote(caller.number)}")
        texts = handset.get_by_role("listitem")
        await expect(texts.filter(has_text="Någon har bett oss att svara")).to_be_visible()
        await _writes(handset, "1")
        await expect(texts.filter(has_text="Klart!")).to_be_visible()
        await handset.get_by_role("button", name="UTBETALNING").click()
        await expect(texts.filter(has_text="Nästa utbetalning av din ersättning kommer")).to_be_visible()
        await handset.get_by_role("button", name="MEDDELA").click()
        await _writes(handset, "1")
        await expect(texts.filter(has_text="Då skriver vi till dig")).to_be_visible()
        await handset.get_by_role("button", name="Pengarna kommer en annan dag").click()
        await _shown_after_a_look(handset, "Dagen för din utbetalning är ändrad")
        await accessible(handset, picture="sms-handset")
        await handset.set_viewport_size({"width": 320, "height": 700})
        await accessible(handset, picture="sms-narrow")
        other = await new_page(browser, world.system.url, color_scheme="dark")
        await other.goto(f"/sms?telefon={quote(stranger.number)}")
        await _writes(other, "<script>alert(1)</script> När kommer pengarna?")
        await expect(other.get_by_role("listitem").filter(has_text="veta att det är du")).to_be_visible()
        await expect(other.get_by_role("listitem").filter(has_text="<script>")).to_be_visible()
        await accessible(other, picture="sms-stranger-dark")
        for one in (handset, other):
            await no_complaints(one)
    assert "Nästa utbetalning" not in page(world, stranger.number)


async def _writes(handset: Page, text: str) -> None:
    await handset.get_by_label("Skriv ett meddelande").fill(text)
    await handset.get_by_role("button", name="Skicka").click()


async def _shown_after_a_look(handset: Page, words: str) -> None:
    async def is_there() -> bool:
        await handset.get_by_role("link", name="Hämta nya").click()
        await handset.reload()
        return await handset.get_by_text(words).count() > 0

    await eventually(is_there, within=15, what=f"the handset shows: {words}")
