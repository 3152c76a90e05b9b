"""What to mend when SQL and the live line tell different stories of one contact. Pure.

A process may have died between a decision and its record, or Redis may have lost its last seconds. The token of the
newest offer tells who is further: it only grows.
"""

from dataclasses import replace
from enum import Enum, auto

from skills_routing.line.connection import Connection, fact_of, facts_of_talk
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.model import ContactState
from skills_routing.rules.steps import StepReason
from skills_routing.store import Routed

_NOT_TALKING = (ContactState.WAITING, ContactState.OFFERED)
_ROW_BY_RECORD = (ContactState.CALLING, ContactState.TALKING, ContactState.WRAP_UP)
"""Whom an agent picks to ring back out of turn has no row before a record makes it."""


class Repair(Enum):
    """How the two are made to agree again."""

    ENTER = auto()
    RESTORE = auto()
    TAKE_OUT = auto()
    PART = auto()
    FORGET = auto()
    FINISH_WRAP_UP = auto()
    RECORD = auto()


def repair_for(
    row: Routed | None, connection: Connection | None, *, is_open: bool = True, over_up_to: int = 0
) -> Repair | None:
    """Choose what mends this contact; ``None`` when nothing is wrong. ``is_open``: the ledger has no outcome yet.

    ``over_up_to`` is the newest decision in an attempt to ring this one back that is over.
    """
    if not is_open:
        repair = _ended_in_ledger(row, connection)
        if repair is not None:
            return repair
    if row is None:
        return _without_row(connection, over_up_to)
    if row.state is ContactState.WAITING:
        return _waiting_row(row, connection)
    return _talking_row(row, connection)


def facts_to_record(row: Routed | None, connection: Connection) -> tuple[LineFact, ...]:
    """Return the facts by which SQL catches up with the live line."""
    match connection.state:
        case ContactState.CALLING:
            return (fact_of(Kind.CALLING, connection),)
        case ContactState.DIALLED:
            return (fact_of(Kind.DIALLED, connection),)
        case ContactState.TALKING | ContactState.WRAP_UP:
            return facts_of_talk(connection)
        case _:
            if row is None:
                return ()
            returned = (fact_of(Kind.RETURNED, connection),) if row.state is ContactState.TALKING else ()
            return (*returned, *_confirmed(row, connection), *_step_taken(row, connection))


def _ended_in_ledger(row: Routed | None, connection: Connection | None) -> Repair | None:
    """A citizen who is gone does not wait (I-05), also when the line did not hear of it."""
    if connection is None:
        waits = row is not None and row.state is ContactState.WAITING and not row.callback
        return Repair.FORGET if waits else None
    if connection.is_ring_back or connection.state is ContactState.WRAP_UP:
        return None
    return Repair.TAKE_OUT if connection.state in _NOT_TALKING else Repair.PART


def _without_row(connection: Connection | None, over_up_to: int) -> Repair | None:
    if connection is None:
        return None
    if connection.is_ring_back and connection.state in _ROW_BY_RECORD and connection.token > over_up_to:
        return Repair.RECORD
    if connection.is_ring_back and connection.state not in (ContactState.WAITING, ContactState.WRAP_UP):
        return None
    if connection.state in _NOT_TALKING:
        return Repair.TAKE_OUT
    return Repair.FINISH_WRAP_UP if connection.state is ContactState.WRAP_UP else None


def _waiting_row(row: Routed, connection: Connection | None) -> Repair | None:
    if connection is None:
        return Repair.ENTER
    same = connection.state in _NOT_TALKING and connection.step <= row.step  # a step that Redis lost comes again
    return None if same else Repair.RECORD


def _talking_row(row: Routed, connection: Connection | None) -> Repair | None:
    if connection is None or connection.token < row.token:
        return Repair.RESTORE
    if connection.token == row.token and connection.state is row.state:
        return None
    behind = row.state is ContactState.WRAP_UP and connection.token == row.token
    return Repair.RESTORE if behind else Repair.RECORD


def _confirmed(row: Routed, connection: Connection) -> tuple[LineFact, ...]:
    """The key that a citizen pressed whom we rang first; a later offer has a newer token, and is recorded by itself."""
    if row.state is not ContactState.DIALLED or not connection.leg:
        return ()
    return (replace(fact_of(Kind.CONFIRMED, connection), token=row.token),)


def _step_taken(row: Routed, connection: Connection) -> tuple[LineFact, ...]:
    """Only the newest: why those before it were taken is not known any more."""
    if connection.step <= row.step:
        return ()
    taken = fact_of(Kind.STEP_TAKEN, connection)
    return (replace(taken, step=connection.step, line=connection.line, how=StepReason.TIME),)
