"""The tables of texts: what we mean to send, each time that we asked a provider, what citizens wrote, what we asked, who wants none."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, Text, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import ContactId
from core.language import Language
from core.phone import PhoneNumber
from sms.dialogue import Question
from sms.gsm import Encoding
from sms.keywords import Keyword
from sms.model import ANSWERS, Attempt, AttemptState, Message, Purpose, Recent, State
from storage.database import Transaction
from storage.schema import Instant, metadata

SAME_BUT = 3
"""Numbers that differ only in so many last digits are one range."""

messages = Table(
    "sms_messages",
    metadata,
    Column("message", String(60), primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("purpose", String(40), nullable=False),
    Column("contact", String(60), index=True),
    Column("system", String(40), nullable=False, server_default=""),
    Column("number", String(20), nullable=False),
    Column("language", String(2), nullable=False),
    Column("text", Text, nullable=False),
    Column("encoding", String(8), nullable=False),
    Column("segments", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    Column("next_at", Instant),
    Column("expires_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("provider", String(20), nullable=False),
    Column("provider_id", String(100), nullable=False),
    Column("ended_at", Instant),
    Index("ix_sms_messages_due", "next_at"),
    Index("ix_sms_messages_number", "number", "created_at"),
    Index("ix_sms_messages_provider", "provider", "provider_id"),
)

attempts = Table(
    "sms_attempts",
    metadata,
    Column("ref", String(60), primary_key=True),
    Column("message", String(60), nullable=False, index=True),
    Column("provider", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_sms_attempts_provider", "provider", "started_at"),
)

received = Table(
    "sms_received",
    metadata,
    Column("received", String(60), primary_key=True),
    Column("number", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("keyword", String(12), nullable=False),
    Column("received_at", Instant, nullable=False),
    Index("ix_sms_received_number", "number", "received_at"),
    Index("ix_sms_received_at", "received_at"),
)

opt_outs = Table(
    "sms_opt_outs",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("since", Instant, nullable=False),
)

questions = Table(
    "sms_questions",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
)

_CHANGING = ("state", "reason", "next_at", "attempts", "provider", "provider_id", "ended_at")
_ATTEMPT = [field.name for field in fields(Attempt)]
_NAMES = [field.name for field in fields(Message)]


async def add(tx: Transaction, message: Message) -> bool:
    """Write what we mean to send; ``False`` when there is a text of this key."""
    values = {name: getattr(message, name) for name in _NAMES} | {"number": message.number.e164}
    statement = _insert(tx, messages).values(**values).on_conflict_do_nothing().returning(messages.c.message)
    return (await tx.execute(statement)).first() is not None


async def find(tx: Transaction, message: str, *, to_change: bool = False) -> Message | None:
    """Return a text, locked until the end of the transaction if it is to be changed."""
    return await _one(tx, messages.c.message == message, to_change=to_change)


async def find_all(tx: Transaction, ids: Iterable[str], *, to_change: bool = False) -> Sequence[Message]:
    """Return these texts in the order of their ids, which is the order in which whoever changes several locks them."""
    query = select(messages).where(messages.c.message.in_(list(ids))).order_by(messages.c.message)
    return [_message(row) for row in await tx.execute(query.with_for_update() if to_change else query)]


async def still_waiting(tx: Transaction, ids: Sequence[str], *, now: datetime) -> set[str]:
    """Return which of these texts still wait and are due, each locked until the end of the transaction."""
    if not ids:
        return set()
    waiting = (messages.c.message.in_(ids), messages.c.state == State.WAITING, messages.c.next_at <= now)
    query = select(messages.c.message).where(*waiting).order_by(messages.c.message).with_for_update()
    return set((await tx.execute(query)).scalars())


async def find_by_key(tx: Transaction, key: str) -> Message | None:
    """Return the text of a purpose and subject."""
    return await _one(tx, messages.c.key == key)


async def find_by_provider(tx: Transaction, provider: str, provider_id: str) -> Message | None:
    """Return the text that a provider knows by a name of its own, locked."""
    return await _one(tx, messages.c.provider == provider, messages.c.provider_id == provider_id, to_change=True)


async def change(tx: Transaction, message: Message) -> None:
    """Write what has become of a text."""
    await change_all(tx, [message])


async def change_all(tx: Transaction, changed: Sequence[Message]) -> None:
    """Write what has become of several texts."""
    if changed:
        statement = update(messages).where(messages.c.message == bindparam("of"))
        statement = statement.values({name: bindparam(f"new_{name}") for name in _CHANGING})
        rows = [{"of": one.message} | {f"new_{name}": getattr(one, name) for name in _CHANGING} for one in changed]
        await tx.execute(statement, rows)


async def due(tx: Transaction, *, now: datetime, limit: int) -> list[Message]:
    """Return the texts that are to be looked at now: answers before all else, those that have waited longest first."""
    found: list[Message] = []
    for is_answer in (messages.c.purpose.in_(ANSWERS), messages.c.purpose.not_in(ANSWERS)):
        query = select(messages).where(messages.c.next_at <= now, is_answer).order_by(messages.c.next_at)
        found += [_message(row) for row in await tx.execute(query.limit(limit - len(found)))]
    return found


async def recent(tx: Transaction, number: PhoneNumber, *, now: datetime) -> Recent:
    """Count what was meant to be sent to a number, its range and everybody."""
    day, hour = now - timedelta(days=1), now - timedelta(hours=1)
    alike = messages.c.number.startswith(number.e164[:-SAME_BUT], autoescape=True)
    of_number = _many(messages.c.number == number.e164, messages.c.created_at > day)
    of_range, of_all = _many(alike, messages.c.created_at > hour), _many(messages.c.created_at > hour)
    row = (await tx.execute(select(of_number.label("n"), of_range.label("r"), of_all.label("a")))).one()
    return Recent(of_number=row.n, of_range=row.r, of_all=row.a)


async def listed(tx: Transaction, *, number: PhoneNumber | None, limit: int) -> Sequence[Message]:
    """Return the newest texts first: of one number, or of all."""
    query = select(messages)
    if number is not None:
        query = query.where(messages.c.number == number.e164)
    rows = await tx.execute(query.order_by(messages.c.created_at.desc(), messages.c.message.desc()).limit(limit))
    return [_message(row) for row in rows]


async def begin(tx: Transaction, begun: Sequence[Attempt]) -> None:
    """Write that providers are about to be asked."""
    if begun:
        await tx.execute(attempts.insert(), [{name: getattr(one, name) for name in _ATTEMPT} for one in begun])


async def end(tx: Transaction, ends: Sequence[tuple[str, AttemptState]], *, now: datetime) -> None:
    """Write what became of attempts, each by our name for it."""
    if ends:
        statement = update(attempts).where(attempts.c.ref == bindparam("of"))
        statement = statement.values(state=bindparam("became"), ended_at=bindparam("at"))
        await tx.execute(statement, [{"of": ref, "became": state, "at": now} for ref, state in ends])


async def last_attempt(tx: Transaction, message: str) -> Attempt | None:
    """Return the attempt that began last."""
    query = select(attempts).where(attempts.c.message == message)
    row = (await tx.execute(query.order_by(attempts.c.started_at.desc(), attempts.c.ref.desc()).limit(1))).one_or_none()
    return _attempt(row) if row else None


async def attempt_of(tx: Transaction, ref: str) -> Attempt | None:
    """Return an attempt by our name for it."""
    row = (await tx.execute(select(attempts).where(attempts.c.ref == ref))).one_or_none()
    return _attempt(row) if row else None


async def known_to(tx: Transaction, provider: str, provider_ids: Sequence[str]) -> set[str]:
    """Return which of a provider's names belong to texts of ours already."""
    query = select(messages.c.provider_id).where(
        messages.c.provider == provider, messages.c.provider_id.in_(provider_ids)
    )
    return {row.provider_id for row in await tx.execute(query)}


async def was_received(tx: Transaction, received_id: str) -> bool:
    """Tell whether a text was taken in, also long after its key was forgotten."""
    return (await tx.execute(select(received.c.received).where(received.c.received == received_id))).first() is not None


async def not_understood_before(tx: Transaction, text: Any, *, since: datetime) -> bool:
    """Tell whether the text that this number wrote before ``text`` (its row's name), not before ``since``, was not understood."""
    this = select(received.c.received_at).where(received.c.received == text).scalar_subquery()
    query = (
        select(received.c.keyword)
        .where(received.c.number == (select(received.c.number).where(received.c.received == text).scalar_subquery()))
        .where(received.c.received_at < this, received.c.received_at >= since)
        .order_by(received.c.received_at.desc())
        .limit(1)
    )
    return (await tx.execute(query)).scalar_one_or_none() == Keyword.OTHER


async def written_from(tx: Transaction, number: PhoneNumber, *, limit: int) -> list[tuple[datetime, str]]:
    """Return what was written from a number, the newest first."""
    query = select(received).where(received.c.number == number.e164).order_by(received.c.received_at.desc())
    return [(row.received_at, row.text) for row in await tx.execute(query.limit(limit))]


async def opt_out(tx: Transaction, number: PhoneNumber, *, now: datetime) -> None:
    """Note that a number wants no texts."""
    await tx.execute(_insert(tx, opt_outs).values(number=number.e164, since=now).on_conflict_do_nothing())


async def opt_in(tx: Transaction, number: PhoneNumber) -> None:
    """Note that a number wants texts again."""
    await tx.execute(delete(opt_outs).where(opt_outs.c.number == number.e164))


async def is_opted_out(tx: Transaction, number: PhoneNumber) -> bool:
    """Tell whether a number wants no texts."""
    return (await tx.execute(select(opt_outs).where(opt_outs.c.number == number.e164))).first() is not None


async def ask(tx: Transaction, number: PhoneNumber, question: Question) -> None:
    """Note what a number is asked, in place of what it was asked before."""
    new = {"name": question.name, "asked_at": question.asked_at}
    statement = _insert(tx, questions).values(number=number.e164, **new)
    await tx.execute(statement.on_conflict_do_update(index_elements=["number"], set_=new))


async def take_question(tx: Transaction, number: PhoneNumber) -> Question | None:
    """Return what a number was asked last, and forget it: an answer is given once."""
    gone = delete(questions).where(questions.c.number == number.e164).returning(questions.c.name, questions.c.asked_at)
    row = (await tx.execute(gone)).one_or_none()
    return Question(row.name, row.asked_at) if row else None


async def forget(tx: Transaction, *, before: datetime) -> int:
    """Delete texts that were over before an instant, with their attempts, and what was received before; return how many."""
    is_old = and_(messages.c.created_at < before, messages.c.ended_at < before)  # the first is what an index finds
    await tx.execute(delete(attempts).where(attempts.c.message.in_(select(messages.c.message).where(is_old))))
    gone = await tx.execute(delete(messages).where(is_old))
    read = await tx.execute(delete(received).where(received.c.received_at < before))
    await tx.execute(delete(questions).where(questions.c.asked_at < before))
    return gone.rowcount + read.rowcount


async def _one(tx: Transaction, *conditions: Any, to_change: bool = False) -> Message | None:
    query = select(messages).where(*conditions)
    row = (await tx.execute(query.with_for_update() if to_change else query)).first()
    return _message(row) if row else None


def _many(*conditions: Any) -> Any:
    return select(func.count()).select_from(messages).where(*conditions).scalar_subquery()


def _insert(tx: Transaction, table: Table) -> Any:
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    return kind.insert(table)


def _message(row: Any) -> Message:
    values = {name: getattr(row, name) for name in _NAMES}
    return Message(
        **values
        | {
            "purpose": Purpose(row.purpose),
            "number": PhoneNumber(row.number),
            "language": Language(row.language),
            "encoding": Encoding(row.encoding),
            "state": State(row.state),
            "contact": ContactId(row.contact) if row.contact else None,
        }
    )


def _attempt(row: Any) -> Attempt:
    return Attempt(
        ref=row.ref,
        message=row.message,
        provider=row.provider,
        state=AttemptState(row.state),
        started_at=row.started_at,
    )
