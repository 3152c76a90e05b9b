"""What every switch does: the same stories on simulated telephones, and on real ones at a real Asterisk."""

import pytest

from core.ids import LegId
from telephony.errors import LegGoneError, LegNotAnsweredError
from telephony.model import (
    Answer,
    Ask,
    Bridge,
    CallArrived,
    Collect,
    Digits,
    EndCause,
    HangUp,
    Hold,
    LegAdopted,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegRole,
    LegsBridged,
    NoInput,
    PutOnHold,
    Ring,
    Said,
    Say,
    SwitchConnected,
    TakeOffHold,
)
from tests.contract.worlds import MUSIC, NOTHING, NUMBER, OTHER, WORDS, new_leg, words


async def answered_caller(world, **call):
    phone, leg = await world.arrives(**call)
    await world.switch.perform(Answer(leg=leg))
    await phone.is_up()
    return phone, leg


async def answered_agent(world, target="agent-1"):
    leg = new_leg()
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target=target))
    phone = await world.rung(target)
    phone.answer()
    await world.controller.sees(LegAnswered, leg=leg)
    return phone, leg


async def bridged(world):
    caller, citizen = await answered_caller(world)
    desk, agent = await answered_agent(world)
    await world.switch.perform(Bridge(bridge=f"bridge-{citizen}", legs=(citizen, agent)))
    await world.controller.sees(LegsBridged, bridge=f"bridge-{citizen}")
    caller.hum()
    desk.hum()
    return caller, citizen, desk, agent


# --- arriving and answering -----------------------------------------------------------------------------------------


async def test_a_call_arrives_with_what_was_dialled_and_who_rings(world):
    _, leg = await world.arrives(caller="0701740605", display_name="Anna")
    event = world.controller.of(CallArrived, leg=leg)[0]
    assert (event.called, event.caller, event.display_name) == (NUMBER, "0701740605", "Anna")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",  # markup
        "${SHELL(touch /tmp/pwned)}",  # dialplan
        "a,b;c|d&e%26f",  # separators of the dialplan and of addresses
        "Åsa Öberg 🙂",  # beyond ASCII
        "' OR 1=1 --",  # SQL
    ],
)
async def test_a_hostile_display_name_arrives_as_mere_text(world, name):
    _, leg = await world.arrives(display_name=name)
    assert world.controller.of(CallArrived, leg=leg)[0].display_name == name


async def test_a_withheld_number_arrives_as_no_number(world):
    _, leg = await world.arrives(caller="")
    assert world.controller.of(CallArrived, leg=leg)[0].caller == ""


async def test_answering_twice_is_no_error(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Answer(leg=leg))
    await phone.is_up()


# --- saying -----------------------------------------------------------------------------------------------------------


async def test_words_are_heard_and_their_end_is_told_once(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Say(leg=leg, utterances=(*words(0.3), *words(0.2)), ref="hej"))
    await phone.hears(WORDS)
    await world.controller.sees(Said, leg=leg, ref="hej")
    await phone.hears(NOTHING)
    assert len(world.controller.of(Said)) == 1


async def test_nothing_to_say_is_heard_at_once(world):
    _, leg = await answered_caller(world)
    await world.switch.perform(Say(leg=leg, utterances=(), ref="tomt"))
    await world.controller.sees(Said, leg=leg, ref="tomt")


async def test_new_words_replace_those_under_way_which_are_not_told(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Say(leg=leg, utterances=words(9), ref="lång"))
    await phone.hears(WORDS)
    await world.switch.perform(Say(leg=leg, utterances=words(0.2), ref="kort"))
    await world.controller.sees(Said, leg=leg, ref="kort", within=2)
    assert world.controller.of(Said, ref="lång") == []


# --- asking -----------------------------------------------------------------------------------------------------------


async def ask(world, leg, seconds, **collect):
    settings = {"first_seconds": 0.5, "between_seconds": 0.5, **collect}
    await world.switch.perform(Ask(leg=leg, utterances=words(seconds), collect=Collect(**settings), ref="fråga"))


async def test_a_key_silences_the_prompt_and_counts(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 9)
    await phone.hears(WORDS)
    phone.press("3")
    event = await world.controller.sees(Digits, leg=leg, ref="fråga", within=2)
    assert (event.digits, event.complete) == ("3", True)
    await phone.hears(NOTHING)


async def test_without_barge_in_the_prompt_is_heard_out_and_keys_during_it_are_dropped(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.6, barge_in=False)
    phone.press("1")
    await phone.hears(WORDS)
    await world.controller.sees(NoInput, leg=leg, ref="fråga")
    assert world.controller.of(Digits) == []


async def test_keys_after_a_prompt_without_barge_in_count(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.2, barge_in=False, first_seconds=2)
    await phone.hears(WORDS)
    await phone.hears(NOTHING)
    phone.press("2")
    assert (await world.controller.sees(Digits, leg=leg)).digits == "2"


async def test_silence_after_the_prompt_ends_in_no_input_once(world):
    _, leg = await answered_caller(world)
    await ask(world, leg, 0.2)
    await world.controller.sees(NoInput, leg=leg, ref="fråga", within=2)
    await world.passes(0.3)
    assert len(world.controller.of(NoInput)) == 1


async def test_no_time_runs_out_while_the_prompt_is_heard(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.8, first_seconds=0.2)
    await phone.hears(WORDS)
    await world.passes(0.4)
    assert world.controller.of(NoInput) == []
    await world.controller.sees(NoInput, leg=leg, within=2)


async def test_too_long_between_two_digits_gives_what_there_is(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.2, max_digits=6)
    phone.press("12")
    event = await world.controller.sees(Digits, leg=leg, within=2)
    assert (event.digits, event.complete) == ("12", False)


async def test_the_terminator_ends_the_digits_and_is_not_one_of_them(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.2, max_digits=12, between_seconds=5)
    phone.press("4*6#")
    event = await world.controller.sees(Digits, leg=leg, within=3)
    assert (event.digits, event.complete) == ("4*6", True)


async def test_the_terminator_alone_is_no_input(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.2, max_digits=12, first_seconds=5)
    phone.press("#")
    await world.controller.sees(NoInput, leg=leg, within=2)


async def test_the_largest_number_of_digits_ends_them_at_once(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.2, max_digits=4, between_seconds=5)
    phone.press("00199")
    event = await world.controller.sees(Digits, leg=leg, within=3)
    assert (event.digits, event.complete) == ("0019", True)


async def test_a_question_replaces_a_question_which_then_has_no_answer(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.2, max_digits=2)
    phone.press("1")
    await world.passes(0.2)
    await world.switch.perform(Ask(leg=leg, utterances=words(0.2), collect=Collect(first_seconds=0.4), ref="ny"))
    await world.controller.sees(NoInput, leg=leg, ref="ny", within=2)
    assert world.controller.of(Digits) == [] and world.controller.of(NoInput, ref="fråga") == []


# --- hold -------------------------------------------------------------------------------------------------------------


async def test_music_is_heard_until_something_else_is_asked(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Hold(leg=leg))
    await phone.hears(MUSIC)
    await ask(world, leg, 9)
    await phone.hears(WORDS)
    phone.press("1")
    await world.controller.sees(Digits, leg=leg)
    await phone.hears(NOTHING)


async def test_an_announcement_pauses_the_music_which_comes_back(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Hold(leg=leg))
    await phone.hears(MUSIC)
    await world.switch.perform(Say(leg=leg, utterances=words(0.5), ref="plats"))
    await phone.hears(WORDS)
    await world.controller.sees(Said, leg=leg, ref="plats")
    await phone.hears(MUSIC)


async def test_keys_that_are_listened_for_are_told_during_music_and_announcements(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(Hold(leg=leg, listen_for="12", ref="kö"))
    await phone.hears(MUSIC)
    phone.press("31")
    assert (await world.controller.sees(Digits, leg=leg, ref="kö")).digits == "1"
    await world.switch.perform(Say(leg=leg, utterances=words(9)))
    await phone.hears(WORDS)
    phone.press("2")
    await world.controller.sees(Digits, leg=leg, ref="kö", digits="2")
    assert len(world.controller.of(Digits)) == 2


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


async def test_a_bridge_with_a_leg_that_is_gone_is_refused_and_harms_nobody(world):
    caller, citizen = await answered_caller(world)
    with pytest.raises(LegGoneError):
        await world.switch.perform(Bridge(bridge="b", legs=(citizen, new_leg())))
    await world.switch.perform(Say(leg=citizen, utterances=words(0.2), ref="kvar"))
    await caller.hears(WORDS)


# --- ending -----------------------------------------------------------------------------------------------------------


async def test_a_caller_who_hangs_up_is_told_once(world):
    phone, leg = await answered_caller(world)
    await phone.hang_up()
    event = await world.controller.sees(LegEnded, leg=leg)
    assert (event.cause, event.by_us) == (EndCause.NORMAL, False)
    await world.passes(0.2)
    assert len(world.controller.of(LegEnded)) == 1


async def test_a_caller_who_gives_up_before_we_answer_is_told(world):
    phone, leg = await world.arrives()
    await phone.hang_up()
    assert (await world.controller.sees(LegEnded, leg=leg)).cause is EndCause.NORMAL


async def test_what_we_hang_up_is_told_as_ours_with_our_cause(world):
    phone, leg = await answered_caller(world)
    await world.switch.perform(HangUp(leg=leg, cause=EndCause.BUSY))
    event = await world.controller.sees(LegEnded, leg=leg)
    assert (event.cause, event.by_us) == (EndCause.BUSY, True)
    await phone.is_over()


async def test_hanging_up_what_is_gone_is_no_error(world):
    phone, leg = await answered_caller(world)
    await phone.hang_up()
    await world.controller.sees(LegEnded, leg=leg)
    await world.switch.perform(HangUp(leg=leg))
    await world.switch.perform(HangUp(leg=LegId("leg_never")))


@pytest.mark.parametrize("action", [Answer, PutOnHold, TakeOffHold, Hold])
async def test_anything_else_asked_of_a_leg_that_is_gone_is_refused(world, action):
    phone, leg = await answered_caller(world)
    await phone.hang_up()
    await world.controller.sees(LegEnded, leg=leg)
    with pytest.raises(LegGoneError):
        await world.switch.perform(action(leg=leg))


async def test_speech_for_a_leg_that_is_gone_is_refused(world):
    phone, leg = await answered_caller(world)
    await phone.hang_up()
    await world.controller.sees(LegEnded, leg=leg)
    for action in (Say(leg=leg, utterances=words(0.2)), Ask(leg=leg, utterances=words(0.2))):
        with pytest.raises(LegGoneError):
            await world.switch.perform(action)


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
    assert (found.role, found.bridge) == (LegRole.AGENT, f"bridge-{citizen}")
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
    await world.switch.perform(Ring(leg=leg, role=LegRole.AGENT, target="agent-1"))
    phone = await world.rung()
    await world.controller.die()
    controller = await world.connect()
    found = controller.of(LegAdopted, leg=leg)[0]
    assert (found.role, found.answered) == (LegRole.AGENT, False)
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
