"""Counts whom agents are to answer in writing, and whom they answer now: of a queue, never of an agent (N1)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from skills_routing.model import ContactState
from skills_routing.store import routed_contacts
from storage.database import Transaction


@dataclass(frozen=True)
class WrittenCount:
    """How many have written in a queue and wait, since when the first of them, and how many are being answered."""

    queue: str
    waiting: int
    waiting_since: datetime | None
    at_hand: int


async def read_written(tx: Transaction) -> tuple[WrittenCount, ...]:
    """Return the counts of each queue in which somebody has written, by the name of the queue."""
    columns = routed_contacts.c
    query = select(
        columns.queue, columns.state, func.count().label("many"), func.min(columns.waiting_since).label("since")
    )
    rows = (
        await tx.execute(query.where(columns.line.contains("written/")).group_by(columns.queue, columns.state))
    ).all()
    waiting = {row.queue: row for row in rows if row.state == ContactState.WAITING}
    at_hand = {row.queue: row.many for row in rows if row.state == ContactState.TALKING}
    return tuple(
        WrittenCount(
            queue=queue,
            waiting=waiting[queue].many if queue in waiting else 0,
            waiting_since=waiting[queue].since if queue in waiting else None,
            at_hand=at_hand.get(queue, 0),
        )
        for queue in sorted(waiting.keys() | at_hand.keys())
    )
