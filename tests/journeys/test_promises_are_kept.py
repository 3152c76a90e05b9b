"""Citizens whom we have promised to ring back: rung at their turn, tried again, and never rung while they are with us."""

from typing import Any

from tests.fixtures_running import both_switches
from tests.journeys.callers import ELSEWHERE, ELSEWHERE_E164, Caller
from tests.journeys.test_promised_a_time import KNOWN
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import eventually


async def wants_to_be_rung(caller: Caller, *, about: str = "2") -> None:
    """Let a caller in the line ask to be rung at their turn."""
    await asks_for(caller, about)
    await caller.is_waiting()
    await caller.press("1")
    await caller.hears("Ska vi ringa när det är din tur? Tryck", within=20)
    await caller.press("1")


async def is_promised(caller: Caller, world: World, number: str) -> dict[str, Any]:
    """Let a caller hear the promise and hang up; return it."""
    await caller.hears("Vi ringer upp dig.")
    await caller.hang_up()
    assert await caller.outcome() == "callback_promised"
    return promise_to(world, number)


async def is_promised_the_place(caller: Caller, world: World) -> dict[str, Any]:
    await wants_to_be_rung(caller)
    await caller.hears("Ska vi ringa det numret?", within=20)
    await caller.press("1")
    return await is_promised(caller, world, caller.number)


async def is_promised_the_place_elsewhere(caller: Caller, world: World) -> dict[str, Any]:
    """Let a caller be promised it on another telephone, which is not one of the demonstration's."""
    await wants_to_be_rung(caller)
    await caller.hears("Ett annat nummer? Tryck", within=20)
    await caller.press("2")
    await caller.hears("Tryck in telefonnumret som vi ska ringa")
    await caller.press(f"{ELSEWHERE}#")
    await caller.hears("Om det stämmer, tryck", within=20)
    await caller.press("1")
    return await is_promised(caller, world, ELSEWHERE_E164)


def promise_to(world: World, number: str) -> dict[str, Any]:
    query = "SELECT * FROM callbacks WHERE number = ? ORDER BY promised_at DESC LIMIT 1"
    (row,) = world.system.rows(query, number)
    return row


async def comes_to(world: World, number: str, state: str) -> dict[str, Any]:
    await eventually(lambda: promise_to(world, number)["state"] == state, within=15, what=f"the promise is {state}")
    return promise_to(world, number)


@both_switches
async def test_at_their_turn_an_agent_is_offered_them_and_their_telephone_rings(world: World) -> None:
    caller = world.caller(5)
    promised = await is_promised_the_place_elsewhere(caller, world)
    citizen = await world.somebody_at(ELSEWHERE_E164)
    asa = await world.agent("asa")
    await asa.sees_offer()
    await asa.accept()
    await citizen.rings()
    await citizen.answer()
    await asa.talks()
    await citizen.hears_somebody()
    await asa.hang_up()
    await asa.wrap_up("finished", "Ringde upp.")
    kept = await comes_to(world, ELSEWHERE_E164, "kept")
    assert kept["attempts"] == 1
    assert promised["first_requested_at"] < promised["promised_at"] < kept["talked_at"], "waiting began with the call"


@both_switches
async def test_who_rings_in_meanwhile_stands_at_the_first_place_and_once_helped_is_not_rung(world: World) -> None:
    caller, rival = world.caller(3), world.caller(2)
    await is_promised_the_place(caller, world)
    await comes_to(world, caller.number, "in_line")
    await asks_for(rival, "2")
    await rival.is_waiting()
    await caller.call()
    await caller.hears(KNOWN)
    await caller.hears("Vill du vänta i kön nu? Tryck", within=30)
    await caller.press("4")
    await caller.hears("Vad gäller det?", within=20)
    await caller.press("2")
    await caller.hears("Vi kopplar dig till en handläggare.", within=20)
    await caller.is_waiting()
    assert promise_to(world, caller.number)["state"] == "waiting", "nobody is rung who is with us"
    asa = await world.agent("asa")
    for citizen in (caller, rival):  # who asked first comes first, though they rang in last
        await asa.sees_offer()
        await asa.accept()
        await citizen.is_connected()
        await citizen.hang_up()
        await asa.wrap_up("finished")
        assert await citizen.outcome() == "answered"
    over = await comes_to(world, caller.number, "cancelled")
    assert (over["last_reason"], over["attempts"]) == ("helped", 0)


@both_switches
async def test_a_line_that_drops_keeps_its_place_for_whoever_rings_again(world: World) -> None:
    dropped, rival = world.caller(1), world.caller(2)
    await asks_for(dropped, "2")
    await dropped.is_waiting()
    await dropped.hang_up()
    assert await dropped.outcome() == "abandoned_recovered"
    await asks_for(rival, "2")
    await rival.is_waiting()
    await asks_for(dropped, "2")
    await dropped.is_waiting()
    asa = await world.agent("asa")
    for citizen in (dropped, rival):  # who was there first comes first, though they rang in last
        await asa.sees_offer()
        await asa.accept()
        await citizen.is_connected()
        await citizen.hang_up()
        await asa.wrap_up("finished")
        assert await citizen.outcome() == "answered"
