"""Before day 90 a handler has one task to offer a contact meeting; a yes and a no are kept alike (R70–R72)."""

from datetime import timedelta

import pytest

from core.events import Event
from core.ids import AgentId, Subject
from meetings.errors import TaskNotFoundError, TaskOverError
from meetings.events import ContactMeetingAnswered, ContactMeetingDue
from meetings.hours import local_day
from meetings.model import Task, TaskState
from meetings.service import Meetings
from storage.database import Database
from tests.builders.meetings import meetings_over
from tests.fakes.clock import CountingIds, HandClock

WHO = Subject("demo-08")


async def tasks(meetings: Meetings, database: Database, handler: str = "", *, every: bool = True) -> list[Task]:
    async with database.reading() as tx:
        return list(await meetings.tasks.listed(tx, handler=AgentId(handler) if handler else None, every=every))


async def sick_for(
    meetings: Meetings, clock: HandClock, days: int, *, who: Subject = WHO, handler: str = "lena"
) -> bool:
    """Tell that today is this day of a sick leave."""
    return await meetings.tasks.sick_since(who, local_day(clock.now()) - timedelta(days=days - 1), handler=handler)


async def the_open_task(meetings: Meetings, database: Database, clock: HandClock) -> Task:
    await sick_for(meetings, clock, 60)
    (task,) = await tasks(meetings, database, every=False)
    return task


def facts(told: list[Event], kind: type[Event]) -> int:
    return sum(isinstance(one, kind) for one in told)


async def test_a_task_waits_for_its_day_and_is_then_opened_once_however_many_sweep(
    meetings: Meetings, database: Database, clock: HandClock, told: list[Event]
) -> None:
    another = meetings_over(database, clock, CountingIds())
    assert await sick_for(meetings, clock, 59)
    assert (await meetings.tasks.run_due(), await tasks(meetings, database, every=False)) == (0, [])
    clock.pass_time(days=1)
    assert not await sick_for(another, clock, 60), "told again, it is the same sick leave"
    assert [await one.tasks.run_due() for one in (meetings, another, meetings)] == [1, 0, 0]
    (task,) = await tasks(meetings, database, every=False)
    assert (task.state, task.handler, task.due_on) == (
        TaskState.OPEN,
        "lena",
        local_day(clock.now()) + timedelta(days=25),
    )
    assert facts(told, ContactMeetingDue) == 1


async def test_whoever_is_known_late_is_the_handlers_at_once_and_whoever_is_past_day_90_is_left_alone(
    meetings: Meetings, database: Database, clock: HandClock, told: list[Event]
) -> None:
    assert await sick_for(meetings, clock, 90, who=Subject("a"), handler="nobody-we-know")
    assert await sick_for(meetings, clock, 91, who=Subject("b"))
    assert not await sick_for(meetings, clock, 90, who=Subject("a"))
    (task,) = await tasks(meetings, database, every=False)
    assert (task.subject, task.handler, facts(told, ContactMeetingDue)) == ("a", None, 1)
    assert [one.state for one in await tasks(meetings, database, "lena")] == [TaskState.OVER]
    assert await meetings.tasks.run_due() == 0


async def test_one_that_nobody_swept_in_time_is_opened_all_the_same(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    await sick_for(meetings, clock, 1)
    clock.pass_time(days=120)
    assert await meetings.tasks.run_due() == 1
    (task,) = await tasks(meetings, database, every=False)
    assert not (await meetings.tasks.informed(task.task)).is_in_time


async def test_a_new_sick_leave_of_the_same_person_is_a_task_of_its_own(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    first = await the_open_task(meetings, database, clock)
    await meetings.tasks.answered(first.task, wants=False)
    clock.pass_time(days=200)
    second = await the_open_task(meetings, database, clock)
    assert second.task != first.task and second.state is TaskState.OPEN, "a no of then is none of now"


@pytest.mark.parametrize(("wants", "state"), [(True, TaskState.YES), (False, TaskState.NO)])
async def test_a_yes_and_a_no_are_kept_alike_and_leave_the_same_behind(
    meetings: Meetings, database: Database, clock: HandClock, told: list[Event], *, wants: bool, state: TaskState
) -> None:
    task = await the_open_task(meetings, database, clock)
    informed = await meetings.tasks.informed(task.task)
    assert (informed.state, informed.is_in_time) == (TaskState.OFFERED, True)
    clock.pass_time(days=1)
    assert await meetings.tasks.informed(task.task) == informed, "the first time counts"
    answered = await meetings.tasks.answered(task.task, wants=wants)
    assert (answered.state, answered.informed_at) == (state, informed.informed_at)
    assert await meetings.tasks.answered(task.task, wants=wants) == answered
    assert [one for one in told if isinstance(one, ContactMeetingAnswered)] == [
        ContactMeetingAnswered(occurred_at=clock.now(), task=task.task, wants=wants)
    ]
    assert await tasks(meetings, database, every=False) == []
    async with database.reading() as tx:
        assert await meetings.tasks.get(tx, task.task) == answered


async def test_whoever_said_no_may_say_yes_later_and_the_other_way_round(
    meetings: Meetings, database: Database, clock: HandClock, told: list[Event]
) -> None:
    task = await the_open_task(meetings, database, clock)
    said = [(await meetings.tasks.answered(task.task, wants=wants)).state for wants in (False, True, False)]
    assert said == [TaskState.NO, TaskState.YES, TaskState.NO] and facts(told, ContactMeetingAnswered) == 3
    assert (await tasks(meetings, database))[0].informed_at is not None, "whoever answers was told"


async def test_one_that_is_over_is_not_offered_any_more(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    task = await the_open_task(meetings, database, clock)
    assert (await meetings.tasks.ended(task.task)) == await meetings.tasks.ended(task.task)
    assert await tasks(meetings, database, every=False) == []
    with pytest.raises(TaskOverError):
        await meetings.tasks.informed(task.task)
    with pytest.raises(TaskOverError):
        await meetings.tasks.answered(task.task, wants=True)
    with pytest.raises(TaskNotFoundError):
        await meetings.tasks.ended("tsk_none")


async def test_it_is_forgotten_with_the_time_that_meetings_are_kept(
    meetings: Meetings, database: Database, clock: HandClock
) -> None:
    task = await the_open_task(meetings, database, clock)
    clock.pass_time(days=(task.due_on - local_day(clock.now())).days + meetings.policy.kept.days)
    await meetings.forgetting.forget()
    assert await tasks(meetings, database) != []
    clock.pass_time(days=1)
    await meetings.forgetting.forget()
    assert await tasks(meetings, database) == []
