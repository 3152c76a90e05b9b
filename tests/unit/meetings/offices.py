"""The offices that we ship, and how tests ask for times."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from meetings.configuration import load_register
from meetings.hours import Window
from meetings.model import Free, Wish
from meetings.policy import Policy, load_policy
from meetings.register import Register
from meetings.search import free

CONFIG = Path(__file__).parents[3] / "config"
OFFICES, TYPES, POLICY = (
    (CONFIG / name).read_text("utf-8") for name in ("offices.yaml", "meeting_types.yaml", "meetings.yaml")
)
MONDAY = date(2026, 11, 16)
WINDOW = Window(MONDAY, 14)
MORNING = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)


@cache
def register() -> Register:
    return load_register(offices=OFFICES, types=TYPES)


@cache
def policy() -> Policy:
    return load_policy(POLICY, types=register().types)


def times(
    wish: Wish,
    *,
    window: Window = WINDOW,
    busy: dict[str, int] | None = None,
    earliest: datetime = MORNING,
    most: int = 10_000,
    of: Register | None = None,
) -> list[Free]:
    offices = of or register()
    return free(offices, offices.types[wish.type], wish, window=window, busy=busy or {}, earliest=earliest, most=most)
