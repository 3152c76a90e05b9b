"""An agent's day at the desk, in a real browser: mouse, keyboard alone, screen reader's view, and what goes wrong."""

import pytest
from playwright.async_api import Page, expect

from dashboard.api import desk as desk_api
from tests.builders.browser import accessible
from tests.builders.desk_world import PASSWORD, DeskWorld
from tests.integration.skills_routing.world import ASA, BO, Caller, until


async def log_in(page: Page, name: str = "asa") -> None:
    await page.goto("/desk")
    await page.get_by_label("Användarnamn").fill(name)
    await page.get_by_label("Lösenord").fill(PASSWORD)
    await page.get_by_label("Lösenord").press("Enter")
    await expect(page.get_by_role("heading", name="Din status")).to_be_visible()


async def log_in_ready(page: Page, name: str = "asa") -> None:
    await log_in(page, name)
    await page.get_by_role("button", name="Ta emot samtal").click()
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")


async def test_the_day_of_an_agent_with_pictures(desk: DeskWorld, page: Page) -> None:
    await finds_the_desk_and_mistypes(page)
    await desk.promised("+46701740620")
    await desk.promised("+46701740621", queue="bostad")
    await log_in(page, "bo")
    await goes_to_a_meeting_and_comes_back(page)
    caller = await is_offered_somebody_known(desk, page)
    await talks_and_takes_notes(page, caller)
    await writes_it_up_and_takes_a_break(desk, page, caller)
    await page.get_by_role("button", name="Logga ut").click()
    await expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    assert desk.state_changes(BO)[-1] == "LOGGED_OFF"


async def finds_the_desk_and_mistypes(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("heading", name="Välkommen till Kundcenter")).to_be_visible()
    await expect(page.get_by_role("link", name="Öppna telefonen")).to_be_visible()
    await accessible(page, picture="start")

    await page.get_by_role("link", name="Öppna skrivbordet").click()
    await expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    await accessible(page, picture="desk-log-in")
    await page.get_by_label("Användarnamn").fill("bo")
    await page.get_by_label("Lösenord").fill("fel")
    await page.get_by_role("button", name="Logga in").click()
    await expect(page.get_by_role("alert")).to_contain_text("stämmer inte")
    await accessible(page, picture="desk-log-in-refused")


async def goes_to_a_meeting_and_comes_back(page: Page) -> None:
    await accessible(page, picture="desk-not-ready")
    await page.get_by_role("button", name="Möte", exact=True).click()
    await expect(page.get_by_role("button", name="Möte", exact=True)).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Ta emot samtal").click()
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")
    await page.locator("[data-test=callbacks]").get_by_role("button", name="Visa").click()
    await expect(page.get_by_role("button", name="Flytta återuppringningen till 070-••• •• 20")).to_be_visible()
    await expect(page.get_by_role("button", name="Ring upp 070-••• •• 20")).to_be_hidden()  # it comes in its turn
    await accessible(page, picture="desk-ready")


async def is_offered_somebody_known(desk: DeskWorld, page: Page) -> Caller:
    await desk.world.caller("sjuk", waited=400)
    caller = await desk.world.ring_in()
    await desk.identified(caller, "demo-03")
    await desk.walked(caller, "main/menu:choice_payment", "main/menu:choice_talk", "talk/which:choice_housing")
    async with desk.database.transaction() as tx:
        await desk.world.contacts.answer_given(tx, caller.contact, "payment", "barnbidrag")
    await desk.world.enter(caller, "bostad", waited=312)
    offer = page.locator("[data-test=offer]")
    await expect(offer).to_contain_text("Vera Provsson")
    await expect(offer).to_contain_text("5 min")
    await expect(offer).to_contain_text("När pengarna kommer")
    await expect(page).to_have_title("☎ Bostad – Samtal till dig")
    await accessible(page, picture="desk-offer")
    return caller


async def talks_and_takes_notes(page: Page, caller: Caller) -> None:
    await page.keyboard.press("F2")
    talk = page.locator("[data-test=talk]")
    await expect(talk).to_be_visible()
    await until(lambda: caller.phone.connected_to == "agent-bo")
    await page.get_by_role("textbox", name="Anteckning").fill("Frågar om bostadsbidrag. Hyresavi saknas.")
    await accessible(page, picture="desk-talk")
    await page.keyboard.press("F8")
    await expect(talk).to_contain_text("Personen hör musik")
    await accessible(page, picture="desk-hold")
    await page.keyboard.press("F8")
    await expect(talk).not_to_contain_text("Personen hör musik")
    await page.get_by_role("button", name="Avsluta samtalet").click()


async def writes_it_up_and_takes_a_break(desk: DeskWorld, page: Page, caller: Caller) -> None:
    await expect(page.get_by_role("heading", name="Efterarbete", exact=True)).to_be_visible()
    await until(lambda: caller.phone.ended is not None)
    await page.get_by_role("button", name="Spara").click()
    await expect(page.get_by_role("alert").filter(has_text="Välj hur samtalet slutade")).to_be_visible()
    await accessible(page, picture="desk-wrap-up")
    await page.get_by_label("Hur slutade samtalet?").select_option(label="Vi återkommer")
    await page.get_by_label("Sedan").select_option(label="Rast")
    await page.get_by_role("button", name="Spara").click()
    await expect(page.get_by_text("Efterarbetet är sparat.").first).to_be_attached()
    await expect(page.get_by_role("button", name="Rast")).to_have_attribute("aria-pressed", "true")
    row = await desk.world.ledger(caller.contact)
    assert (row.wrap_up_code, row.note) == ("we_return", "Frågar om bostadsbidrag. Hyresavi saknas.")


async def test_a_whole_call_with_the_keyboard_alone(desk: DeskWorld, page: Page) -> None:
    await page.goto("/desk")
    await expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    await tab_to(page, "Användarnamn")
    await page.keyboard.type("asa")
    await tab_to(page, "Lösenord")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Din status")).to_be_visible()
    await tab_to(page, "Ta emot samtal")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")

    caller = await desk.world.caller("sjuk")
    await expect(page.get_by_role("button", name="Svara")).to_be_focused()
    await page.keyboard.press("Enter")
    await until(lambda: caller.phone.connected_to == "agent-asa")
    await expect(page.locator("[data-test=talk]")).to_be_visible()
    await tab_to(page, "Parkera")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-test=talk]")).to_contain_text("Personen hör musik")
    await page.keyboard.press("F8")
    await expect(page.get_by_role("button", name="Parkera")).to_be_visible()
    await page.keyboard.press("F9")
    await until(lambda: caller.phone.ended is not None)

    await expect(page.get_by_role("heading", name="Efterarbete", exact=True)).to_be_visible()
    await tab_to(page, "Hur slutade samtalet?")
    await page.keyboard.press("K")
    await tab_to(page, "Anteckning")
    await page.keyboard.type("Klart.")
    await tab_to(page, "Spara")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")
    assert (await desk.world.ledger(caller.contact)).note == "Klart."


async def test_a_call_that_is_turned_down_or_missed_keeps_its_place_and_the_agent_is_told(
    desk: DeskWorld, page: Page
) -> None:
    await log_in_ready(page)
    caller = await desk.world.caller("sjuk")
    await page.get_by_role("button", name="Avböj").click()
    await expect(page.get_by_text("Du avböjde ett samtal eller ett sms.")).to_be_visible()
    await expect(page.locator("[data-test=offer]")).to_be_hidden()
    await accessible(page, picture="desk-rejected")
    assert await desk.world.place(caller) == 1

    desk.world.time.advance(31)
    await page.get_by_role("button", name="Ta emot samtal").click()
    await expect(page.locator("[data-test=offer]")).to_be_visible()
    desk.world.time.advance(21)
    await desk.world.routing.heartbeat(ASA)
    await desk.world.routing.run_due()
    await expect(page.get_by_text("Du hann inte svara på ett samtal eller ett sms.")).to_be_visible()
    assert await desk.world.place(caller) == 1


async def test_a_caller_who_hangs_up_while_it_rings_is_gone_from_the_desk(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page)
    caller = await desk.world.caller("sjuk")
    await expect(page.locator("[data-test=offer]")).to_contain_text("Ej identifierad")
    caller.phone.hang_up()
    await expect(page.locator("[data-test=offer]")).to_be_hidden()
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")
    await expect(page.get_by_text("Samtalet är inte längre ditt.").first).to_be_attached()


async def test_hostile_text_is_shown_as_text(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page, "bo")
    hostile = "<img src=x onerror=document.title='owned'>" + "\u202e" + "Å" * 200
    caller = await desk.world.ring_in()
    async with desk.database.transaction() as tx:
        opened = await desk.world.contacts.open(
            tx, contact=caller.contact.replace("con", "cox"), leg=caller.leg, caller=hostile, display_name=hostile
        )
    caller.contact = opened.contact
    await desk.walked(caller, hostile, "<script>alert(1)</script>")
    await desk.world.enter(caller, "foralder")
    await expect(page.locator("[data-test=offer]")).to_contain_text("<img src=x")
    await expect(page).to_have_title("☎ Barn och familj – Samtal till dig")
    wide: bool = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "long text must not push the page out of the window"
    await accessible(page, picture="desk-hostile")


async def test_a_desk_that_loses_contact_says_so_and_comes_back(
    desk: DeskWorld, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_api, "PING_SECONDS", 0.2)
    await log_in_ready(page)
    await page.context.set_offline(True)
    await page.evaluate("window.dispatchEvent(new Event('offline'))")
    desk.feed.wake({})
    await break_connections(desk)
    await expect(page.get_by_text("Kontakten med systemet är bruten.")).to_be_visible()
    await accessible(page, picture="desk-lost")
    await page.context.set_offline(False)
    await expect(page.get_by_text("Kontakten med systemet är bruten.")).to_be_hidden()
    await desk.world.caller("sjuk")
    await expect(page.locator("[data-test=offer]")).to_be_visible()
    page.complaints.clear()  # type: ignore[attr-defined] # the browser names each failed connection


async def test_the_desk_is_used_in_one_tab_at_a_time(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page)
    other = await page.context.new_page()
    await other.goto("/desk")
    await expect(other.locator("[data-test=idle]")).to_contain_text("Du är redo")
    await expect(page.get_by_text("Skrivbordet är öppet i en annan flik")).to_be_visible()
    await accessible(page, picture="desk-elsewhere")
    await page.get_by_role("button", name="Använd det här").click()
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")
    await expect(other.get_by_text("Skrivbordet är öppet i en annan flik")).to_be_visible()


async def test_an_own_promise_is_kept_with_one_click(desk: DeskWorld, page: Page) -> None:
    await desk.is_own(await desk.promised("+46701740620"), BO)
    await log_in(page, "bo")
    await page.get_by_role("button", name="Inte redo").is_hidden()
    await page.get_by_role("button", name="Rast").click()
    await page.locator("[data-test=callbacks]").get_by_role("button", name="Visa").click()
    await page.get_by_role("button", name="Ring upp 070-••• •• 20").click()
    await expect(page.get_by_text("Inga löften väntar.")).to_be_visible()


async def test_the_desk_fits_a_small_window_and_dark_colours(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page)
    await page.emulate_media(color_scheme="dark")
    await desk.world.caller("sjuk")
    await expect(page.locator("[data-test=offer]")).to_be_visible()
    await accessible(page, picture="desk-dark")
    await page.set_viewport_size({"width": 400, "height": 800})
    wide: bool = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
    await accessible(page, picture="desk-narrow")


async def test_a_supervisor_is_told_that_the_desk_is_for_agents(page: Page, desk: DeskWorld) -> None:
    await page.goto("/desk")
    await page.get_by_label("Användarnamn").fill("disa")
    await page.get_by_label("Lösenord").fill(PASSWORD)
    await page.get_by_label("Lösenord").press("Enter")
    await expect(page.get_by_text("Skrivbordet är för dem som svarar.")).to_be_visible()
    await accessible(page)


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what bears this name has the focus, as somebody without a mouse does."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        here: str = await page.evaluate(
            "(e => e.labels?.[0]?.innerText || e.getAttribute('aria-label') || e.innerText || '')(document.activeElement)"
        )
        if here.strip().startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


async def break_connections(desk: DeskWorld) -> None:
    """Cut what is open between page and server, as a network does."""
    for connection in list(desk.server.server_state.connections):
        connection.transport.abort()
