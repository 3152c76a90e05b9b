"""The tasks of handlers before day 90 of a sick leave: to tell of rights and possibilities, and to offer a contact meeting.

A yes and a no are kept alike, either can become the other, and nothing follows on a no (R70–R72).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256

from core.ids import AgentId, Subject
from meetings import task_store as store
from meetings.changing import Changing
from meetings.day_counting import date_of, is_over, is_to_tell
from meetings.errors import TaskNotFoundError, TaskOverError
from meetings.events import ContactMeetingAnswered, ContactMeetingDue
from meetings.hours import local_day
from meetings.model import TO_DO, Task, TaskState
from storage.database import Transaction

AT_ONCE = 500
MOST = 200
"""So many tasks are listed."""


class Tasks:
    """The tasks of handlers. Each method is a transaction of its own, unless it takes one."""

    def __init__(self, meetings: Changing) -> None:
        self._meetings = meetings

    async def sick_since(self, subject: Subject, since_on: date, *, handler: str = "") -> bool:
        """Keep that somebody is sick since a day: one task for each first day, however often it is told.

        It is the handler's at once if it is time (R70), else it waits for that; who is past day 90 already is left alone.
        ``handler`` is whose it is; nobody's when the register does not know them. ``False`` when it was told before.
        """
        now, policy = self._meetings.clock.now(), self._meetings.policy
        today = local_day(now)
        state = TaskState.WAITING
        if is_over(since_on, today):
            state = TaskState.OVER
        elif is_to_tell(since_on, today, from_day=policy.tell_from_day):
            state = TaskState.OPEN
        task = Task(
            task=_name(subject, since_on),
            subject=subject,
            since_on=since_on,
            due_on=date_of(since_on, policy.latest_day),
            state=state,
            handler=AgentId(handler) if handler in self._meetings.register.handlers else None,
            opened_on=today if state is TaskState.OPEN else None,
        )
        async with self._meetings.database.transaction() as tx:
            is_new = await store.add(tx, task)
            if is_new and state is TaskState.OPEN:
                await tx.record(ContactMeetingDue(occurred_at=now, task=task.task))
        return is_new

    async def run_due(self) -> int:
        """Open the tasks for which it is time now, each once, and return how many; for the sweeper, of which any number run."""
        opened = 0
        while True:
            now = self._meetings.clock.now()
            today = local_day(now)
            # Whoever went past day 90 meanwhile, since nobody swept, is late and is told all the same.
            until = date_of(today, 2 - self._meetings.policy.tell_from_day)
            async with self._meetings.database.transaction() as tx:
                some = await store.open_due(tx, since_until=until, on=today, most=AT_ONCE)
                for task in some:
                    await tx.record(ContactMeetingDue(occurred_at=now, task=task))
            opened += len(some)
            if len(some) < AT_ONCE:
                return opened

    async def get(self, tx: Transaction, task: str) -> Task:
        """Return a task; raises :class:`TaskNotFoundError`."""
        found = await store.find(tx, task)
        if found is None:
            raise TaskNotFoundError(task)
        return found

    async def listed(self, tx: Transaction, *, handler: AgentId | None = None, every: bool = False) -> Sequence[Task]:
        """Return what is to be done, of a handler or of all, those first that are due first; with ``every`` the rest, too."""
        states = tuple(TaskState) if every else TO_DO
        return await store.listed(tx, handler=handler, states=states, most=MOST)

    async def informed(self, task: str) -> Task:
        """Note that somebody was told of their rights and possibilities; the first time counts.

        Raises :class:`TaskNotFoundError` and :class:`TaskOverError`.
        """
        async with self._meetings.database.transaction() as tx:
            row = await self._to_change(tx, task)
            if row.informed_at is not None:
                return row
            new = replace(row, state=TaskState.OFFERED, informed_at=self._meetings.clock.now())
            await store.change(tx, new)
        return new

    async def answered(self, task: str, *, wants: bool) -> Task:
        """Keep that somebody wants a contact meeting, or does not; whoever answers was told of it.

        They may change their mind as often as they like, and the same answer again is none. Raises
        :class:`TaskNotFoundError` and :class:`TaskOverError`.
        """
        now = self._meetings.clock.now()
        state = TaskState.YES if wants else TaskState.NO
        async with self._meetings.database.transaction() as tx:
            row = await self._to_change(tx, task)
            if row.state is state:
                return row
            new = replace(row, state=state, informed_at=row.informed_at or now)
            await store.change(tx, new)
            await tx.record(ContactMeetingAnswered(occurred_at=now, task=task, wants=wants))
        return new

    async def ended(self, task: str) -> Task:
        """Note that there is nothing to offer any more, as when somebody is well again. Raises :class:`TaskNotFoundError`."""
        async with self._meetings.database.transaction() as tx:
            row = await self._to_change(tx, task, also_over=True)
            new = replace(row, state=TaskState.OVER)
            await store.change(tx, new)
        return new

    async def _to_change(self, tx: Transaction, task: str, *, also_over: bool = False) -> Task:
        row = await store.find(tx, task, to_change=True)
        if row is None:
            raise TaskNotFoundError(task)
        if row.state is TaskState.OVER and not also_over:
            raise TaskOverError
        return row


def _name(subject: Subject, since_on: date) -> str:
    """Return the name of the task for a sick leave: the same each time it is told, so that there is one."""
    return f"tsk_{sha256(f'{subject}:{since_on}'.encode()).hexdigest()[:32]}"
