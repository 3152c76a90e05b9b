"""Citizens who write and are answered by a person, at the desk's page."""

from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

from tests.builders.browser import accessible, chromium, new_page, no_complaints
from tests.journeys.test_texts import _shown_after_a_look, _writes
from tests.journeys.world import World

on_the_simulator = pytest.mark.parametrize("system", ["simulator"], indirect=True)


@on_the_simulator
async def test_two_who_write_are_answered_at_one_desk_and_closed(world: World) -> None:
    carin = await world.agent_in_the_browser("carin")
    desk = carin.desk_page
    async with chromium() as browser:
        first, second = [await _handset(browser, world, number) for number in (8, 9)]
        await _writes(first, "Jag vill skriva med en handläggare")
        await expect(_texts(first, "En handläggare läser det och svarar dig här")).to_be_visible()
        offer = desk.locator("[data-test=offer]")
        await expect(offer.get_by_role("heading", name="Sms till dig")).to_be_visible()
        await expect(offer).to_contain_text("Bad om en handläggare i sms")
        await expect(offer.get_by_role("listitem").filter(has_text="Jag vill skriva med en")).to_be_visible()
        await accessible(desk, picture="written-offer")
        await desk.keyboard.press("F2")
        written = desk.locator("[data-test=written-contact]")
        await expect(written).to_be_visible()
        await _writes(second, "HANDLÄGGARE tack, det gäller bostadsbidrag")
        await expect(offer).to_be_visible()
        await offer.get_by_role("button", name="Ta emot").click()
        whom = desk.locator("[data-test=written]").get_by_role("button")
        await expect(whom.filter(has_text="Väntar på ditt svar")).to_have_count(2)
        await written.get_by_label("Meddelande").fill("Hej! Du söker bostadsbidrag med en blankett. Hälsningar Carin")
        await written.get_by_role("button", name="Skicka sms").click()
        await expect(whom.filter(has_text="Du svarade för")).to_have_count(1)
        await _shown_after_a_look(second, "Du söker bostadsbidrag med en blankett")
        await _writes(second, "Vilken blankett?")
        await expect(written.get_by_role("listitem").filter(has_text="Vilken blankett?")).to_be_visible(timeout=10_000)
        await accessible(desk, picture="written-two")
        await desk.set_viewport_size({"width": 400, "height": 800})
        await accessible(desk, picture="written-narrow")
        await desk.set_viewport_size({"width": 1360, "height": 900})
        await written.get_by_role("button", name="Avsluta").click()
        await expect(written.get_by_role("alert")).to_have_text("Välj hur det slutade.")
        for label in ("Besvarat", "Personen har inte svarat"):
            await written.get_by_label("Hur slutade det?").select_option(label=label)
            await written.get_by_role("button", name="Avsluta").click()
            await expect(desk.get_by_text("Kontakten är avslutad").first).to_be_visible()
        await expect(desk.locator("[data-test=idle]")).to_contain_text("Du är redo")
        for one in (first, second):
            await no_complaints(one)
    numbers = [world.caller(number).number for number in (8, 9)]
    theirs = "SELECT outcome, wrap_up_code FROM contacts WHERE channel = 'sms' AND caller IN (?, ?) ORDER BY opened_at"
    rows = world.system.rows(theirs, *numbers)
    assert [(row["outcome"], row["wrap_up_code"]) for row in rows] == [
        ("answered", "no_reply"),
        ("answered", "answered"),
    ]


async def _handset(browser: object, world: World, number: int) -> Page:
    page = await new_page(browser, world.system.url)  # type: ignore[arg-type]
    await page.goto(f"/sms?telefon={quote(world.caller(number).number)}")
    return page


def _texts(handset: Page, words: str):  # type: ignore[no-untyped-def]
    return handset.get_by_role("listitem").filter(has_text=words)
