"""The tables of meetings. The database itself sees to it that a quarter of a part is taken by one meeting at most (I-15)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    Index,
    Integer,
    Row,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from core.ids import AgentId, ContactId, PersonId
from meetings.errors import MeetingChangedError, TimeTakenError
from meetings.hours import quarter_of
from meetings.model import Meeting, MeetingId, Parts, State
from meetings.register import Asker, Mode
from storage.database import Transaction
from storage.schema import Instant, metadata

meetings = Table(
    "meetings",
    metadata,
    Column("meeting", String(60), primary_key=True),
    Column("type", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("office", String(40), nullable=False),
    Column("staff", String(200), nullable=False),
    Column("room", String(40)),
    Column("interpreter", String(40)),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("first_quarter", Integer, nullable=False),
    Column("quarters", Integer, nullable=False),
    Column("asked_by", String(10), nullable=False),
    Column("matter", String(60), nullable=False),
    Column("person", String(80), index=True),
    Column("contact", String(60), index=True),
    Column("language", String(40), nullable=False),
    Column("needs", String(200), nullable=False),
    Column("handler", String(40)),
    Column("is_protected", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("held_until", Instant, index=True),
    Column("ended_at", Instant),
    Column("by", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("change", Integer, nullable=False),
    Index("ix_meetings_change", "office", "change"),
    Index("ix_meetings_starts", "office", "first_quarter"),
)
"""``change`` is the page of the office's diary on which the meeting was last changed."""

meeting_quarters = Table(
    "meeting_quarters",
    metadata,
    Column("resource", String(120), primary_key=True),
    Column("quarter", Integer, primary_key=True, autoincrement=False),
    Column("meeting", String(60), nullable=False, index=True),
)
"""A row for each quarter of each part that is taken. The primary key is what makes a double booking impossible."""

meeting_diaries = Table(
    "meeting_diaries",
    metadata,
    Column("office", String(40), primary_key=True),
    Column("page", Integer, nullable=False),
)
"""A page is turned with every change at an office: the lock under which its parts are chosen, and what readers look at."""

_OF: BindParameter[Any] = bindparam("of")
_FIND = select(meetings).where(meetings.c.meeting == _OF)
_FIND_TO_CHANGE = _FIND.with_for_update()
_CHANGE = update(meetings).where(meetings.c.meeting == _OF)
_GIVE_BACK = delete(meeting_quarters).where(meeting_quarters.c.meeting == _OF)
_LAPSED = (
    select(meetings.c.meeting, meetings.c.office)
    .where(meetings.c.held_until <= bindparam("now"))
    .order_by(meetings.c.office, meetings.c.held_until)
    .limit(200)
)
_LAPSED_AT = select(meetings).where(
    meetings.c.held_until <= bindparam("now"), meetings.c.office.in_(bindparam("offices", expanding=True))
)
_quarter = meeting_quarters.c.quarter
_TAKEN = (
    select(
        meeting_quarters.c.resource,
        func.count().label("load"),
        func.sum(case(((_quarter >= bindparam("first")) & (_quarter < bindparam("last")), 1), else_=0)).label("then"),
    )
    .where(
        meeting_quarters.c.resource.in_(bindparam("resources", expanding=True)),
        _quarter >= bindparam("since"), _quarter < bindparam("until"),
        meeting_quarters.c.meeting != bindparam("leaving_out"),
    )
    .group_by(meeting_quarters.c.resource)
)  # fmt: skip


def _turn(kind: Any) -> Any:
    new = kind.insert(meeting_diaries).values(page=1)
    more = {"page": meeting_diaries.c.page + 1}
    return new.on_conflict_do_update(index_elements=["office"], set_=more).returning(meeting_diaries.c.page)


_TURN = {"postgresql": _turn(postgresql), "sqlite": _turn(sqlite)}


async def turn_page(tx: Transaction, offices: Collection[str]) -> Mapping[str, int]:
    """Turn the page of these offices' diaries, in one order for everybody; nobody else does until the transaction ends."""
    statement, pages = _TURN[tx.connection.dialect.name], dict[str, int]()
    for office in sorted(offices):
        pages[office] = (await tx.execute(statement, {"office": office})).scalar_one()
    return pages


async def add(tx: Transaction, meeting: Meeting, *, page: int) -> None:
    """Write a new meeting; raises :class:`MeetingChangedError` when there is one of this name."""
    try:
        await tx.execute(insert(meetings), {**columns(meeting), "change": page})
    except IntegrityError as error:
        raise MeetingChangedError from error


async def change(tx: Transaction, meeting: Meeting, *, page: int) -> None:
    """Write what a meeting is now."""
    await tx.execute(_CHANGE, {**columns(meeting), "change": page, "of": meeting.meeting})


async def take(tx: Transaction, meeting: MeetingId, resources: Sequence[str], *, first: int, quarters: int) -> None:
    """Take these parts from a quarter on; raises :class:`TimeTakenError` when one of them is another's."""
    rows = [
        {"resource": resource, "quarter": quarter, "meeting": meeting}
        for resource in sorted(resources)
        for quarter in range(first, first + quarters)
    ]
    try:
        await tx.execute(insert(meeting_quarters), rows)
    except IntegrityError as error:
        raise TimeTakenError from error


async def give_back(tx: Transaction, meeting: MeetingId) -> None:
    """Let others have the parts of a meeting."""
    await tx.execute(_GIVE_BACK, {"of": meeting})


async def find(tx: Transaction, meeting: MeetingId, *, to_change: bool = False) -> Meeting | None:
    """Return a meeting or ``None``; with ``to_change`` nobody else can change it until the transaction ends."""
    row = (await tx.execute(_FIND_TO_CHANGE if to_change else _FIND, {"of": meeting})).one_or_none()
    return read(row) if row else None


async def lapsed(tx: Transaction, *, now: datetime) -> Sequence[tuple[MeetingId, str]]:
    """Return some holds that are over, each with its office."""
    return [(MeetingId(row.meeting), row.office) for row in await tx.execute(_LAPSED, {"now": now})]


async def lapsed_at(tx: Transaction, offices: Collection[str], *, now: datetime) -> Sequence[Meeting]:
    """Return the holds at these offices that are over."""
    return [read(row) for row in await tx.execute(_LAPSED_AT, {"now": now, "offices": sorted(offices)})]


async def taken(
    tx: Transaction, resources: Sequence[str], *, day: tuple[int, int], then: tuple[int, int], leaving_out: str
) -> Mapping[str, tuple[int, bool]]:
    """Return of these parts how many quarters of a day are taken, and whether one of a shorter time is."""
    since, until = day
    first, last = then
    values = {"resources": list(resources), "since": since, "until": until, "first": first, "last": last}
    rows = await tx.execute(_TAKEN, {**values, "leaving_out": leaving_out})
    return {row.resource: (row.load, row.then > 0) for row in rows}


async def listed(
    tx: Transaction,
    *,
    office: str = "",
    person: PersonId | None = None,
    handler: AgentId | None = None,
    state: State | None = None,
    since: int,
    until: int,
    limit: int = 200,
) -> Sequence[Meeting]:
    """Return meetings of an office, a person, a handler (while they take their time) or all, that begin in a half-open
    period of quarters, in order."""
    query = select(meetings).where(meetings.c.first_quarter >= since, meetings.c.first_quarter < until)
    if office:
        query = query.where(meetings.c.office == office)
    if person:
        query = query.where(meetings.c.person == person)
    if state:
        query = query.where(meetings.c.state == state)
    if handler:
        theirs = meeting_quarters.c.resource == f"handler:{handler}"
        query = query.where(meetings.c.meeting.in_(select(meeting_quarters.c.meeting).where(theirs)))
    order = (meetings.c.first_quarter, meetings.c.meeting)
    return [read(row) for row in await tx.execute(query.order_by(*order).limit(limit))]


async def of_handler(tx: Transaction, handler: AgentId, *, today: tuple[int, int], until: int) -> Sequence[Meeting]:
    """Return whom somebody meets, in order: what is booked before a quarter and not closed, and what has ended of today."""
    since, tomorrow = today
    theirs = select(meeting_quarters.c.meeting).where(meeting_quarters.c.resource == f"handler:{handler}")
    open_ones = and_(meetings.c.state == State.BOOKED, meetings.c.first_quarter < until, meetings.c.meeting.in_(theirs))
    staff = (literal(" ") + meetings.c.staff + " ").contains(f" {handler} ", autoescape=True)
    over = and_(
        meetings.c.state.in_([State.DONE, State.MISSED]),
        meetings.c.first_quarter >= since,
        meetings.c.first_quarter < tomorrow,
        staff,
    )
    query = select(meetings).where(or_(open_ones, over)).order_by(meetings.c.first_quarter, meetings.c.meeting)
    return [read(row) for row in await tx.execute(query.limit(200))]


async def of_citizen(
    tx: Transaction, *, contact: ContactId, person: PersonId | None, after: datetime
) -> Sequence[Meeting]:
    """Return the booked meetings of a person, or of a contact with nobody known, that end after an instant, in order."""
    whose = meetings.c.person == person if person else meetings.c.contact == contact
    query = select(meetings).where(whose, meetings.c.state == State.BOOKED, meetings.c.ends_at > after)
    return [read(row) for row in await tx.execute(query.order_by(meetings.c.first_quarter).limit(50))]


def columns(meeting: Meeting) -> dict[str, Any]:
    """Return a meeting as its row."""
    parts = meeting.parts
    plain = (
        "meeting", "type", "state", "mode", "office", "starts_at", "ends_at", "quarters", "asked_by", "matter", "person",
        "contact", "language", "handler", "is_protected", "made_at", "held_until", "ended_at", "by", "version", "sequence",
    )  # fmt: skip
    return {
        **{name: getattr(meeting, name) for name in plain},
        "staff": " ".join(parts.staff),
        "room": parts.room,
        "interpreter": parts.interpreter,
        "first_quarter": quarter_of(meeting.starts_at),
        "needs": " ".join(sorted(meeting.needs)),
    }


def parts_of(row: Row[Any]) -> Parts:
    """Return the parts that stand in a row."""
    staff = tuple(AgentId(one) for one in row.staff.split())
    return Parts(staff=staff, room=row.room, interpreter=row.interpreter)


def read(row: Row[Any]) -> Meeting:
    """Return a row as a meeting."""
    return Meeting(
        meeting=MeetingId(row.meeting),
        type=row.type,
        state=State(row.state),
        mode=Mode(row.mode),
        office=row.office,
        parts=parts_of(row),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        quarters=row.quarters,
        asked_by=Asker(row.asked_by),
        matter=row.matter,
        person=PersonId(row.person) if row.person else None,
        contact=ContactId(row.contact) if row.contact else None,
        language=row.language,
        needs=frozenset(row.needs.split()),
        handler=AgentId(row.handler) if row.handler else None,
        is_protected=row.is_protected,
        made_at=row.made_at,
        held_until=row.held_until,
        ended_at=row.ended_at,
        by=row.by,
        version=row.version,
        sequence=row.sequence,
    )
