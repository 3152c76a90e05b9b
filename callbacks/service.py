"""The door of the room: makes promises to ring back, and sees that each is kept, given up with notice, or no longer
wanted (I-12)."""

from collections.abc import Sequence

from callbacks import store
from callbacks.books import Books
from callbacks.choosing import Choosing
from callbacks.desk_work import DeskWork
from callbacks.dialling import Dialling
from callbacks.own_promises import OwnPromises
from callbacks.places import Places
from callbacks.promising import Promising
from callbacks.requesting import Requesting
from callbacks.standing import Standing
from core.ids import CallbackId, ContactId
from core.phone import parse_phone


class Callbacks(Requesting, Promising, OwnPromises, Choosing, Standing, Dialling, Places, Books, DeskWork):
    """Promises to ring back. Every method is a transaction of its own, unless it takes one."""

    async def call_ended(self, contact: ContactId) -> Sequence[CallbackId]:
        """Keep the place of somebody who hung up while waiting, and let what only this call put off be due at once.

        Returns the promises that are due by that. After nearly every call there is neither a place nor a promise, and one
        look tells so: no lock is taken for that.
        """
        now = self._clock.now()
        async with self.database.reading(short=True) as tx:
            who = await self._contacts.get(tx, contact)
            number = parse_phone(who.caller)
            has_place = self._kept_until(who, now) > now
            has_promise = (
                who.callback
                or await store.find_open(tx, number=number, person=who.person)
                or await store.open_to(tx, number)
            )
        if has_place:
            await self.keep_dropped_place(contact)
        # In whatever state: somebody may be putting it off just now, and is waited for.
        return await self.call_over(contact) if has_promise else ()
