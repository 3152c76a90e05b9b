"""Promises to ring back in a real browser: at the agent's desk, on the supervisor's page, and on the citizen's own page."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Page, expect
from redis.asyncio import Redis

from callbacks.model import CallbackState
from core.ids import CallbackId
from skills_routing import store as routing_store
from skills_routing.model import AgentState
from tests.builders.browser import accessible, new_page, no_complaints
from tests.builders.callback_pages import Front, front_of
from tests.builders.desk_world import PASSWORD, DeskWorld
from tests.integration.skills_routing.world import BO, until


@pytest.fixture
async def front(desk: DeskWorld, redis: Redis) -> AsyncIterator[Front]:
    async with front_of(desk.callbacks, redis, desk.world.time) as front:
        yield front


async def log_in(page: Page, name: str, address: str = "/desk") -> None:
    await page.goto(address)
    await page.get_by_label("Användarnamn").fill(name)
    await page.get_by_label("Lösenord").fill(PASSWORD)
    await page.get_by_label("Lösenord").press("Enter")
    await expect(page.get_by_role("button", name="Logga ut")).to_be_visible()


async def log_in_ready(page: Page) -> None:
    await log_in(page, "bo")
    await page.get_by_role("button", name="Ta emot samtal").click()
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")


async def test_a_promise_is_rung_and_a_machine_answers(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page)
    callback = await desk.promised("+46701740620")
    citizen = await desk.comes_due(callback)
    offer = page.locator("[data-test=offer]")
    await expect(offer.get_by_role("heading", name="Återuppringning")).to_be_visible()
    await expect(offer).to_contain_text("070-••• •• 20")
    await expect(offer).to_contain_text("1 av 3")
    await expect(offer.locator("[data-test=code]")).to_have_text("123 456")
    await expect(offer).to_contain_text("Fråga aldrig efter koder")
    await accessible(page, picture="callback-offer")

    await page.keyboard.press("F2")
    talk = page.locator("[data-test=talk]")
    await until(lambda: citizen.ringing)
    await expect(talk).to_contain_text("Det ringer hos personen")
    await expect(page.locator("[data-test=card]")).to_contain_text("070-174 06 20")
    await accessible(page, picture="callback-ringing")
    assert citizen.line is not None
    citizen.line.answer()
    await desk.talks_begin(callback, BO)
    await expect(talk.get_by_role("button", name="Telefonsvarare")).to_be_visible()
    await accessible(page, picture="callback-talk")
    await talk.get_by_role("button", name="Telefonsvarare").click()
    await expect(page.get_by_label("Hur slutade samtalet?")).to_have_value("machine")
    await accessible(page, picture="callback-wrap-up")
    await page.get_by_role("button", name="Spara").click()
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")
    promise = await desk.promise(callback)
    assert (promise.state, promise.last_reason) == (CallbackState.WAITING, "machine")


async def test_whoever_was_rung_before_an_agent_is_put_through_without_a_click_and_the_desk_says_so(
    desk: DeskWorld, page: Page
) -> None:
    await log_in_ready(page)
    callback = await desk.promised("+46701740620")
    desk.world.switch.phone("+46701740620")
    citizen = await desk.comes_due(callback, citizen_first=True)
    await until(lambda: citizen.ringing)
    await expect(page.locator("[data-test=idle]")).to_contain_text("Du är redo")
    citizen.answer()
    promise = await desk.promise(callback)

    async def confirms() -> bool:
        async with desk.database.reading() as tx:
            row = await routing_store.find(tx, promise.contact)
        return row is not None and await desk.world.routing.promised.confirm(promise.contact, leg=row.leg)

    await until(confirms)
    await desk.talks_begin(callback, BO)
    await expect(page.locator("[data-test=talk]")).not_to_contain_text("Ringer upp")
    await expect(page.get_by_text("Personen som vi ringde har svarat. Ni kopplas ihop direkt.").last).to_be_visible()
    await accessible(page, picture="callback-put-through")


async def test_an_agent_promises_to_ring_on_a_day_of_their_own(desk: DeskWorld, page: Page) -> None:
    await log_in_ready(page)
    caller = await desk.world.caller("bostad")
    await expect(page.locator("[data-test=offer]")).to_be_visible()
    await page.keyboard.press("F2")
    await until(lambda: caller.phone.connected_to == "agent-bo")
    await page.get_by_role("button", name="Jag ringer dig").click()
    form = page.locator("[data-test=own-promise]")
    await expect(form.get_by_label("Dag")).to_be_focused()
    await form.get_by_label("Dag").select_option(label="måndag 19 januari")
    await form.get_by_label("Klockslag").select_option(label="10:00")
    await form.get_by_label("Annat nummer").fill("112")
    await form.get_by_role("button", name="Lova att ringa").click()
    await expect(form.get_by_role("alert")).to_contain_text("Det numret kan vi inte ringa")
    await accessible(page, picture="callback-own")
    await form.get_by_label("Annat nummer").fill("070-174 06 33")
    await form.get_by_role("button", name="Lova att ringa").click()
    await expect(page.get_by_text("Löftet är sparat").first).to_be_attached()
    say = page.get_by_role("heading", name="Säg till personen innan ni lägger på")
    await expect(say).to_be_focused()
    await expect(page.locator("[data-test=say-code]")).to_contain_text("123 456")
    await accessible(page, picture="callback-say")
    await page.get_by_role("button", name="Klart", exact=True).click()
    await page.get_by_role("button", name="Visa", exact=True).click()
    own = page.locator("[data-test=callbacks-own]")
    await expect(own).to_contain_text("070-••• •• 33")
    await expect(own).to_contain_text("19 jan.")
    await accessible(page, picture="callback-lists")
    await own.get_by_role("button", name="Avboka återuppringningen").click()
    await own.get_by_role("button", name="Ja, avboka").click()
    await expect(page.get_by_text("Inga löften väntar.")).to_be_visible()


async def test_whom_nobody_reached_is_followed_up_and_counted(desk: DeskWorld, page: Page) -> None:
    callback = CallbackId(await desk.promised("+46701740620"))
    for _ in range(3):
        promise = await desk.promise(callback)
        assert promise.next_at is not None
        desk.world.time.advance(max(0.0, (promise.next_at - desk.world.time.now()).total_seconds()))
        await desk.callbacks.take(callback, BO)
        await desk.callbacks.missed(callback, "no_answer")
    await desk.promised("+46701740621")
    await log_in(page, "asa")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Visa", exact=True).click()
    await page.get_by_role("button", name="Kopiera länken").click()
    await expect(page.get_by_text("Ge den bara till personen själv").first).to_be_attached()
    assert (await page.evaluate("navigator.clipboard.readText()")).startswith("https://kc.example/page/cbk_")
    todo = page.locator("[data-test=callbacks-follow-up]")
    await expect(todo).to_contain_text("inget svar")
    await todo.get_by_role("button", name="Visa vem").click()
    await expect(todo).to_contain_text("070-174 06 20")
    await todo.get_by_role("button", name="Klart med").click()
    await todo.get_by_role("button", name="Klart", exact=True).click()
    await expect(todo.get_by_role("alert")).to_contain_text("Skriv kort vad du har gjort")
    await accessible(page, picture="callback-follow-up")
    await todo.get_by_label("Vad har du gjort?").fill("Brev skickat i dag.")
    await todo.get_by_role("button", name="Klart", exact=True).click()
    await expect(todo).to_be_hidden()
    await page.get_by_role("button", name="Logga ut").click()
    await expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    policy = desk.callbacks.policy
    desk.callbacks.renew(replace(policy, caps=replace(policy.caps, number_per_day=1)))
    await log_in(page, "disa", "/supervisor")
    count = page.locator("[data-test=callback-count]")
    await expect(count.get_by_role("row", name="Inte nådda: inget svar")).to_contain_text("1")
    await expect(count.locator("[data-test=caps]")).to_contain_text("Nummer som har fått så många")
    await accessible(page, picture="callback-count")
    assert (await desk.world.desk(BO)).state is not AgentState.BUSY


async def test_a_citizen_moves_the_time_and_cancels(desk: DeskWorld, front: Front, page: Page) -> None:
    callback = CallbackId(await desk.promised("+46701740620"))
    assert page.context.browser is not None
    own = await new_page(page.context.browser, front.url, java_script_enabled=False)
    link = front.links.to(callback)
    await own.goto(link)
    await expect(own.get_by_role("heading", name="Vi ringer dig")).to_be_visible()
    await expect(own.get_by_text("0771-524 524").first).to_be_visible()
    await looked_at(page, own, "citizen-place")
    await own.get_by_text("klockan 14.00–15.00").first.click()
    await own.get_by_role("button", name="Byt till vald tid").click()
    await expect(own.get_by_role("status")).to_have_text("Tiden är bytt.")
    await expect(own.get_by_text("Vi ringer dig torsdag 15 januari mellan klockan 14.00 och 15.00.")).to_be_visible()
    await looked_at(page, own, "citizen-moved")
    await own.get_by_role("link", name="In English").click()
    await expect(own.get_by_role("heading", name="We will call you")).to_be_visible()
    await own.get_by_role("link", name="Cancel the call").click()
    await looked_at(page, own, "citizen-cancel")
    await own.get_by_role("button", name="Yes, cancel").click()
    await expect(own.get_by_role("heading", name="The call has been cancelled")).to_be_visible()
    await looked_at(page, own, "citizen-cancelled")
    assert (await desk.promise(callback)).last_reason == "citizen"
    await no_complaints(own)
    await own.set_viewport_size({"width": 360, "height": 740})
    another = CallbackId(await desk.promised("+46701740621"))
    await own.goto(front.links.to(another))
    await looked_at(page, own, "citizen-narrow", dark=True)


async def looked_at(page: Page, own: Page, picture: str, *, dark: bool = False) -> None:
    """Axe needs a script, which the page forbids: so it looks at the same page where the policy is passed over."""
    await own.emulate_media(color_scheme="dark" if dark else "light")
    assert page.context.browser is not None
    context = await page.context.browser.new_context(bypass_csp=True, viewport=own.viewport_size)
    looking = await context.new_page()
    await looking.emulate_media(color_scheme="dark" if dark else "light")
    await looking.goto(own.url)
    await accessible(looking, picture=picture)
    wide: bool = await looking.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
    await context.close()
