"""Makes promises: to whoever asks, to whom a fault of ours cut off, and to whom the switch could not give to us."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import structlog

from callbacks import counting_store, store
from callbacks.allowed_numbers import Refused
from callbacks.booking import book
from callbacks.caps import Recent, is_flood, is_too_many
from callbacks.events import CallbackNotPossible, CallbackPromised
from callbacks.joining import Joining
from callbacks.model import CUT_OFF, STRANDED, Callback, CallbackState, Period, Wish
from contacts.model import Channel, Contact, Outcome
from core.ids import AgentId, CallbackId, ContactId, LegId, PersonId
from core.language import Language
from core.phone import PhoneNumber, parse_phone
from storage.database import Transaction
from storage.inbox import first_time

log = structlog.get_logger()

SWITCH_RESTART = "switch_restart"
"""The fault of a call that ended because the switch did; whoever talked then was cut off, too."""

TOO_MANY, SLOT_TAKEN = "too_many", "slot_taken"
"""Why there is no promise although the number can be rung, as words for the wording file."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to be rung back about, and when."""

    queue: str
    language: Language
    reason: str
    slot_at: datetime | None = None
    told: Period | None = None
    is_told: bool = True
    """Whether they hear of it, and by which code they know us; not whom a fault of ours cut off."""
    bound_to: AgentId | None = None
    """Who is to ring: the handler whose direct number they rang, and who does it if that one cannot."""
    deputy: AgentId | None = None


class Promising(Joining):
    """How promises are made, and found again."""

    async def on_callback_requested(
        self,
        *,
        contact: ContactId,
        leg: LegId | None,
        queue: str,
        language: Language,
        reason: str = "",
        slot_at: datetime | None = None,
        told: Period | None = None,
        bound_to: AgentId | None = None,
        deputy: AgentId | None = None,
    ) -> CallbackPromised | CallbackNotPossible | None:
        """Promise to ring back, or say why we cannot; the fact is recorded in the same transaction.

        The number is in the contact's row, where it is answered once: ``None`` when that is done already. The rank is
        when the contact began to wait. A number or a person with an open promise keeps that one (I-14). ``slot_at`` is
        the beginning of the time that they chose; ``told`` is when we said that we would ring, if it is not that time.
        """
        wanted = Wanted(
            queue=queue, language=language, reason=reason, slot_at=slot_at, told=told, bound_to=bound_to, deputy=deputy
        )
        async with self.database.transaction() as tx:
            asked = await self._contacts.get(tx, contact)
            if not asked.callback_number:
                return None
            fact = await self._answer(tx, asked, wanted, leg=leg)
            if isinstance(fact, CallbackNotPossible):
                await self._contacts.callback_refused(tx, contact)
            await tx.record(fact)
        log.info("callbacks.requested", contact=contact, result=type(fact).__name__)
        return fact

    async def recover(self, contact: ContactId, *, outcome: Outcome, fault: str = "") -> CallbackPromised | None:
        """Put a caller whom a fault of ours cut off in the line, or in a talk, on the list of those to ring back.

        Their outcome stays ``lost_technical``; nothing was said to them. Those who only asked the machine are left be.
        """
        if outcome is not Outcome.LOST_TECHNICAL:
            return None
        async with self.database.transaction() as tx:
            lost = await self._contacts.get(tx, contact)
            to_ring = self._number_to_ring(lost.caller)
            if not _was_cut_off(lost, fault) or isinstance(to_ring, Refused):
                return None
            queue, language = lost.queue or self._policy.stranded_queue, lost.language or Language.SWEDISH
            wanted = Wanted(queue=queue, language=language, reason=CUT_OFF, is_told=False)
            fact = await self._promise(tx, lost, to_ring, wanted)
            await tx.record(fact)
        log.info("callbacks.recovered", contact=contact, already=fact.already)
        return fact

    async def cut_off(self, contact: ContactId) -> CallbackPromised | None:
        """Promise once more, at the first rank, to ring somebody whose talk a fault of ours ended while a promise was kept."""
        async with self.database.transaction() as tx:
            who = await self._contacts.get(tx, contact)
            kept = await store.find(tx, who.callback) if who.callback else None
            if kept is None or kept.state is not CallbackState.KEPT:
                return None
            wanted = Wanted(queue=kept.queue, language=kept.language, reason=CUT_OFF, is_told=False)
            fact = await self._promise(tx, who, kept.number, wanted)
            await tx.record(fact)
        log.info("callbacks.cut_off", contact=contact, already=fact.already)
        return fact

    async def import_stranded(self, *, number: str, called: str, at: datetime, key: str = "") -> CallbackId | None:
        """Take in a caller whom the switch could not give to us: a contact that ends in a promise, once only.

        Without a ``key`` the three values make one. Returns the promise, or ``None`` when the number cannot be rung
        (the contact then ends as ``lost_technical``) or was taken in before.
        """
        unique = key or sha256(f"{number}|{called}|{at.isoformat()}".encode()).hexdigest()
        async with self.database.transaction() as tx:
            if not await first_time(tx, f"stranded:{unique}"[:200], now=self._clock.now()):
                return None
            contact = ContactId(self._new_id("con"))
            opened = await self._contacts.open(tx, contact=contact, called=called, caller=number, at=at)
            to_ring = self._number_to_ring(number)
            promise = None
            if isinstance(to_ring, PhoneNumber):
                queue, language = self._policy.stranded_queue, Language.SWEDISH
                wanted = Wanted(queue=queue, language=language, reason=STRANDED, is_told=False)
                fact = await self._promise(tx, opened, to_ring, wanted)
                await tx.record(fact)
                promise = fact.callback
            await self._contacts.close(tx, contact, fault="no_controller")
        return promise

    async def code_to_tell(self, tx: Transaction, callback: CallbackId) -> str:
        """Return the six digits that prove us, for words that tell them; ``""`` when there are none and it is over.

        What nobody was told is not said when we ring: a promise after a fault has no code until words tell it.
        """
        row = await self._find(tx, callback, to_change=True)
        if row.proof or not row.is_open:
            return row.proof
        proof = self._new_proof()
        await store.change(tx, replace(row, proof=proof))
        return proof

    async def code_not_told(self, tx: Transaction, callback: CallbackId) -> None:
        """Forget a code: the words that were to tell it cannot be sent."""
        await store.change(tx, replace(await self._find(tx, callback, to_change=True), proof=""))

    async def find_open(
        self, tx: Transaction, *, number: PhoneNumber | None, person: PersonId | None
    ) -> Callback | None:
        """Return the open promise of a person, else that of a number whose person is not known."""
        return await store.find_open(tx, number=number, person=person)

    async def open_of_contact(self, contact: ContactId) -> Callback | None:
        """Return the open promise of whoever this contact is: of its person, else of the number that rings, if of nobody known.

        What was promised to that number before they said who they are is the person's from then on, on any telephone.
        """
        async with self.database.reading(short=True) as tx:
            who = await self._contacts.get(tx, contact)
            if not await self._is_to_join(tx, who):
                return await store.find_open(tx, number=parse_phone(who.caller), person=who.person)
        async with self.database.transaction() as tx:
            return await self._open_of(tx, await self._contacts.get(tx, contact))

    async def promised_to(self, contact: ContactId) -> Callback | None:
        """Return the promise that this contact got, open or over."""
        async with self.database.reading() as tx:
            row = await self._contacts.get(tx, contact)
            return await store.find(tx, row.callback) if row.callback else None

    async def _answer(
        self, tx: Transaction, asked: Contact, wanted: Wanted, *, leg: LegId | None
    ) -> CallbackPromised | CallbackNotPossible:
        now, slot = self._clock.now(), None

        def refused(reason: str) -> CallbackNotPossible:
            return CallbackNotPossible(occurred_at=now, contact=asked.contact, leg=leg, reason=reason)

        to_ring = self._number_to_ring(asked.callback_number)
        if isinstance(to_ring, Refused):
            return refused(to_ring)
        known = await self._open_of(tx, asked) if asked.person else None
        if (known := known or await store.find_open(tx, number=to_ring, person=asked.person)) is not None:
            return await self._promised(tx, asked, known, leg=leg, already=True)
        recent = await counting_store.recent(tx, number=to_ring, person=asked.person, now=now)
        if is_too_many(recent, caps=self._policy.caps) or self._is_flooded_by(asked, recent):
            return refused(TOO_MANY)
        if wanted.slot_at is not None:
            slot = await book(tx, queue=wanted.queue, starts_at=wanted.slot_at, policy=self._policy, now=now)
            if slot is None:
                return refused(SLOT_TAKEN)
        return await self._promise(tx, asked, to_ring, wanted, slot=slot, leg=leg)

    def _is_flooded_by(self, asked: Contact, recent: Recent) -> bool:
        """Tell whether somebody adds to a flood; whoever rings, or has waited, is promised it all the same and it is told."""
        if not is_flood(recent, caps=self._policy.caps):
            return False
        log.warning("callbacks.flood", in_an_hour=recent.of_all, channel=asked.channel)
        return asked.channel is not Channel.VOICE and asked.waiting_since is None

    async def _promise(
        self,
        tx: Transaction,
        asked: Contact,
        number: PhoneNumber,
        wanted: Wanted,
        *,
        slot: Period | None = None,
        leg: LegId | None = None,
    ) -> CallbackPromised:
        now = self._clock.now()
        before = await counting_store.given_up_of(tx, number=number, person=asked.person)
        first = [row.first_requested_at for row in before]
        new = Callback(
            callback=CallbackId(self._new_id("cbk")),
            contact=asked.contact,
            person=asked.person,
            number=number,
            queue=wanted.queue,
            language=wanted.language,
            reason=wanted.reason[:60],
            state=CallbackState.WAITING,
            wish=Wish.TIME if slot else Wish.PLACE,
            first_requested_at=min([asked.waiting_since or asked.opened_at, *first]),
            promised_at=now,
            next_at=slot.starts_at if slot else now,
            slot=slot,
            told=wanted.told or slot,
            proof=self._new_proof() if wanted.is_told else "",
            bound_to=wanted.bound_to,
            deputy=wanted.deputy,
        )
        open_one = await store.add_unless_open(tx, new)
        await counting_store.made_good(tx, before, note=f"promised again: {open_one.callback}", now=now)
        return await self._promised(tx, asked, open_one, leg=leg, already=open_one.callback != new.callback)

    async def _promised(
        self, tx: Transaction, asked: Contact, promise: Callback, *, leg: LegId | None, already: bool
    ) -> CallbackPromised:
        await self._contacts.promised(tx, asked.contact, promise.callback)
        return CallbackPromised(
            occurred_at=self._clock.now(), callback=promise.callback, contact=asked.contact, leg=leg, already=already
        )


def _was_cut_off(lost: Contact, fault: str) -> bool:
    return bool(lost.queue) and (lost.wants_human or fault == SWITCH_RESTART)
