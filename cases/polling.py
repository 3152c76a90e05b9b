"""Asks the agency's systems for what has happened, where they cannot tell us: each event at least once, its effect once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog
from pydantic import ValidationError

from cases import events_store
from cases.errors import CasesUnavailableError
from cases.taking_in import CaseEvents
from cases.told import Told
from core.clock import Clock
from core.ids import Subject
from storage.database import Database
from storage.leases import Lease, acquire, is_current

HOLD = timedelta(seconds=30)
NOTED_EVERY = timedelta(minutes=1)
MOST_PAGES = 20
"""So many pages are read in one round; what is left waits for the next."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Page:
    """Events (their id, and what is told as JSON) in order, and where the next page begins; the same place: nothing new."""

    events: Sequence[tuple[str, str]]
    next: str


class EventFeed(Protocol):
    """The agency's systems as a list of events that can be read on from any place."""

    async def events(self, *, after: str) -> Page:
        """Return what comes after a place (``""``: from the beginning); raises ``CasesUnavailableError``."""
        ...


class Polling:
    """Reads on from the place kept in SQL. ``holder`` names this process: one of them reads at a time."""

    def __init__(self, *, feed: EventFeed, events: CaseEvents, database: Database, clock: Clock, holder: str) -> None:
        self._feed = feed
        self._events = events
        self._database = database
        self._clock = clock
        self._holder = holder

    async def run_due(self) -> int:
        """Take in what is new and return how many were; nothing while the systems do not answer, or another process reads.

        The place is kept after what came before it: whoever dies in between reads some events again, without effect.
        Whoever was so slow that another has taken over keeps no place: theirs stands.
        """
        new = 0
        for _ in range(MOST_PAGES):
            now = self._clock.now()
            async with self._database.transaction() as tx:
                lease = await acquire(tx, "cases.poll", holder=self._holder, now=now, hold=HOLD)
                if lease is None:
                    return new
                place = await events_store.place(tx)
            try:
                page = await self._feed.events(after=place)
            except CasesUnavailableError:
                return new  # the adapter has logged it; the place stays
            for name, told in page.events:
                new += await self._take(name, told)
            if page.next == place:
                await self._nothing_new(lease, place)
                return new
            async with self._database.transaction() as tx:
                if not await is_current(tx, lease):  # another has read on, and its place may be further than ours
                    log.warning("cases.late_at_reading")
                    return new
                await events_store.keep_place(tx, page.next, now=self._clock.now())
        return new

    async def _nothing_new(self, lease: Lease, place: str) -> None:
        """Note that the systems have answered, once a minute: what watches us tells silence from quiet by that."""
        now = self._clock.now()
        async with self._database.reading(short=True) as tx:
            before = await events_store.read_at(tx)
        if before is not None and now - before < NOTED_EVERY:
            return
        async with self._database.transaction() as tx:
            if await is_current(tx, lease):
                await events_store.keep_place(tx, place, now=now)

    async def _take(self, name: str, told: str) -> bool:
        try:
            event = Told.model_validate_json(told)
        except ValidationError as error:  # one that we cannot read must not hold up all that come after it
            fields = sorted({".".join(map(str, one["loc"])) for one in error.errors(include_input=False)})
            log.warning("cases.unreadable_event", fields=fields)
            return False
        return await self._events.take(
            told_as=name,
            kind=event.type,
            subject=Subject(event.data.subject),
            benefit=event.data.benefit,
            on=event.day,
            handler=event.data.handler,
        )
