"""What a caller meets, on the engine alone, with the flows that the product ships."""

from collections.abc import Mapping

import pytest

from ivr.model import (
    Broke,
    Connected,
    InquiryAnswered,
    InquiryName,
    Phase,
    Placed,
    Resumed,
    Returned,
    TellKind,
    WaitedOn,
)
from ivr.prompts import unchanging
from ivr.rehearsal import CLOSED, OPEN, Rehearsal, made_up
from telephony.model import Ask, HangUp, Hold, Say
from tests.unit.ivr.shipped import book, new_call

PNR = "199107172380"
CODE = "274913"


def call(results: Mapping[InquiryName, str] = OPEN, **others: str) -> Rehearsal:
    return Rehearsal(book(), new_call(), made_up({**results, **{InquiryName(k): v for k, v in others.items()}}))


def texts(rehearsal: Rehearsal) -> str:
    return " | ".join(utterance.text for utterance in rehearsal.heard)


def last_ask(rehearsal: Rehearsal) -> Ask:
    return [action for action in rehearsal.actions if isinstance(action, Ask)][-1]


def test_a_caller_hears_when_the_money_comes() -> None:
    caller = call()
    caller.press("1")
    caller.press(PNR)
    caller.press(CODE)
    heard = "Din nästa utbetalning av barnbidrag kommer fredag den artonde december."
    assert caller.heard[-1].text == f"{heard} Beloppet är ettusen tvåhundrafemtio kronor."
    assert caller.heard[-1].personal
    assert not caller.told, "an answer counts when it was heard to its end"
    caller.silence()
    assert [(told.what, told.kind) for told in caller.told] == [(TellKind.ANSWER_GIVEN, "payment")]
    caller.press("2")
    caller.silence()
    assert caller.over
    assert isinstance(caller.actions[-1], HangUp)


def test_an_answer_that_is_interrupted_by_a_wish_for_a_human_is_not_counted() -> None:
    caller = call()
    caller.press("1")
    caller.press(PNR)
    caller.press(CODE)
    caller.press("0")
    assert caller.waits
    assert not caller.told


def test_nine_after_an_answer_gives_the_answer_again() -> None:
    caller = call()
    caller.press("1")
    caller.press(PNR)
    caller.press(CODE)
    caller.silence()
    caller.press("9")
    assert "barnbidrag" in caller.heard[-1].text
    assert [inquiry.name for inquiry in caller.inquiries].count(InquiryName.NEXT_PAYMENTS) == 2


def test_whoever_has_been_identified_is_not_asked_again_in_the_same_call() -> None:
    caller = call()
    caller.press("1")
    caller.press(PNR)
    caller.press(CODE)
    caller.silence()
    caller.press("1")
    caller.press("2")
    assert caller.position.answer == "case_status"
    assert [inquiry.name for inquiry in caller.inquiries].count(InquiryName.LOCATE) == 1


def test_three_wrong_codes_lead_to_a_human_and_never_to_a_fourth_try() -> None:
    caller = call(verify_code="wrong")
    caller.press("1")
    for _ in range(3):
        caller.press(PNR)
        caller.press("000000")
    assert caller.waits
    assert [inquiry.name for inquiry in caller.inquiries].count(InquiryName.VERIFY_CODE) == 3
    assert caller.position.level == 0


def test_a_number_that_is_none_is_asked_for_again_and_then_a_human_helps() -> None:
    caller = call(locate="not_valid")
    caller.press("1")
    for _ in range(3):
        caller.press("1234567890")
    assert caller.waits


def test_when_we_cannot_see_it_the_caller_hears_so_and_gets_a_human() -> None:
    caller = call(next_payments="cannot_see")
    caller.press("1")
    caller.press(PNR)
    caller.press(CODE)
    assert "Vi kan tyvärr inte se det just nu." in texts(caller)
    assert caller.waits


def test_a_payment_without_a_day_is_told_and_a_human_is_offered_and_it_counts_when_it_was_heard() -> None:
    caller = call(next_payments="no_day")
    caller.press("1")
    caller.press(PNR)
    caller.press(CODE)
    assert "En utbetalning av barnbidrag är planerad. Vi vet ännu inte vilken dag den kommer." in texts(caller)
    assert "Vi ser ingen planerad utbetalning" not in texts(caller)
    assert not caller.told, "whoever hangs up now has not heard it"
    caller.silence()
    assert [(told.what, told.kind) for told in caller.told] == [(TellKind.ANSWER_GIVEN, "payment_without_day")]
    caller.press("1")
    assert caller.waits


@pytest.mark.parametrize("keys", [("0",), ("1", "0"), ("2", "0"), ("3", "0"), ("3", "1", "0"), ("4", "0"), ("8", "0")])
def test_zero_is_a_human_everywhere(keys: tuple[str, ...]) -> None:
    caller = call()
    for key in keys:
        caller.press(key)
    assert caller.waits
    assert caller.inquiries[-1].name is InquiryName.REQUEST_HUMAN


def test_the_chosen_subject_decides_the_line() -> None:
    caller = call()
    caller.press("4")
    caller.press("2")
    assert caller.inquiries[-1].queue == "sjuk"
    assert caller.position.path == ("main/menu:choice_talk", "talk/which:choice_sick")


def test_the_way_tells_what_was_done_and_never_what_was_keyed() -> None:
    caller = call()
    caller.press("1")
    caller.press(PNR)
    caller.press(CODE)
    caller.press("0")
    assert caller.position.path == (
        "main/menu:choice_payment",
        "identify/personnummer",
        "identify/code",
        "money/payments:choice_human",
    )


def test_whoever_has_chosen_nothing_waits_in_the_general_line() -> None:
    caller = call()
    caller.press("0")
    assert caller.inquiries[-1].queue == "allmant"


def test_silence_repeats_then_slows_down_then_leads_to_a_human() -> None:
    caller = call()
    caller.silence()
    assert "Vi hörde inget val." in last_ask(caller).utterances[0].text
    assert not any(utterance.slow for utterance in last_ask(caller).utterances[1:])
    caller.silence()
    assert all(utterance.slow for utterance in last_ask(caller).utterances)
    caller.silence()
    assert caller.waits


def test_three_wrong_keys_lead_to_a_human() -> None:
    caller = call()
    for _ in range(3):
        caller.press("7")
    assert caller.waits


def test_star_goes_back_and_at_the_beginning_stays() -> None:
    caller = call()
    caller.press("4")
    caller.press("*")
    assert caller.position.node == "main/menu"
    caller.press("*")
    assert caller.position.node == "main/menu"


def test_eight_is_english_from_then_on_and_eight_again_is_swedish() -> None:
    caller = call()
    caller.press("8")
    assert "To talk to us, press four." in texts(caller)
    assert caller.heard[-1].language == "en"
    caller.press("8")
    assert caller.heard[-1].language == "sv"


def test_each_language_is_offered_in_its_own_words_by_its_own_voice() -> None:
    caller = call()
    offered = {one.text: one.language for one in caller.heard if "eight" in one.text or "åtta" in one.text}
    assert offered == {"For English, press eight.": "en"}
    caller.heard.clear()
    caller.press("8")
    offered = {one.text: one.language for one in caller.heard if "eight" in one.text or "åtta" in one.text}
    assert offered == {"Svenska: tryck åtta.": "sv"}
    assert {one.language for one in caller.heard if "åtta" not in one.text} == {"en"}


def test_a_lone_zero_star_or_nine_in_place_of_a_number_means_what_it_means_everywhere() -> None:
    caller = call()
    caller.press("1")
    caller.press("9", complete=False)
    assert caller.position.node == "identify/personnummer"
    caller.press("*")
    assert caller.position.node == "main/menu"
    caller.press("1")
    caller.press("0")
    assert caller.waits


def test_outside_opening_hours_a_caller_hears_when_we_open_and_can_be_rung_back() -> None:
    caller = call(CLOSED)
    assert "Vi öppnar onsdag den tjugofemte november klockan åtta." in texts(caller)
    for key in ("4", "1"):
        caller.press(key)
    (wish,) = [one for one in caller.inquiries if one.name is InquiryName.PROMISE_CALLBACK]
    assert wish.number == "caller"
    assert "Vi ringer upp dig." in texts(caller)
    caller.silence()
    caller.silence()
    assert caller.over


def test_zero_outside_opening_hours_offers_to_ring_back() -> None:
    caller = call(CLOSED)
    caller.press("0")
    assert caller.position.node == "callback/closed"


def test_nothing_is_promised_before_the_answer_says_so() -> None:
    caller = call(CLOSED, promise_callback="failed")
    for key in ("4", "1"):
        caller.press(key)
    assert "Vi ringer upp dig" not in texts(caller)


def test_a_withheld_number_is_asked_for_and_read_back() -> None:
    caller = call(CLOSED, caller_number="withheld")
    for keys in ("4", "0701740605"):
        caller.press(keys)
    assert "Numret är noll sju noll, ett sju fyra, noll sex, noll fem." in texts(caller)
    caller.press("1")
    assert [one.number for one in caller.inquiries if one.name is InquiryName.PROMISE_CALLBACK] == ["keyed"]


def test_while_waiting_one_leaves_the_line_for_a_callback() -> None:
    caller = call()
    caller.press("0")
    hold = next(action for action in caller.actions if isinstance(action, Hold))
    assert hold.listen_for == "1"
    caller.press("1")
    assert caller.position.in_line, "the place is kept until the promise is made"
    caller.press("1")
    caller.press("1")
    assert [(told.what, told.kind) for told in caller.told] == [(TellKind.LINE_LEFT, "callback")]
    assert not caller.position.in_line


def test_whoever_changes_their_mind_waits_on_without_being_put_last() -> None:
    caller = call()
    caller.press("0")
    caller.press("1")
    caller.press("3")
    assert caller.waits
    assert [inquiry.name for inquiry in caller.inquiries].count(InquiryName.REQUEST_HUMAN) == 1


def test_the_place_in_the_line_waits_until_what_is_being_said_is_over() -> None:
    caller = call()
    caller.press("0")
    caller.happens(Placed(place=3))
    assert "plats nummer" not in texts(caller)
    caller.silence()
    assert caller.heard[-1].text == "Du har plats nummer tre i kön."


def test_a_new_place_is_told_at_the_next_update_and_the_same_place_is_not() -> None:
    caller = call()
    caller.press("0")
    caller.silence()
    caller.happens(Placed(place=3))
    caller.silence()
    caller.happens(Placed(place=1))
    assert caller.heard[-1].text.startswith("Du har plats nummer tre")
    caller.happens(WaitedOn())
    assert caller.heard[-1].text == "Du är först i kön."
    caller.silence()
    caller.happens(Placed(place=1))
    caller.happens(WaitedOn())
    assert caller.heard[-1].text.startswith("Tack för att du väntar.")


def test_keys_and_updates_do_nothing_while_agent_and_caller_talk() -> None:
    caller = call()
    caller.press("0")
    caller.happens(Connected())
    before = len(caller.actions)
    caller.press("1")
    caller.happens(WaitedOn())
    caller.happens(Placed(place=1))
    assert len(caller.actions) == before


def test_a_caller_whose_agent_was_lost_hears_an_apology_and_music() -> None:
    caller = call()
    caller.press("0")
    caller.happens(Connected())
    caller.happens(Returned())
    assert caller.waits
    assert isinstance(caller.actions[-2], Hold)
    assert isinstance(caller.actions[-1], Say)
    assert "Förlåt" in caller.heard[-1].text


@pytest.mark.parametrize("keys", [(), ("1",), ("4",), ("0",)])
def test_after_a_restart_the_caller_hears_again_what_was_asked(keys: tuple[str, ...]) -> None:
    caller = call()
    for key in keys:
        caller.press(key)
    node, phase = caller.position.node, caller.position.phase
    before = len(caller.actions)
    caller.happens(Resumed())
    assert (caller.position.node, caller.position.phase) == (node, phase)
    assert isinstance(caller.actions[before], Ask | Hold)


def test_a_fault_leads_to_an_apology_and_a_human() -> None:
    caller = call()
    caller.happens(Broke())
    assert "Förlåt, något gick fel hos oss." in texts(caller)
    assert caller.waits


def test_an_answer_to_an_earlier_question_changes_nothing() -> None:
    caller = call()
    before = caller.position
    caller.happens(InquiryAnswered(turn=before.turn - 1, result="closed"))
    assert caller.position == before
    assert caller.position.phase is Phase.ASKING


def test_what_is_said_before_an_inquiry_is_not_cut_off_by_its_answer() -> None:
    caller = call()
    caller.press("1")
    caller.silence()
    caller.silence()
    caller.silence()
    last = [action for action in caller.actions if isinstance(action, Say)][-1]
    assert last.utterances[0].text.startswith("En handläggare får hjälpa dig")


def test_whatever_a_menu_says_is_among_the_prompts_that_are_spoken_beforehand() -> None:
    spoken_before = set(unchanging(book()))
    caller = call()
    for key in ("8", "3", "1", "7", "*"):
        caller.press(key)
    caller.silence()
    caller.silence()
    assert set(caller.heard) <= spoken_before
    assert any(utterance.slow for utterance in caller.heard)
