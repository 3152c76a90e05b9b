"""How a caller asks to be rung back, on the engine alone: when, on which number, and what if there is a promise already."""

from collections.abc import Mapping

import pytest

from core.language import Language
from ivr.menus import pages
from ivr.model import REASONS, InquiryName, Phase, TellKind, Time
from ivr.rehearsal import CLOSED, OPEN, Rehearsal, made_up
from tests.unit.ivr.shipped import book, new_call
from tests.unit.ivr.test_promised import time

ASKED = InquiryName.PROMISE_CALLBACK
CODE = "Koden som vi säger är två sju fyra, nio ett tre."


def call(*keys: str, results: Mapping[InquiryName, str] = OPEN, **others: str) -> Rehearsal:
    """Let a caller press these; a lone - is silence."""
    answers = {**results, **{InquiryName(name): result for name, result in others.items()}}
    caller = Rehearsal(book(), new_call(), made_up(answers))
    press(caller, *keys)
    return caller


def press(caller: Rehearsal, *keys: str) -> None:
    for key in keys:
        caller.silence() if key == "-" else caller.press(key)


def texts(caller: Rehearsal) -> list[str]:
    return [utterance.text for utterance in caller.heard]


def wishes(caller: Rehearsal) -> list[Time | None]:
    return [one.position.slot for one in caller.inquiries if one.name is ASKED]


# --- when -----------------------------------------------------------------------------------------------------------


def test_whoever_waits_can_be_rung_when_it_is_their_turn_and_hears_about_when_that_is() -> None:
    caller = call("0", "1")
    assert "Det blir troligen din tur i dag mellan klockan tio tio och tio trettio." in texts(caller)
    press(caller, "1", "1")
    assert wishes(caller) == [None]
    assert "Det blir troligen i dag mellan klockan tio tio och tio trettio." in texts(caller)


def test_when_nobody_is_sure_no_time_is_said() -> None:
    assert not any("din tur i dag" in text for text in texts(call("0", "1", soonest="unsure")))


def test_whoever_chooses_a_time_hears_a_few_with_day_and_hour_and_the_key_for_each() -> None:
    caller = call("0", "1", "2")
    assert texts(caller)[-5:] == [
        "När ska vi ringa?",
        "i dag mellan klockan tolv och tretton: tryck ett.",
        "i dag mellan klockan tretton och fjorton: tryck två.",
        "i dag mellan klockan sjutton och arton: tryck tre.",
        "Fler tider: tryck sju.",
    ]
    press(caller, "2", "1")
    assert [slot and slot.starts_at.hour for slot in wishes(caller)] == [12]
    assert "Det blir i dag mellan klockan tretton och fjorton." in texts(caller)


def test_seven_turns_the_page_and_after_the_last_comes_the_first() -> None:
    caller = call("0", "1", "2", "7")
    assert "i morgon mellan klockan åtta och nio: tryck ett." in texts(caller)
    assert "i morgon mellan klockan tretton och fjorton: tryck två." in texts(caller)
    caller.heard.clear()
    caller.press("7")
    assert "i dag mellan klockan tolv och tretton: tryck ett." in texts(caller)


def test_nine_reads_the_same_page_again_and_asks_nobody_for_it() -> None:
    caller = call("0", "1", "2", "7")
    caller.heard.clear()
    caller.press("9")
    assert "i morgon mellan klockan åtta och nio: tryck ett." in texts(caller)
    assert [one.name for one in caller.inquiries].count(InquiryName.TIMES) == 1


def test_star_leads_back_to_the_choice_between_place_and_time() -> None:
    caller = call("0", "1", "2", "*")
    assert caller.position.node == "callback/waiting_menu"


def test_a_time_that_was_chosen_is_let_go_of_by_whoever_then_wants_to_keep_the_place() -> None:
    caller = call("0", "1", "2", "1", "*", "*", "1", "1")
    assert wishes(caller) == [None]


def test_a_key_without_a_time_is_said_kindly_and_the_times_come_again() -> None:
    caller = call("0", "1", "2", "4")
    assert "Det valet finns inte här." in texts(caller)
    assert caller.position.node == "callback/pick"


def test_without_a_time_to_choose_there_still_is_the_place() -> None:
    caller = call("0", "1", "2", times="none")
    assert "Det finns tyvärr ingen tid att välja just nu." in texts(caller)
    assert caller.position.node == "callback/waiting_menu"


def test_a_time_that_somebody_else_has_just_taken_is_followed_by_the_others() -> None:
    caller = call("0", "1", "2", "1", "1", promise_callback="slot_taken")
    assert "Den tiden blev just tagen av någon annan. Välj gärna en ny." in texts(caller)
    assert caller.position.node == "callback/pick"
    assert caller.position.slot is None
    assert caller.position.in_line, "the place is kept meanwhile"


def test_outside_opening_hours_the_place_is_as_soon_as_we_open_and_the_day_is_said() -> None:
    caller = call("6", "9", results=CLOSED, times="none")
    assert "Vi öppnar nästa gång onsdag den tjugofemte november klockan åtta." in texts(caller)
    assert "Ska vi ringa så snart vi kan när vi har öppnat? Tryck ett." in texts(caller)
    caller.heard.clear()
    caller.press("9")
    assert "Vi öppnar nästa gång onsdag den tjugofemte november klockan åtta." in texts(caller)
    press(caller, "1", "1")
    assert wishes(caller) == [None]


def test_outside_opening_hours_the_wish_is_the_first_key_that_is_said_and_a_time_the_next() -> None:
    caller = call(results=CLOSED)
    assert [text for text in texts(caller) if "ryck" in text][:2] == [
        "Vill du att vi ringer upp dig? Tryck fyra.",
        "Vill du välja en tid? Tryck sex.",
    ]
    press(caller, "4", "1")
    assert wishes(caller) == [None]
    assert wishes(call("6", "1", "1", results=CLOSED)) == [time(12)]


@pytest.mark.parametrize("count", range(1, 17))
def test_pages_hold_two_to_four_times_each(count: int) -> None:
    times = [time(8, days=day) for day in range(count)]
    parted = pages(times)
    assert [one for page in parted for one in page] == times
    assert all(len(page) <= 4 for page in parted)
    assert count == 1 or all(len(page) >= 2 for page in parted)


def test_no_times_are_no_pages() -> None:
    assert pages(()) == ()


# --- on which number ------------------------------------------------------------------------------------------------


def test_the_own_number_is_read_back_before_it_is_confirmed() -> None:
    caller = call("0", "1", "1")
    assert texts(caller)[-3:-1] == [
        "Du ringer från noll sju noll, ett sju fyra, noll sex, noll fem.",
        "Ska vi ringa det numret? Tryck ett.",
    ]
    assert caller.heard[-3].personal, "a number stays in no cache of sounds"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("not_a_number", "Det numret verkar inte vara helt, så vi kan inte ringa det."),
        ("foreign", "Vi kan tyvärr bara ringa till nummer i Sverige."),
        ("our_own", "Det är vårt eget nummer."),
        ("pay_or_special", "Vi kan tyvärr inte ringa betalnummer eller andra särskilda nummer."),
        ("emergency", "Det är ett nödnummer, och dit kan vi inte ringa."),
        ("short", "Det är ett kortnummer, och sådana kan vi tyvärr inte ringa."),
        ("too_many", "Vi kan tyvärr inte lova ett samtal till just nu."),
        # a reason that nobody has words for
        ("not_possible", "Vi kan tyvärr inte ringa det numret."),
    ],
)
def test_a_refused_number_gets_its_reason_and_another_way_on(reason: str, words: str) -> None:
    caller = call("0", "1", "1", "1", promise_callback=reason)
    assert words in texts(caller)
    assert texts(caller)[-2:] == ["Ett annat nummer? Tryck ett.", "Vill du hellre vänta kvar? Tryck två."]
    press(caller, "2")
    assert caller.waits
    assert not caller.told, "nobody has left the line"


def test_while_closed_the_other_way_on_is_another_number_or_an_answer_from_the_machine() -> None:
    caller = call("4", "1", results=CLOSED, promise_callback="foreign")
    assert texts(caller)[-2:] == ["Ett annat nummer? Tryck ett.", "Vill du få besked här i stället? Tryck två."]


def test_a_withheld_number_is_asked_for() -> None:
    caller = call("0", "1", "1", "1", promise_callback="withheld")
    assert "Vi ser inte vilket nummer du ringer från." in texts(caller)
    assert caller.position.node == "callback/key_number"


@pytest.mark.parametrize("kind", ["emergency", "short"])
def test_a_number_of_a_few_digits_is_not_tried(kind: str) -> None:
    caller = call("0", "1", "1", "2", "112", keyed_number=kind)
    assert not wishes(caller)
    assert caller.position.node == "callback/another_way_waiting"


# --- what is promised -----------------------------------------------------------------------------------------------


def test_after_the_promise_nine_says_the_code_again_and_only_that() -> None:
    caller = call("0", "1", "1", "1")
    caller.heard.clear()
    caller.press("9")
    assert texts(caller)[0] == CODE
    assert "Vi ringer upp dig." not in texts(caller)
    assert wishes(caller) == [None], "nothing is asked for twice"
    assert caller.heard[0].personal


def test_after_the_promise_whoever_only_listens_is_thanked_and_never_told_that_they_chose_nothing() -> None:
    caller = call("0", "1", "1", "1", "-", "-")
    assert caller.over
    assert "Vi hörde inget val." not in texts(caller)
    assert [(told.what, told.kind) for told in caller.told] == [(TellKind.LINE_LEFT, "callback")]


def test_when_the_promise_cannot_be_looked_up_it_is_still_said_that_it_stands() -> None:
    caller = call("0", "1", "1", "1", promise="unknown")
    assert "Vi ringer upp dig. Du behåller din plats." in texts(caller)


def test_after_the_promise_there_is_help_with_something_more() -> None:
    assert call("0", "1", "1", "1", "1").position.node == "main/menu"


# --- when there is a promise already --------------------------------------------------------------------------------


def test_whoever_is_promised_it_already_hears_so_when_they_ring_and_only_once() -> None:
    caller = call(open_promise="known")
    assert texts(caller)[:3] == [
        "Välkommen till Försäkringskassan.",
        "Vi har lovat att ringa upp det här numret.",
        "Det blir troligen i dag mellan klockan tio tio och tio trettio.",
    ]
    press(caller, "-", "4", "*")
    assert caller.position.node == "main/menu"
    assert [one.name for one in caller.inquiries].count(InquiryName.OPEN_PROMISE) == 1


def test_whoever_wants_something_else_only_waits_and_is_not_told_that_they_chose_nothing() -> None:
    caller = call("-", open_promise="known")
    assert caller.position.node == "main/menu"
    assert "Vi hörde inget val." not in texts(caller)


def test_a_promise_is_kept_and_counts_as_an_answer() -> None:
    caller = call("1", "-", open_promise="known")
    assert "Tack. Då ringer vi som vi har lovat." in texts(caller)
    assert [(told.what, told.kind) for told in caller.told] == [(TellKind.ANSWER_GIVEN, "callback")]


def test_a_promise_is_moved_to_another_time_and_that_is_said() -> None:
    caller = call("2", "3", open_promise="known")
    assert caller.inquiries[-1].name is InquiryName.MOVE_PROMISE
    assert texts(caller)[-2:] == ["Tack. Nu är det ändrat.", "Det blir i dag mellan klockan sjutton och arton."]


def test_a_promise_at_a_time_can_become_one_for_the_place() -> None:
    caller = call("2", "5", open_promise="known")
    assert caller.inquiries[-1].name is InquiryName.MOVE_PROMISE
    assert caller.position.slot is None


def test_a_time_that_is_taken_while_a_promise_is_moved_is_followed_by_the_others() -> None:
    caller = call("2", "1", open_promise="known", move_promise="taken")
    assert "Den tiden blev just tagen av någon annan. Välj gärna en ny." in texts(caller)
    assert caller.position.node == "promise/pick"


def test_a_promise_is_let_go_of_only_by_whoever_is_sure() -> None:
    caller = call("3", open_promise="known")
    assert InquiryName.CANCEL_PROMISE not in [one.name for one in caller.inquiries]
    press(caller, "1")
    assert "Då ringer vi inte upp dig." in texts(caller)
    silent = call("3", "-", "-", "-", open_promise="known")
    assert "Tack. Då ringer vi som vi har lovat." in texts(silent), "silence keeps a promise"


@pytest.mark.parametrize("keys", [("1",), ("2", "1"), ("3", "1")])
def test_a_promise_that_is_over_meanwhile_is_said_to_be(keys: tuple[str, ...]) -> None:
    gone = {"keep_promise": "gone", "move_promise": "gone", "cancel_promise": "gone"}
    caller = call(*keys, open_promise="known", **gone)
    assert "Det löftet gäller inte längre. Kanske har vi redan ringt." in texts(caller)
    assert caller.position.node == "main/menu"


def test_who_is_being_rung_while_they_ask_for_another_time_hears_so_and_not_that_it_is_over() -> None:
    caller = call("2", "1", open_promise="known", move_promise="busy")
    assert any(text.startswith("Vi ringer upp dig just nu") for text in texts(caller))
    assert not any("gäller inte längre" in text for text in texts(caller))
    assert caller.position.node == "main/menu"


def test_whoever_would_rather_wait_gets_into_the_line_and_the_promise_stands() -> None:
    caller = call("4", "2", open_promise="known")
    assert caller.waits
    assert caller.inquiries[-1].queue == "sjuk"


def test_outside_opening_hours_waiting_in_the_line_is_not_offered() -> None:
    caller = call(results=CLOSED, open_promise="known_closed")
    assert not any("vänta i kön" in text for text in texts(caller))


def test_a_second_wish_finds_the_first_and_nobody_leaves_the_line_for_it() -> None:
    caller = call("0", promise_callback="already")
    caller._answerer = made_up({**OPEN, ASKED: "already", InquiryName.OPEN_PROMISE: "known"})
    press(caller, "1", "1", "1")
    assert "Vi har lovat att ringa upp det här numret." in texts(caller)
    assert caller.position.in_line
    assert not caller.told
    press(caller, "4")
    assert caller.waits
    assert [one.name for one in caller.inquiries].count(InquiryName.REQUEST_HUMAN) == 1


def test_whoever_then_keeps_the_promise_leaves_the_line() -> None:
    caller = call("0")
    caller._answerer = made_up({**OPEN, ASKED: "already", InquiryName.OPEN_PROMISE: "known"})
    press(caller, "1", "1", "1", "1")
    assert [(told.what, told.kind) for told in caller.told] == [(TellKind.LINE_LEFT, "callback")]
    assert not caller.position.in_line


def test_whoever_lets_go_of_it_in_the_line_stays_in_the_line() -> None:
    caller = call("0")
    caller._answerer = made_up({**OPEN, ASKED: "already", InquiryName.OPEN_PROMISE: "known"})
    press(caller, "1", "1", "1", "3", "1", "-")
    assert caller.waits
    assert TellKind.LINE_LEFT not in [told.what for told in caller.told]


def test_another_persons_number_is_only_said_to_be_promised_already() -> None:
    caller = call("0", "1", "1", "2", "0701740605", "1", promise_callback="already")
    assert "Vi har redan lovat att ringa upp dig på det numret, och det gäller." in texts(caller)
    assert caller.waits


def test_the_code_is_never_said_to_whoever_has_a_promise_from_before() -> None:
    caller = call("1", "-", open_promise="known")
    assert not any("nio ett tre" in text for text in texts(caller))


def test_it_is_all_there_in_english() -> None:
    caller = call("8", "2", "1", open_promise="known")
    assert caller.position.language is Language.ENGLISH
    assert "We have promised to call this number." in texts(caller)
    assert "today between twelve noon and one in the afternoon: press one." in texts(caller)
    assert caller.position.phase is Phase.ANSWERING


def test_every_reason_has_words_of_its_own_on_both_numbers() -> None:
    for name in ("callback/promise_caller", "callback/promise_keyed"):
        assert set(REASONS) <= set(book().find(name).results)  # type: ignore[union-attr]
