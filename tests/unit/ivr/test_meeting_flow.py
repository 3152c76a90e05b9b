"""Meetings on the engine alone: heard, booked, moved and let go of, and a human wherever something fails."""

import pytest

from core.language import Language
from ivr.model import InquiryName, TellKind
from ivr.rehearsal import CLOSED
from ivr.spoken import Between, spoken
from tests.unit.ivr.shipped import NOW
from tests.unit.ivr.test_being_rung_back import call, press, texts

IDENTIFIED = ("5", "199107172380", "274913")
AT = spoken(Between(NOW.replace(day=25, hour=7), NOW.replace(day=25, hour=7), said_at=NOW), Language.SWEDISH)


def answers(caller) -> list[str]:
    return [one.kind for one in caller.told if one.what is TellKind.ANSWER_GIVEN]


def test_whoever_has_a_meeting_hears_when_where_how_long_and_the_direct_number() -> None:
    caller = call(*IDENTIFIED, "-")
    assert texts(caller)[-8:] == [
        f"Du har ett möte med oss {AT}.",
        "Vi ses på Storgatan 1, Norrby.",
        "Mötet tar fyrtiofem minuter.",
        "Du når din handläggare på noll sju noll, ett sju fyra, noll sex, noll fem.",
        "Vill du lyssna på din kallelse? Tryck ett.",
        "Vill du flytta mötet? Tryck två.",
        "Vill du avboka mötet? Tryck tre.",
        "Vill du boka ett möte till? Tryck fyra.",
    ]
    assert answers(caller) == ["meeting"]
    assert AT == "i morgon klockan åtta"


def test_nothing_of_a_meeting_is_kept_in_any_cache() -> None:
    caller = call(*IDENTIFIED, "-", "1", "-")
    said = [
        one for one in caller.heard if any(word in one.text for word in (AT, "Storgatan", "pratar om", "viktigast"))
    ]
    assert len(said) >= 4
    assert all(one.personal for one in said)


def test_the_letter_can_be_heard_and_heard_again() -> None:
    caller = call(*IDENTIFIED, "-", "1", "-")
    heard = texts(caller)
    assert "Vi pratar om vad du behöver hjälp med." in heard
    assert "Du träffar Lena." in heard
    assert "Vad är viktigast för dig?" in heard
    press(caller, "1", "-")
    assert texts(caller).count("Vad är viktigast för dig?") == 2
    assert answers(caller) == ["meeting", "meeting_letter", "meeting_letter"]


def test_a_meeting_is_booked_where_one_lives_at_a_time_that_one_chooses_and_confirms() -> None:
    caller = call(*IDENTIFIED, "85231", meetings="none")
    assert texts(caller)[-8:-3] == [
        "Det här är tider på Storgatan 1, Norrby.",
        "Vilken tid passar dig?",
        "i dag klockan tolv: tryck ett.",
        "i dag klockan tretton: tryck två.",
        "i dag klockan sjutton: tryck tre.",
    ]
    press(caller, "3")
    assert texts(caller)[-2:] == ["Ska vi boka den tiden? Tryck ett.", "Vill du ha en annan tid? Tryck två."]
    assert (caller.position.meeting, caller.position.slot) == ("mtg_1", None)
    press(caller, "1", "-")
    assert f"Tack. Ditt möte är bokat, {AT}." in texts(caller)
    assert answers(caller) == ["meeting_booked"]


def test_the_booking_itself_is_confirmed_and_not_the_time_that_was_chosen() -> None:
    caller = call(*IDENTIFIED, "85231", "1", "1", meetings="none")
    made = [one for one in caller.inquiries if one.name in (InquiryName.MEETING_HOLD, InquiryName.MEETING_BOOK)]
    assert [(one.name, one.position.meeting) for one in made] == [("meeting_hold", ""), ("meeting_book", "mtg_1")]
    assert made[0].position.slot is not None


def test_whoever_wants_another_time_than_the_one_that_is_held_chooses_again() -> None:
    caller = call(*IDENTIFIED, "85231", "1", "2", meetings="none")
    assert caller.position.node == "meeting/pick"
    assert caller.position.meeting == ""


@pytest.mark.parametrize("taken", ["meeting_hold", "meeting_book"])
def test_a_time_that_somebody_else_took_is_made_good_by_others(taken: str) -> None:
    caller = call(*IDENTIFIED, "85231", "1", "1", meetings="none", **{taken: "taken"})
    assert "Den tiden är tyvärr inte kvar. Välj gärna en ny." in texts(caller)
    assert caller.position.node == "meeting/pick"


def test_a_meeting_is_moved_and_stands_until_the_new_time_is_taken() -> None:
    caller = call(*IDENTIFIED, "-", "2")
    assert "Du har kvar din tid tills du väljer en ny." in texts(caller)
    press(caller, "1", "-")
    assert f"Tack. Ditt möte är flyttat till {AT}." in texts(caller)
    (moved,) = [one for one in caller.inquiries if one.name is InquiryName.MEETING_MOVE]
    assert moved.position.slot is not None
    assert answers(caller) == ["meeting", "meeting_moved"]


def test_a_meeting_is_let_go_of_only_when_one_is_sure() -> None:
    caller = call(*IDENTIFIED, "-", "3", "2")
    assert "Mötet är kvar som det var." in texts(caller)
    assert InquiryName.MEETING_CANCEL not in [one.name for one in caller.inquiries]
    caller = call(*IDENTIFIED, "-", "3", "1", "-")
    assert "Nu är mötet avbokat." in texts(caller)
    assert answers(caller) == ["meeting", "meeting_cancelled"]
    press(caller, "1")
    assert caller.position.node == "meeting/postcode"


def test_silence_lets_go_of_nothing() -> None:
    caller = call(*IDENTIFIED, "-", "3", "-", "-", "-")
    assert "Mötet är kvar som det var." in texts(caller)


def test_whoever_has_several_meetings_hears_of_the_next_one_and_9_says_the_same_one_again() -> None:
    caller = call(*IDENTIFIED, "-", meetings="more")
    assert texts(caller)[-1] == "Vill du höra om ditt nästa möte? Tryck fem."
    press(caller, "5", "9")
    assert [one.name for one in caller.inquiries][-2:] == [InquiryName.NEXT_MEETING, InquiryName.MEETINGS]


@pytest.mark.parametrize(
    ("keys", "results"),
    [
        ((), {"meetings": "cannot_see"}),
        (("1",), {"meeting_letter": "cannot_see"}),
        (("1",), {"meeting_letter": "none"}),
        (("2", "1"), {"meeting_move": "failed"}),
        (("2",), {"meeting_other_times": "cannot_see"}),
        (("3", "1"), {"meeting_cancel": "failed"}),
        (("4", "85231"), {"meeting_times": "cannot_see"}),
        (("4", "85231"), {"meeting_postcode": "cannot_see"}),
        (("4", "1", "1", "1"), {"meeting_postcode": "not_valid"}),  # unreadable three times
        (("4", "85231", "1"), {"meeting_hold": "failed"}),
        (("4", "85231", "1", "1"), {"meeting_book": "failed"}),
    ],
)
def test_whatever_fails_leads_to_a_human(keys: tuple[str, ...], results: dict[str, str]) -> None:
    caller = call(*IDENTIFIED, "-", *keys, **results)
    for _ in range(3):
        if not caller.waits:
            caller.silence()
    assert caller.waits


@pytest.mark.parametrize("keys", [("4", "85231"), ("2",)])
def test_where_no_time_is_free_we_ring_and_find_one_together(keys: tuple[str, ...]) -> None:
    caller = call(*IDENTIFIED, "-", *keys, meeting_times="none", meeting_other_times="none")
    assert "Just nu ser vi ingen tid att välja. Vi hittar en tid tillsammans med dig i stället." in texts(caller)
    assert caller.position.node == "callback/waiting_menu"


def test_a_time_for_a_meeting_never_becomes_a_time_for_ringing_back() -> None:
    caller = call(*IDENTIFIED, "-", "4", "85231", "1", "1", meeting_book="failed")
    assert caller.position.slot is None
    caller = call(*IDENTIFIED, "-", "4", "85231", "6", "1")
    assert caller.position.slot is None


@pytest.mark.parametrize(("result", "says"), [("noted", "Tack. Vi frågar dig"), ("failed", "Vi kunde tyvärr inte")])
def test_whoever_has_booked_can_say_yes_to_be_asked_afterwards(result: str, says: str) -> None:
    caller = call(*IDENTIFIED, "85231", "1", "1", "-", "3", meetings="none", meeting_follow_up=result)
    (asked,) = [one for one in caller.inquiries if one.name is InquiryName.MEETING_FOLLOW_UP]
    assert asked.position.meeting == "mtg_1"
    assert any(text.startswith(says) for text in texts(caller))
    assert caller.position.node == "main/more"


def test_at_night_a_meeting_can_be_booked_too() -> None:
    caller = call(*IDENTIFIED, "85231", "1", "1", "-", results=CLOSED, meetings="none")
    assert f"Tack. Ditt möte är bokat, {AT}." in texts(caller)


def test_all_of_it_is_there_in_english() -> None:
    caller = call("8", *IDENTIFIED, "-", "1", "-")
    assert caller.position.language is Language.ENGLISH
    assert "You have a meeting with us tomorrow at eight in the morning." in texts(caller)
