"""Texts that a person is to read: they become one written contact for each number, which is offered to an agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contacts.model import Channel, Contact, State
from contacts.service import Contacts
from core.ids import AgentId, CallbackId, ContactId
from core.phone import PhoneNumber
from sms import store, written_store
from sms.answer_times import IN_WORDS, LOOK_BACK, Answered, usually_within
from sms.events import WrittenBegan, WrittenWithdrawn
from sms.keywords import Keyword, language_of
from sms.model import Refused
from sms.service import Received, Sms
from sms.turns import Stands, Turn, turn, why
from storage.database import Transaction

CALLED = "sms"
"""What the ledger has as the number that was called."""

LOOK_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True)
class _Newest:
    """The newest written contact of a number, and how it stands."""

    stands: Stands
    contact: ContactId | None = None
    row: Contact | None = None

    @property
    def agent(self) -> AgentId | None:
        """Who answered it, and is to be asked first when the citizen writes again."""
        return self.row.agent if self.row and self.stands is Stands.LATELY else None


class WrittenTexts:
    """Takes texts that are for a person. In the line they are the business of whoever hears :class:`WrittenBegan`."""

    def __init__(self, *, sms: Sms, contacts: Contacts) -> None:
        self._sms = sms
        self._contacts = contacts
        self._known: Sequence[Answered] = ()
        self._looked_at: datetime | None = None

    async def take(self, received: Received, *, at: datetime) -> bool:
        """Take a text if it is for a person, and tell whether it was; told twice, it changes nothing.

        Whoever cannot be answered by text, or has reached a cap, does not get into the line either: nobody could tell them
        that they are, and agents would be kept busy by whoever wants to.
        """
        async with self._sms.database.transaction() as tx:
            newest = await self._newest(tx, received.number, at=at)
            if newest.contact == contact_of(received):
                return True  # this very text began it
            since = at - self._sms.policy.thread_holds
            again = await store.not_understood_before(tx, received.received, since=since)
            taken = turn(received.keyword, newest.stands, second_time=again)
            if taken is Turn.BEGIN:
                await self._begin(tx, received, newest, at=at)
            elif taken is Turn.REMIND:
                await self._sms.answer(tx, received, "human_waiting", language=language_of(received.text))
            elif received.keyword is Keyword.STOP and newest.stands is Stands.WAITING:
                await self._withdraw(tx, newest.row, "stopped", at=at)
        return taken is not Turn.OURS

    async def promised(self, tx: Transaction, number: PhoneNumber, callback: CallbackId, *, at: datetime) -> None:
        """Take whoever waits to be answered out of the line: they are rung instead. An agent who has them goes on."""
        newest = await self._newest(tx, number, at=at)
        if newest.stands is Stands.WAITING and newest.contact is not None:
            await self._contacts.promised(tx, newest.contact, callback)
            await self._withdraw(tx, newest.row, "callback", at=at)

    async def _begin(self, tx: Transaction, received: Received, newest: _Newest, *, at: datetime) -> None:
        contact = contact_of(received)
        if await self._contacts.find(tx, contact) is not None:
            return  # it has begun and ended, and another one since
        language = language_of(received.text) or await self._sms.language_of(tx, received.number)
        within = usually_within(await self._lately(tx, at=at), at=at)
        answered = await self._sms.answer(
            tx, received, "human_soon" if within else "human", language=language,
            values={"within": IN_WORDS[within][language]} if within else None,
        )  # fmt: skip
        if isinstance(answered, Refused):
            return
        if not await written_store.take(tx, received.number, contact, instead_of=newest.contact, at=at):
            return  # another text of this moment has begun one, and this is read there
        await self._contacts.open(
            tx, contact=contact, channel=Channel.SMS, called=CALLED, caller=received.number.e164, at=at
        )
        path = (why(received.keyword, newest.stands).value,)
        await self._contacts.walked(tx, contact, path, language=answered.language)
        await tx.record(WrittenBegan(occurred_at=at, contact=contact, language=answered.language, agent=newest.agent))

    async def _lately(self, tx: Transaction, *, at: datetime) -> Sequence[Answered]:
        """Return how soon others were answered; looked up again after some minutes."""
        if self._looked_at is None or not self._looked_at <= at < self._looked_at + LOOK_AGAIN:
            self._known = await written_store.answered_lately(tx, since=at - LOOK_BACK)
            self._looked_at = at
        return self._known

    async def _withdraw(self, tx: Transaction, row: Contact | None, reason: str, *, at: datetime) -> None:
        if row is not None:
            await self._contacts.close(tx, row.contact, at=at)
            await tx.record(WrittenWithdrawn(occurred_at=at, contact=row.contact, reason=reason))

    async def _newest(self, tx: Transaction, number: PhoneNumber, *, at: datetime) -> _Newest:
        contact = await written_store.newest(tx, number)
        row = await self._contacts.find(tx, contact) if contact else None
        if row is None:
            return _Newest(Stands.NOWHERE, contact)
        if row.is_open:
            return _Newest(Stands.AT_HAND if row.state is State.TALKING else Stands.WAITING, contact, row)
        since = at - self._sms.policy.thread_holds
        lately = row.agent is not None and row.ended_at is not None and row.ended_at >= since
        return _Newest(Stands.LATELY if lately else Stands.NOWHERE, contact, row)


def contact_of(received: Received) -> ContactId:
    """Return the contact that a text has when it is answered by a person, or with what is somebody's own."""
    return ContactId(received.received.replace("smr_", "con_", 1))
