"""Every other process is killed as by a power cut, or what is live is gone or away, while we owe people calls and texts."""

import asyncio
import os
import signal
from collections import Counter
from typing import Any

import pytest

from tests.journeys.agents import ApiAgent
from tests.journeys.callers import ELSEWHERE_E164, Caller
from tests.journeys.rung_people import RungPerson, SimulatorRungPerson
from tests.journeys.test_citizens_are_rung_first import is_promised_a_ring_first
from tests.journeys.test_promises_are_kept import (
    comes_to,
    is_promised_the_place_elsewhere,
    promise_to,
    wants_to_be_rung,
)
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import eventually

on_the_simulator = pytest.mark.parametrize("system", ["simulator"], indirect=True)
BESIDES_THE_SWITCH = ("worker", "sweeper", "web")
AWAY_SECONDS = 3.0


async def are_killed(world: World) -> None:
    """Kill every process but the one that drives the switch, and wait until others are in their place."""
    gone = {name: world.system.kill(name) for name in BESIDES_THE_SWITCH}
    await eventually(
        lambda: all(world.system.pid(name) != number for name, number in gone.items()) and world.system.answers(),
        within=30, what="others are in their place",
    )  # fmt: skip


async def is_promised_own_number(world: World, caller: Caller) -> None:
    await wants_to_be_rung(caller)
    await caller.hears("Ska vi ringa det numret?", within=20)
    await caller.press("1")
    await caller.hears("Vi ringer upp dig.")
    await caller.hang_up()
    await caller.outcome()


def texts_to(world: World, number: str) -> Counter[str]:
    return Counter(row["text"] for row in world.system.rows("SELECT text FROM sms_handsets WHERE number = ?", number))


def attempts_for(world: World, number: str) -> list[dict[str, Any]]:
    query = "SELECT a.* FROM callback_attempts a JOIN callbacks c ON c.callback = a.callback WHERE c.number = ?"
    return world.system.rows(f"{query} AND c.promised_at >= ?", number, promise_to(world, number)["promised_at"])


async def talks_with(citizen: RungPerson, agent: ApiAgent) -> None:
    await citizen.answer()
    await agent.talks()
    await citizen.hears_somebody()
    await agent.hang_up()
    await agent.wrap_up("finished", "Ringde upp.")


async def is_put_through_all_the_same(world: World, citizen: RungPerson, carin: ApiAgent) -> None:
    """The page comes again, the citizen answers and presses the key, they talk, and the promise is kept by the one attempt."""
    await carin.opens_the_page_again()
    await carin.in_state("READY", within=20)
    await citizen.answer()
    await citizen.hears_words()
    await citizen.press("1")
    await carin.talks()
    await citizen.hears_somebody()
    await carin.hang_up()
    await carin.wrap_up("finished", "Ringde upp.")
    kept = await comes_to(world, ELSEWHERE_E164, "kept")
    assert (kept["attempts"], kept["taken_by"]) == (1, "carin")
    assert len(attempts_for(world, ELSEWHERE_E164)) == 1


@on_the_simulator
async def test_worker_sweeper_and_web_are_killed_and_nobody_is_lost_or_rung_or_written_to_twice(world: World) -> None:
    promised, dropped = world.callers(3), world.caller(6)
    before = texts_to(world, dropped.number)
    world.system.suspends("worker", "sweeper")  # what is due stays undone
    for caller in promised:
        await is_promised_own_number(world, caller)
    await asks_for(dropped, "2")
    await dropped.is_waiting()
    await dropped.hang_up()
    assert [promise_to(world, caller.number)["state"] for caller in promised] == ["waiting"] * 3
    await are_killed(world)

    citizens = [await world.somebody_at(caller.number) for caller in promised]
    asa = await world.agent("asa")
    assert isinstance(asa, ApiAgent)
    for caller, citizen in zip(promised, citizens, strict=True):
        await asa.sees_offer()
        await asa.accept()
        await citizen.rings()
        if caller is promised[1]:  # and once more, while a telephone rings
            await are_killed(world)
            await asa.opens_the_page_again()
        await talks_with(citizen, asa)
        kept = await comes_to(world, caller.number, "kept")
        assert (kept["attempts"], kept["taken_by"]) == (1, "asa")
        assert len(attempts_for(world, caller.number)) == 1
        assert not citizen.rings_again()

    await eventually(
        lambda: sum((texts_to(world, dropped.number) - before).values()) == 1, within=30, what="the text has come, once"
    )
    waits = "SELECT message FROM sms_messages WHERE state IN ('waiting', 'sending')"
    await eventually(lambda: not world.system.rows(waits), within=45, what="no text waits")
    sent = Counter(row["message"] for row in world.system.rows("SELECT message FROM sms_attempts"))
    assert all(number == 1 for number in sent.values()), "a text was sent twice"


@on_the_simulator
async def test_the_live_store_is_emptied_while_a_telephone_rings_and_the_promise_is_kept(world: World) -> None:
    await is_promised_the_place_elsewhere(world.caller(5), world)
    citizen, asa = await world.somebody_at(ELSEWHERE_E164), await world.agent("asa")
    assert isinstance(asa, ApiAgent)
    await asa.sees_offer()
    await asa.accept()
    await citizen.rings()
    await world.redis.flushall()
    await talks_with(citizen, asa)
    assert (await comes_to(world, ELSEWHERE_E164, "kept"))["attempts"] == 1
    assert len(attempts_for(world, ELSEWHERE_E164)) == 1


@on_the_simulator
async def test_the_live_store_is_away_for_seconds_while_a_citizen_is_rung_first_and_the_promise_is_kept(
    world: World,
) -> None:
    await is_promised_a_ring_first(world, world.caller(5))
    citizen, carin = await world.somebody_at(ELSEWHERE_E164), await world.agent("carin")
    assert isinstance(carin, ApiAgent)
    await citizen.rings()
    store = int((await world.redis.info("server"))["process_id"])
    os.kill(store, signal.SIGSTOP)
    await asyncio.sleep(AWAY_SECONDS)  # so long it is away
    os.kill(store, signal.SIGCONT)
    await eventually(lambda: world.live_store_answers(), within=20, what="the live store is back")
    await eventually(lambda: world.switch_listens(), within=20, what="the switch hears its telephones again")
    await is_put_through_all_the_same(world, citizen, carin)


@on_the_simulator
async def test_the_live_store_is_killed_and_has_lost_its_last_second_while_a_citizen_is_rung_first(
    world: World,
) -> None:
    await is_promised_a_ring_first(world, world.caller(5))
    citizen = await world.somebody_at(ELSEWHERE_E164)
    assert isinstance(citizen, SimulatorRungPerson)
    before_ringing = world.live_store_has_written()
    carin = await world.agent("carin")
    assert isinstance(carin, ApiAgent)
    await citizen.rings()
    await world.live_store_is_killed(with_only=before_ringing)
    await citizen.is_heard_of_again()
    await is_put_through_all_the_same(world, citizen, carin)
    assert not citizen.rings_again()
