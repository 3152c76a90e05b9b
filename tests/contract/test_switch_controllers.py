"""What becomes of the legs on every switch when a controller dies, comes back, or is replaced by another."""

import asyncio
import random

import pytest

from telephony.model import (
    Ask,
    Collect,
    Digits,
    Hold,
    LegAdopted,
    LegAnswered,
    LegEnded,
    LegRole,
    NoInput,
    PutOnHold,
    Ring,
    Said,
    Say,
    SwitchConnected,
    TakeOffHold,
)
from tests.contract.worlds import MUSIC, NOTHING, NUMBER, OTHER, WORDS, answered_caller, ask, bridged, new_leg, words

# --- a controller that comes back ---------------------------------------------------------------------------------------


async def test_callers_stay_up_without_a_controller_and_are_adopted_with_all_that_is_known(world):
    asked, leg_asked = await answered_caller(world, caller="0701740610", display_name="Åsa")
    await ask(world, leg_asked, 0.4)
    waiting, leg_waiting = await answered_caller(world, caller="0701740611")
    await world.switch.perform(Hold(leg=leg_waiting))
    await waiting.hears(MUSIC)

    await world.controller.die()
    await waiting.hears(MUSIC)
    controller = await world.connect()

    connected = controller.of(SwitchConnected)[0]
    assert {leg_asked, leg_waiting} <= set(connected.legs)
    assert controller.events.index(connected) == len(connected.legs)  # each LegAdopted comes before
    found = controller.of(LegAdopted, leg=leg_asked)[0]
    assert (found.role, found.called, found.caller, found.display_name, found.answered, found.bridge) == (
        LegRole.CITIZEN,
        NUMBER,
        "0701740610",
        "Åsa",
        True,
        "",
    )
    await ask(world, leg_asked, 9)
    await asked.hears(WORDS)
    asked.press("7")
    await controller.sees(Digits, leg=leg_asked, digits="7")
    await world.switch.perform(Say(leg=leg_waiting, utterances=words(0.2), ref="åter"))
    await controller.sees(Said, leg=leg_waiting, ref="åter")


async def test_a_prompt_that_an_earlier_controller_began_holds_up_nothing(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Say(leg=leg, utterances=words(9)))
    await phone.hears(WORDS)
    await world.controller.die()
    controller = await world.connect()
    await world.switch.perform(Say(leg=leg, utterances=words(0.2), ref="ny"))
    await controller.sees(Said, leg=leg, ref="ny", within=2)


async def test_a_conversation_goes_on_without_a_controller_and_is_adopted_as_one(world):
    caller, citizen, desk, agent = await bridged(world)
    await world.controller.die()
    await caller.hears(OTHER)
    controller = await world.connect()
    assert controller.of(LegAdopted, leg=citizen)[0].bridge == f"bridge-{citizen}"
    found = controller.of(LegAdopted, leg=agent)[0]
    assert (found.role, found.bridge, found.caller) == (LegRole.AGENT, f"bridge-{citizen}", "")
    await desk.hears(OTHER)
    await desk.hang_up()
    await controller.sees(LegEnded, leg=agent)
    await caller.hears(NOTHING)
    await world.switch.perform(Hold(leg=citizen))
    await caller.hears(MUSIC)


async def test_a_leg_on_hold_is_adopted_on_hold_and_comes_back(world):
    caller, citizen, desk, agent = await bridged(world)
    await world.switch.perform(PutOnHold(leg=citizen))
    await caller.hears(MUSIC)
    await world.controller.die()
    controller = await world.connect()
    assert controller.of(LegAdopted, leg=citizen)[0].bridge == f"bridge-{citizen}"
    assert controller.of(LegAdopted, leg=agent)[0].bridge == f"bridge-{citizen}"
    await caller.hears(MUSIC)
    await world.switch.perform(TakeOffHold(leg=citizen))
    await caller.hears(OTHER)
    await desk.hears(OTHER)


async def test_a_phone_that_rings_is_adopted_ringing(world):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1", shown_number=NUMBER))
    phone = await world.rung()
    await world.controller.die()
    controller = await world.connect()
    found = controller.of(LegAdopted, leg=leg)[0]
    assert (found.role, found.answered, found.caller) == (LegRole.AGENT, False, "")
    phone.answer()
    await controller.sees(LegAnswered, leg=leg)


async def test_a_second_controller_takes_over_and_the_first_steps_down(world):
    phone, leg = await answered_caller(world)
    first = world.controller
    second = await world.connect_beside()
    await world.until(lambda: first.stepped_down, within=2, what="stepped down")
    assert second.of(LegAdopted, leg=leg)
    await phone.hang_up()
    await second.sees(LegEnded, leg=leg)
    await first.die()


# --- storms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
async def test_after_a_storm_of_requests_and_keys_a_line_obeys_the_last_one(world, seed):
    chance = random.Random(seed)
    phone, leg = await answered_caller(world)

    def something(number):
        return chance.choice(
            [
                Say(leg=leg, utterances=chance.choice([(), words(0.1), words(5)]), ref=f"s{number}"),
                Ask(
                    leg=leg,
                    utterances=chance.choice([(), words(0.1), words(5)]),
                    collect=Collect(max_digits=2),
                    ref=f"a{number}",
                ),
                Hold(leg=leg, listen_for="12", ref=f"h{number}"),
            ]
        )

    async def one(number):
        await world.switch.perform(something(number))

    for number in range(40):
        if chance.random() < 0.3:
            phone.press(chance.choice("12#"))
        await (asyncio.gather(one(number), one(number)) if chance.random() < 0.3 else one(number))
        if chance.random() < 0.5:
            await world.passes(chance.choice([0, 0.01, 0.05]))
    await world.switch.perform(Hold(leg=leg))
    await phone.hears(MUSIC)
    await phone.has_pressed_all()
    await world.switch.perform(Ask(leg=leg, utterances=words(0.5), collect=Collect(first_seconds=9), ref="sist"))
    await phone.hears(WORDS)
    await phone.hears(NOTHING, within=3)
    phone.press("9")
    assert (await world.controller.sees(Digits, leg=leg, ref="sist")).digits == "9"
    refs = [
        event.ref for event in world.controller.events if isinstance(event, Digits | NoInput) and event.ref[0] == "a"
    ]
    assert len(refs) == len(set(refs))
