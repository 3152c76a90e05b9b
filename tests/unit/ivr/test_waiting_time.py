"""What a caller in the line hears of the time that it takes, on the engine alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.language import Language
from ivr.model import Connected, Placed, Returned, Wait, WaitedOn
from ivr.rehearsal import OPEN, Rehearsal, made_up
from ivr.spoken import Minutes, spoken
from tests.unit.ivr.shipped import NOW, book, new_call

INVITES = ("invite_callback",)
"""Being rung back is offered, too: test_invitations.py."""
SV, EN = Language.SWEDISH, Language.ENGLISH


class Waiter(Rehearsal):
    """Somebody in the line, for whom something is foreseen."""

    def __init__(self, language: Language = SV) -> None:
        super().__init__(book(), new_call(), made_up(OPEN))
        self.position = replace(self.position, language=language)
        self.press("0")
        self.now = NOW
        self.before = len(self.heard)

    def foresee(self, least: int, most: int, *, place: int = 3, at: datetime | None = None) -> None:
        wait = Wait(at=at or self.now, place=place, least=least, most=most)
        self.position = replace(self.position, foreseen=wait)

    def enters(self, place: int = 3) -> None:
        """The place is told, and then what is said on entering has been heard."""
        self.happens(Placed(place=place))
        self.silence()

    def waits_on(self, minutes: float) -> None:
        self.silence()
        self.now += timedelta(minutes=minutes)

    def update(self) -> list[str]:
        """Return what is said at the next update."""
        already = len(self.heard)
        self.happens(WaitedOn())
        return [utterance.text for utterance in self.heard[already:] if utterance.wording not in INVITES]

    def said(self) -> list[str]:
        return [utterance.text for utterance in self.heard[self.before :] if utterance.wording not in INVITES]


def test_a_caller_who_comes_into_the_line_hears_the_place_and_between_how_many_minutes() -> None:
    caller = Waiter()
    caller.foresee(5, 10)
    caller.enters()
    assert caller.said() == ["Du har plats nummer tre i kön.", "Väntetiden är mellan fem och tio minuter."]


def test_in_english_too() -> None:
    caller = Waiter(EN)
    caller.foresee(5, 10)
    caller.enters()
    assert caller.said() == ["You are number three in the line.", "The wait is between five and ten minutes."]


@pytest.mark.parametrize(
    ("least", "most", "language", "words"),
    [
        (0, 5, SV, "Väntetiden är mindre än fem minuter."),
        # one of them is "en", not "ett"
        (0, 1, SV, "Väntetiden är mindre än en minut."),
        (1, 2, SV, "Väntetiden är mellan en och två minuter."),
        (21, 31, SV, "Väntetiden är mellan tjugoen och trettioen minuter."),
        # a range is never a point, nor nothing at all
        (3, 3, SV, "Väntetiden är mellan två och tre minuter."),
        (1, 1, SV, "Väntetiden är mindre än en minut."),
        (0, 1, EN, "The wait is less than one minute."),
        (1, 2, EN, "The wait is between one and two minutes."),
    ],
)
def test_minutes_are_said_as_one_says_them(least: int, most: int, language: Language, words: str) -> None:
    caller = Waiter(language)
    caller.foresee(least, most)
    caller.enters()
    assert caller.said()[-1] == words


def test_when_nobody_is_sure_only_the_place_is_said() -> None:
    caller = Waiter()
    caller.foresee(0, 0)
    caller.enters()
    assert caller.said() == ["Du har plats nummer tre i kön."]


def test_when_nobody_knows_anything_only_the_place_is_said() -> None:
    caller = Waiter()
    caller.enters()
    assert caller.said() == ["Du har plats nummer tre i kön."]


def test_the_newest_place_is_said_on_entering() -> None:
    caller = Waiter()
    caller.happens(Placed(place=5))
    caller.foresee(1, 2, place=4)
    caller.silence()
    assert caller.said()[0] == "Du har plats nummer fyra i kön."


def test_while_waiting_the_place_and_the_time_are_said_as_they_are_then() -> None:
    caller = Waiter()
    caller.foresee(5, 10)
    caller.enters()
    caller.waits_on(4)
    caller.foresee(2, 5, place=1)
    assert caller.update() == ["Du är först i kön.", "Väntetiden är mellan två och fem minuter."]


def test_with_the_same_place_the_caller_hears_the_time_and_is_not_forgotten() -> None:
    caller = Waiter()
    caller.foresee(5, 10)
    caller.enters()
    caller.waits_on(1)
    caller.foresee(4, 9)
    thanks, time = caller.update()
    assert thanks.startswith("Tack för att du väntar.")
    assert time == "Väntetiden är mellan fyra och nio minuter."


def test_a_place_that_has_become_worse_is_not_said() -> None:
    caller = Waiter()
    caller.foresee(5, 10, place=2)
    caller.enters(place=2)
    caller.waits_on(1)
    caller.foresee(5, 10, place=4)
    assert not any("plats nummer" in text for text in caller.update())


def test_a_wait_that_has_grown_is_owned_up_to_once() -> None:
    caller = Waiter()
    caller.foresee(5, 10)
    caller.enters()
    caller.waits_on(8)
    caller.foresee(6, 11)
    longer = "Det tar längre tid än vi trodde."
    assert caller.update()[-2:] == [longer, "Väntetiden är mellan sex och elva minuter."]
    caller.waits_on(1)
    caller.foresee(5, 10)
    assert longer not in caller.update(), "it has not grown since"


def test_the_play_of_whole_minutes_is_no_longer_wait() -> None:
    caller = Waiter()
    caller.foresee(5, 10)
    caller.enters()
    caller.waits_on(1.5)
    caller.foresee(5, 10)
    assert "Det tar längre tid än vi trodde." not in caller.update()


def test_when_what_was_said_has_run_out_and_nobody_is_sure_any_more_that_is_said_once() -> None:
    caller = Waiter()
    caller.foresee(1, 2)
    caller.enters()
    caller.waits_on(3)
    caller.foresee(0, 0)
    assert caller.update()[-1] == "Det tar längre tid än vi trodde."
    caller.waits_on(2)
    caller.foresee(0, 0)
    assert "Det tar längre tid än vi trodde." not in caller.update()


def test_nothing_is_said_over_what_is_being_said() -> None:
    caller = Waiter()
    caller.foresee(5, 10)
    caller.happens(Placed(place=3))
    assert caller.update() == []


def test_a_caller_whose_agent_was_lost_is_not_held_to_what_was_said_before_the_talk() -> None:
    caller = Waiter()
    caller.foresee(0, 1)
    caller.enters()
    caller.happens(Connected())
    caller.happens(Returned())
    caller.waits_on(20)
    caller.foresee(2, 4, place=1)
    assert "Det tar längre tid än vi trodde." not in caller.update()


@pytest.mark.parametrize(("minutes", "words"), [(Minutes(1), "en minut"), (Minutes(60), "sextio minuter")])
def test_minutes_in_swedish(minutes: Minutes, words: str) -> None:
    assert spoken(minutes, SV) == words
