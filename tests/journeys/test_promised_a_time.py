"""A citizen who would rather not wait: chooses when we ring, rings again, moves the time, and lets go of it."""

import re
from typing import Any

from tests.fixtures_running import both_switches
from tests.journeys.callers import ELSEWHERE, ELSEWHERE_E164, Caller
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import System, eventually

A_TIME = re.compile(r"mellan klockan \w+ och \w+")
DIGITS = ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio")
OF_NUMBER = "SELECT * FROM callbacks WHERE number = ?"
KNOWN = "Vi har lovat att ringa upp det här numret."


def promise_to(system: System, caller: Caller) -> dict[str, Any]:
    (row,) = system.rows("SELECT * FROM callbacks WHERE number = ? ORDER BY promised_at DESC LIMIT 1", caller.number)
    return row


def code_in(said: str) -> str:
    """Return the digits of a code that was read out."""
    return "".join(str(DIGITS.index(word)) for word in re.findall(r"\w+", said) if word in DIGITS)


def named(said: str) -> str:
    found = A_TIME.search(said)
    assert found is not None, said
    return found.group()


async def is_promised_a_time(world: World, caller: Caller) -> str:
    """Let a caller in the line choose a time, hear the promise and hang up; return the time in words."""
    await asks_for(caller, "2")
    await caller.is_waiting()
    await caller.press("1")
    await caller.hears("Vill du välja en tid? Tryck", within=20)
    await caller.press("2")
    await caller.hears("När ska vi ringa?")
    offered = await caller.hears(": tryck två.", within=30)
    await caller.press("2")
    await caller.hears("Ska vi ringa det numret? Tryck", within=20)
    await caller.press("1")
    await caller.hears("Vi ringer upp dig.")
    promise = promise_to(world.system, caller)
    assert (promise["state"], promise["queue"]) == ("waiting", "sjuk"), "it was said before it was true"
    assert named(await caller.hears("Det blir", within=20)) == named(offered)
    said = await caller.hears("Koden är", within=40)
    assert code_in(said.partition("Koden är")[2]) == promise["proof"]
    await caller.hears("Tryck nio för att höra koden igen.", within=30)
    await caller.press("9")
    assert code_in(await caller.hears("Koden som vi säger är")) == promise["proof"]
    await caller.hang_up()
    assert await caller.outcome() == "callback_promised"
    return named(offered)


async def lets_go_of_the_promise(caller: Caller) -> None:
    """Ring again, and say that we need not ring."""
    await caller.call()
    await caller.hears(KNOWN)
    await caller.hears("Behöver vi inte ringa? Tryck", within=30)
    await caller.press("3")
    await caller.hears("Är du säker på att vi inte ska ringa? Tryck")
    await caller.press("1")
    await caller.hears("Då ringer vi inte upp dig.")
    await caller.hears("Kan vi hjälpa dig med något mer?", within=25)
    await caller.hang_up()
    assert await caller.outcome() == "self_served"


async def chooses_a_time_elsewhere(world: World, caller: Caller) -> None:
    """Let a caller in the line choose a time on another telephone, which is not one of the demonstration's."""
    await asks_for(caller, "2")
    await caller.is_waiting()
    await caller.press("1")
    await caller.hears("Vill du välja en tid? Tryck", within=20)
    await caller.press("2")
    await caller.hears(": tryck ett.", within=30)
    await caller.press("1")
    await caller.hears("Ett annat nummer? Tryck", within=20)
    await caller.press("2")
    await caller.hears("Tryck in telefonnumret som vi ska ringa")
    await caller.press(f"{ELSEWHERE}#")
    await caller.hears("Om det stämmer, tryck", within=20)
    await caller.press("1")
    await caller.hears("Vi ringer upp dig.")
    await caller.hang_up()
    assert await caller.outcome() == "callback_promised"


@both_switches
async def test_a_chosen_time_comes_and_the_citizen_is_rung_and_talks(world: World) -> None:
    caller, asa = world.caller(6), await world.agent("asa")
    await asa.pauses()
    await chooses_a_time_elsewhere(world, caller)
    citizen = await world.somebody_at(ELSEWHERE_E164)
    await asa.ready()
    (promise,) = world.system.rows(f"{OF_NUMBER} AND state = 'waiting'", ELSEWHERE_E164)
    assert promise["next_at"] == promise["slot_starts_at"] > promise["promised_at"]
    assert world.system.rows("SELECT 1 FROM offers WHERE contact = ?", promise["contact"]) == [], "before its time"

    world.system.the_chosen_time_comes(ELSEWHERE_E164)
    await asa.sees_offer()
    await asa.accept()
    await citizen.rings()
    await citizen.answer()
    await asa.talks()
    await citizen.hears_somebody()
    await asa.hang_up()
    await asa.wrap_up("finished", "Ringde upp på den valda tiden.")
    kept = await eventually(
        lambda: world.system.rows(f"{OF_NUMBER} AND callback = ? AND state = 'kept'", ELSEWHERE_E164, promise["callback"]),
        within=15, what="the promise is kept",
    )  # fmt: skip
    assert (kept[0]["attempts"], kept[0]["wish"]) == (1, "time")
    assert kept[0]["slot_starts_at"] <= kept[0]["talked_at"] < kept[0]["told_ends_at"], (
        "within the time that they chose"
    )


@both_switches
async def test_a_caller_chooses_a_time_rings_again_moves_it_and_lets_go_of_it(world: World) -> None:
    caller = world.caller(4)
    chosen = await is_promised_a_time(world, caller)
    promise = promise_to(world.system, caller)

    await caller.call()
    await caller.hears(KNOWN)
    assert named(await caller.hears("Det blir", within=20)) == chosen
    await caller.hears("Vill du byta tid? Tryck", within=20)
    await caller.press("2")
    other = named(await caller.hears(": tryck ett.", within=30))
    await caller.press("1")
    await caller.hears("Tack. Nu är det ändrat.")
    assert named(await caller.hears("Det blir", within=20)) == other
    moved = promise_to(world.system, caller)
    assert (moved["callback"], moved["first_requested_at"]) == (promise["callback"], promise["first_requested_at"])
    assert moved["slot_starts_at"] != promise["slot_starts_at"]
    await caller.hears("Kan vi hjälpa dig med något mer?", within=25)
    await caller.hang_up()
    assert await caller.outcome() == "self_served"

    await lets_go_of_the_promise(caller)
    assert promise_to(world.system, caller)["state"] == "cancelled"
