"""An agent's own promise: "I will ring you on Thursday at ten". It is bound to the agent, with a deputy."""

from dataclasses import replace
from datetime import datetime

from callbacks import store
from callbacks.allowed_numbers import Refused
from callbacks.errors import CallbackBusyError, NotNowError, NumberNotAllowedError
from callbacks.events import CallbackMoved, CallbackPromised
from callbacks.model import Callback, CallbackState, Period, Wish
from callbacks.part import Part
from callbacks.ringing_hours import is_open
from contacts.model import Contact
from core.ids import AgentId, CallbackId, ContactId
from core.phone import PhoneNumber
from storage.database import Transaction

BY_AGENT = "agent"


class OwnPromises(Part):
    """What an agent promises in person."""

    async def by_agent(
        self,
        *,
        agent: AgentId,
        contact: ContactId,
        at: datetime | None = None,
        deputy: AgentId | None = None,
        number: str | None = None,
        tells_code: bool = True,
    ) -> Callback:
        """Promise that this agent rings back, at an instant or as soon as may be, on the contact's number or another.

        Without ``tells_code`` (the talk is over) it has no code that proves us. It takes no slot. An open promise of the same person or number becomes this one, and keeps its rank. Raises
        :class:`NotNowError` for an instant outside ringing hours or in the past, :class:`NumberNotAllowedError`, and
        :class:`CallbackBusyError` while they are being rung.
        """
        now = self._clock.now()
        if at is not None and (at < now or not is_open(self._policy.hours, at=at)):
            raise NotNowError
        async with self.database.transaction() as tx:
            asked = await self._contacts.get(tx, contact)
            to_ring = self._number_to_ring(asked.caller if number is None else number)
            if isinstance(to_ring, Refused):
                raise NumberNotAllowedError(to_ring)
            new = self._bound(asked, to_ring, agent=agent, deputy=deputy, at=at)
            new = new if tells_code else replace(new, proof="")
            known = await store.add_unless_open(tx, new)
            already = known.callback != new.callback
            promise = await self._take_over(tx, known, new) if already else new
            await self._contacts.promised(tx, contact, promise.callback)
            fact = CallbackPromised(occurred_at=now, callback=promise.callback, contact=contact, already=already)
            await tx.record(fact)
        return promise

    def _bound(
        self, asked: Contact, number: PhoneNumber, *, agent: AgentId, deputy: AgentId | None, at: datetime | None
    ) -> Callback:
        now = self._clock.now()
        return Callback(
            callback=CallbackId(self._new_id("cbk")),
            contact=asked.contact,
            person=asked.person,
            number=number,
            queue=asked.queue or self._policy.stranded_queue,
            language=asked.language,
            reason=BY_AGENT,
            state=CallbackState.WAITING,
            wish=Wish.TIME if at else Wish.PLACE,
            first_requested_at=now,
            promised_at=now,
            next_at=at or now,
            told=Period(at, at + self._policy.slots.length) if at else None,
            proof=self._new_proof(),
            bound_to=agent,
            deputy=deputy,
        )

    async def _take_over(self, tx: Transaction, known: Callback, new: Callback) -> Callback:
        row = await self._find(tx, known.callback, to_change=True)
        if row.state is CallbackState.TAKEN:
            raise CallbackBusyError(row.callback)
        values = {name: getattr(new, name) for name in ("wish", "next_at", "told", "bound_to", "deputy", "number")}
        was_in_line = row.state is CallbackState.IN_LINE
        moved = replace(
            row, state=CallbackState.WAITING, slot=None, in_line_at=None, proof=row.proof or new.proof, **values
        )
        await store.change(tx, moved)
        await tx.record(
            CallbackMoved(
                occurred_at=new.promised_at, callback=row.callback, contact=row.contact, was_in_line=was_in_line
            )
        )
        return moved
