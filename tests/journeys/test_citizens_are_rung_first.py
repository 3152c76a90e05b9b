"""A citizen whose telephone rings before an agent's: one key and they talk, without another click; a machine or somebody else is told apart."""

from tests.fixtures_running import both_switches
from tests.journeys.callers import ELSEWHERE, ELSEWHERE_E164, Caller
from tests.journeys.test_promises_are_kept import comes_to, promise_to, wants_to_be_rung
from tests.journeys.world import World
from tests.running import eventually

GENERAL = "5"
"""What leads to the queue whose citizens are rung first."""


async def is_promised_a_ring_first(world: World, caller: Caller) -> None:
    await wants_to_be_rung(caller, about=GENERAL)
    await caller.hears("Ett annat nummer? Tryck", within=20)
    await caller.press("2")
    await caller.hears("Tryck in telefonnumret som vi ska ringa")
    await caller.press(f"{ELSEWHERE}#")
    await caller.hears("Om det stämmer, tryck", within=20)
    await caller.press("1")
    await caller.hears("Vi ringer upp dig.")
    await caller.hang_up()
    await comes_to(world, ELSEWHERE_E164, "in_line")


@both_switches
async def test_one_key_and_they_talk(world: World) -> None:
    await is_promised_a_ring_first(world, world.caller(5))
    citizen = await world.somebody_at(ELSEWHERE_E164)
    carin = await world.agent("carin")
    await citizen.rings()
    assert (await comes_to(world, ELSEWHERE_E164, "taken"))["taken_by"] is None
    await carin.in_state("READY")
    await citizen.answer()
    await citizen.hears_words()
    await citizen.press("1")
    await carin.talks()  # nobody is asked to accept whom they have rung
    await citizen.hears_somebody()
    await carin.hang_up()
    await carin.wrap_up("finished", "Ringde upp.")
    kept = await comes_to(world, ELSEWHERE_E164, "kept")
    assert (kept["attempts"], kept["taken_by"]) == (1, "carin")


@both_switches
async def test_a_machine_is_told_apart_and_the_place_is_kept(world: World) -> None:
    await is_promised_a_ring_first(world, world.caller(6))
    promised = promise_to(world, ELSEWHERE_E164)
    citizen = await world.somebody_at(ELSEWHERE_E164)
    carin = await world.agent("carin")
    await citizen.rings()
    await citizen.answer_as_machine()
    await eventually(
        lambda: promise_to(world, ELSEWHERE_E164)["state"] == "waiting", within=40, what="the machine is left alone"
    )
    missed = promise_to(world, ELSEWHERE_E164)
    assert (missed["last_reason"], missed["attempts"]) == ("machine", 1)
    assert missed["first_requested_at"] == promised["first_requested_at"]
    await carin.in_state("READY")
