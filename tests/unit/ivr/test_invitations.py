"""Somebody in the line hears that we can ring back when it takes long, and rarely, and never has to press anything."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.model import Placed, Returned, TellKind, Wait, WaitedOn
from ivr.rehearsal import OPEN, Rehearsal, made_up
from tests.unit.ivr.shipped import NOW, book, new_call

INVITED = "Vill du slippa vänta i telefonen? Tryck ett, så ringer vi upp dig. Du behåller din plats."


class Waiter(Rehearsal):
    """Somebody in the line, and the clock."""

    def __init__(self) -> None:
        super().__init__(book(), new_call(), made_up(OPEN))
        self.press("0")
        self.now = NOW

    def enters(self, *, least: int = 0, most: int = 0) -> None:
        self.happens(Placed(place=3))
        self._foresee(least, most)
        self.silence()

    def waits_on(self, minutes: float, *, least: int = 0, most: int = 0) -> list[str]:
        """Return what is said after so many minutes, if so much more is foreseen."""
        self.silence()
        self.now += timedelta(minutes=minutes)
        self._foresee(least, most)
        already = len(self.heard)
        self.happens(WaitedOn(at=self.now))
        return [utterance.text for utterance in self.heard[already:]]

    @property
    def invited(self) -> int:
        return [utterance.text for utterance in self.heard].count(INVITED)

    def _foresee(self, least: int, most: int) -> None:
        self.position = replace(self.position, foreseen=Wait(at=self.now, place=3, least=least, most=most))


def test_on_entering_the_line_it_is_said_in_a_few_words() -> None:
    caller = Waiter()
    assert caller.heard[-1].text == "Tryck ett när som helst, om du hellre vill bli uppringd."
    assert caller.invited == 0


@pytest.mark.parametrize(
    ("least", "most", "invited"),
    [
        # soon one's turn
        (1, 3, 0),
        # up to the limit
        (2, 5, 0),
        # beyond it
        (3, 6, 1),
    ],
)
def test_it_is_said_when_the_wait_that_is_foreseen_passes_the_limit(least: int, most: int, invited: int) -> None:
    caller = Waiter()
    caller.enters(least=least, most=most)
    assert caller.invited == invited


def test_it_is_said_again_after_five_minutes_and_not_before() -> None:
    caller = Waiter()
    caller.enters(least=20, most=30)
    heard = [INVITED in caller.waits_on(1.25, least=20, most=30) for _ in range(8)]
    assert heard == [False, False, False, True, False, False, False, True]


def test_a_wait_that_has_grown_past_the_limit_brings_it_up() -> None:
    caller = Waiter()
    caller.enters(least=1, most=3)
    assert INVITED not in caller.waits_on(1.25, least=1, most=2)
    assert caller.waits_on(1.25, least=4, most=8)[-1] == INVITED


def test_when_nobody_is_sure_it_is_said_once_the_wait_has_lasted_that_long() -> None:
    caller = Waiter()
    caller.enters()
    heard = [INVITED in caller.waits_on(1.25) for _ in range(5)]
    assert heard == [False, False, False, False, True]


def test_when_nobody_knows_anything_the_clock_is_enough() -> None:
    caller = Waiter()
    caller.silence()
    caller.happens(WaitedOn(at=NOW + timedelta(minutes=6)))
    assert caller.invited == 1
    caller.silence()
    caller.happens(WaitedOn())
    assert caller.invited == 1, "and without a clock nothing is said"


def test_nothing_pressed_is_staying_in_the_line() -> None:
    caller = Waiter()
    caller.enters(least=20, most=30)
    for _ in range(20):
        caller.waits_on(5, least=20, most=30)
    assert caller.waits
    assert caller.position.in_line
    assert {told.what for told in caller.told} == {TellKind.WAIT_TOLD}


def test_one_may_be_pressed_at_any_time_also_while_something_is_said() -> None:
    caller = Waiter()
    caller.happens(Placed(place=3))
    caller.press("1")
    assert caller.position.node == "callback/waiting_menu"
    assert caller.position.in_line


def test_a_caller_whose_agent_was_lost_is_not_talked_to_of_it_at_once() -> None:
    caller = Waiter()
    caller.enters(least=20, most=30)
    caller.happens(Returned())
    assert caller.invited == 1
