"""What is live is gone in the middle of everything: the live store is emptied, the switch is started again."""

from tests.fixtures_running import real_switch_only
from tests.journeys.agents import BrowserAgent
from tests.journeys.callers import Caller, SipCaller
from tests.journeys.test_promised_a_time import KNOWN
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.test_when_the_controller_dies import hears_sound_still
from tests.journeys.world import World
from tests.running import eventually

PUT_DOWN = "() => window.kcConnections.every((one) => one.connectionState === 'closed')"
"""Nothing is left of a call in the browser's telephone, which would find itself busy."""

A_SECOND = 50
"""Packets of sound."""


async def hears_steady_music(caller: SipCaller) -> None:
    await eventually(lambda: steady(caller) > A_SECOND, within=15, what=f"{caller.national} hears music without a stop")


def steady(caller: SipCaller) -> int:
    assert caller.line
    assert not caller.line.ended.is_set(), f"{caller.national} was dropped"
    return caller.line.sound.steady


async def is_to_be_rung_back(world: World, caller: Caller) -> None:
    promised = "SELECT 1 FROM callbacks WHERE number = ? AND state IN ('waiting', 'in_line')"
    await eventually(
        lambda: world.system.rows(promised, caller.number), within=5, what=f"{caller.national} is to be rung back"
    )


async def rank(world: World, caller: Caller) -> int:
    """Return by what a caller stands in the line: when they came, as far as the line is concerned."""
    await caller.is_waiting()
    wanted = "SELECT rank FROM routed_contacts WHERE contact = ?"
    rows = await eventually(
        lambda: world.system.rows(wanted, caller.row["contact"]), within=5, what=f"{caller.national} is in the line"
    )
    return int(rows[0]["rank"])


def offers_of(world: World, caller: Caller) -> list[tuple[str, str | None]]:
    """Return to whom a caller has been offered, and how each offer ended."""
    offers = "SELECT agent, how FROM offers WHERE contact = ? ORDER BY offered_at"
    return [(row["agent"], row["how"] or None) for row in world.system.rows(offers, caller.row["contact"])]


def said_to(callers: list[SipCaller]) -> list[int]:
    return [sum(one["kind"] == "said" for one in caller.heard) for caller in callers]


@real_switch_only
async def test_when_the_live_store_is_emptied_the_line_is_as_it_was_and_nobody_hears_anything_of_it(
    world: World,
) -> None:
    talking, *waiting = [caller for caller in world.callers(3) if isinstance(caller, SipCaller)]
    bo = await world.agent("bo")
    await asks_for(talking, "1")
    await bo.sees_offer()
    await bo.accept()
    await talking.is_connected()
    for caller in waiting:
        await asks_for(caller, "2")
        await caller.is_waiting()
    for caller in waiting:
        await caller.hears("i kön.", within=25)
    asa = await world.agent("asa")
    await asa.sees_offer()
    for caller in waiting:
        await hears_steady_music(caller)
    assert offers_of(world, waiting[0]) == [("asa", None)]
    before, said = [steady(caller) for caller in waiting], said_to(waiting)

    await world.redis.flushall()
    await eventually(
        lambda: offers_of(world, waiting[0]) == [("asa", "rescinded"), ("asa", None)],
        within=10, what=f"what was in flight is resolved: {offers_of(world, waiting[0])}",
    )  # fmt: skip
    assert said_to(waiting) == said
    for caller, packets in zip(waiting, before, strict=True):
        assert steady(caller) > packets, f"the music of {caller.national} has stopped"

    for caller in waiting:
        await asa.sees_offer()
        await asa.accept()
        await caller.is_connected()
        await caller.hang_up()
        await asa.wrap_up("finished")
        assert await caller.outcome() == "answered"
    await hears_sound_still(talking)
    await bo.hang_up()
    await talking.is_hung_up()
    await bo.wrap_up("finished")
    assert await talking.outcome() == "answered"


@real_switch_only
async def test_when_the_switch_is_started_again_agents_are_there_and_who_was_cut_off_keeps_the_place(
    world: World,
) -> None:
    talking, waiting, next_one = (world.caller(number) for number in (3, 4, 5))
    bo, asa = await world.agent("bo"), await world.agent("asa")
    await asks_for(talking, "1")
    await bo.sees_offer()
    await bo.accept()
    await bo.talks()
    await talking.is_connected()
    await asks_for(waiting, "1")
    place = await rank(world, waiting)

    await world.switch_is_killed()
    await bo.in_state("WRAP_UP", within=15)  # and not for ever with somebody who is gone
    await asa.in_state("READY", within=15)
    for caller in (talking, waiting):
        assert await caller.outcome() == "lost_technical"
        await is_to_be_rung_back(world, caller)

    assert isinstance(asa, BrowserAgent)
    assert isinstance(bo, BrowserAgent)
    await bo.desk_page.wait_for_function(PUT_DOWN, timeout=5000)
    for agent in (asa, bo):
        await eventually(
            agent.telephone_is_known, within=15, what=f"{agent.name}'s telephone has found the switch again"
        )
    await asks_for(next_one, "2")
    await asa.sees_offer()
    await asa.accept()
    await asa.talks()
    await next_one.is_connected()
    await next_one.hang_up()
    await asa.wrap_up("finished")
    assert await next_one.outcome() == "answered"

    for caller in (talking, waiting):
        await caller.hang_up()
    await waiting.call()
    await waiting.hears(KNOWN)
    await waiting.hears("Vill du vänta i kön nu? Tryck", within=30)
    await waiting.press("4")
    await waiting.hears("Vad gäller det?", within=20)
    await waiting.press("1")
    await waiting.hears("Vi kopplar dig till en handläggare.", within=20)
    assert await rank(world, waiting) == place
