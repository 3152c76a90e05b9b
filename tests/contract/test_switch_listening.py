"""A switch that is asked to listen tells who answers a telephone that we ring, beside whatever is said: a hint (ADR 0020)."""

import pytest

from telephony.model import (
    AnsweredBy,
    Ask,
    Collect,
    Digits,
    HangUp,
    LegAnswered,
    LegEnded,
    LegRole,
    Ring,
    Said,
    Say,
    WhoAnswered,
)
from tests.contract.worlds import NUMBER, OTHER, WORDS, bridged, new_leg, words

DECIDES = 8.0
"""Seconds within which a switch has made up its mind (amd.conf: 5)."""

CITIZEN = "+46701740699"


async def citizen_rung(world, *, listen):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.CITIZEN, target=CITIZEN, shown_number=NUMBER, listen=listen))
    return await world.rung(world.citizen), leg


async def test_a_person_who_greets_and_waits_is_told_once_and_after_the_answer(world):
    phone, leg = await citizen_rung(world, listen=True)
    assert world.controller.of(WhoAnswered) == []
    await phone.answer_as_person()
    told = await world.controller.sees(WhoAnswered, leg=leg, within=DECIDES)
    assert told.by is AnsweredBy.HUMAN
    kinds = [type(event) for event in world.controller.events if getattr(event, "leg", "") == leg]
    assert kinds.index(LegAnswered) < kinds.index(WhoAnswered)
    await world.passes(0.5)
    assert len(world.controller.of(WhoAnswered)) == 1


async def test_what_talks_without_a_pause_is_told_as_a_machine(world):
    phone, leg = await citizen_rung(world, listen=True)
    await phone.answer_as_machine()
    assert (await world.controller.sees(WhoAnswered, leg=leg, within=DECIDES)).by is AnsweredBy.MACHINE
    assert len(world.controller.of(WhoAnswered)) == 1


async def test_while_it_listens_words_are_heard_and_keys_count(world):
    phone, leg = await citizen_rung(world, listen=True)
    await phone.answer_as_machine()
    await world.controller.sees(LegAnswered, leg=leg)
    collect = Collect(first_seconds=5)
    await world.switch.perform(Ask(leg=leg, utterances=words(2), collect=collect, ref="det passar"))
    await phone.hears(WORDS)
    phone.press("1")
    assert (await world.controller.sees(Digits, leg=leg, ref="det passar")).digits == "1"
    await world.switch.perform(Say(leg=leg, utterances=words(0.2), ref="tack"))
    await world.controller.sees(Said, leg=leg, ref="tack")
    await world.controller.sees(WhoAnswered, leg=leg, within=DECIDES)


async def test_nobody_is_told_of_who_was_not_asked_for(world):
    phone, leg = await citizen_rung(world, listen=False)
    await phone.answer_as_person()
    await world.controller.sees(LegAnswered, leg=leg)
    await world.passes(3)
    assert world.controller.of(WhoAnswered) == []


async def test_a_telephone_that_nobody_takes_ends_without_a_word_of_who(world):
    phone, leg = await citizen_rung(world, listen=True)
    phone.reject(486)
    await world.controller.sees(LegEnded, leg=leg)
    await world.passes(0.5)
    assert world.controller.of(WhoAnswered) == []


async def test_listening_leaves_no_leg_behind(world):
    """The end of the call that was listened to is the end of all of it, and is told once."""
    phone, leg = await citizen_rung(world, listen=True)
    await phone.answer_as_machine()
    await world.controller.sees(LegAnswered, leg=leg)
    await world.switch.perform(HangUp(leg=leg))
    await phone.is_over()
    await world.controller.sees(LegEnded, leg=leg)
    await world.passes(1)
    ended = world.controller.of(LegEnded)
    assert [event.leg for event in ended] == [leg]
    await world.controller.die()
    connected = (await world.connect()).events
    assert [event for event in connected if getattr(event, "leg", None)] == []


@pytest.mark.parametrize("listen", [True, False])
async def test_asked_again_for_a_leg_that_lives_it_rings_once(world, listen):
    phone, leg = await citizen_rung(world, listen=listen)
    again = Ring(leg=leg, role=LegRole.CITIZEN, target=CITIZEN, listen=listen)
    await world.switch.perform(again)
    phone.answer()
    await world.controller.sees(LegAnswered, leg=leg)
    await world.switch.perform(again)
    await world.passes(0.3)
    assert len(world.controller.of(LegAnswered)) == 1


async def test_a_talk_goes_on_while_somebody_else_is_listened_to(world):
    caller, _citizen, desk, _agent = await bridged(world)
    phone, leg = await citizen_rung(world, listen=True)
    await phone.answer_as_person()
    await world.controller.sees(WhoAnswered, leg=leg, within=DECIDES)
    await caller.hears(OTHER)
    await desk.hears(OTHER)
