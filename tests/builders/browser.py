"""A real Chromium without a window, with a false microphone."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, Page, async_playwright, expect

from tests import needs
from tests.patience import at_most

PICTURES = Path(__file__).parents[2] / "tests" / "screenshots"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


expect.set_options(timeout=at_most(5) * 1000)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    needs.web_pages()
    path = os.environ.get("KC_CHROMIUM") or needs.chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


async def new_page(browser: Browser, url: str, **more: Any) -> Page:
    """A page that fails its test when the browser complains of anything, such as a breach of the content policy."""
    context = await browser.new_context(
        base_url=url, locale="sv-SE", viewport={"width": 1360, "height": 900}, bypass_csp=False, **more
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


async def no_complaints(page: Page, *, but: str = "the server responded with a status of 4") -> None:
    """Nothing was complained of, except (``but``) refusals that the test asked for."""
    complaints = [one for one in page.complaints if but not in one]  # type: ignore[attr-defined]
    assert not complaints, complaints


async def accessible(page: Page, *, picture: str = "") -> None:
    """Axe finds nothing against WCAG 2.2 A and AA nor best practice on the page as it stands."""
    if picture:
        PICTURES.mkdir(exist_ok=True)
        await page.screenshot(path=PICTURES / f"{picture}.png", full_page=True)
    await page.evaluate(Path(AXE_FILE_PATH).read_text("utf-8"))
    found: Any = await page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    violations = [
        f"{one['id']}: {one['help']} – {[node['html'][:160] for node in one['nodes']][:4]}"
        for one in found["violations"]
    ]
    assert not violations, "\n".join(violations)
