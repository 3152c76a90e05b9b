"""The tables of the ledger: one row per contact, and one line per thing that happened to it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from contacts.model import Channel, Contact, EarlierTalk, InCalls, Outcome, State, Step, TalkEnd
from core.ids import AgentId, CallbackId, ContactId, LegId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber, parse_phone
from storage.database import Transaction
from storage.schema import Instant, metadata

contacts = Table(
    "contacts",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("channel", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("opened_at", Instant, nullable=False, index=True),
    Column("leg", String(80), index=True),
    Column("called", String(40), nullable=False),
    Column("caller", String(40), nullable=False),
    Column("display_name", String(80), nullable=False),
    Column("language", String(2), nullable=False),
    Column("person", String(80)),
    Column("subject", String(120)),
    Column("level", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("wants_human", Boolean, nullable=False),
    Column("queue", String(60), nullable=False),
    Column("wants", Text, nullable=False, server_default="[]"),
    Column("waiting_since", Instant),
    Column("agent", String(60)),
    Column("connected_at", Instant),
    Column("talk_ended_at", Instant),
    Column("talk_ended_by", String(10)),
    Column("callback_number", String(20), nullable=False, server_default=""),
    Column("callback", String(60)),
    Column("meeting", String(60), nullable=False, server_default=""),
    Column("recovered", Boolean, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(24)),
    Column("fault", String(60), nullable=False),
    Column("wrap_up_code", String(60), nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_contacts_open", "state", "opened_at"),
    Index("ix_contacts_person", "person", "connected_at"),
    Index("ix_contacts_caller", "caller", "connected_at"),
)

contact_steps = Table(
    "contact_steps",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("contact", String(60), nullable=False, index=True),
    Column("at", Instant, nullable=False, index=True),
    Column("what", String(30), nullable=False),
    Column("detail", String(120), nullable=False),
    Column("state", String(20), nullable=False),
)

# What every call does is written down once: to build a statement of thirty columns costs more than to run it.
_FIND = select(contacts).where(contacts.c.contact == bindparam("of"))
_FIND_TO_CHANGE = _FIND.with_for_update()
_ADD = {
    "sqlite": sqlite.insert(contacts).on_conflict_do_nothing().returning(contacts.c.contact),
    "postgresql": postgresql.insert(contacts).on_conflict_do_nothing().returning(contacts.c.contact),
}
_CHANGE = update(contacts).where(contacts.c.contact == bindparam("of"))
_ADD_STEP = insert(contact_steps)


async def find(tx: Transaction, contact: ContactId, *, to_change: bool = False) -> Contact | None:
    """Return a contact or ``None``; with ``to_change`` nobody else can change it until the transaction ends."""
    row = (await tx.execute(_FIND_TO_CHANGE if to_change else _FIND, {"of": contact})).one_or_none()
    return None if row is None else read(row)


async def find_by_leg(tx: Transaction, leg: LegId) -> Contact | None:
    """Return the newest contact that came in on this leg."""
    query = select(contacts).where(contacts.c.leg == leg).order_by(contacts.c.opened_at.desc()).limit(1)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else read(row)


async def last_talk(
    tx: Transaction, contact: Contact, *, since: datetime, agent: AgentId | None = None
) -> EarlierTalk | None:
    """Return the newest talk since then of the same person, or, when nobody is verified, from the same number."""
    columns = contacts.c
    if contact.person is not None:
        same = columns.person == contact.person
    elif parse_phone(contact.caller) is not None:
        same = and_(columns.caller == contact.caller, columns.person.is_(None))
    else:
        return None
    talked = and_(same, columns.connected_at >= since, columns.agent.is_not(None), columns.contact != contact.contact)
    query = select(columns.agent, columns.connected_at).where(
        talked if agent is None else talked & (columns.agent == agent)
    )
    row = (await tx.execute(query.order_by(columns.connected_at.desc()).limit(1))).one_or_none()
    return None if row is None else EarlierTalk(AgentId(row.agent), row.connected_at)


async def has_talked(tx: Transaction, number: PhoneNumber, *, since: datetime) -> bool:
    """Tell whether somebody has talked with us from a number since then."""
    query = select(contacts.c.contact).where(contacts.c.caller == number.e164, contacts.c.connected_at >= since)
    return (await tx.execute(query.limit(1))).first() is not None


async def all_open(tx: Transaction) -> list[Contact]:
    """Return the contacts without an outcome, oldest first."""
    query = select(contacts).where(contacts.c.state != State.ENDED).order_by(contacts.c.opened_at, contacts.c.contact)
    return [read(row) for row in await tx.execute(query)]


async def open_ids(tx: Transaction) -> set[ContactId]:
    """Return the ids of the contacts without an outcome."""
    query = select(contacts.c.contact).where(contacts.c.state != State.ENDED)
    return {ContactId(row.contact) for row in await tx.execute(query)}


async def in_calls(tx: Transaction) -> InCalls:
    """Return who is in a call with us."""
    is_open = contacts.c.state.in_([state for state in State if state is not State.ENDED])
    query = select(contacts.c.contact, contacts.c.caller, contacts.c.person).where(
        is_open, contacts.c.channel == Channel.VOICE
    )
    rows = (await tx.execute(query)).all()
    numbers = {number.e164 for row in rows if (number := parse_phone(row.caller)) is not None}
    persons = frozenset(PersonId(row.person) for row in rows if row.person)
    return InCalls(frozenset(numbers), persons, frozenset(ContactId(row.contact) for row in rows))


async def add(tx: Transaction, contact: Contact) -> bool:
    """Write a new contact; ``False`` when it is there already."""
    # Not by the count of rows, which is not known of an insert on PostgreSQL.
    return (await tx.execute(_ADD[tx.connection.dialect.name], _columns(contact))).first() is not None


async def change(tx: Transaction, contact: Contact) -> None:
    """Write a contact over its row."""
    await tx.execute(_CHANGE, {"of": contact.contact, **_columns(contact)})


async def add_step(tx: Transaction, step: Step) -> None:
    """Add a line to the timeline. Lines are never changed."""
    values = {"contact": step.contact, "at": step.at, "what": step.what, "detail": step.detail, "state": step.state}
    await tx.execute(_ADD_STEP, values)


async def steps_of(tx: Transaction, contact: ContactId) -> list[Step]:
    """Return a contact's timeline, in order."""
    query = select(contact_steps).where(contact_steps.c.contact == contact).order_by(contact_steps.c.number)
    return [read_step(row) for row in await tx.execute(query)]


def read_step(row: Row[Any]) -> Step:
    """Return a line of the timeline from its row."""
    return Step(contact=ContactId(row.contact), at=row.at, what=row.what, detail=row.detail, state=State(row.state))


def read(row: Row[Any]) -> Contact:
    """Return a contact from its row."""
    return Contact(
        contact=ContactId(row.contact),
        channel=Channel(row.channel),
        state=State(row.state),
        opened_at=row.opened_at,
        leg=LegId(row.leg) if row.leg else None,
        called=row.called,
        caller=row.caller,
        display_name=row.display_name,
        language=Language(row.language),
        person=PersonId(row.person) if row.person else None,
        subject=Subject(row.subject) if row.subject else None,
        level=row.level,
        path=tuple(json.loads(row.path)),
        answers=tuple(json.loads(row.answers)),
        wants_human=row.wants_human,
        queue=row.queue,
        wants=tuple(json.loads(row.wants)),
        waiting_since=row.waiting_since,
        agent=AgentId(row.agent) if row.agent else None,
        connected_at=row.connected_at,
        talk_ended_at=row.talk_ended_at,
        talk_ended_by=TalkEnd(row.talk_ended_by) if row.talk_ended_by else None,
        callback_number=row.callback_number,
        callback=CallbackId(row.callback) if row.callback else None,
        meeting=row.meeting,
        recovered=row.recovered,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        fault=row.fault,
        wrap_up_code=row.wrap_up_code,
        note=row.note,
    )


def _columns(contact: Contact) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(contact, name) for name in contacts.c.keys()}  # noqa: SIM118 - a collection
    lists = {"path": contact.path, "answers": contact.answers, "wants": contact.wants}
    return values | {name: _json(words) for name, words in lists.items()}


def _json(words: Sequence[str]) -> str:
    return json.dumps(words, ensure_ascii=False)


async def ended_between(tx: Transaction, start: datetime, end: datetime) -> list[Contact]:
    """Return the contacts that ended in a half-open period, oldest first."""
    query = select(contacts).where(contacts.c.ended_at >= start, contacts.c.ended_at < end)
    return [read(row) for row in await tx.execute(query.order_by(contacts.c.ended_at))]
