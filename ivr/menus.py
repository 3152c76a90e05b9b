"""What a caller chooses from: the choices of a menu, and the times that were found, in pages. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from ivr.flow import Choice, Menu, Times
from ivr.model import FoundTimes, Time
from ivr.spoken import Between, Name
from ivr.turn import CHOOSE, Turn

TIMES_A_PAGE = 4
"""More times than these nobody keeps in mind until the key is pressed."""
NEXT_PAGE = "7"


def offer_choices(turn: Turn, node: Menu) -> None:
    """Say the choices of a menu, and take a key."""
    turn.say(node.say)
    _say_choices(turn, node)
    turn.say(node.then_say)
    turn.ask(CHOOSE)


def offer_times(turn: Turn, node: Times) -> bool:
    """Read out a page of times, and take a key; ``False`` when there are none to choose from."""
    found = turn.position.found
    if found is None or not found.times:
        return False
    turn.say(node.say)
    for number, slot in enumerate(page_of(found), start=1):
        time = Between(slot.starts_at, slot.ends_at, said_at=found.at)
        turn.say_one("choice_time", {"key": number, "time": time})
    _say_choices(turn, node)
    if len(pages(found.times)) > 1:
        turn.say(["choice_more_times"], {"key": int(NEXT_PAGE)})
    turn.ask(CHOOSE)
    return True


def choices_for(turn: Turn, node: Menu | Times) -> tuple[Choice, ...]:
    """Return the choices of a menu that are there in the caller's language."""
    return tuple(choice for choice in node.choices if choice.only in (None, turn.position.language))


def time_on(turn: Turn, key: str) -> Time | None:
    """Return the time that stands on a key of the page that is read out."""
    found = turn.position.found
    on_keys = {str(number): slot for number, slot in enumerate(page_of(found), start=1)} if found else {}
    return on_keys.get(key)


def turn_page(turn: Turn, key: str) -> bool:
    """Go to the next page of times, or from the last to the first, if this is the key for it."""
    found = turn.position.found
    if key != NEXT_PAGE or found is None or len(pages(found.times)) < 2:
        return False
    turn.change(found=replace(found, page=(found.page + 1) % len(pages(found.times))))
    return True


def page_of(found: FoundTimes) -> tuple[Time, ...]:
    """Return the times of the page that is read out."""
    every = pages(found.times)
    return every[found.page % len(every)] if every else ()


def pages(times: Sequence[Time]) -> tuple[tuple[Time, ...], ...]:
    """Part times into pages of nearly the same length, so that the last one also has something to choose from."""
    how_many = -(-len(times) // TIMES_A_PAGE)
    ends = [-(-len(times) * number // how_many) for number in range(how_many + 1)] if times else [0]
    return tuple(tuple(times[first:last]) for first, last in zip(ends, ends[1:], strict=False))


def _say_choices(turn: Turn, node: Menu | Times) -> None:
    for choice in choices_for(turn, node):
        turn.say_one(
            choice.say,
            {"key": int(choice.key), "benefit": Name(choice.benefit or turn.position.benefit)},
            language=choice.language or turn.position.language,
        )
