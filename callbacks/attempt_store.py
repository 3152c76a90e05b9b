"""The table of attempts. A row is written before the switch is asked, and a promise has at most one that is under way."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Index,
    Integer,
    Row,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from callbacks.model import Attempt, AttemptState
from core.ids import AgentId, CallbackId, LegId
from storage.database import Transaction
from storage.schema import Instant, metadata

NOBODY = ""
"""Stands in the table for an agent where the citizen is rung first."""

RINGS = "rings"
"""Stands for a reason in the row of an attempt under way whose telephone has begun to ring."""

_UNDER_WAY = text("state = 'dialling'")

callback_attempts = Table(
    "callback_attempts",
    metadata,
    Column("callback", String(60), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("leg", String(80), nullable=False, unique=True),
    Column("agent", String(60), nullable=False),
    Column("state", String(12), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("reason", String(60), nullable=False, server_default=""),
    Index(
        "uq_callback_attempts_under_way", "callback", unique=True,
        sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY,
    ),
)  # fmt: skip

_OF: BindParameter[Any] = bindparam("of")
_ATTEMPTS_OF = select(callback_attempts).where(callback_attempts.c.callback == _OF).order_by(callback_attempts.c.number)
_ON_LEG = select(callback_attempts).where(callback_attempts.c.leg == _OF)
_DIALLING = _ATTEMPTS_OF.where(callback_attempts.c.state == AttemptState.DIALLING)
_LAST_NUMBER = select(func.max(callback_attempts.c.number)).where(callback_attempts.c.callback == _OF)
_ADD = insert(callback_attempts)
_CHANGE = update(callback_attempts).where(callback_attempts.c.leg == _OF)


async def of(tx: Transaction, callback: CallbackId) -> list[Attempt]:
    """Return the attempts of a promise, in order."""
    return [_read(row) for row in await tx.execute(_ATTEMPTS_OF, {"of": callback})]


async def by_leg(tx: Transaction, leg: LegId) -> Attempt | None:
    """Return the attempt that was made on this leg."""
    row = (await tx.execute(_ON_LEG, {"of": leg})).one_or_none()
    return None if row is None else _read(row)


async def under_way(tx: Transaction, callback: CallbackId) -> Attempt | None:
    """Return the attempt of a promise that is under way."""
    row = (await tx.execute(_DIALLING, {"of": callback})).one_or_none()
    return None if row is None else _read(row)


async def begin(tx: Transaction, *, callback: CallbackId, leg: LegId, agent: AgentId | None, now: datetime) -> Attempt:
    """Write a new attempt, which is under way from now on."""
    number = ((await tx.execute(_LAST_NUMBER, {"of": callback})).scalar_one() or 0) + 1
    new = Attempt(
        callback=callback, number=number, leg=leg, agent=agent, state=AttemptState.DIALLING, started_at=now
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(new, name) for name in callback_attempts.c.keys()}  # noqa: SIM118 - a collection
    await tx.execute(_ADD, values | {"agent": agent or NOBODY})
    return new


async def rings(tx: Transaction, leg: LegId) -> None:
    """Write that the citizen's telephone rings, if this leg is that of an attempt under way."""
    under_way = callback_attempts.c.state == AttemptState.DIALLING
    query = update(callback_attempts).where(callback_attempts.c.leg == leg, under_way)
    await tx.execute(query.values(reason=RINGS))


async def given_to(tx: Transaction, attempt: Attempt, agent: AgentId) -> None:
    """Write which agent talked with a citizen who was rung before any agent had them."""
    query = update(callback_attempts).where(callback_attempts.c.leg == attempt.leg, callback_attempts.c.agent == NOBODY)
    await tx.execute(query.values(agent=agent))


async def end(tx: Transaction, attempt: Attempt, state: AttemptState, *, reason: str = "", now: datetime) -> Attempt:
    """Write how an attempt ended."""
    ended = replace(attempt, state=state, ended_at=now, reason=reason[:60])
    await tx.execute(_CHANGE, {"of": attempt.leg, "state": ended.state, "ended_at": now, "reason": ended.reason})
    return ended


def _read(row: Row[Any]) -> Attempt:
    return Attempt(
        callback=CallbackId(row.callback),
        number=row.number,
        leg=LegId(row.leg),
        agent=AgentId(row.agent) if row.agent else None,
        state=AttemptState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        reason=row.reason,
    )
