"""Both pages of the demonstration in a real browser: a visitor presses the green button, an agent answers at the desk.

With a real Asterisk there is sound over WebRTC; on the simulator both pages read and click the same story.
"""

from playwright.async_api import expect

from tests.builders.browser import accessible, chromium, new_page, no_complaints
from tests.fixtures_running import both_switches
from tests.journeys.agents import HOOK
from tests.journeys.visitors import Visitor
from tests.journeys.world import World

VERA, VERAS_CODE = "199610202385", "860427"


@both_switches
async def test_a_visitor_hears_when_the_money_comes_and_then_talks_to_somebody(world: World) -> None:
    world.uses(VERA, VERAS_CODE)
    carin = await world.agent_in_the_browser("carin")
    async with chromium() as browser:
        page = await new_page(browser, world.system.url)
        await page.add_init_script(HOOK)
        visitor = Visitor(page)
        await visitor.rings()
        await visitor.hears("Vill du veta när pengarna kommer? Tryck")
        await visitor.presses("1")
        await visitor.says_who_they_are(VERA, VERAS_CODE)
        await visitor.hears("Din nästa utbetalning av barnbidrag kommer")
        await visitor.hears("tvåtusen femhundra kronor")
        if world.has_sound:
            await visitor.gets_sound()
        await accessible(page, picture=f"phone-{world.system.kind}")

        await visitor.presses("0")
        await carin.sees_offer(within=25)
        await expect(carin.desk_page.locator("[data-test=offer]")).to_contain_text("Vera Provsson")
        await carin.accept()
        await carin.talks()
        await visitor.hears("Du är kopplad till en handläggare")
        if world.has_sound:
            await visitor.gets_sound(sent=50)
        await carin.hold()
        await visitor.hears("Musik medan du väntar")
        await carin.unhold()
        await accessible(carin.desk_page, picture=f"desk-{world.system.kind}")
        await visitor.hangs_up()
        await no_complaints(page)
    await carin.wrap_up("finished", "Fick besked.")
    (row,) = world.system.rows("SELECT * FROM contacts ORDER BY opened_at DESC LIMIT 1")
    assert (row["outcome"], row["agent"], row["talk_ended_by"]) == ("answered", "carin", "citizen")
    assert (row["wrap_up_code"], row["note"], row["level"]) == ("finished", "Fick besked.", 2)


@both_switches
async def test_an_agent_who_hangs_up_ends_the_visitors_call(world: World) -> None:
    bo = await world.agent_in_the_browser("bo")
    async with chromium() as browser:
        page = await new_page(browser, world.system.url)
        visitor = Visitor(page)
        await visitor.rings()
        await visitor.hears("Vill du tala med oss? Tryck")
        await visitor.presses("4")
        await visitor.hears("Vad gäller det?")
        await visitor.presses("1")
        await bo.sees_offer(within=25)
        await bo.accept()
        await bo.talks()
        await visitor.hears("Du är kopplad till en handläggare")
        await bo.hang_up()
        await visitor.state("Samtalet är slut")
        await no_complaints(page)
    await bo.wrap_up("information")
    (row,) = world.system.rows("SELECT * FROM contacts ORDER BY opened_at DESC LIMIT 1")
    assert (row["outcome"], row["agent"], row["talk_ended_by"], row["level"]) == ("answered", "bo", "agent", 0)
