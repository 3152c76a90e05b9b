"""Keeps the place of whoever hung up while waiting, for some minutes: the line may just have dropped."""

from datetime import datetime

from callbacks import place_store, store
from callbacks.events import PlaceKept
from callbacks.part import Part
from contacts.model import Channel, Contact, Outcome
from core.ids import ContactId
from core.phone import PhoneNumber, parse_phone
from storage.database import Transaction

_HUNG_UP = (Outcome.ABANDONED, Outcome.ABANDONED_RECOVERED)


def is_kept_for(who: Contact) -> bool:
    """Tell whether the place of somebody who hangs up now is kept: they wait, and can be known when they ring again.

    Who has written has no line that breaks.
    """
    is_call = who.channel is Channel.VOICE
    return (
        is_call
        and who.wants_human
        and bool(who.queue)
        and (parse_phone(who.caller) is not None or who.person is not None)
    )


class Places(Part):
    """How a dropped line gets its place again."""

    async def keep_dropped_place(self, contact: ContactId) -> PlaceKept | None:
        """Keep the place of a contact that ended while it waited; ``None`` when it did not, or nobody can be known again."""
        now = self._clock.now()
        async with self.database.transaction() as tx:
            who = await self._contacts.get(tx, contact)
            number = parse_phone(who.caller)
            until = self._kept_until(who, now)
            if until <= now:
                return None
            since = who.waiting_since or who.opened_at
            kept = await place_store.keep(
                tx, contact=contact, number=number, person=who.person, queue=who.queue, since=since, until=until
            )
            if not kept:
                return None
            fact = PlaceKept(occurred_at=now, contact=contact, until=until)
            await tx.record(fact)
        return fact

    async def is_waited_for(self, tx: Transaction, number: PhoneNumber) -> bool:
        """Tell whether we owe a number something: a promise is open for it, or a place is kept."""
        if await store.has_open(tx, number):
            return True
        return await place_store.is_kept_for_number(tx, number, now=self._clock.now())

    def _kept_until(self, who: Contact, now: datetime) -> datetime:
        """Until when a place is kept; not later than now when none is."""
        is_kept = who.outcome in _HUNG_UP and is_kept_for(who)
        return (who.ended_at or now) + self._policy.place_kept if is_kept else now

    async def place_of_dropped(self, contact: ContactId) -> datetime | None:
        """Give this contact the place that was kept for its number or person, and return since when they wait.

        A place is given once; asked again for the same contact, the answer is the same. ``None`` when there is none.
        """
        async with self.database.transaction() as tx:
            who = await self._contacts.get(tx, contact)
            number = parse_phone(who.caller)
            return await place_store.use(tx, contact=contact, number=number, person=who.person, now=self._clock.now())

    async def may_still_take_place(self, contact: ContactId) -> bool:
        """Tell whether whoever hung up still can use the place: it is free, and they are in no call and have no promise."""
        async with self.database.reading() as tx:
            if not await place_store.is_free(tx, contact, now=self._clock.now()):
                return False
            who = await self._contacts.get(tx, contact)
            number = parse_phone(who.caller)
            if await store.find_open(tx, number=number, person=who.person) is not None:
                return False
            return number is None or number.e164 not in (await self._contacts.in_calls(tx)).numbers
