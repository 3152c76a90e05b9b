"""A first-time visitor presses the green button and hears when the money comes, over WebRTC through a real Asterisk."""

from playwright.async_api import Page, expect

from tests.builders.browser import accessible, chromium, new_page, no_complaints
from tests.fixtures_running import real_switch_only
from tests.journeys.agents import COUNT, HOOK, BrowserAgent
from tests.journeys.world import World
from tests.running import eventually

VERA, VERAS_CODE = "199610202385", "860427"


class Visitor:
    """Somebody at the telephone page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def state(self, words: str) -> None:
        await expect(self.page.locator("[data-test=phone-state]")).to_have_text(words, timeout=20_000)

    async def hears(self, words: str) -> None:
        await expect(self.page.get_by_role("log")).to_contain_text(words, timeout=25_000)

    async def presses(self, keys: str) -> None:
        for key in keys:
            await self.page.locator("body").press(key)

    async def rings(self) -> None:
        await self.page.goto("/phone")
        await self.state("Redo att ringa")
        await self.page.get_by_role("button", name="Ring", exact=True).click()
        await self.state("Samtalet pågår")

    async def asks_when_the_money_comes(self) -> None:
        await self.hears("Vill du veta när pengarna kommer? Tryck")
        await self.presses("1")
        await self.hears("Tryck in ditt personnummer")
        await self.presses(VERA + "#")
        await self.hears("Tryck in din personliga kod")
        await self.presses(VERAS_CODE)

    async def gets_sound(self, *, sent: int = 0) -> None:
        """Packets come, and not of silence; and as many as ``sent`` go out."""
        before = await self.page.evaluate(COUNT)

        async def flows() -> bool:
            now = await self.page.evaluate(COUNT)
            received = now["received"] - before["received"] > 50 and now["energy"] > before["energy"]
            return bool(received and now["sent"] - before["sent"] >= sent)

        await eventually(flows, within=10, what="sound flows")


@real_switch_only
async def test_a_visitor_hears_when_the_money_comes_and_then_talks_to_somebody(world: World) -> None:
    carin = await world.agent("carin")
    async with chromium() as browser:
        page = await new_page(browser, world.system.url)
        await page.add_init_script(HOOK)
        visitor = Visitor(page)
        await visitor.rings()
        await visitor.asks_when_the_money_comes()
        await visitor.hears("Din nästa utbetalning av barnbidrag kommer")
        await visitor.hears("tvåtusen femhundra kronor")
        await visitor.gets_sound()
        await accessible(page, picture="phone-with-sound")

        await visitor.presses("0")
        await carin.sees_offer(within=25)
        assert isinstance(carin, BrowserAgent)
        assert carin.page
        await expect(carin.page.locator("[data-test=offer]")).to_contain_text("Vera Provsson")
        await carin.accept()
        await carin.talks()
        await visitor.hears("Du är kopplad till en handläggare")
        await visitor.gets_sound(sent=50)
        await page.get_by_role("button", name="Lägg på").click()
        await visitor.state("Samtalet är slut")
        await no_complaints(page)
    await carin.wrap_up("finished", "Fick besked.")
