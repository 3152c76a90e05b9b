"""What to mend when SQL and the live line tell different stories of one contact. Pure.

A process may have died between a decision and its record, or Redis may have lost its last seconds. The token of the
newest offer tells who is further: it only grows.
"""

from dataclasses import replace
from enum import Enum, auto

from skills_routing.line.connection import Connection
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.model import ContactState
from skills_routing.rules.steps import StepReason
from skills_routing.store import Routed

_NOT_TALKING = (ContactState.WAITING, ContactState.OFFERED)


class Repair(Enum):
    """How the two are made to agree again."""

    ENTER = auto()
    RESTORE = auto()
    TAKE_OUT = auto()
    PART = auto()
    FORGET = auto()
    FINISH_WRAP_UP = auto()
    RECORD = auto()


def repair_for(row: Routed | None, connection: Connection | None, *, is_open: bool = True) -> Repair | None:
    """Choose what mends this contact; ``None`` when nothing is wrong. ``is_open``: the ledger has no outcome yet."""
    if not is_open:
        repair = _ended_in_ledger(row, connection)
        if repair is not None:
            return repair
    if row is None:
        return _without_row(connection)
    if row.state is ContactState.WAITING:
        return _waiting_row(row, connection)
    return _talking_row(row, connection)


def facts_to_record(row: Routed, connection: Connection) -> tuple[LineFact, ...]:
    """Return the facts by which SQL catches up with the live line."""
    joined = _fact(Kind.JOINED, connection)
    match connection.state:
        case ContactState.CALLING:
            return (_fact(Kind.CALLING, connection),)
        case ContactState.DIALLED:
            return (_fact(Kind.DIALLED, connection),)
        case ContactState.TALKING:
            return (joined,)
        case ContactState.WRAP_UP:
            return (joined, _fact(Kind.TALK_ENDED, connection))
        case _:
            returned = (_fact(Kind.RETURNED, connection),) if row.state is ContactState.TALKING else ()
            return (*returned, *_confirmed(row, connection), *_step_taken(row, connection))


def _ended_in_ledger(row: Routed | None, connection: Connection | None) -> Repair | None:
    """A citizen who is gone does not wait (I-05), also when the line did not hear of it."""
    if connection is None:
        waits = row is not None and row.state is ContactState.WAITING and not row.callback
        return Repair.FORGET if waits else None
    if connection.is_ring_back or connection.state is ContactState.WRAP_UP:
        return None
    return Repair.TAKE_OUT if connection.state in _NOT_TALKING else Repair.PART


def _without_row(connection: Connection | None) -> Repair | None:
    if connection is None or (connection.is_ring_back and connection.state is not ContactState.WAITING):
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
    return (replace(_fact(Kind.CONFIRMED, connection), token=row.token),)


def _step_taken(row: Routed, connection: Connection) -> tuple[LineFact, ...]:
    """Only the newest: why those before it were taken is not known any more."""
    if connection.step <= row.step:
        return ()
    taken = _fact(Kind.STEP_TAKEN, connection)
    return (replace(taken, step=connection.step, line=connection.line, how=StepReason.TIME),)


def _fact(kind: Kind, connection: Connection) -> LineFact:
    return LineFact(
        fact=kind,
        at=connection.state_since,
        contact=connection.contact,
        agent=connection.agent,
        offer=connection.offer,
        token=connection.token,
        leg=connection.leg,
        agent_leg=connection.agent_leg,
        callback=connection.callback,
        by=(connection.ended_by or "fault") if kind is Kind.TALK_ENDED else "",
    )
