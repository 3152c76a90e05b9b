"""How the tasks to offer a contact meeting are written and read."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import AgentId, Subject
from meetings.following_store import meeting_tasks as table
from meetings.model import Task, TaskState
from storage.database import Transaction


async def add(tx: Transaction, task: Task) -> bool:
    """Write a task; ``False`` when there is one for this sick leave."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).values(**_values(task)).on_conflict_do_nothing().returning(table.c.task)
    return (await tx.execute(new)).one_or_none() is not None


async def open_due(tx: Transaction, *, since_until: date, on: date, most: int) -> Sequence[str]:
    """Open what waits of sick leaves that began on a date or before; each is returned to one process only."""
    waits = (table.c.state == TaskState.WAITING, table.c.since_on <= since_until)
    some = select(table.c.task).where(*waits).order_by(table.c.since_on).limit(most)
    opened = update(table).where(table.c.task.in_(some), *waits).values(state=TaskState.OPEN, opened_on=on)
    return [row.task for row in await tx.execute(opened.returning(table.c.task))]


async def find(tx: Transaction, task: str, *, to_change: bool = False) -> Task | None:
    """Return a task; ``to_change`` keeps others from it until the transaction ends."""
    query = select(table).where(table.c.task == task)
    row = (await tx.execute(query.with_for_update() if to_change else query)).one_or_none()
    return _task(row) if row is not None else None


async def change(tx: Transaction, task: Task) -> None:
    """Write a task as it is now."""
    await tx.execute(update(table).where(table.c.task == task.task).values(**_values(task)))


async def listed(tx: Transaction, *, handler: AgentId | None, states: Sequence[TaskState], most: int) -> Sequence[Task]:
    """Return the tasks in these states, of one handler or of all, those first that are due first."""
    query = select(table).where(table.c.state.in_(states))
    if handler is not None:
        query = query.where(table.c.agent == handler)
    return [_task(row) for row in await tx.execute(query.order_by(table.c.due_on, table.c.task).limit(most))]


def _values(task: Task) -> dict[str, Any]:
    # Whom the agency's systems tell of is known by their key only, so ``person`` stays empty.
    return {
        "task": task.task, "person": "", "subject": task.subject, "since_on": task.since_on, "due_on": task.due_on,
        "state": task.state, "informed_at": task.informed_at, "agent": task.handler,
        "opened_on": task.opened_on, "told_on_day": task.told_on_day, "told_after_days": task.told_after_days,
    }  # fmt: skip


def _task(row: Any) -> Task:
    return Task(
        task=row.task,
        subject=Subject(row.subject),
        since_on=row.since_on,
        due_on=row.due_on,
        state=TaskState(row.state),
        informed_at=row.informed_at,
        handler=AgentId(row.agent) if row.agent else None,
        opened_on=row.opened_on,
    )
