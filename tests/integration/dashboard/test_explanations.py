"""Supervisors are told why a contact waits or went where it went; nobody else is, and no citizen is named."""

from core.ids import AgentId
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import BO


def _path(contact: str) -> str:
    return f"/api/routing/contacts/{contact}/explanation"


async def test_a_supervisor_reads_why_a_contact_waits_and_why_an_idle_agent_was_not_offered_it(
    desk: DeskWorld, browser: Browser
) -> None:
    await desk.world.ready(BO)
    caller = await desk.world.caller("sjuk", waited=60)
    await desk.identified(caller)
    await browser.log_in("disa")
    said = await browser.get(_path(caller.contact))
    assert (said["contact"], said["state"], said["place"]) == (caller.contact, "waiting", 1)
    assert said["sentences"][0] == "Väntar på plats 1 i kön Sjuk, sedan 1 minut."
    assert "bo, ledig, saknar Sjuk." in said["sentences"]
    assert said["not_offered"] == [{"agent": "bo", "why": "lacks", "skill": "sjuk"}]
    assert (said["least_minutes"], said["most_minutes"]) == (None, None)  # nothing is measured, so nobody is sure
    assert "demo-03" not in str(said)


async def test_a_supervisor_reads_who_got_a_contact_and_why(desk: DeskWorld, browser: Browser) -> None:
    caller = await desk.world.talk("foralder", AgentId("bo"))
    await browser.log_in("disa")
    said = await browser.get(_path(caller.contact))
    assert said["state"] == "talking" and said["not_offered"] == []
    assert "erbjöds bo (blev ledig, och kontakten stod först av dem som bo kan hjälpa)" in said["sentences"][0]


async def test_an_agent_may_not_read_it_and_a_contact_that_is_unknown_has_no_explanation(
    desk: DeskWorld, browser: Browser
) -> None:
    caller = await desk.world.caller("sjuk")
    await browser.log_in("asa")
    assert (await browser.ask("GET", _path(caller.contact)))[0] == 403
    async with await desk.browser() as supervisor:
        await supervisor.log_in("disa")
        assert (await supervisor.ask("GET", _path("con_nobody")))[0] == 404
