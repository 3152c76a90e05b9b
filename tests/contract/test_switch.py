"""What every switch does with a caller: the same stories on simulated telephones, and on real ones at a real Asterisk."""

import pytest

from core.ids import LegId
from telephony.errors import LegGoneError
from telephony.model import (
    Answer,
    Ask,
    CallArrived,
    Collect,
    Digits,
    EndCause,
    HangUp,
    Hold,
    LegEnded,
    NoInput,
    PutOnHold,
    Said,
    Say,
    TakeOffHold,
)
from tests.contract.worlds import (
    MUSIC,
    NOTHING,
    NUMBER,
    WORDS,
    answered_caller,
    ask,
    words,
)

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
    await phone.hears(WORDS)
    await phone.hears(NOTHING)
    phone.press("#")
    await world.controller.sees(NoInput, leg=leg, within=2)


async def test_a_terminator_that_comes_late_from_the_question_before_is_dropped(world):
    phone, leg = await answered_caller(world)
    await ask(world, leg, 0.6, max_digits=2, first_seconds=2)
    await phone.hears(WORDS)
    phone.press("#")
    await phone.hears(WORDS)
    phone.press("12")
    assert (await world.controller.sees(Digits, leg=leg)).digits == "12"


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
