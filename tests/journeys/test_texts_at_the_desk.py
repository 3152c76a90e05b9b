"""Texts at the agent's desk, in a real browser: the thread of whom one talks with, and an answer that is counted as one writes."""

from playwright.async_api import Page, expect

from core.phone import PhoneNumber
from sms.adapters.simulator import SimulatedProvider
from tests.builders.browser import accessible, no_complaints
from tests.builders.desk_texts import writes
from tests.builders.desk_world import DeskWorld
from tests.integration.skills_routing.world import until
from tests.journeys.test_callbacks_in_the_browser import log_in_ready

HOSTILE = "<img src=x onerror=alert(1)> När kommer pengarna?"


async def test_an_agent_reads_the_thread_and_answers(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page)
    await writes(desk.world, desk.sms, "Hur söker jag bostadsbidrag?")
    await expect(page.locator("[data-test=offer]")).to_contain_text("Hur söker jag bostadsbidrag?")
    await page.keyboard.press("F2")
    await expect(page.locator("[data-test=written-contact]")).to_contain_text("Hur söker jag bostadsbidrag?")
    calls_in = page.get_by_role("button", name="Samtal får komma emellan")
    await calls_in.click()
    await expect(calls_in).to_have_attribute("aria-pressed", "true")
    caller = await desk.world.caller("bostad")
    number = caller.phone.number
    await desk.sms.receive(provider="simulator", provider_id="s1", number=number, text=HOSTILE)
    await expect(page.locator("[data-test=offer]")).to_be_visible()
    await page.keyboard.press("F2")
    await until(lambda: caller.phone.connected_to == "agent-bo")
    panel = page.locator("[data-test=texts]").first  # the call's own; that of whom Bo writes with is below
    await panel.get_by_role("button", name="Visa sms").click()
    await expect(panel.get_by_role("listitem")).to_contain_text(HOSTILE)
    await panel.get_by_label("Börja med").select_option(label="Vi har försökt ringa")
    written = panel.get_by_label("Meddelande")
    await expect(written).to_have_value(
        "Hej! Vi har försökt ringa dig. Svara RING så ringer vi igen, eller ring oss på 0771-524 524. Hälsningar Försäkringskassan"
    )
    await expect(panel.locator("[data-test=text-count]")).to_contain_text("1 sms")
    await written.fill("Läs på www.example.org 🙂")
    await expect(panel.locator("[data-test=text-count]")).to_contain_text("Tecknet 🙂 kan inte skickas")
    await panel.get_by_role("button", name="Skicka sms").click()
    await expect(panel.get_by_role("alert")).to_have_text("Ett sms får inte ha någon länk.")
    await accessible(page, picture="desk-texts-refused")
    await written.fill("a" * 170)
    await expect(panel.locator("[data-test=text-count]")).to_contain_text("170 tecken, 2 sms")
    await written.fill("Hej! Vi ringer dig i morgon kl 9.30. Hälsningar Försäkringskassan")
    await panel.get_by_role("button", name="Skicka sms").click()
    await expect(panel.get_by_role("listitem").filter(has_text="i morgon kl 9.30")).to_be_visible()
    await expect(written).to_have_value("")
    await expect(page.locator("[data-test=written-contact]")).to_be_visible()
    await accessible(page, picture="desk-texts")
    await no_complaints(page)
    await desk.sms.send_due()
    provider = SimulatedProvider(desk.database, desk.world.time)
    (text,) = await provider.on_handset(PhoneNumber(number))
    assert text.text == "Hej! Vi ringer dig i morgon kl 9.30. Hälsningar Försäkringskassan"
