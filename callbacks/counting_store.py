"""Counts promises: the recent ones for the caps, and those of a period for the books."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from callbacks.caps import SAME_BUT, Recent, Used
from callbacks.model import Callback, CallbackState, Caps
from callbacks.store import after, callbacks, read_all
from core.ids import AgentId, CallbackId, PersonId
from core.phone import PhoneNumber
from storage.database import Transaction

_WAITS_FOR_PEOPLE = (callbacks.c.state == CallbackState.FAILED, callbacks.c.followed_up_at.is_(None))
_RANK = (callbacks.c.first_requested_at, callbacks.c.callback)


async def recent(tx: Transaction, *, number: PhoneNumber, person: PersonId | None, now: datetime) -> Recent:
    """Count what was promised to a number, its range, a person and everybody."""
    day, hour = now - timedelta(days=1), now - timedelta(hours=1)
    alike = callbacks.c.number.startswith(number.e164[:-SAME_BUT], autoescape=True)
    return Recent(
        of_number=await _many(tx, callbacks.c.number == number.e164, callbacks.c.promised_at > day),
        of_person=await _many(tx, callbacks.c.person == person, callbacks.c.promised_at > day) if person else 0,
        of_range=await _many(tx, alike, callbacks.c.promised_at > hour),
        of_all=await _many(tx, callbacks.c.promised_at > hour),
    )


async def used(tx: Transaction, caps: Caps, *, now: datetime) -> Used:
    """Count how near the caps are: whoever has us ring many numbers is seen here."""
    day, hour = callbacks.c.promised_at > now - timedelta(days=1), callbacks.c.promised_at > now - timedelta(hours=1)
    alike = func.substr(callbacks.c.number, 1, func.length(callbacks.c.number) - SAME_BUT)
    return Used(
        hour_used=await _many(tx, hour) / caps.all_per_hour,
        full_ranges=await _full(tx, alike, caps.range_per_hour, hour),
        full_numbers=await _full(tx, callbacks.c.number, caps.number_per_day, day),
        full_persons=await _full(tx, callbacks.c.person, caps.person_per_day, day, callbacks.c.person.is_not(None)),
    )


async def listed(
    tx: Transaction,
    *,
    states: Sequence[CallbackState] = (),
    queue: str = "",
    agent: AgentId | None = None,
    limit: int = 100,
    beyond: Callback | None = None,
) -> list[Callback]:
    """Return promises by rank: in these states, of this queue, of this agent; those that come later than ``beyond``."""
    query = select(callbacks)
    if states:
        query = query.where(callbacks.c.state.in_(states))
    if queue:
        query = query.where(callbacks.c.queue == queue)
    if agent:
        query = query.where(callbacks.c.bound_to == agent)
    if beyond is not None:
        query = query.where(after(beyond))
    return await read_all(tx, query.order_by(*_RANK).limit(limit))


async def promised_between(tx: Transaction, start: datetime, end: datetime) -> list[Callback]:
    """Return the promises that were made in a half-open period."""
    query = select(callbacks).where(callbacks.c.promised_at >= start, callbacks.c.promised_at < end)
    return await read_all(tx, query.order_by(callbacks.c.promised_at))


async def to_follow_up(tx: Transaction) -> list[Callback]:
    """Return the promises that were given up and that nobody has worked through, the oldest first."""
    query = select(callbacks).where(*_WAITS_FOR_PEOPLE)
    return await read_all(tx, query.order_by(callbacks.c.ended_at, callbacks.c.callback))


async def follow_up(tx: Transaction, callback: CallbackId, *, agent: AgentId, note: str, now: datetime) -> bool:
    """Write who has worked through a promise that was given up; ``False`` when that was done before, or is not due."""
    mine = (callbacks.c.callback == callback, callbacks.c.state == CallbackState.FAILED)
    query = update(callbacks).where(*mine, callbacks.c.followed_up_at.is_(None))
    done = await tx.execute(query.values(followed_up_at=now, followed_up_by=agent, follow_up_note=note))
    return done.rowcount == 1


async def given_up(tx: Transaction, *, number: PhoneNumber, of_anybody: bool = False) -> Callback | None:
    """Return the newest promise for a number that was given up and that nobody has worked through: of somebody unknown, or
    ``of_anybody``."""
    whose = (callbacks.c.number == number.e164,) if of_anybody else (_of_nobody(number),)
    found = await read_all(
        tx, select(callbacks).where(*_WAITS_FOR_PEOPLE, *whose).order_by(callbacks.c.ended_at.desc()).limit(1)
    )
    return found[0] if found else None


async def given_up_of(tx: Transaction, *, number: PhoneNumber | None, person: PersonId | None) -> list[Callback]:
    """Return what was given up of a person, or for the number of somebody unknown, and that nobody has worked through."""
    whose = [callbacks.c.person == person] if person else []
    if number is not None:
        whose.append(_of_nobody(number))
    return await read_all(tx, select(callbacks).where(*_WAITS_FOR_PEOPLE, or_(*whose))) if whose else []


async def made_good(tx: Transaction, rows: Sequence[Callback], *, note: str, now: datetime) -> None:
    """Take promises that were given up off the list that people work through: they were helped, or are rung after all."""
    if rows:
        mine = callbacks.c.callback.in_([row.callback for row in rows])
        await tx.execute(
            update(callbacks).where(mine, *_WAITS_FOR_PEOPLE).values(followed_up_at=now, follow_up_note=note)
        )


def _of_nobody(number: PhoneNumber) -> Any:
    return and_(callbacks.c.number == number.e164, callbacks.c.person.is_(None))


async def _many(tx: Transaction, *conditions: Any) -> int:
    return int((await tx.execute(select(func.count()).select_from(callbacks).where(*conditions))).scalar_one())


async def _full(tx: Transaction, by: Any, most: int, *conditions: Any) -> int:
    full = select(by.label("of")).where(*conditions).group_by(by).having(func.count() >= most).subquery()
    return int((await tx.execute(select(func.count()).select_from(full))).scalar_one())
