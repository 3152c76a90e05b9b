"""A first-time visitor rings from the demonstration's telephone page, in a real browser, without sound."""

from playwright.async_api import Page, expect

from core.ids import LegId
from core.language import Language
from telephony.model import Answer, Hold, Say, Utterance
from tests.builders.browser import accessible
from tests.builders.desk_world import PHONES, DeskWorld
from tests.integration.skills_routing.world import BO, until

HOSTILE = "Välkommen <script>document.title='owned'</script> till Försäkringskassan."


async def arrives(desk: DeskWorld, number: str) -> LegId:
    await until(lambda: number in desk.world._arrived)
    return desk.world._arrived[number]


async def say(desk: DeskWorld, leg: LegId, words: str) -> None:
    await desk.world.switch.perform(Say(leg=leg, utterances=(Utterance(words, Language.SWEDISH),)))


async def test_a_visitor_rings_reads_what_is_said_presses_and_hangs_up(desk: DeskWorld, page: Page) -> None:
    await page.goto("/phone")
    await expect(page.locator("[data-test=phone-state]")).to_have_text("Redo att ringa")
    await expect(page.get_by_label("Nummer att ringa")).to_have_value("0771-524 524")
    await expect(page.get_by_text("Maja Exempelsson")).to_be_visible()
    await accessible(page, picture="phone-free")

    await page.get_by_role("button", name="Ring", exact=True).click()
    leg = await arrives(desk, PHONES["phone-1"])
    await desk.world.switch.perform(Answer(leg=leg))
    await say(desk, leg, HOSTILE)
    await expect(page.get_by_role("log")).to_contain_text(HOSTILE)
    await expect(page.locator("[data-test=phone-state]")).to_have_text("Samtalet pågår")
    await page.get_by_role("button", name="Knapp 1", exact=True).click()
    await page.locator("body").press("4")
    await expect(page.get_by_role("log")).to_contain_text("Du tryckte 1 4")
    await say(desk, leg, "Dina pengar kommer torsdag den tjugofjärde december: ettusen tvåhundrafemtio kronor.")
    await desk.world.switch.perform(Hold(leg=leg))
    await expect(page.get_by_role("log")).to_contain_text("Musik medan du väntar")
    await accessible(page, picture="phone-talking")
    await page.get_by_role("button", name="Lägg på").click()
    await expect(page.locator("[data-test=phone-state]")).to_have_text("Samtalet är slut")
    await expect(page).to_have_title("Telefonen – Kundcenter")


async def test_each_tab_has_a_telephone_of_its_own_and_a_closed_one_is_given_back(desk: DeskWorld, page: Page) -> None:
    await page.goto("/phone")
    await expect(page.get_by_text("Din telefon har nummer 070-174 06 11")).to_be_visible()
    second = await page.context.new_page()
    await second.goto("/phone")
    await expect(second.get_by_text("Din telefon har nummer 070-174 06 12")).to_be_visible()
    third = await page.context.new_page()
    await third.goto("/phone")
    await expect(third.get_by_text("Alla demotelefoner är upptagna.")).to_be_visible()
    await accessible(third, picture="phone-none")
    await second.close()
    await expect(third.get_by_role("button", name="Försök igen")).to_be_visible()
    await expect(third.locator("[data-test=phone-state]")).to_have_text("")

    async def free() -> bool:
        return not await desk.world.redis.exists("kc:phone_lease:phone-2")

    await until(free, seconds=8)
    await third.get_by_role("button", name="Försök igen").click()
    await expect(third.get_by_text("Din telefon har nummer 070-174 06 12")).to_be_visible()


async def test_a_telephone_that_rings_can_be_answered(desk: DeskWorld, page: Page) -> None:
    await page.goto("/phone")
    await expect(page.locator("[data-test=phone-state]")).to_have_text("Redo att ringa")
    await desk.world.ready(BO)
    contact = await desk.world.ring_back(BO, PHONES["phone-1"])
    await until(lambda: desk.world.phone(BO).ringing)
    desk.world.phone(BO).answer()
    await expect(page.locator("[data-test=phone-state]")).to_have_text("Det ringer hos dig")
    await page.get_by_role("button", name="Svara").click()
    await expect(page.get_by_role("log")).to_contain_text("Du är kopplad till en handläggare")
    assert (await desk.world.ledger(contact)).caller == PHONES["phone-1"]


async def test_the_telephone_fits_a_small_window(desk: DeskWorld, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto("/phone")
    await expect(page.locator("[data-test=phone-state]")).to_have_text("Redo att ringa")
    wide: bool = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
    await accessible(page, picture="phone-narrow")


async def test_one_who_closes_the_page_in_a_call_has_hung_up(desk: DeskWorld, page: Page) -> None:
    other = await page.context.new_page()
    await other.goto("/phone")
    await expect(other.locator("[data-test=phone-state]")).to_have_text("Redo att ringa")
    await other.get_by_role("button", name="Ring", exact=True).click()
    leg = await arrives(desk, PHONES["phone-1"])
    await desk.world.switch.perform(Answer(leg=leg))
    await other.close()
    await until(lambda: desk.world.switch.phone(PHONES["phone-1"]).ended is not None, seconds=10)
