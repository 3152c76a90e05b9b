"""What the IVR writes down: each method is one transaction with the facts that it makes true."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from contacts.model import Contact
from contacts.service import Contacts
from core.clock import Clock
from core.ids import ContactId, LegId, Subject
from core.phone import PhoneNumber
from ivr.events import (
    AnswerGiven,
    CallbackRequested,
    CallerIdentified,
    CitizenConfirmed,
    CitizenDeclined,
    HumanRequested,
    LineLeft,
    WaitTold,
)
from ivr.model import Position, Tell, TellKind, Time
from storage.database import Database, Transaction
from telephony.model import CallArrived, EndCause, LegAdopted, LegEnded


class Records:
    """The IVR's side of the ledger. Every method raises ``DatabaseUnavailableError`` when nothing was written."""

    def __init__(self, *, database: Database, contacts: Contacts, clock: Clock) -> None:
        self._database = database
        self._contacts = contacts
        self.clock = clock

    async def open(self, contact: ContactId, call: CallArrived | LegAdopted) -> None:
        """Write the first row of a call, before anything else is done about it."""
        await self._database.together.run(
            partial(
                self._contacts.open,
                contact=contact,
                leg=call.leg,
                called=call.called,
                caller=call.caller,
                display_name=call.display_name,
                at=call.occurred_at,
            )
        )

    async def known(self, leg: LegId) -> Contact | None:
        """Return the open contact on this leg."""
        async with self._database.reading() as tx:
            row = await self._contacts.by_leg(tx, leg)
        return row if row is not None and row.is_open else None

    async def caller(self, contact: ContactId) -> str:
        """Return the number as the network told it; ``""`` when withheld."""
        async with self._database.reading() as tx:
            return (await self._contacts.get(tx, contact)).caller

    async def identified(self, position: Position, *, subject: Subject | None, level: int) -> None:
        """Write who the caller has shown to be."""
        contact, person = position.contact, position.person
        async with self._database.transaction() as tx:
            await self._contacts.identified(tx, contact, person=person, subject=subject, level=level)
            await tx.record(
                CallerIdentified(
                    occurred_at=self.clock.now(),
                    contact=contact,
                    person=person,
                    subject=subject or Subject(""),
                    level=level,
                )
            )

    async def request_human(self, position: Position, *, queue: str) -> None:
        """Write that the caller waits for an agent, and for which line."""
        async with self._database.transaction() as tx:
            await self._way(tx, position)
            await self._contacts.waiting(tx, position.contact, queue, waiting_since=position.arrived_at)
            await tx.record(
                HumanRequested(
                    occurred_at=self.clock.now(),
                    contact=position.contact,
                    leg=position.leg,
                    queue=queue,
                    language=position.language,
                    waiting_since=position.arrived_at,
                    path=position.path,
                )
            )

    async def confirm(self, position: Position) -> None:
        """Write that somebody whom we rang wants to be connected."""
        fact = CitizenConfirmed(occurred_at=self.clock.now(), contact=position.contact, leg=position.leg)
        async with self._database.transaction() as tx:
            await tx.record(fact)

    async def request_callback(
        self, position: Position, *, number: PhoneNumber, queue: str, told: Time | None = None
    ) -> None:
        """Write that the caller wants to be rung back, and when we will say that we ring. Nothing is promised by that."""
        async with self._database.transaction() as tx:
            await self._way(tx, position)
            await self._contacts.wants_callback(tx, position.contact, number)
            await tx.record(
                CallbackRequested(
                    occurred_at=self.clock.now(),
                    contact=position.contact,
                    leg=position.leg,
                    queue=queue,
                    language=position.language,
                    reason="unwilling_to_wait" if position.in_line else "asked",
                    slot_at=position.slot.starts_at if position.slot else None,
                    told_from=told.starts_at if told else None,
                    told_until=told.ends_at if told else None,
                )
            )

    async def told(self, position: Position, tell: Tell) -> None:
        """Write an answer that was heard, how long a wait is said to be, that the line was left, or why somebody whom we rang is not connected."""
        now, contact = self.clock.now(), position.contact
        async with self._database.transaction() as tx:
            match tell.what:
                case TellKind.ANSWER_GIVEN:
                    await self._contacts.answer_given(tx, contact, tell.kind, tell.benefit)
                    fact = AnswerGiven(occurred_at=now, contact=contact, kind=tell.kind, benefit=tell.benefit)
                    await tx.record(fact)
                case TellKind.LINE_LEFT:
                    await self._contacts.left_line(tx, contact, tell.kind)
                    await tx.record(LineLeft(occurred_at=now, contact=contact, reason=tell.kind))
                case TellKind.DECLINED:
                    await tx.record(CitizenDeclined(occurred_at=now, contact=contact, leg=position.leg, how=tell.kind))
                case TellKind.WAIT_TOLD if tell.wait is not None:
                    least, most = tell.wait.least, tell.wait.most
                    await tx.record(WaitTold(occurred_at=now, contact=contact, least_minutes=least, most_minutes=most))

    async def ended(self, position: Position, event: LegEnded) -> None:
        """Close the contact of a leg that is gone."""
        fault = "leg_fault" if event.cause is EndCause.FAULT else ""
        await self._database.together.run(
            partial(
                self._contacts.close,
                contact=position.contact,
                at=event.occurred_at,
                fault=fault,
                path=position.path,
                language=position.language,
            )
        )

    async def close(self, contact: ContactId, *, at: datetime, fault: str) -> None:
        """Close a contact whose end nobody saw."""
        async with self._database.transaction() as tx:
            await self._contacts.close(tx, contact, at=at, fault=fault)

    async def open_without(self, legs: Collection[LegId], *, before: datetime) -> Sequence[Contact]:
        """Return the open calls that came in before an instant and whose leg is not among these."""
        async with self._database.reading() as tx:
            rows = await self._contacts.open_ones(tx)
        return [row for row in rows if row.leg and row.leg not in legs and row.opened_at < before]

    async def _way(self, tx: Transaction, position: Position) -> None:
        await self._contacts.walked(
            tx, position.contact, position.path, language=position.language, wants=position.wants
        )
