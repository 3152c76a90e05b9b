"""Joins what turns out to be one person's: promised to a number before anybody knew whose it was, and to the person (I-14)."""

from dataclasses import replace

import structlog

from callbacks import store
from callbacks.events import CallbackMoved
from callbacks.model import Callback, CallbackState
from callbacks.part import Part
from contacts.model import Contact
from core.phone import parse_phone
from storage.database import Transaction

JOINED = "joined"
"""Why a promise is over whose person has another one, which has the better place of the two now."""

log = structlog.get_logger()


def theirs_of(who: Contact, mine: Callback | None, of_number: Callback | None) -> Callback | None:
    """Return the promise to the number that a person rings from, of whom nobody knew, if it becomes that person's now. Pure.

    Nothing is touched while a telephone rings for it, nor what an agent has promised in person.
    """
    if who.person is None or of_number is None or of_number.person is not None or not _is_at_rest(of_number):
        return None
    if mine is None:
        return of_number
    return of_number if _is_at_rest(mine) and not of_number.bound_to else None


def _is_at_rest(row: Callback) -> bool:
    return row.state in (CallbackState.WAITING, CallbackState.IN_LINE)


class Joining(Part):
    """How a person has one promise, also when the first was made before they said who they are."""

    async def _open_of(self, tx: Transaction, who: Contact, *, to_change: bool = False) -> Callback | None:
        """Return the one open promise of whoever this is, after joining what is theirs."""
        mine, of_number = await self._both(tx, who, to_change=to_change)
        if theirs_of(who, mine, of_number) is None:
            return mine or of_number
        mine, of_number = await self._both(
            tx, who, to_change=True
        )  # nobody else joins them, or rings for them, meanwhile
        theirs = theirs_of(who, mine, of_number)
        return (mine or of_number) if theirs is None else await self._joined(tx, who, mine, theirs)

    async def _is_to_join(self, tx: Transaction, who: Contact) -> bool:
        return theirs_of(who, *await self._both(tx, who)) is not None

    async def _both(
        self, tx: Transaction, who: Contact, *, to_change: bool = False
    ) -> tuple[Callback | None, Callback | None]:
        number = parse_phone(who.caller)
        of_number = await store.find_open(tx, number=number, person=None, to_change=to_change)
        if who.person is None:
            return None, of_number
        return await store.find_open(tx, number=None, person=who.person, to_change=to_change), of_number

    async def _joined(self, tx: Transaction, who: Contact, mine: Callback | None, of_number: Callback) -> Callback:
        if mine is None:
            theirs = replace(of_number, person=who.person)
            await store.change(tx, theirs)
            log.info("callbacks.joined", callback=of_number.callback)
            return theirs
        await self._cancel(tx, of_number, by=JOINED)
        if mine.first_requested_at <= of_number.first_requested_at:
            return mine
        return await self._at_better_place(tx, mine, of_number)

    async def _at_better_place(self, tx: Transaction, mine: Callback, of_number: Callback) -> Callback:
        """Have the promise that stays wait since the earlier of the two; who stands in the line goes to that place there."""
        now, was_in_line = self._clock.now(), mine.state is CallbackState.IN_LINE
        better = replace(mine, first_requested_at=of_number.first_requested_at)
        if was_in_line:
            better = replace(better, state=CallbackState.WAITING, next_at=now, in_line_at=None)
        await store.change(tx, better)
        if was_in_line:
            fact = CallbackMoved(occurred_at=now, callback=mine.callback, contact=mine.contact, was_in_line=True)
            await tx.record(fact)
        log.info("callbacks.joined", callback=mine.callback, other=of_number.callback)
        return better
