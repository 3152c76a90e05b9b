"""Whom a personal handler is to tell of their possibilities before day 90, and to offer a contact meeting (R70–R72)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol

from core.clock import Clock
from core.ids import AgentId, Subject
from dashboard.errors import NotAllowedError, PersonUnavailableError
from dashboard.meeting_views import MeetingTasksView, MeetingTaskView
from dashboard.promise_desk import Person
from dashboard.views import PersonView
from skills_routing.service import Routing
from storage.audit import Reading, note_reading
from storage.database import Database, Transaction


class Task(Protocol):
    """A task, as the desk shows it."""

    @property
    def task(self) -> str: ...  # noqa: D102
    @property
    def subject(self) -> Subject: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def due_on(self) -> date: ...  # noqa: D102
    @property
    def day_90(self) -> date: ...  # noqa: D102
    @property
    def informed_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def handler(self) -> AgentId | None: ...  # noqa: D102


class Tasks(Protocol):
    """The tasks. Each method is as that of the same name of the room that keeps meetings."""

    async def listed(self, tx: Transaction, *, handler: AgentId | None = None, every: bool = False) -> Sequence[Task]:
        """Return what is to be done, of a handler."""
        ...

    async def get(self, tx: Transaction, task: str) -> Task:
        """Return a task."""
        ...

    async def informed(self, task: str) -> Task:
        """Note that somebody was told."""
        ...

    async def answered(self, task: str, *, wants: bool) -> Task:
        """Keep the yes or no."""
        ...


class TaskDesk:
    """What agents do with their own tasks, each look and change noted. A protected person's are the cleared ones' only."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        routing: Routing,
        tasks: Tasks,
        person: Person,
        handler_of: Callable[[AgentId], AgentId | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._routing = routing
        self._tasks = tasks
        self._person = person
        self._handler_of = handler_of

    async def shown(self, agent: AgentId) -> MeetingTasksView:
        """Return an agent's own tasks, after noting of whom they read. Whose name cannot be looked up now is left out."""
        handler = self._handler_of(agent)
        if handler is None:
            return MeetingTasksView(tasks=[], is_complete=True)
        is_cleared = await self._routing.staffing.is_cleared(agent)
        async with self._database.reading() as tx:
            rows = await self._tasks.listed(tx, handler=handler)
        found = [(row, *await self._person(row.subject, cleared=is_cleared)) for row in rows]
        seen = [(row, person) for row, person, _ in found if person and (is_cleared or not person.protected)]
        async with self._database.transaction() as tx:
            for row, _ in seen:
                await self._note(tx, agent, "meeting_tasks", row)
        return MeetingTasksView(
            tasks=[_view(row, person) for row, person in seen],
            is_complete=not any(unavailable for *_, unavailable in found),
        )

    async def informed(self, agent: AgentId, task: str) -> None:
        """Note that somebody was told of their possibilities, and who says so; raises :class:`NotAllowedError`."""
        await self._require(agent, task)
        await self._tasks.informed(task)

    async def answered(self, agent: AgentId, task: str, *, wants: bool) -> None:
        """Keep a yes or a no, and who heard it. A yes is booked as any meeting with consent; nothing follows on a no."""
        await self._require(agent, task)
        await self._tasks.answered(task, wants=wants)

    async def _require(self, agent: AgentId, task: str) -> None:
        async with self._database.reading() as tx:
            row = await self._tasks.get(tx, task)
        if row.handler is None or row.handler != self._handler_of(agent):
            raise NotAllowedError
        person, unavailable = await self._person(row.subject)
        if unavailable:
            raise PersonUnavailableError
        if person is not None and person.protected and not await self._routing.staffing.is_cleared(agent):
            raise NotAllowedError
        async with self._database.transaction() as tx:
            await self._note(tx, agent, "meeting_task_change", row)

    async def _note(self, tx: Transaction, agent: AgentId, what: str, row: Task) -> None:
        await note_reading(tx, Reading(reader=agent, what=what, subject=row.subject), at=self._clock.now())


def _view(row: Task, person: PersonView) -> MeetingTaskView:
    return MeetingTaskView(
        task=row.task,
        name=person.name,
        is_protected=person.protected,
        state=row.state,
        due_on=row.due_on,
        day_90=row.day_90,
        informed_at=row.informed_at,
    )
