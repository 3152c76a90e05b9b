"""A first-time visitor presses the green button and hears when the money comes, over WebRTC through a real Asterisk."""

from playwright.async_api import expect

from tests.builders.browser import accessible, chromium, new_page, no_complaints
from tests.fixtures_running import real_switch_only
from tests.journeys.agents import COUNT, HOOK
from tests.journeys.world import World
from tests.running import eventually

VERA, VERAS_CODE = "199610202385", "860427"


@real_switch_only
async def test_a_visitor_hears_when_the_money_comes_and_then_talks_to_somebody(world: World) -> None:
    carin = await world.agent("carin")
    async with chromium() as browser:
        page = await new_page(browser, world.system.url)
        await page.add_init_script(HOOK)
        page.set_default_timeout(20_000)
        state, said = page.locator("[data-test=phone-state]"), page.get_by_role("log")

        async def press(keys: str) -> None:
            for key in keys:
                await page.locator("body").press(key)

        async def hears(words: str) -> None:
            await expect(said).to_contain_text(words, timeout=25_000)

        await page.goto("/phone")
        await expect(state).to_have_text("Redo att ringa")
        await page.get_by_role("button", name="Ring", exact=True).click()
        await expect(state).to_have_text("Samtalet pågår")
        await hears("Vill du veta när pengarna kommer? Tryck")
        await press("1")
        await hears("Tryck in ditt personnummer")
        await press(VERA + "#")
        await hears("Tryck in din personliga kod")
        await press(VERAS_CODE)
        await hears("Din nästa utbetalning av barnbidrag kommer")
        await hears("tvåtusen femhundra kronor")

        async def has_sound() -> bool:
            heard = await page.evaluate(COUNT)
            return bool(heard["received"] > 100 and heard["energy"] > 0)

        await eventually(has_sound, within=10, what="there are packets, and not of silence")
        await accessible(page, picture="phone-with-sound")

        await press("0")
        offer = await carin.sees_offer(within=25)
        assert "Vera Provsson" in offer
        await carin.accept()
        await carin.talks()
        await hears("Du är kopplad till en handläggare")
        before = await page.evaluate(COUNT)

        async def both_ways() -> bool:
            now = await page.evaluate(COUNT)
            return bool(now["received"] > before["received"] + 50 and now["sent"] > before["sent"] + 50)

        await eventually(both_ways, within=10, what="sound goes both ways")
        await page.get_by_role("button", name="Lägg på").click()
        await expect(state).to_have_text("Samtalet är slut")
        await no_complaints(page)
    await carin.wrap_up("finished", "Fick besked.")
