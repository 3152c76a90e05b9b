"""What other systems are told of, whom, and whether they take it. Ids and names only: the rest they read with their token."""

from datetime import timedelta
from typing import TYPE_CHECKING

from app import meeting_reactions, texts
from app.api_tokens import read_tokens
from app.settings import Settings
from app.system import SystemClock, chance
from core.errors import ConfigurationError
from core.events import Event
from storage.database import Database
from webhooks.adapters.http import HttpPost
from webhooks.model import Subscription
from webhooks.reach import Reach
from webhooks.service import Webhooks
from webhooks.subscriptions import read_subscriptions

if TYPE_CHECKING:
    from app.wiring import Rooms


TELLINGS = {**texts.TELLINGS, **meeting_reactions.TELLINGS}
"""Fact → what is told of it."""

TYPES = frozenset((*texts.TYPES_TOLD, *meeting_reactions.TYPES_TOLD))
"""Every type that a system can be told of."""

_LATE = timedelta(hours=1)
"""Whoever has not taken something for so long has a fault that somebody should know of."""


async def tell(rooms: "Rooms", fact: Event) -> None:
    """Tell whoever has asked for it."""
    await rooms.webhooks.tell(TELLINGS[type(fact)](fact))


def reach_of(settings: Settings) -> Reach:
    """Return which machines may be told anything."""
    return Reach(private=settings.webhooks_private, loopback=settings.demo)


def subscriptions_of(settings: Settings) -> tuple[Subscription, ...]:
    """Return who is told what; raises :class:`ConfigurationError` with a sentence for each thing that is not safe."""
    found = read_subscriptions(settings.webhooks.get_secret_value(), types=TYPES, reach=reach_of(settings))
    known = {one.name for one in read_tokens(settings.api_tokens.get_secret_value())} if found else set()
    strangers = [one.system for one in found if one.system not in known]
    if strangers:
        raise ConfigurationError(
            faults=[f"KC_WEBHOOKS: {name} is no system of KC_API_TOKENS: it could read nothing." for name in strangers]
        )
    return found


async def faults_of(settings: Settings, database: Database) -> tuple[str, list[str]]:
    """Return who is told, and a sentence for each of them who does not take it."""
    clock, subscriptions = SystemClock(), subscriptions_of(settings)
    post = HttpPost(reach=reach_of(settings))
    webhooks = Webhooks(database=database, clock=clock, chance=chance, post=post, subscriptions=subscriptions)
    now, off = clock.now(), await webhooks.off()
    late = {
        system: int((now - count.oldest_waiting).total_seconds() // 60)
        for system, count in (await webhooks.counted(since=now)).items()
        if count.oldest_waiting and now - count.oldest_waiting > _LATE
    }
    gone = [f"{name} has said that it is gone, and is told nothing" for name in off]
    words = ", ".join(f"{one.system} at {one.host}" for one in subscriptions)
    return words, gone + [f"{name} has not taken what it was told {many} minutes ago" for name, many in late.items()]
