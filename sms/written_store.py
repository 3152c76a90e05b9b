"""Which written contact a number's texts belong to: one row for each number, so that two texts never begin two."""

from datetime import datetime

from sqlalchemy import Column, String, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from contacts.model import Channel, Outcome
from contacts.store import contacts
from core.ids import ContactId
from core.phone import PhoneNumber
from sms.answer_times import Answered
from sms.model import Purpose
from sms.store import messages
from storage.database import Transaction
from storage.schema import Instant, metadata

written_contacts = Table(
    "sms_written_contacts",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("contact", String(60), nullable=False),
    Column("begun_at", Instant, nullable=False, index=True),
)
_ADD = {
    "sqlite": sqlite.insert(written_contacts).on_conflict_do_nothing().returning(written_contacts.c.contact),
    "postgresql": postgresql.insert(written_contacts).on_conflict_do_nothing().returning(written_contacts.c.contact),
}


async def newest(tx: Transaction, number: PhoneNumber) -> ContactId | None:
    """Return the newest written contact of a number, which is locked until the end of the transaction."""
    query = select(written_contacts.c.contact).where(written_contacts.c.number == number.e164).with_for_update()
    found = (await tx.execute(query)).scalar_one_or_none()
    return None if found is None else ContactId(found)


async def take(
    tx: Transaction, number: PhoneNumber, contact: ContactId, *, instead_of: ContactId | None, at: datetime
) -> bool:
    """Make a contact the newest of its number ``instead_of`` the one that is; ``False`` when another was quicker."""
    row = {"number": number.e164, "contact": contact, "begun_at": at}
    if instead_of is None:
        return (await tx.execute(_ADD[tx.connection.dialect.name], row)).first() is not None
    same = (written_contacts.c.number == number.e164, written_contacts.c.contact == instead_of)
    return (await tx.execute(update(written_contacts).where(*same).values(**row))).rowcount == 1


async def answered_lately(tx: Transaction, *, since: datetime) -> list[Answered]:
    """Return who wrote since an instant and was to be answered by a person, and when they were; not who went away first."""
    words = (messages.c.contact == contacts.c.contact) & (messages.c.purpose == Purpose.FROM_AGENT)
    first = select(func.min(messages.c.created_at)).where(words).scalar_subquery()
    went = contacts.c.outcome.in_([Outcome.ABANDONED, Outcome.ABANDONED_RECOVERED, Outcome.CALLBACK_PROMISED])
    query = select(contacts.c.waiting_since, first.label("first_words_at")).where(
        contacts.c.opened_at >= since,
        contacts.c.channel == Channel.SMS,
        contacts.c.waiting_since.is_not(None),
        contacts.c.outcome.is_(None) | ~went,
    )
    return [Answered(row.waiting_since, row.first_words_at) for row in await tx.execute(query)]


async def forget(tx: Transaction, *, before: datetime) -> int:
    """Forget to whom what began before an instant belonged; return how many."""
    return (await tx.execute(delete(written_contacts).where(written_contacts.c.begun_at < before))).rowcount
