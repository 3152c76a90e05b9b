"""The process that drives the switch is killed as by a power cut, and no caller is dropped."""

from callbacks.attempt_store import RINGS
from tests.fixtures_running import real_switch_only
from tests.journeys.callers import ELSEWHERE_E164, SipCaller
from tests.journeys.test_promises_are_kept import comes_to, is_promised_the_place_elsewhere, promise_to
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import eventually


async def hears_sound_still(caller: SipCaller) -> None:
    assert caller.line
    assert not caller.line.ended.is_set(), f"{caller.national} was dropped"
    heard = caller.line.packets
    await eventually(lambda: caller.line and caller.line.packets >= heard + 25, within=3, what="sound goes on")


@real_switch_only
async def test_callers_who_wait_stay_in_their_order_and_hear_music_all_the_while(world: World) -> None:
    callers = [caller for caller in world.callers(3) if isinstance(caller, SipCaller)]
    for caller in callers:
        await asks_for(caller, "2")
        await caller.is_waiting()
    for caller in callers:
        await caller.hears("i kön.", within=25)
    since = [caller.row["waiting_since"] for caller in callers]

    await world.controller_is_killed(meanwhile=lambda: hears_sound_still(callers[0]))
    for caller in callers:
        await hears_sound_still(caller)
    assert [caller.row["waiting_since"] for caller in callers] == since

    asa = await world.agent("asa")
    for caller in callers:
        await asa.sees_offer()
        await asa.accept()
        await caller.is_connected()
        await caller.hang_up()
        await asa.wrap_up("finished")
        assert await caller.outcome() == "answered"


@real_switch_only
async def test_a_conversation_goes_on_and_can_be_ended_as_always(world: World) -> None:
    caller, asa = world.caller(4), await world.agent("asa")
    assert isinstance(caller, SipCaller)
    await asks_for(caller, "2")
    await asa.sees_offer()
    await asa.accept()
    await asa.talks()
    await caller.is_connected()
    await world.controller_is_killed(meanwhile=lambda: hears_sound_still(caller))
    await hears_sound_still(caller)
    await asa.hang_up()
    await caller.is_hung_up()
    await asa.wrap_up("finished")
    assert await caller.outcome() == "answered"
    assert caller.row["talk_ended_by"] == "agent"


@real_switch_only
async def test_a_caller_in_the_menu_is_asked_again_and_gets_the_answer(world: World) -> None:
    caller = world.caller(5)
    await caller.call()
    await caller.hears("Vill du ha information? Tryck")
    await world.controller_is_killed()
    await caller.hears("Vill du ha information? Tryck", within=20)
    await caller.press("3")
    await caller.hears("Våra öppettider: tryck")
    await caller.press("6")
    await caller.hears("Kan vi hjälpa dig med något mer?", within=25)
    await caller.press("2")
    await caller.is_hung_up(within=15)
    assert await caller.outcome() == "self_served"


@real_switch_only
async def test_who_is_being_rung_back_when_the_switch_itself_dies_is_rung_again_and_the_promise_is_kept(
    world: World,
) -> None:
    promised = await is_promised_the_place_elsewhere(world.caller(6), world)
    citizen, asa = await world.somebody_at(ELSEWHERE_E164), await world.agent("asa")
    await asa.sees_offer()
    await asa.accept()
    await citizen.rings()
    known = "SELECT reason FROM callback_attempts WHERE callback = ? AND reason = ?"
    await eventually(
        lambda: world.system.rows(known, promised["callback"], RINGS), within=5, what="it is known that it rings"
    )
    await world.switch_is_killed()
    await eventually(
        lambda: promise_to(world, ELSEWHERE_E164)["state"] != "taken", within=30, what="the attempt is settled"
    )
    stands = promise_to(world, ELSEWHERE_E164)
    assert stands["attempts"] == 1, "their telephone has rung"
    assert stands["next_at"] > stands["promised_at"] + 20 * 60 * 1_000_000, "they have peace for a while"
    world.system.half_an_hour_passes(ELSEWHERE_E164)
    asa = await world.agent_comes_back("asa")
    await asa.sees_offer(within=30)
    await asa.accept()
    await citizen.rings()
    await citizen.answer()
    await asa.talks()
    await citizen.hears_somebody()
    await asa.hang_up()
    await asa.wrap_up("finished")
    kept = await comes_to(world, ELSEWHERE_E164, "kept")
    assert (kept["callback"], kept["attempts"]) == (promised["callback"], 2)
    how = "SELECT state FROM callback_attempts WHERE callback = ? ORDER BY number"
    assert [row["state"] for row in world.system.rows(how, kept["callback"])] == ["missed", "answered"]
