"""Tells facts to whoever reacts to them: at once in the process that committed them, again by the sweeper if need be."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from weakref import WeakValueDictionary

import structlog

from core.clock import Clock
from core.events import Event
from storage.database import Database
from storage.outbox import StoredFact, claim, claim_overdue, decode, mark_dispatched

Reaction = Callable[[Event], Awaitable[object]]
Reactions = Mapping[type[Event], tuple[Reaction, ...]]

log = structlog.get_logger()

_OVERDUE = timedelta(seconds=3)
_HOLD = timedelta(seconds=15)
_MARK_EVERY_SECONDS = 0.25
_HOPELESS = 50


_MOST_LEGS = 10_000
"""Of so many legs it is remembered whose they are; the oldest is forgotten first."""


class Dispatcher:
    """Runs reactions. Facts of one contact (or leg) are told one after the other, in order; others side by side.

    A fact of the outbox counts as told when every reaction to it has returned; then its row is marked, in batches.
    A reaction that raises leaves the row to the sweeper (:meth:`run_overdue`), which tries again; ``ask_again`` wakes
    somebody to do so at once.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        reactions: Reactions | None = None,
        *,
        ask_again: Callable[[int], Awaitable[object]] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ask_again = ask_again
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: list[int] = []
        self._contact_of: dict[str, str] = {}
        self.react(reactions or {})

    def react(self, reactions: Reactions) -> None:
        """Have these functions react from now on: they need services, and services need a dispatcher to tell."""
        self._reactions = reactions
        self._kinds = {kind.__name__: kind for kind in reactions}

    def committed(self, facts: Sequence[tuple[int, Event]]) -> None:
        """Take the facts of a transaction that has just committed; returns at once."""
        for number, fact in facts:
            self._start(fact, number)

    async def tell(self, event: Event) -> None:
        """Take a live event (one that is not in the outbox); returns at once."""
        self._start(event, None)

    async def settled(self) -> None:
        """Wait until everything taken so far, and what came of it, has been told."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._mark()

    async def run(self) -> None:
        """Mark rows of the outbox as told, for as long as the process lives."""
        while True:
            await asyncio.sleep(_MARK_EVERY_SECONDS)
            try:
                await self._mark()
            except Exception as error:
                log.warning("told facts could not be marked, and may be told again", exc_info=error)

    async def run_overdue(self) -> int:
        """Tell facts again that somebody did not finish telling, and return how many there were."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            overdue = await claim_overdue(tx, now=now, older_than=_OVERDUE, hold=_HOLD)
        for stored in overdue:
            self._again(stored)
        return len(overdue)

    async def tell_again(self, number: int) -> None:
        """Tell one fact of the outbox, by its number, unless it has been told or somebody else is at it."""
        async with self._database.transaction() as tx:
            stored = await claim(tx, number, now=self._clock.now(), hold=_HOLD)
        if stored is not None:
            self._again(stored)

    def _again(self, stored: StoredFact) -> None:
        kind = self._kinds.get(stored.name)
        if kind is None:
            self._told.append(stored.number)  # nobody reacts to it, or its room is gone
            return
        if stored.attempts > _HOPELESS:
            log.error("a fact cannot be told", fact=stored.name, row=stored.number, tries=stored.attempts)
        self._start(decode(kind, stored.body), stored.number)

    def _start(self, event: Event, number: int | None) -> None:
        task = asyncio.get_running_loop().create_task(self._in_turn(event, number, self._turn(event)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _turn(self, event: Event) -> asyncio.Lock:
        key = str(getattr(event, "contact", None) or getattr(event, "leg", None) or getattr(event, "agent", "") or "")
        return self._turns.setdefault(key, asyncio.Lock()) if key else asyncio.Lock()

    async def _in_turn(self, event: Event, number: int | None, turn: asyncio.Lock) -> None:
        async with turn:
            if number is not None:  # one line for each: with the id of a contact one can read all that became of it
                log.info("a fact is told", fact=type(event).__name__, **self._whose(event))
            ok = True
            for reaction in self._reactions.get(type(event), ()):
                ok = await _react(reaction, event, self._whose(event)) and ok
        if number is None:
            return
        if ok:
            self._told.append(number)
        elif self._ask_again is not None:
            await self._ask_again(number)

    def contact_of(self, leg: str) -> str:
        """Return whose contact a leg is, of those that this process was told of lately; empty when it was not."""
        return self._contact_of.get(leg, "")

    def _whose(self, event: Event) -> dict[str, str]:
        """Return the ids that every line of log about an event has: whoever is told of a leg is told whose it is."""
        ids = {name: str(value) for name in ("contact", "leg", "agent") if (value := getattr(event, name, None))}
        if {"contact", "leg"} <= ids.keys():
            self._contact_of[ids["leg"]] = ids["contact"]
            if len(self._contact_of) > _MOST_LEGS:
                del self._contact_of[next(iter(self._contact_of))]
        elif ids.get("leg") in self._contact_of:
            ids["contact"] = self._contact_of[ids["leg"]]
        return ids

    async def _mark(self) -> None:
        numbers, self._told = self._told, []
        if not numbers:
            return
        try:
            async with self._database.transaction() as tx:
                await mark_dispatched(tx, numbers, now=self._clock.now())
        except BaseException:
            self._told.extend(numbers)
            raise


async def _react(reaction: Reaction, event: Event, whose: Mapping[str, str]) -> bool:
    with structlog.contextvars.bound_contextvars(**whose):
        try:
            await reaction(event)
        except Exception as error:
            log.warning("a reaction failed, and will be tried again", fact=type(event).__name__, exc_info=error)
            return False
    return True
