"""The table of notices: what was said to callers, who put it up and took it down, and when. Rows stay, as history."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Row, String, Table, Text, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.notices import Message, Notice, Place
from storage.database import Transaction
from storage.schema import Instant, metadata

_Number = BigInteger().with_variant(Integer, "sqlite")
_STANDS = text("taken_down_at IS NULL")

notices = Table(
    "notices",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("place", String(20), nullable=False),
    Column("name", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("wording", String(80), nullable=False),
    Column("put_up_by", String(80), nullable=False),
    Column("put_up_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("taken_down_by", String(80), nullable=False, server_default=""),
    Column("taken_down_at", Instant),
    Index("uq_notices_standing", "place", "name", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
)


async def add(tx: Transaction, notice: Notice) -> Notice:
    """Write a notice, in place of the one that stands there; return it with its number."""
    await take_down(tx, notice.place, notice.name, by=notice.put_up_by, at=notice.put_up_at)
    values = {name: value for name, value in vars(notice).items() if name not in ("number", "message")}
    values |= vars(notice.message)
    kind = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = kind.insert(notices).values(**values)
    at_once = new.on_conflict_do_update(index_elements=["place", "name"], index_where=_STANDS, set_=values)
    return _read((await tx.execute(at_once.returning(notices))).one())


async def take_down(tx: Transaction, place: Place, name: str, *, by: str, at: datetime) -> bool:
    """Let the notice that stands somewhere be heard no more; tell whether it still was."""
    here = (notices.c.place == place, notices.c.name == name, notices.c.taken_down_at.is_(None))
    over = await tx.execute(
        update(notices).where(*here, notices.c.ends_at <= at).values(taken_down_at=notices.c.ends_at)
    )
    done = await tx.execute(update(notices).where(*here).values(taken_down_by=by, taken_down_at=at))
    return over.rowcount == 0 and done.rowcount > 0


async def standing(tx: Transaction) -> list[Notice]:
    """Return every notice that nobody has taken down, also one whose time is up."""
    rows = await tx.execute(select(notices).where(notices.c.taken_down_at.is_(None)).order_by(notices.c.number))
    return [_read(row) for row in rows]


async def close_ended(tx: Transaction, *, at: datetime) -> list[Notice]:
    """Write that notices whose time is up are down, and return them; each is returned to one caller only."""
    over = update(notices).where(notices.c.taken_down_at.is_(None), notices.c.ends_at <= at)
    rows = await tx.execute(over.values(taken_down_at=notices.c.ends_at).returning(notices))
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> Notice:
    return Notice(
        number=row.number,
        place=Place(row.place),
        name=row.name,
        message=Message(text=row.text, text_en=row.text_en, wording=row.wording),
        put_up_by=row.put_up_by,
        put_up_at=row.put_up_at,
        ends_at=row.ends_at,
    )
