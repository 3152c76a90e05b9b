"""What is taken in the weeks ahead, in memory: kept up by what has changed, so that a search reads next to nothing.

It only says what to offer. Whether a time is really free is decided in the transaction that takes it.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime

from meetings import diary_store
from meetings.diary_store import Entry
from meetings.hours import Window, ones
from meetings.model import MeetingId
from meetings.search import Busy
from storage.database import Database


class Diaries:
    """The diaries of all offices, as this process has last read them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._forget(date.min)

    async def busy(self, window: Window, *, now: datetime) -> Busy:
        """Return what is taken in a window, as it was committed when this was asked. Lapsed holds take nothing."""
        async with self._lock:
            if window.first != self._first:
                self._forget(window.first)
            await self._catch_up(window)
            for meeting in [one for one, until in self._held.items() if until <= now]:
                self._remove(meeting)
            return dict(self._masks)

    def _forget(self, first: date) -> None:
        self._first = first
        self._pages: Mapping[str, int] = {}
        self._of: dict[str, dict[MeetingId, int]] = {}
        self._masks: dict[str, int] = {}
        self._takes: dict[MeetingId, Entry] = {}
        self._held: dict[MeetingId, datetime] = {}

    async def _catch_up(self, window: Window) -> None:
        async with self._database.reading() as tx:
            # The pages first: what is written in between is read now, and once more the next time.
            pages = await diary_store.pages(tx)
            since = {
                office: self._pages.get(office, 0) for office, page in pages.items() if page != self._pages.get(office)
            }
            entries = await diary_store.changed(tx, since, ends_after=window.begins) if since else []
        for entry in entries:
            self._remove(entry.meeting)
            self._add(entry, window)
        self._pages = pages

    def _add(self, entry: Entry, window: Window) -> None:
        if not entry.resources:
            return
        first = window.bit(entry.first)
        mask = ones(max(0, first), max(0, first + entry.quarters))
        self._takes[entry.meeting] = entry
        if entry.held_until is not None:
            self._held[entry.meeting] = entry.held_until
        for resource in entry.resources:
            self._of.setdefault(resource, {})[entry.meeting] = mask
            self._masks[resource] = self._masks.get(resource, 0) | mask

    def _remove(self, meeting: MeetingId) -> None:
        self._held.pop(meeting, None)
        entry = self._takes.pop(meeting, None)
        for resource in entry.resources if entry else ():
            of_others = self._of[resource]
            del of_others[meeting]
            mask = 0
            for one in of_others.values():
                mask |= one
            self._masks[resource] = mask
