"""Up to which decision a promise's attempts are over: a record of one of them that comes late does not begin it again.

The row of a contact goes when its work here is over. Whoever is rung back comes again under the same contact, and out of
turn without a row before the telephone rings; so the row alone cannot tell an attempt that begins from one that is over.
Who waits when the line is made anew is fenced in the same way.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, String, Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import ContactId
from skills_routing.model import ContactState
from skills_routing.store import MOST_NAMES, Large, routed_contacts
from storage.database import Transaction
from storage.schema import Instant, metadata

attempts_over = Table(
    "attempts_over",
    metadata,
    Column("contact", String(60), primary_key=True),
    Column("token", Large, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

_UP_TO = select(attempts_over.c.token).where(attempts_over.c.contact == bindparam("of"))
_INSERTS = {name: kind.insert(attempts_over) for name, kind in (("sqlite", sqlite), ("postgresql", postgresql))}
_SAY = {
    name: one.on_conflict_do_update(
        index_elements=["contact"],
        set_={"token": one.excluded.token, "at": one.excluded.at},
        where=attempts_over.c.token < one.excluded.token,
    )
    for name, one in _INSERTS.items()
}


async def over(tx: Transaction, contact: ContactId, *, token: int, at: datetime) -> None:
    """Write that all that was decided of this contact up to a token is over; an older token changes nothing."""
    await tx.execute(_SAY[tx.connection.dialect.name], {"contact": contact, "token": token, "at": at})


async def fence_waiting(tx: Transaction, token: int) -> None:
    """Have what was decided up to this token of those who wait change nothing any more: they are put in the line anew.

    Else a talk whose beginning is not written yet, and whose phones are hung up now, would begin again by its late record.
    """
    waiting = routed_contacts.c.state == ContactState.WAITING
    await tx.execute(update(routed_contacts).where(waiting, routed_contacts.c.token < token).values(token=token))


async def over_up_to(tx: Transaction, contact: ContactId) -> int:
    """Return the token up to which all is over; 0 when nothing is."""
    return int((await tx.execute(_UP_TO, {"of": contact})).scalar_one_or_none() or 0)


async def some_up_to(tx: Transaction, names: Sequence[ContactId]) -> dict[ContactId, int]:
    """Return the token up to which all is over of each of these of whom anything is."""
    found: dict[ContactId, int] = {}
    for start in range(0, len(names), MOST_NAMES):
        some = attempts_over.c.contact.in_(names[start : start + MOST_NAMES])
        rows = await tx.execute(select(attempts_over.c.contact, attempts_over.c.token).where(some))
        found |= {ContactId(row.contact): row.token for row in rows}
    return found


async def highest(tx: Transaction) -> int:
    """Return the highest token of what is over; 0 when nothing is."""
    return int((await tx.execute(select(func.max(attempts_over.c.token)))).scalar_one() or 0)


async def forget_before(tx: Transaction, before: datetime) -> int:
    """Remove what was over before an instant, and return how much: no record comes so late."""
    return (await tx.execute(delete(attempts_over).where(attempts_over.c.at < before))).rowcount
