"""Proves that the books balance (I-33): over any period the outcomes and the open ones add up to the contacts offered.

What was offered is counted from the timeline, which is only ever added to; the outcomes from the contacts' rows. So
a row that vanished, was doubled or changed its outcome is found, which one query twice would never do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from contacts.model import Channel, Outcome, State
from contacts.states import is_a_path
from contacts.store import contact_steps, contacts
from core.ids import ContactId
from storage.database import Transaction

UNSEEN_END = timedelta(seconds=60)
"""I-05: no contact stays open longer than this after its call is over."""

SILENT_FOR = timedelta(hours=6)
"""A call to which nothing has happened for so long has ended unseen."""

WRITTEN_SILENT_FOR = timedelta(days=5)
"""Who has written waits over a night, and over the longest row of days when nobody works."""


@dataclass(frozen=True)
class Tally:
    """How many contacts arrived in a period, how they ended, and how many have not."""

    offered: int
    outcomes: Mapping[Outcome, int]
    open: int

    @property
    def holds(self) -> bool:
        """Whether outcomes and open ones add up to the contacts offered."""
        return self.offered == sum(self.outcomes.values()) + self.open


@dataclass(frozen=True)
class Finding:
    """Something wrong in the books: which contact, and what, in a sentence."""

    contact: ContactId
    what: str


async def count(tx: Transaction, *, start: datetime, end: datetime) -> Tally:
    """Count the contacts that arrived in ``[start, end)``."""
    arrived = and_(contact_steps.c.what == "arrived", contact_steps.c.at >= start, contact_steps.c.at < end)
    offered = (await tx.execute(select(func.count()).select_from(contact_steps).where(arrived))).scalar_one()
    period = and_(contacts.c.opened_at >= start, contacts.c.opened_at < end)
    ended = select(contacts.c.outcome, func.count().label("number")).where(period).group_by(contacts.c.outcome)
    numbers: dict[str | None, int] = {row.outcome: row.number for row in await tx.execute(ended)}
    still_open = numbers.pop(None, 0)
    return Tally(offered, {outcome: numbers.get(outcome, 0) for outcome in Outcome}, still_open)


async def inspect(tx: Transaction, *, start: datetime, end: datetime, now: datetime) -> Sequence[Finding]:
    """Look for what is wrong with the contacts that arrived in ``[start, end)``, and for open ones that have ended."""
    return [
        *await _broken_rows(tx, start, end),
        *await _broken_timelines(tx, start, end),
        *await _open_although_over(tx, now),
    ]


async def _broken_rows(tx: Transaction, start: datetime, end: datetime) -> list[Finding]:
    period = and_(contacts.c.opened_at >= start, contacts.c.opened_at < end)
    ended_differs = or_(
        and_(contacts.c.outcome.is_(None), contacts.c.state == State.ENDED),
        and_(contacts.c.outcome.is_not(None), contacts.c.state != State.ENDED),
    )
    lost = Outcome.LOST_TECHNICAL
    unnamed = or_(
        and_(contacts.c.outcome == lost, contacts.c.fault == ""),
        and_(contacts.c.outcome != lost, contacts.c.fault != ""),
    )
    checks = {
        "its state and its outcome do not agree whether it has ended": ended_differs,
        "lost_technical needs a named fault, and nothing else may have one": unnamed,
    }
    return [
        Finding(ContactId(row.contact), what)
        for what, wrong in checks.items()
        for row in await tx.execute(select(contacts.c.contact).where(period, wrong))
    ]


async def _broken_timelines(tx: Transaction, start: datetime, end: datetime) -> list[Finding]:
    both = contacts.outerjoin(contact_steps, contacts.c.contact == contact_steps.c.contact)
    query = (
        select(
            contacts.c.contact, contacts.c.outcome, contact_steps.c.what, contact_steps.c.detail, contact_steps.c.state
        )
        .select_from(both)
        .where(contacts.c.opened_at >= start, contacts.c.opened_at < end)
        .order_by(contacts.c.contact, contact_steps.c.number)
    )
    found: list[Finding] = []
    life: list[Any] = []
    # As a stream, one life at a time: a year of contacts does not fit into memory.
    async for row in await tx.connection.stream(query):
        if life and life[0].contact != row.contact:
            found += _wrong_in(life)
            life = []
        life.append(row)
    return found + (_wrong_in(life) if life else [])


def _wrong_in(life: Sequence[Any]) -> list[Finding]:
    contact, outcome = ContactId(life[0].contact), life[0].outcome
    steps = [row for row in life if row.what is not None]
    wrong: list[str] = []
    if [step.what for step in steps].count("arrived") != 1:
        wrong.append("it did not arrive exactly once")
    if [step.detail for step in steps if step.what == "ended"] != ([outcome] if outcome else []):
        wrong.append("its timeline tells another end than its row")
    if not is_a_path([State(step.state) for step in steps]):
        wrong.append("its states are not a path in the published state machine")
    return [Finding(contact, what) for what in wrong]


async def _open_although_over(tx: Transaction, now: datetime) -> list[Finding]:
    is_open = contacts.c.outcome.is_(None)
    over = and_(is_open, contacts.c.state == State.SELF_SERVICE, contacts.c.talk_ended_at < now - UNSEEN_END)
    unanswered = and_(is_open, contacts.c.ended_at < now - UNSEEN_END)
    checks = {
        "it is open although its conversation is over": over,
        "it is open although its call is over: nobody has answered the wish to be rung back": unanswered,
        "it is open although nothing happens to it": or_(_silent(now, written=False), _silent(now, written=True)),
    }
    return [
        Finding(ContactId(row.contact), what)
        for what, wrong in checks.items()
        for row in await tx.execute(select(contacts.c.contact).where(wrong))
    ]


def _silent(now: datetime, *, written: bool) -> ColumnElement[bool]:
    since = now - (WRITTEN_SILENT_FOR if written else SILENT_FOR)
    is_written = contacts.c.channel.in_([Channel.SMS, Channel.EMAIL])
    last = select(contact_steps.c.contact).where(contact_steps.c.at >= since).scalar_subquery()
    return and_(
        contacts.c.outcome.is_(None),
        is_written if written else ~is_written,
        contacts.c.opened_at < since,
        contacts.c.contact.not_in(last),
    )
