"""Meetings in a real browser: booked in a call, seen in the day, and closed with what the citizen takes with them."""

from datetime import datetime, timedelta

from playwright.async_api import Page, expect
from pypdfium2 import PdfDocument

from core.ids import Subject
from meetings.hours import local_day
from tests.builders.browser import accessible, no_complaints
from tests.builders.desk_meetings import meetings_of
from tests.builders.desk_world import DeskWorld
from tests.integration.skills_routing.world import until
from tests.journeys.test_callbacks_in_the_browser import log_in, log_in_ready


async def test_an_agent_books_in_a_call_and_closes_the_meeting_with_its_documentation(
    desk: DeskWorld, page: Page
) -> None:
    await books(desk, page)
    await sees_it_in_the_day(desk, page)
    await asks_about_the_guidance_and_reads_the_answer(desk, page)
    await offers_contact_meetings(desk, page)
    await closes_it(page)
    await takes_the_paper_along_and_corrects_it(page)
    await no_complaints(page)


async def books(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page)
    caller = await desk.world.caller("bostad")
    await desk.identified(caller)
    await expect(page.locator("[data-test=offer]")).to_be_visible()
    await page.keyboard.press("F2")
    await until(lambda: caller.phone.connected_to == "agent-bo")
    booking = page.locator("[data-test=meeting-booking]")
    await booking.get_by_role("button", name="Boka eller ändra möte").click()
    await expect(booking.get_by_text("Inget möte är bokat.")).to_be_visible()
    await booking.get_by_role("button", name="Visa lediga tider").click()
    await expect(booking.get_by_role("alert")).to_contain_text("Välj ett kontor")
    await booking.get_by_label("Vad för möte").select_option(label="kontaktmöte")
    await booking.get_by_label("Postnummer").fill("901 23")
    await booking.get_by_role("button", name="Visa lediga tider").click()
    await expect(booking.get_by_role("alert")).to_contain_text("Ett nej är också bra")
    await accessible(page, picture="meeting-consent")
    await booking.get_by_label("Personen säger ja").check()
    await booking.get_by_label("Med mig").check()
    await booking.get_by_role("button", name="Visa lediga tider").click()
    await expect(booking.get_by_label("Ledig tid")).to_be_focused()
    await accessible(page, picture="meeting-times")
    await booking.get_by_role("button", name="Håll tiden").click()
    await expect(booking.get_by_role("heading", name="Vi håller tiden till")).to_be_focused()
    await accessible(page, picture="meeting-held")
    await booking.get_by_role("button", name="Ja, boka").click()
    await expect(booking.get_by_role("heading", name="Mötet är bokat")).to_be_focused()
    await expect(booking).to_contain_text("Direktnumret är 070-174 06 61")
    await accessible(page, picture="meeting-say")
    await booking.get_by_role("button", name="Klart").click()
    await expect(booking.locator("[data-test=meetings-booked]")).to_contain_text("kontaktmöte")
    await accessible(page, picture="meeting-booked")


async def sees_it_in_the_day(desk: DeskWorld, page: Page) -> None:
    mine = await own_meetings(page)
    starts_at = datetime.fromisoformat((*mine["today"], *mine["coming"])[0]["starts_at"])
    desk.world.time.advance((starts_at - desk.world.time.now()).total_seconds() + 1800)
    await page.reload()
    await log_in(page, "bo")
    day = page.locator("[data-test=meetings]")
    await day.get_by_role("button", name="Visa").click()
    await expect(day.locator("[data-test=meetings-to-close]")).to_contain_text("kontaktmöte")
    await day.get_by_role("button", name="Öppna").click()
    card = page.locator("[data-test=meeting-card]")
    await expect(card.get_by_role("heading", name="kontaktmöte")).to_be_focused()
    await expect(card).to_contain_text("Vera Provsson")
    await expect(card).to_contain_text("<b>Pengarna</b>")
    await accessible(page, picture="meeting-card")


async def asks_about_the_guidance_and_reads_the_answer(desk: DeskWorld, page: Page) -> None:
    guidance = meetings_of(desk.world).guidance
    place = page.locator("[data-test=meeting-card] [data-test=guidance]")
    await place.get_by_role("button", name="Är vägledningen oklar?").click()
    await place.get_by_label("Vad är oklart?").fill("Vem kallar <b>läkaren</b>?")
    await place.get_by_role("button", name="Skicka frågan").click()
    await expect(place).to_contain_text("Frågor som väntar på svar: 1")
    async with desk.database.transaction() as tx:
        (asked,) = await guidance.waiting(tx)
        await guidance.answer(tx, asked.question, "Handläggaren gör det.", role="supervisor")
    await place.get_by_role("button", name="Är vägledningen oklar?").click()
    await place.get_by_text("Frågor och svar om vägledningen (1)").click()
    await expect(place).to_contain_text("Vem kallar <b>läkaren</b>?")
    await expect(place).to_contain_text("Handläggaren gör det.")
    await expect(place).to_contain_text("Arbetsledningen")
    await accessible(page, picture="meeting-guidance")
    await place.get_by_role("button", name="Avbryt").click()


async def offers_contact_meetings(desk: DeskWorld, page: Page) -> None:
    """Two persons are told before day 90; one says yes and one says no, and both are kept alike."""
    tasks, day_1 = meetings_of(desk.world).tasks, local_day(desk.world.time.now()) - timedelta(days=59)
    for subject in ("demo-01", "demo-02"):
        await tasks.sick_since(Subject(subject), day_1, handler="lena")
    day = page.locator("[data-test=meetings]")
    await day.get_by_role("button", name="Dölj").click()
    await day.get_by_role("button", name="Visa").click()
    await expect(day.locator("[data-test=meeting-tasks] li")).to_have_count(2)
    await day.get_by_role("button", name="Maja Exempelsson har fått veta").click()
    await expect(day.get_by_role("heading", name="Erbjud kontaktmöte")).to_be_focused()
    await expect(day.locator("[data-test=meeting-tasks] li", has_text="Maja")).to_contain_text("har fått veta")
    await accessible(page, picture="meeting-tasks")
    await day.get_by_role("button", name="Maja Exempelsson vill ha kontaktmöte").click()
    await day.get_by_role("button", name="Nils Testberg tackar nej").click()
    await expect(day).to_contain_text("Alla har svarat.")
    async with desk.database.reading() as tx:
        assert {one.state for one in await tasks.listed(tx, every=True)} == {"yes", "no"}


async def closes_it(page: Page) -> None:
    card = page.locator("[data-test=meeting-card]")
    await card.get_by_role("button", name="Boka kundmöte om beslutet").click()
    await expect(card.get_by_label("Ny tid")).to_be_focused()
    await card.get_by_role("button", name="Avbryt").click()
    await card.get_by_role("button", name="Avsluta mötet").click()
    await expect(card.get_by_label("Vad vi pratade om")).to_be_focused()
    await card.get_by_role("button", name="Avsluta och skriv ut").click()
    await expect(card.get_by_role("alert")).to_contain_text("Skriv vad ni pratade om")
    await card.get_by_label("Vad vi pratade om").fill("Hur du ser på din situation: du vill pröva halvtid.")
    await card.get_by_role("button", name="Avsluta och skriv ut").click()
    await expect(card.get_by_role("alert")).to_contain_text("Skriv vad som händer nu")
    await expect(card.get_by_label("Nästa steg")).to_be_focused()
    await accessible(page, picture="meeting-close")
    await card.get_by_label("Vad vi kom överens om").fill("Lena frågar din chef om halvtid.")
    await card.get_by_label("Nästa steg").fill("Lena ringer dig på fredag.")
    await page.evaluate("() => { window.printed = 0; window.print = () => (window.printed += 1) }")
    await card.get_by_role("button", name="Avsluta och skriv ut").click()


async def takes_the_paper_along_and_corrects_it(page: Page) -> None:
    card = page.locator("[data-test=meeting-card]")
    paper = card.locator("[data-test=meeting-paper]")
    await expect(paper).to_contain_text("Lena ringer dig på fredag.")
    assert await page.evaluate("window.printed") == 1
    await accessible(page, picture="meeting-done")
    printed = PdfDocument(await page.pdf(format="A4"))
    assert len(printed) == 1
    said = printed[0].get_textpage().get_text_bounded()
    assert "Lena ringer dig på fredag." in said and "070-174 06 61" in said
    assert not [one for one in ("Vera", "Bostad", "Mina möten", "Pengarna", "Avsluta", "Skriv ut") if one in said]
    printed[0].render(scale=1.5).to_pil().save("tests/screenshots/meeting-paper.png")
    await card.get_by_role("button", name="Rätta").click()
    await card.get_by_label("Så får personen dokumentationen").select_option(label="Den lämnas inte över")
    await card.get_by_role("button", name="Spara rättelsen").click()
    await expect(card.get_by_role("alert")).to_contain_text("Skriv varför")
    await card.get_by_label("Varför lämnas den inte över?").fill("Personen hade redan gått.")
    await card.get_by_role("button", name="Spara rättelsen").click()
    await expect(card).to_contain_text("Version 2")


async def own_meetings(page: Page) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = await page.evaluate(
        "() => fetch('/api/meetings').then((one) => one.json())"
    )
    return found
