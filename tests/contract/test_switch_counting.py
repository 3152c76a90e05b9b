"""A real Asterisk is counted every few seconds, so that a lost event never leaves anybody on a silent line."""

import asyncio

import pytest

from telephony.asterisk.incoming import Incoming
from telephony.model import EndCause, LegEnded, LegsCounted
from tests.contract.worlds import AsteriskWorld, bridged


@pytest.fixture
async def world(contract_asterisk):
    world = AsteriskWorld(*contract_asterisk)
    await world.open()
    await world.connect()
    yield world
    await world.close()


async def test_every_few_seconds_it_is_told_which_legs_are_there_and_which_hear_each_other(world):
    _, citizen, _, agent = await bridged(world)
    counted = await world.controller.sees(LegsCounted, within=6)
    assert {citizen, agent} <= set(counted.legs)
    assert {citizen, agent} <= set(counted.bridged)
    assert world.controller.of(LegEnded) == []


async def test_the_end_of_a_leg_of_which_nobody_heard_is_told_within_15_s(world, monkeypatch):
    caller, citizen, _, agent = await bridged(world)
    take = Incoming.take

    def deaf(self, event):
        if getattr(event, "leg", None) != citizen:
            take(self, event)

    monkeypatch.setattr(Incoming, "take", deaf)
    await caller.hang_up()
    began = asyncio.get_running_loop().time()
    await world.until(lambda: bool(world.controller.of(LegEnded, leg=citizen)), within=14, what="the end is told")
    assert world.controller.of(LegEnded, leg=citizen)[-1].cause is EndCause.FAULT
    assert asyncio.get_running_loop().time() - began < 15
    assert world.controller.of(LegEnded, leg=agent) == []
