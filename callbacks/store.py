"""The table of promises. The database itself sees to it that a number and a person have at most one open promise."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    and_,
    bindparam,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from callbacks.model import OPEN, Callback, CallbackState, Period, Wish
from core.ids import AgentId, CallbackId, ContactId, PersonId
from core.language import Language
from core.phone import PhoneNumber
from storage.database import Transaction
from storage.schema import Instant, metadata

_IS_OPEN = text("state IN ('waiting', 'in_line', 'taken')")
_OF_NOBODY = text("state IN ('waiting', 'in_line', 'taken') AND person IS NULL")
"""Of a person who is not known the number is all that tells them apart; persons may share a telephone."""

callbacks = Table(
    "callbacks",
    metadata,
    Column("callback", String(60), primary_key=True),
    Column("contact", String(60), nullable=False, index=True),
    Column("person", String(80)),
    Column("number", String(20), nullable=False),
    Column("queue", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("state", String(12), nullable=False),
    Column("wish", String(10), nullable=False, server_default="place"),
    Column("first_requested_at", Instant, nullable=False),
    Column("promised_at", Instant, nullable=False, index=True),
    Column("slot_starts_at", Instant),
    Column("slot_ends_at", Instant),
    Column("told_starts_at", Instant),
    Column("told_ends_at", Instant),
    Column("proof", String(6), nullable=False, server_default=""),
    Column("bound_to", String(60)),
    Column("deputy", String(60)),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("in_line_at", Instant),
    Column("taken_by", String(60)),
    Column("taken_at", Instant),
    Column("talked_at", Instant),
    Column("ended_at", Instant),
    Column("last_reason", String(60), nullable=False),
    Column("followed_up_at", Instant),
    Column("followed_up_by", String(60)),
    Column("follow_up_note", Text, nullable=False, server_default=""),
    Index("uq_callbacks_open_number", "number", unique=True, sqlite_where=_OF_NOBODY, postgresql_where=_OF_NOBODY),
    Index("uq_callbacks_open_person", "person", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_callbacks_waiting", "state", "first_requested_at"),
    Index("ix_callbacks_due", "state", "next_at"),
    Index("ix_callbacks_slot", "queue", "slot_starts_at"),
    Index("ix_callbacks_number", "number", "promised_at"),
    Index("ix_callbacks_person", "person", "promised_at"),
)

# What is asked of every call is written down once: to build a statement costs more than to run it.
# Each is there twice: to look, and to change what is found.
_OF: BindParameter[Any] = bindparam("of")
_OF_CONTACT = select(callbacks).where(callbacks.c.contact == _OF, callbacks.c.state.in_(OPEN))
_TAKEN = (
    select(callbacks)
    .where(callbacks.c.contact == _OF, callbacks.c.state == CallbackState.TAKEN)
    .where(or_(callbacks.c.taken_by == bindparam("agent"), callbacks.c.taken_by.is_(None)))
    .order_by(callbacks.c.taken_at.desc())
    .limit(1)
)
_CHANGE = update(callbacks).where(callbacks.c.callback == _OF)


def _both(query: Select[Any]) -> tuple[Select[Any], Select[Any]]:
    return query, query.with_for_update()


_FIND = _both(select(callbacks).where(callbacks.c.callback == _OF))
_OPEN_OF_PERSON = _both(select(callbacks).where(callbacks.c.person == _OF, callbacks.c.state.in_(OPEN)))
_OPEN_OF_NUMBER = _both(select(callbacks).where(callbacks.c.number == _OF, callbacks.c.state.in_(OPEN)))

_RANK = (callbacks.c.first_requested_at, callbacks.c.callback)


async def add_unless_open(tx: Transaction, callback: Callback) -> Callback:
    """Write a new promise, unless its number or its person has an open one; return the one that is open afterwards."""
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    nothing = kind.insert(callbacks).values(**_columns(callback)).on_conflict_do_nothing()
    while (await tx.execute(nothing.returning(callbacks.c.callback))).first() is None:
        known = await find_open(tx, number=callback.number, person=callback.person)
        if known is not None:
            return known
        # It was open a moment ago and has just ended: write ours.
    return callback


async def find(tx: Transaction, callback: CallbackId, *, to_change: bool = False) -> Callback | None:
    """Return a promise or ``None``; with ``to_change`` nobody else can change it until the transaction ends."""
    return await _one(tx, _FIND[to_change], {"of": callback})


async def find_open(
    tx: Transaction, *, number: PhoneNumber | None, person: PersonId | None, to_change: bool = False
) -> Callback | None:
    """Return the open promise of whoever this is: of the person, else the one of the number whose person is not known.

    A number proves nobody: whoever has not said who they are finds, moves and ends no promise of somebody who has.
    """
    if person is not None:
        of_person = await _open(tx, _OPEN_OF_PERSON, person, to_change=to_change)
        if of_person:
            return of_person[0]
    if number is None:
        return None
    return next((row for row in await open_to(tx, number, to_change=to_change) if row.person is None), None)


async def open_to(tx: Transaction, number: PhoneNumber | None, *, to_change: bool = False) -> list[Callback]:
    """Return the open promises for a number, whoever they are for."""
    return await _open(tx, _OPEN_OF_NUMBER, number.e164, to_change=to_change) if number else []


async def has_open(tx: Transaction, number: PhoneNumber) -> bool:
    """Tell whether a promise is open for a number, whoever it is for."""
    return bool(await open_to(tx, number))


async def being_rung(tx: Transaction, numbers: Collection[str]) -> set[str]:
    """Return those of these numbers (E.164) to which a promise stands in the line, or is being kept."""
    at_it = callbacks.c.state.in_((CallbackState.IN_LINE, CallbackState.TAKEN))
    query = select(callbacks.c.number).where(callbacks.c.number.in_(numbers), at_it)
    return set((await tx.execute(query)).scalars())


async def _open(tx: Transaction, query: tuple[Select[Any], Select[Any]], of: str, *, to_change: bool) -> list[Callback]:
    return [read(row) for row in await tx.execute(query[to_change], {"of": of})]


async def find_taken(tx: Transaction, *, contact: ContactId, agent: AgentId) -> Callback | None:
    """Return the promise of a contact that this agent has taken, or that nobody has whose citizen was rung first."""
    return await _one(tx, _TAKEN, {"of": contact, "agent": agent})


async def of_contact(tx: Transaction, contact: ContactId) -> list[Callback]:
    """Return the open promises that began with a contact."""
    return [read(row) for row in await tx.execute(_OF_CONTACT, {"of": contact})]


async def change(tx: Transaction, callback: Callback) -> None:
    """Write a promise over its row."""
    await tx.execute(_CHANGE, {"of": callback.callback, **_columns(callback)})


async def in_state(
    tx: Transaction,
    *states: CallbackState,
    taken_before: datetime | None = None,
    in_line_before: datetime | None = None,
) -> list[Callback]:
    """Return the promises in these states, the longest waiting first; with an instant, to change them."""
    query = select(callbacks).where(callbacks.c.state.in_(states))
    if taken_before is not None:
        query = query.where(callbacks.c.taken_at < taken_before).with_for_update()
    if in_line_before is not None:
        query = query.where(callbacks.c.in_line_at < in_line_before).with_for_update()
    return await read_all(tx, query.order_by(*_RANK))


async def is_any_due(tx: Transaction, *, now: datetime) -> bool:
    """Tell whether a promise is due to go into the line."""
    return (await tx.execute(select(callbacks.c.callback).where(_due(now)).limit(1))).first() is not None


async def due(tx: Transaction, *, now: datetime, limit: int, only: CallbackId | None = None) -> list[Callback]:
    """Return the promises that are due to go into the line, to change them, the longest waiting first."""
    query = select(callbacks).where(_due(now))
    if only is not None:
        query = query.where(callbacks.c.callback == only)
    return await read_all(tx, query.order_by(*_RANK).limit(limit).with_for_update())


async def postpone(tx: Transaction, rows: Sequence[Callback], *, until: datetime) -> None:
    """Have promises wait until an instant."""
    await _set(tx, [row.callback for row in rows], state=CallbackState.WAITING, next_at=until, in_line_at=None)


async def into_line(tx: Transaction, rows: Sequence[Callback], *, now: datetime) -> None:
    """Have promises stand in the line from now on."""
    await _set(tx, [row.callback for row in rows], state=CallbackState.IN_LINE, next_at=None, in_line_at=now)


async def read_all(tx: Transaction, query: Select[Any]) -> list[Callback]:
    """Return the promises that a query over the table finds."""
    return [read(row) for row in await tx.execute(query)]


def after(callback: Callback) -> Any:
    """Return the condition that a promise comes later than this one by rank."""
    at = callbacks.c.first_requested_at
    same = and_(at == callback.first_requested_at, callbacks.c.callback > callback.callback)
    return or_(at > callback.first_requested_at, same)


async def _set(tx: Transaction, ids: Collection[CallbackId], **values: Any) -> None:
    if ids:
        await tx.execute(update(callbacks).where(callbacks.c.callback.in_(ids)).values(**values))


def _due(now: datetime) -> Any:
    return and_(callbacks.c.state == CallbackState.WAITING, callbacks.c.next_at <= now)


async def _one(tx: Transaction, query: Select[Any], parameters: Mapping[str, Any]) -> Callback | None:
    row = (await tx.execute(query, parameters)).one_or_none()
    return None if row is None else read(row)


_OF_THE_BOOKS = {"followed_up_by", "follow_up_note"}
_OF_PERIODS = {f"{name}_{end}_at" for name in ("slot", "told") for end in ("starts", "ends")}
_PLAIN = tuple(column.name for column in callbacks.c if column.name not in _OF_THE_BOOKS | _OF_PERIODS)


def _columns(callback: Callback) -> dict[str, Any]:
    periods = {}
    for name, period in (("slot", callback.slot), ("told", callback.told)):
        periods[f"{name}_starts_at"] = period.starts_at if period else None
        periods[f"{name}_ends_at"] = period.ends_at if period else None
    return {name: getattr(callback, name) for name in _PLAIN} | periods | {"number": callback.number.e164}


def read(row: Row[Any]) -> Callback:
    """Return a promise from its row."""
    return Callback(
        callback=CallbackId(row.callback),
        contact=ContactId(row.contact),
        person=PersonId(row.person) if row.person else None,
        number=PhoneNumber(row.number),
        queue=row.queue,
        language=Language(row.language),
        reason=row.reason,
        state=CallbackState(row.state),
        wish=Wish(row.wish),
        first_requested_at=row.first_requested_at,
        promised_at=row.promised_at,
        slot=_period(row.slot_starts_at, row.slot_ends_at),
        told=_period(row.told_starts_at, row.told_ends_at),
        proof=row.proof,
        bound_to=_agent(row.bound_to),
        deputy=_agent(row.deputy),
        attempts=row.attempts,
        next_at=row.next_at,
        in_line_at=row.in_line_at,
        taken_by=_agent(row.taken_by),
        taken_at=row.taken_at,
        talked_at=row.talked_at,
        ended_at=row.ended_at,
        last_reason=row.last_reason,
        followed_up_at=row.followed_up_at,
    )


def _agent(name: str | None) -> AgentId | None:
    return AgentId(name) if name else None


def _period(starts_at: datetime | None, ends_at: datetime | None) -> Period | None:
    return Period(starts_at, ends_at) if starts_at and ends_at else None
