"""Citizens who talk to somebody, and who that somebody is."""

import pytest
from playwright.async_api import expect

from tests.fixtures_running import both_switches, both_switches_and_stores, real_switch_only
from tests.journeys.agents import BrowserAgent
from tests.journeys.callers import Caller, SipCaller
from tests.journeys.world import World
from tests.running import NOBODY, eventually

KIM, NOT_KIMS_CODES = "199504242398", ("918273", "827364", "736455")
NILS, NILS_CODE = "199006022397", "518306"


async def asks_for(caller: Caller, key: str) -> None:
    await caller.call()
    await caller.hears("Vill du tala med oss? Tryck")
    await caller.press("4")
    await caller.hears("Vad gäller det?")
    await caller.press(key)
    await caller.hears("Vi kopplar dig till en handläggare.")


async def is_refused(caller: Caller, number: str) -> list[str]:
    """Let the caller try three wrong codes, and return everything that was said."""
    before = len(caller.heard)
    await caller.call()
    await caller.hears("Vill du veta när pengarna kommer? Tryck")
    await caller.press("1")
    for code in NOT_KIMS_CODES:
        await caller.hears("Tryck in ditt personnummer", within=20)
        await caller.press(number)
        await caller.hears("Tryck in din personliga kod")
        await caller.press(code)
    await caller.hears("Vi hjälper dig på ett annat sätt.")
    await caller.hears("Vi kopplar dig till en handläggare.", within=15)
    await caller.is_waiting()
    return [one["text"] for one in caller.heard[before:] if one["kind"] == "said"]


@both_switches
async def test_three_wrong_codes_lead_to_a_human_in_the_same_words_as_for_somebody_who_does_not_exist(
    world: World,
) -> None:
    kim, nobody = world.callers(2)
    told_kim, told_nobody = await is_refused(kim, KIM), await is_refused(nobody, NOBODY)
    assert [text for text in told_kim if "plats" not in text] == [text for text in told_nobody if "plats" not in text]
    carin = await world.agent("carin")
    for caller in (kim, nobody):
        assert "Ej identifierad" in await carin.sees_offer() or not world.has_sound
        await carin.accept()
        await caller.is_connected()
        await caller.hang_up()
        await carin.wrap_up("information")
        assert await caller.outcome() == "answered"
        assert (caller.row["level"], caller.row["agent"]) == (0, "carin")


@both_switches
async def test_somebody_who_will_not_say_who_they_are_comes_to_a_human_with_one_key(world: World) -> None:
    caller = world.caller(3)
    carin = await world.agent("carin")
    await caller.call()
    await caller.hears("Tryck noll när som helst")
    await caller.press("0")
    await carin.sees_offer()
    await carin.accept()
    await caller.is_connected()
    await carin.talks()
    await carin.hang_up()
    await caller.is_hung_up()
    await carin.wrap_up("information", "Undrade allmänt.")
    assert await caller.outcome() == "answered"
    assert (caller.row["talk_ended_by"], caller.row["queue"], caller.row["level"]) == ("agent", "allmant", 0)


@pytest.mark.parametrize(("key", "agent"), [("1", "bo"), ("2", "asa"), ("3", "bo"), ("4", "carin")])
@both_switches
async def test_of_three_agents_the_one_who_knows_the_benefit_best_to_spare_gets_the_call(
    world: World, key: str, agent: str
) -> None:
    caller = world.caller(4)
    agents = {name: await world.agent(name) for name in ("asa", "bo", "carin")}
    await asks_for(caller, key)
    await agents[agent].sees_offer()
    await agents[agent].accept()
    await caller.is_connected()
    await agents[agent].talks()
    await caller.hang_up()
    await agents[agent].wrap_up("finished", "Klart.")
    assert await caller.outcome() == "answered"
    row = caller.row
    assert (row["agent"], row["wrap_up_code"], row["note"]) == (agent, "finished", "Klart.")
    assert row["talk_ended_by"] == "citizen"


@both_switches_and_stores
async def test_what_the_caller_has_said_and_heard_goes_along_to_the_agent(world: World) -> None:
    caller = world.caller(5)
    bo = await world.agent("bo")
    await caller.call()
    await caller.hears("Vill du veta när pengarna kommer? Tryck")
    await caller.press("1")
    await caller.hears("Tryck in ditt personnummer")
    await caller.press(NILS)
    await caller.hears("Tryck in din personliga kod")
    await caller.press(NILS_CODE)
    await caller.hears("Din nästa utbetalning")
    await caller.hears("Kan vi hjälpa dig med något mer?", within=20)
    await caller.press("1")
    await caller.hears("Vill du tala med oss? Tryck")
    await caller.press("4")
    await caller.hears("Vad gäller det?")
    await caller.press("1")
    shown = await bo.sees_offer()
    assert "När pengarna kommer" in shown
    assert "Prata med någon" in shown
    await bo.accept()
    await caller.is_connected()
    await bo.hang_up()
    await bo.wrap_up("finished")
    assert await caller.outcome() == "answered"
    assert caller.row["level"] == 2


@both_switches
async def test_on_hold_the_caller_hears_music_and_then_the_agent_again(world: World) -> None:
    caller = world.caller(6)
    asa = await world.agent("asa")
    await asks_for(caller, "2")
    await asa.sees_offer()
    await asa.accept()
    await caller.is_connected()
    await asa.talks()
    await asa.hold()
    await caller.hears_music()
    await asa.unhold()
    await caller.is_connected()
    await asa.hang_up()
    await asa.wrap_up("finished")
    assert await caller.outcome() == "answered"


@real_switch_only
async def test_sound_goes_both_ways_and_the_desks_buttons_do_what_they_say_to_it(world: World) -> None:
    caller, asa = world.caller(7), await world.agent("asa")
    assert isinstance(caller, SipCaller)
    assert isinstance(asa, BrowserAgent)
    await asks_for(caller, "2")
    await asa.sees_offer()
    await asa.accept()
    await asa.talks()
    await caller.is_connected()
    await hear_each_other(caller, asa)
    await silences_and_opens_the_microphone(caller, asa)
    await presses_keys_that_the_caller_hears(caller, asa)
    await asa.hold()
    await caller.hears_music()
    await asa.unhold()
    await caller.is_connected()
    await hear_each_other(caller, asa)
    await caller.hang_up()
    await asa.wrap_up("finished")
    assert await caller.outcome() == "answered"


async def hear_each_other(caller: SipCaller, asa: BrowserAgent) -> None:
    """A second of sound comes to the caller, and the caller's tone to the agent's browser, which sends, too."""
    line = caller.line
    assert line
    line.talk()
    await line.hears_sound(packets=1, within=5)
    at_caller, at_agent = line.packets, await asa.counts()
    await eventually(lambda: line.packets >= at_caller + 50, within=5, what="a second of sound comes to the caller")

    async def agent_hears() -> bool:
        now = await asa.counts()
        louder = now["energy"] > at_agent["energy"] + 0.001
        return now["received"] >= at_agent["received"] + 50 and now["sent"] >= at_agent["sent"] + 50 and louder

    await eventually(agent_hears, within=8, what="the agent's browser receives and sends, and hears the caller's tone")


async def silences_and_opens_the_microphone(caller: SipCaller, asa: BrowserAgent) -> None:
    assert caller.line
    talk = asa.desk_page.locator("[data-test=talk]")
    await asa.desk_page.get_by_role("button", name="Stäng av mikrofonen").click()
    await expect(talk).to_contain_text("Din mikrofon är avstängd")
    packets = caller.line.packets
    await caller.line.hears_silence(seconds=1.5, within=8)  # the browser's false microphone beeps each second
    assert caller.line.packets > packets + 50, "the line is silent, not dead"
    await asa.desk_page.get_by_role("button", name="Slå på mikrofonen").click()
    await expect(talk).not_to_contain_text("Din mikrofon är avstängd")
    await caller.line.hears_sound(packets=1, within=5)


async def presses_keys_that_the_caller_hears(caller: SipCaller, asa: BrowserAgent) -> None:
    line = caller.line
    assert line
    await asa.desk_page.get_by_role("button", name="Knappsats").click()
    pad = asa.desk_page.get_by_role("group", name="Knappsats")
    for key in ("4", "2", "fyrkant"):
        await pad.get_by_role("button", name=key).click()
    await eventually(lambda: line.sound.pressed == "42#", within=5, what=f"42# and not {line.sound.pressed}")
