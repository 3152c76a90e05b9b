"""What one leg does: prompts that replace each other, questions, and music that pauses."""

from hypothesis import given
from hypothesis import strategies as st

from core.ids import LegId
from core.language import Language
from telephony import line
from telephony.digits import NothingPressed, Pressed
from telephony.line import Heard, Line, Play, Report, StartMusic, StopMusic, StopPlaying
from telephony.model import Ask, Collect, Hold, Say, Utterance

LEG = LegId("leg_1")
WORDS = (Utterance("Hej", Language.SWEDISH),)


def after(*steps):
    """Run steps from an idle line; return the line and the effects of the last step."""
    state, effects = Line(), ()
    for step in steps:
        state, effects = step(state)
    return state, effects


def saying(ref="s"):
    return lambda now: line.say(now, Say(leg=LEG, utterances=WORDS, ref=ref))


def asking(ref="q", **collect):
    return lambda now: line.ask(now, Ask(leg=LEG, utterances=WORDS, collect=Collect(**collect), ref=ref), now=0.0)


def holding(listen_for="", ref="h"):
    return lambda now: line.hold(now, Hold(leg=LEG, listen_for=listen_for, ref=ref))


def ended(number):
    return lambda now: line.prompt_ended(now, number, now=0.0)


def key(pressed):
    return lambda now: line.key_pressed(now, pressed, now=0.0)


def test_a_say_is_reported_when_heard_to_its_end_and_only_once():
    assert after(saying(), ended(1))[1] == (Report(Heard(), "s"),)
    assert after(saying(), ended(1), ended(1))[1] == ()


def test_a_new_say_silences_the_old_which_is_then_not_reported():
    assert after(saying("old"), saying("new"))[1] == (StopPlaying(1), Play(2, WORDS))
    assert after(saying("old"), saying("new"), ended(1))[1] == ()
    assert after(saying("old"), saying("new"), ended(2))[1] == (Report(Heard(), "new"),)


def test_a_say_without_words_is_heard_at_once():
    assert after(lambda now: line.say(now, Say(leg=LEG, utterances=(), ref="s")))[1] == (Report(Heard(), "s"),)


def test_a_question_without_words_waits_for_keys_at_once():
    state, effects = after(lambda now: line.ask(now, Ask(leg=LEG, utterances=()), now=2.0))
    assert effects == () and state.deadline == 8.0


def test_a_key_silences_the_question_and_answers_it():
    assert after(asking(), key("3"))[1] == (StopPlaying(1), Report(Pressed("3"), "q"))


def test_the_second_key_silences_nothing():
    assert after(asking(max_digits=2), key("3"), key("4"))[1] == (Report(Pressed("34"), "q"),)


def test_a_question_that_was_heard_ends_when_its_time_is_up():
    state, _ = after(asking(), ended(1))
    assert line.time_reached(state, now=6.0) == (Line(last_prompt=1), (Report(NothingPressed(), "q"),))


def test_the_end_of_the_prompt_silences_nothing():
    assert after(asking(), ended(1))[1] == ()


def test_an_announcement_pauses_the_music_and_brings_it_back():
    assert after(holding())[1] == (StartMusic(),)
    assert after(holding(), saying())[1] == (StopMusic(), Play(1, WORDS))
    assert after(holding(), saying(), ended(1))[1] == (StartMusic(), Report(Heard(), "s"))


def test_keys_listened_for_are_reported_during_music_and_announcements():
    assert after(holding("12"), key("1"))[1] == (Report(Pressed("1"), "h"),)
    assert after(holding("12"), key("3"))[1] == ()
    assert after(holding("12"), saying(), key("2"))[1] == (Report(Pressed("2"), "h"),)


def test_music_that_already_plays_goes_on_without_a_gap_under_new_keys():
    assert after(holding("1", "old"), holding("2", "new"))[1] == ()
    assert after(holding("1", "old"), holding("2", "new"), key("2"))[1] == (Report(Pressed("2"), "new"),)


def test_a_question_ends_the_music_for_good():
    state, effects = after(holding("1"), asking())
    assert effects == (StopMusic(), Play(1, WORDS)) and state.music is None


def test_silence_ends_whatever_is_heard():
    assert after(holding(), line.silence)[1] == (StopMusic(),)
    assert after(saying(), line.silence)[1] == (StopPlaying(1),)
    assert after(asking(), ended(1), line.silence)[1] == ()


class Listener:
    """An oracle that listens to the effects: one prompt at a time, never over music."""

    def __init__(self) -> None:
        self.prompt: int | None = None
        self.music = False

    def hear(self, effect) -> None:
        match effect:
            case Play():
                assert self.prompt is None and not self.music
                self.prompt = effect.prompt
            case StopPlaying():
                assert self.prompt == effect.prompt
                self.prompt = None
            case StartMusic():
                assert self.prompt is None and not self.music
                self.music = True
            case StopMusic():
                assert self.music
                self.music = False


steps = st.one_of(
    st.builds(saying),
    st.builds(asking, max_digits=st.integers(1, 3), barge_in=st.booleans()),
    st.builds(holding, st.sampled_from(["", "1"])),
    st.builds(key, st.sampled_from("01#*")),
    st.sampled_from(["prompt ends", "old prompt ends"]),
    st.just(line.silence),
    st.just(lambda state: line.time_reached(state, now=1000.0)),
)


@given(st.lists(steps, max_size=30))
def test_one_thing_is_heard_at_a_time_and_the_line_knows_which(happenings):
    state, listener = Line(), Listener()
    for happening in happenings:
        if happening == "old prompt ends":
            happening = ended(state.last_prompt - 1)
        elif happening == "prompt ends":
            happening, listener.prompt = ended(listener.prompt or 0), None
        state, effects = happening(state)
        for effect in effects:
            listener.hear(effect)
        assert listener.music == state.music_audible
        assert (listener.prompt is not None) == (state.prompt is not None and state.prompt.sounding)
