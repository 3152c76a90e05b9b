"""Somebody at the demonstration's telephone page, in a real browser, with sound or without."""

from playwright.async_api import Page, expect

from tests.journeys.agents import COUNT
from tests.running import eventually


class Visitor:
    """A visitor who rings from the page. Every method returns when the page shows what it says."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def state(self, words: str) -> None:
        await expect(self.page.locator("[data-test=phone-state]")).to_have_text(words, timeout=20_000)

    async def hears(self, words: str) -> None:
        await expect(self.page.get_by_role("log")).to_contain_text(words, timeout=25_000)

    async def presses(self, keys: str) -> None:
        for key in keys:
            await self.page.locator("body").press(key)

    async def has_a_telephone(self) -> None:
        await self.page.goto("/phone")
        await self.state("Redo att ringa")

    async def rings(self) -> None:
        await self.has_a_telephone()
        await self.page.get_by_role("button", name="Ring", exact=True).click()
        await self.state("Samtalet pågår")

    async def says_who_they_are(self, personnummer: str, code: str) -> None:
        await self.hears("Tryck in ditt personnummer")
        await self.presses(personnummer + "#"[: len(personnummer) < 12])
        await self.hears("Tryck in din personliga kod")
        await self.presses(code)

    async def hangs_up(self) -> None:
        await self.page.get_by_role("button", name="Lägg på").click()
        await self.state("Samtalet är slut")

    async def gets_sound(self, *, sent: int = 0) -> None:
        """Packets come, and not of silence; and as many as ``sent`` go out."""
        before = await self.page.evaluate(COUNT)

        async def flows() -> bool:
            now = await self.page.evaluate(COUNT)
            received = now["received"] - before["received"] > 50 and now["energy"] > before["energy"]
            return bool(received and now["sent"] - before["sent"] >= sent)

        await eventually(flows, within=10, what="sound flows")
