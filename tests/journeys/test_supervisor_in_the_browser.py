"""A supervisor's page in a real browser: who can do what, what is said to callers; and what agents see of it."""

from playwright.async_api import Page, expect

from core.phone import PhoneNumber
from skills_routing.model import AgentState
from sms.model import Purpose
from tests.builders.browser import accessible
from tests.builders.desk_meetings import meetings_of
from tests.builders.desk_world import PASSWORD, DeskWorld
from tests.integration.skills_routing.world import ASA, BO
from tests.running import eventually

TEXT = "Vi har strömavbrott i Östersund. Samtal kan brytas, och då ringer vi upp."


async def log_in(page: Page, name: str, address: str) -> None:
    await page.goto(address)
    await page.get_by_label("Användarnamn").fill(name)
    await page.get_by_label("Lösenord").fill(PASSWORD)
    await page.get_by_label("Lösenord").press("Enter")
    await expect(page.get_by_role("button", name="Logga ut")).to_be_visible()


async def log_out(page: Page) -> None:
    await page.get_by_role("button", name="Logga ut").click()
    await expect(page.get_by_role("heading", name="Logga in")).to_be_visible()


async def test_a_supervisor_sets_a_skill_and_a_waiting_caller_is_offered_at_once(desk: DeskWorld, page: Page) -> None:
    await desk.world.ready(BO)
    caller = await desk.world.caller("sjuk")
    async with desk.database.transaction() as tx:
        to = PhoneNumber("+46701740630")
        await desk.sms.intend(tx, purpose=Purpose.ANSWER, subject="s1", name="help", number=to)
    await desk.sms.send_due()
    await log_in(page, "disa", "/supervisor")
    await expect(page.get_by_role("heading", name="Arbetsledning")).to_be_visible()
    carried = page.locator("[data-test=text-rates]").get_by_role("row").filter(has_text="Övning")
    await expect(carried.first).to_contain_text("100 %")
    await expect(carried).to_contain_text(["1", "1"])
    await accessible(page, picture="supervisor")
    await page.get_by_label("Sjuk, Bo").select_option("2")
    await expect(page.get_by_text("Bo: ändringen gäller nu.").first).to_be_attached()
    await expect(page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Bo"))).to_contain_text(
        "Ändrad av disa"
    )
    offer = (await desk.world.desk(BO)).offer
    assert offer is not None and offer.contact == caller.contact
    await page.get_by_role("button", name="Ta tillbaka ändringen för Bo").click()
    await page.get_by_role("button", name="Ändra ändå").click()  # the caller has not been answered yet
    await expect(page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Bo"))).not_to_contain_text(
        "Ändrad av"
    )
    await expect(page.get_by_label("Sjuk, Bo")).to_have_value("0")


async def test_a_supervisor_answers_what_is_unclear_in_the_guidance(desk: DeskWorld, page: Page) -> None:
    await meetings_of(desk.world).guidance.unclear("kundmote", "Vem kallar <b>läkaren</b>?")
    await log_in(page, "disa", "/supervisor")
    board = page.locator("[data-test=guidance-board]")
    await expect(board).to_contain_text("Vem kallar <b>läkaren</b>?")
    await board.get_by_role("button", name="Svara alla").click()
    await expect(board.get_by_role("alert")).to_contain_text("Skriv ett svar")
    await board.get_by_label("Ditt svar").fill("Handläggaren gör det.")
    await accessible(page, picture="supervisor-guidance")
    await board.get_by_role("button", name="Svara alla").click()
    await expect(board).to_contain_text("Ingen fråga väntar på svar.")
    await expect(board.locator("[data-test=guidance-answers]")).to_contain_text("Handläggaren gör det.")
    await expect(board.get_by_role("heading", name="Oklart i vägledningen om möten")).to_be_focused()


async def test_a_supervisor_is_warned_before_somebody_is_left_and_decides(desk: DeskWorld, page: Page) -> None:
    for agent in (ASA, BO):
        await desk.world.routing.set_state(agent, state=AgentState.NOT_READY, reason="break")
    await desk.world.caller("sjuk")
    await log_in(page, "disa", "/supervisor")
    await page.get_by_label("Sjuk, Åsa").select_option("0")
    doubt = page.locator("[data-test=doubt]")
    await expect(doubt).to_contain_text("I kön Sjuk väntar 1 person")
    await accessible(page, picture="supervisor-doubt")
    await expect(page.get_by_label("Sjuk, Åsa")).to_have_value("4")
    await page.get_by_role("button", name="Avbryt").click()
    await expect(doubt).to_be_hidden()
    await page.get_by_label("Sjuk, Åsa").select_option("0")
    await page.get_by_role("button", name="Ändra ändå").click()
    await expect(page.get_by_label("Sjuk, Åsa")).to_have_value("0")
    await expect(doubt).to_be_hidden()


async def test_an_emergency_is_put_up_and_seen_on_the_desk_and_taken_down(desk: DeskWorld, page: Page) -> None:
    await log_in(page, "disa", "/supervisor")
    await page.get_by_label("Vad ska sägas?").fill("Ring igen senare.")
    await page.locator("[data-test=put-up]").click()
    await expect(page.get_by_role("alert")).to_contain_text("Be aldrig någon att ringa en annan gång")
    await page.get_by_label("Vad ska sägas?").fill(TEXT)
    await page.get_by_label("Hur länge?").select_option("1")
    await page.locator("[data-test=put-up]").click()
    notices = page.locator("[data-test=notices]")
    await expect(notices).to_contain_text(TEXT)
    await accessible(page, picture="supervisor-emergency")
    await log_out(page)

    await log_in(page, "asa", "/desk")
    await expect(notices).to_contain_text(TEXT)
    await accessible(page, picture="desk-emergency")
    await log_out(page)

    await log_in(page, "disa", "/supervisor")
    await page.get_by_role("button", name="Sluta säga").click()
    await expect(page.get_by_text("Inget extra sägs just nu.")).to_be_visible()


async def test_an_agent_who_is_the_last_one_is_told_before_logging_off_and_may_do_so(
    desk: DeskWorld, page: Page
) -> None:
    await desk.world.caller("sjuk")
    await log_in(page, "asa", "/desk")
    await page.get_by_role("button", name="Rast").click()
    await expect(page.get_by_role("button", name="Rast")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Logga ut", exact=True).click()
    leaving = page.locator("[data-test=leaving]")
    await expect(leaving).to_contain_text("I kön Sjuk väntar 1 person")
    await accessible(page, picture="desk-leaving")
    await page.get_by_role("button", name="Stanna kvar").click()
    await expect(leaving).to_be_hidden()
    await page.get_by_role("button", name="Logga ut", exact=True).click()
    await page.get_by_role("button", name="Logga ut ändå").click()
    await expect(page.get_by_role("heading", name="Logga in")).to_be_visible()
    assert desk.state_changes(ASA)[-1] == "LOGGED_OFF"


async def test_an_agent_who_is_the_last_one_is_told_before_a_break_and_may_take_it(desk: DeskWorld, page: Page) -> None:
    await log_in(page, "asa", "/desk")
    await page.get_by_role("button", name="Ta emot samtal").click()
    await desk.world.caller("sjuk")
    await page.get_by_role("button", name="Avböj").click()
    await page.get_by_role("button", name="Ta emot samtal").click()
    await expect(page.get_by_role("button", name="Ta emot samtal")).to_be_hidden()
    pausing = page.locator("[data-test=pausing]")
    await page.get_by_role("button", name="Rast").click()
    await expect(pausing).to_contain_text("I kön Sjuk väntar 1 person")
    await accessible(page, picture="desk-pausing")
    await page.get_by_role("button", name="Fortsätt svara").click()
    await expect(pausing).to_be_hidden()
    await page.get_by_role("button", name="Rast").click()
    await page.get_by_role("button", name="Ta paus ändå").click()
    await expect(page.get_by_role("button", name="Rast")).to_have_attribute("aria-pressed", "true")
    await eventually(lambda: desk.state_changes(ASA)[-1] == "NOT_READY", within=5, what="the break is written down")


async def test_a_break_that_is_chosen_with_the_wrap_up_is_warned_of_too(desk: DeskWorld, page: Page) -> None:
    await log_in(page, "asa", "/desk")
    await page.get_by_role("button", name="Ta emot samtal").click()
    caller = await desk.world.caller("sjuk")
    await page.get_by_role("button", name="Svara").click()
    await eventually(lambda: caller.phone.connected_to is not None, within=5, what="the two talk")
    await desk.world.caller("sjuk")
    caller.phone.hang_up()
    await page.get_by_label("Hur slutade samtalet?").select_option("finished")
    await page.get_by_label("Sedan").select_option(label="Rast")
    await page.get_by_role("button", name="Spara").click()
    pausing = page.locator("[data-test=pausing]")
    await expect(pausing).to_contain_text("I kön Sjuk väntar 1 person")
    await accessible(page, picture="desk-wrap-up-pausing")
    await page.get_by_role("button", name="Fortsätt svara").click()
    await expect(pausing).to_be_hidden()
    await expect(page.get_by_label("Sedan")).to_have_value("READY")
    await page.get_by_label("Sedan").select_option(label="Rast")
    await page.get_by_role("button", name="Spara").click()
    await page.get_by_role("button", name="Ta paus ändå").click()
    await expect(page.get_by_role("button", name="Rast")).to_have_attribute("aria-pressed", "true")
    assert (await desk.world.ledger(caller.contact)).wrap_up_code == "finished"


async def test_an_agent_who_is_no_supervisor_sees_that_the_page_is_for_others(desk: DeskWorld, page: Page) -> None:
    await log_in(page, "asa", "/supervisor")
    await expect(page.get_by_text("Den här sidan är för arbetsledare.")).to_be_visible()
    await expect(page.get_by_role("table")).to_be_hidden()
