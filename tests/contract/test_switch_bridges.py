"""What every switch does with the legs that we place, and with two legs that hear each other."""

import pytest

from telephony.errors import LegGoneError, LegNotAnsweredError
from telephony.model import (
    Bridge,
    EndCause,
    HangUp,
    Hold,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegRole,
    LegsBridged,
    PutOnHold,
    Ring,
    Said,
    Say,
    TakeOffHold,
)
from tests.contract.worlds import (
    MUSIC,
    NOTHING,
    NUMBER,
    OTHER,
    WORDS,
    answered_agent,
    answered_caller,
    bridged,
    new_leg,
    words,
)

# --- placing legs -----------------------------------------------------------------------------------------------------


async def test_an_agents_phone_rings_with_our_number_and_notes_and_is_answered(world):
    leg = new_leg()
    notes = {"Contact": "con_1"}
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1", shown_number=NUMBER, notes=notes))
    phone = await world.rung()
    await world.controller.sees(LegRinging, leg=leg)
    assert (phone.shown_number, dict(phone.notes)) == (NUMBER, notes)
    phone.answer()
    await world.controller.sees(LegAnswered, leg=leg)
    assert len(world.controller.of(LegRinging)) == 1


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (486, EndCause.BUSY),  # Busy Here
        (603, EndCause.REJECTED),  # Decline
        (480, EndCause.NO_ANSWER),  # Temporarily Unavailable
    ],
)
async def test_a_phone_that_turns_us_down_says_why(world, status, cause):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1"))
    phone = await world.rung()
    phone.reject(status)
    event = await world.controller.sees(LegEnded, leg=leg)
    assert (event.cause, event.by_us) == (cause, False)


async def test_a_phone_that_nobody_answers_stops_ringing(world):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1", timeout_seconds=1))
    phone = await world.rung()
    event = await world.controller.sees(LegEnded, leg=leg)
    assert event.cause is EndCause.NO_ANSWER
    await phone.is_over()


@pytest.mark.parametrize(
    ("role", "target"),
    [
        (LegRole.AGENT, "agent-gone"),  # known, but not signed in
        (LegRole.AGENT, "nobody"),  # unknown
    ],
)
async def test_a_phone_that_is_not_there_cannot_be_reached(world, role, target):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=role, target=target))
    event = await world.controller.sees(LegEnded, leg=leg)
    assert event.cause is EndCause.UNREACHABLE


async def test_a_leg_is_placed_only_once(world):
    leg = new_leg()
    ring = Ring(leg=leg, role=LegRole.AGENT, target="agent-1")
    await world.switch.perform(ring)
    phone = await world.rung()
    await world.switch.perform(ring)
    phone.answer()
    await world.controller.sees(LegAnswered, leg=leg)
    await world.switch.perform(ring)
    await world.passes(0.2)
    assert len(world.controller.of(LegRinging)) == 1
    assert world.controller.of(LegEnded) == []


async def test_a_ringing_phone_stops_when_we_hang_up(world):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1"))
    phone = await world.rung()
    await world.switch.perform(HangUp(leg=leg))
    event = await world.controller.sees(LegEnded, leg=leg)
    assert event.by_us
    await phone.is_over()


async def test_nothing_can_be_said_on_a_phone_that_still_rings(world):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1"))
    await world.rung()
    with pytest.raises(LegNotAnsweredError):
        await world.switch.perform(Say(leg=leg, utterances=words(0.2)))


# --- bridges ----------------------------------------------------------------------------------------------------------


async def test_two_legs_in_a_bridge_hear_each_other(world):
    caller, _, desk, _ = await bridged(world)
    await caller.hears(OTHER)
    await desk.hears(OTHER)


async def test_a_call_that_nobody_took_yet_is_answered_by_its_bridge(world):
    caller, citizen = await world.arrives()
    desk, agent = await answered_agent(world)
    await world.switch.perform(Bridge(bridge=f"bridge-{citizen}", legs=(citizen, agent)))
    await caller.is_up()
    caller.hum()
    desk.hum()
    await caller.hears(OTHER)
    await desk.hears(OTHER)


async def test_music_and_prompts_stop_for_a_bridge(world):
    caller, citizen = await answered_caller(world)
    await world.switch.perform(Hold(leg=citizen))
    await caller.hears(MUSIC)
    desk, agent = await answered_agent(world)
    await world.switch.perform(Say(leg=agent, utterances=words(9), ref="viskning"))
    await desk.hears(WORDS)
    await world.switch.perform(Bridge(bridge=f"bridge-{citizen}", legs=(citizen, agent)))
    caller.hum()
    desk.hum()
    await caller.hears(OTHER)
    await desk.hears(OTHER)
    assert world.controller.of(Said) == []


async def test_a_leg_on_hold_hears_music_and_the_other_nothing_until_it_is_back(world):
    caller, citizen, desk, _ = await bridged(world)
    await caller.hears(OTHER)
    await world.switch.perform(PutOnHold(leg=citizen))
    await caller.hears(MUSIC)
    await desk.hears(NOTHING)
    await world.switch.perform(TakeOffHold(leg=citizen))
    await caller.hears(OTHER)
    await desk.hears(OTHER)


@pytest.mark.parametrize("who", ["agent", "caller"])
async def test_when_one_hangs_up_the_other_stays_silent_and_can_be_helped(world, who):
    caller, citizen, desk, agent = await bridged(world)
    await caller.hears(OTHER)
    gone, gone_leg, left, left_leg = (
        (desk, agent, caller, citizen) if who == "agent" else (caller, citizen, desk, agent)
    )
    await gone.hang_up()
    event = await world.controller.sees(LegEnded, leg=gone_leg)
    assert (event.cause, event.by_us) == (EndCause.NORMAL, False)
    await left.hears(NOTHING)
    await world.switch.perform(Hold(leg=left_leg))
    await left.hears(MUSIC)
    assert len(world.controller.of(LegEnded)) == 1


async def test_a_leg_on_hold_keeps_its_music_when_the_other_hangs_up(world):
    caller, citizen, desk, agent = await bridged(world)
    await world.switch.perform(PutOnHold(leg=citizen))
    await caller.hears(MUSIC)
    await desk.hang_up()
    await world.controller.sees(LegEnded, leg=agent)
    await caller.hears(MUSIC)
    await world.switch.perform(TakeOffHold(leg=citizen))
    await caller.hears(NOTHING)
    await world.switch.perform(Say(leg=citizen, utterances=words(0.2), ref="kvar"))
    await world.controller.sees(Said, ref="kvar")


async def test_words_in_a_bridge_reach_one_side_only_and_the_conversation_goes_on(world):
    caller, citizen, desk, agent = await bridged(world)
    await desk.hears(OTHER)
    await world.switch.perform(Say(leg=agent, utterances=words(0.5), ref="viskning"))
    await desk.hears(WORDS)
    await caller.hears(OTHER)
    await world.controller.sees(Said, leg=agent, ref="viskning")
    await desk.hears(OTHER)


async def test_a_caller_passes_from_one_agent_to_another(world):
    caller, citizen, desk, _ = await bridged(world)
    second, agent = await answered_agent(world, "agent-2")
    second.hum()
    await world.switch.perform(Bridge(bridge=f"second-{citizen}", legs=(citizen, agent)))
    await world.controller.sees(LegsBridged, bridge=f"second-{citizen}")
    await second.hears(OTHER)
    await caller.hears(OTHER)
    await desk.hears(NOTHING)


async def test_a_caller_goes_back_from_a_bridge_to_music(world):
    caller, citizen, desk, _ = await bridged(world)
    await caller.hears(OTHER)
    await world.switch.perform(Hold(leg=citizen))
    await caller.hears(MUSIC)
    await desk.hears(NOTHING)


async def test_music_that_is_asked_for_too_late_spares_the_talk(world):
    caller, citizen, desk, _ = await bridged(world)
    await caller.hears(OTHER)
    await world.switch.perform(Hold(leg=citizen, spares_talk=True))
    await world.passes(0.5)
    await caller.hears(OTHER)
    await desk.hears(OTHER)


async def test_music_that_would_spare_a_talk_is_heard_by_whoever_has_none(world):
    caller, citizen = await answered_caller(world)
    await world.switch.perform(Hold(leg=citizen, spares_talk=True))
    await caller.hears(MUSIC)


async def test_a_bridge_with_a_leg_that_is_gone_is_refused_and_harms_nobody(world):
    caller, citizen = await answered_caller(world)
    with pytest.raises(LegGoneError):
        await world.switch.perform(Bridge(bridge="b", legs=(citizen, new_leg())))
    await world.switch.perform(Say(leg=citizen, utterances=words(0.2), ref="kvar"))
    await caller.hears(WORDS)
