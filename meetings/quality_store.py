"""How what became of meetings is counted: by type and place, in the database, and never by whoever held them (N1)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, case, distinct, func, select

from core.ids import AgentId
from meetings.documenting_store import meeting_documents as documents
from meetings.following_store import guidance_questions, meeting_follow_ups, meeting_tasks
from meetings.hours import instant_of, midnight
from meetings.model import State, TaskState
from meetings.preparing_store import meeting_answers as answers
from meetings.quality import ELSEWHERE, Offers, Tally, offers
from meetings.season import Period
from meetings.store import meetings
from storage.database import Transaction

Place = tuple[str, str]
"""A type of meeting, and an office; or nowhere, for where protected persons are met."""

_STATES = {State.BOOKED: "booked", State.DONE: "held", State.MISSED: "missed", State.CANCELLED: "cancelled"}
_HELD_OR_MISSED = (State.DONE, State.MISSED)
_BY = (meetings.c.type, meetings.c.office, meetings.c.is_protected)


async def tallies(tx: Transaction, period: Period, *, not_ours: Collection[AgentId]) -> Mapping[Place, Tally]:
    """Return what became of the meetings that began in a period. Who is ``not_ours`` counts not among those who held them."""
    found: dict[Place, Tally] = defaultdict(Tally)
    for query in (_became(), _documented(), _prepared(), _followed_up()):
        for row in await tx.execute(_within(query, period)):
            named = dict(row._mapping)
            place = _place(named)
            numbers: dict[str, Any] = {name: int(value) for name, value in named.items() if name not in _KEYS}
            found[place] += Tally(**numbers)
    states = meetings.c.state.in_(list(_STATES))
    for row in await tx.execute(_within(select(*_BY, meetings.c.staff).where(states).distinct(), period)):
        people = frozenset(AgentId(one) for one in row.staff.split()) - frozenset(not_ours)
        found[_place(dict(row._mapping))] += Tally(held_by=people)
    return found


async def words(tx: Transaction, period: Period, *, most: int) -> Mapping[str, Sequence[str]]:
    """Return what was answered about the meetings of a period, by type, the newest first: in own words, so it is hostile."""
    table, found = meeting_follow_ups, defaultdict[str, list[str]](list)
    query = select(table.c.type, table.c.answer).join(meetings, meetings.c.meeting == table.c.meeting)
    query = _within(query.where(table.c.answered_at.is_not(None), table.c.answer != ""), period)
    for row in await tx.execute(query.order_by(table.c.answered_at.desc()).limit(most)):
        found[row.type].append(row.answer)
    return found


async def guidance(tx: Transaction, period: Period) -> Mapping[str, tuple[int, int]]:
    """Return how much was told to be unclear in a period, and how much of it has an answer by now, by type."""
    c = guidance_questions.c
    query = select(c.type, func.count().label("asked"), func.count(c.answered_at).label("answered"))
    query = query.where(
        c.asked_at >= instant_of(midnight(period.first)), c.asked_at < instant_of(midnight(period.until))
    )
    return {row.type: (row.asked, row.answered) for row in await tx.execute(query.group_by(c.type))}


async def offered(tx: Transaction, period: Period) -> Offers:
    """Return what became of the tasks that were opened in a period."""
    c = meeting_tasks.c
    opened = (c.opened_on >= period.first, c.opened_on < period.until)
    query = select(c.told_on_day, c.told_after_days, c.state, func.count().label("many")).where(*opened)
    rows = (await tx.execute(query.group_by(c.told_on_day, c.told_after_days, c.state))).all()
    handlers = (await tx.execute(select(func.count(distinct(c.agent))).where(*opened))).scalar_one()
    return offers(
        given=sum(row.many for row in rows),
        yes=sum(row.many for row in rows if row.state == TaskState.YES),
        no=sum(row.many for row in rows if row.state == TaskState.NO),
        told=[(row.told_on_day, row.told_after_days, row.many) for row in rows if row.told_on_day is not None],
        handlers=handlers,
    )


_KEYS = {one.name for one in _BY}


def _place(row: Mapping[str, Any]) -> Place:
    return row["type"], ELSEWHERE if row["is_protected"] else row["office"]


def _within(query: Select[Any], period: Period) -> Select[Any]:
    quarter = meetings.c.first_quarter
    return query.where(quarter >= midnight(period.first), quarter < midnight(period.until))


def _became() -> Select[Any]:
    counted = (func.sum(case((meetings.c.state == state, 1), else_=0)).label(name) for state, name in _STATES.items())
    moves = func.sum(meetings.c.sequence).label("moves")
    return select(*_BY, *counted, moves).where(meetings.c.state.in_(list(_STATES))).group_by(*_BY)


def _documented() -> Select[Any]:
    at_once: Any = case((documents.c.days_after == 0, meetings.c.meeting))
    return (
        select(*_BY, _number(meetings.c.meeting).label("documented"), _number(at_once).label("same_day"))
        .join(documents, documents.c.meeting == meetings.c.meeting)
        .where(documents.c.handed_over_at.is_not(None), meetings.c.state == State.DONE)
        .group_by(*_BY)
    )


def _prepared() -> Select[Any]:
    return (
        select(*_BY, _number(meetings.c.meeting).label("prepared"))
        .join(answers, answers.c.meeting == meetings.c.meeting)
        .where(answers.c.given_at < meetings.c.starts_at, meetings.c.state.in_(_HELD_OR_MISSED))
        .group_by(*_BY)
    )


def _followed_up() -> Select[Any]:
    table = meeting_follow_ups
    return (
        select(*_BY, func.count().label("asked"), func.count(table.c.answered_at).label("answered"))
        .join(table, table.c.meeting == meetings.c.meeting)
        .group_by(*_BY)
    )


def _number(column: Any) -> Any:
    return func.count(distinct(column))
