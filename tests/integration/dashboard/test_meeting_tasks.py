"""A personal handler's tasks before day 90 at the desk: their own, each look noted, a protected person's for the cleared only."""

from datetime import timedelta
from typing import Any

import pytest

from core.ids import Subject
from meetings.hours import local_day
from storage.audit import audit
from tests.builders.desk_meetings import HANDLERS, meetings_of
from tests.builders.desk_world import Browser, DeskWorld
from tests.integration.skills_routing.world import BO

PROTECTED = "demo-08"


async def sick(desk: DeskWorld, subject: str, handler: str) -> None:
    """It is day 60 of the sick leave of somebody."""
    day_1 = local_day(desk.world.time.now()) - timedelta(days=59)
    assert await meetings_of(desk.world).tasks.sick_since(Subject(subject), day_1, handler=handler)


async def tasks(browser: Browser) -> list[dict[str, Any]]:
    shown = await browser.get("/api/meeting-tasks")
    assert shown["is_complete"]
    return list(shown["tasks"])


async def read(desk: DeskWorld) -> list[tuple[str, str, str]]:
    async with desk.database.reading() as tx:
        rows = await tx.execute(audit.select().where(audit.c.what.like("meeting_task%")).order_by(audit.c.number))
        return [(row.reader, row.what, row.subject) for row in rows]


async def test_a_handler_tells_and_keeps_what_is_answered_of_their_own_and_of_nobody_elses(
    desk: DeskWorld, browser: Browser
) -> None:
    for subject, handler in (("demo-01", "lena"), ("demo-02", "lena"), ("demo-03", "mats")):
        await sick(desk, subject, handler)
    await browser.log_in("bo")  # who meets citizens as Lena
    first, second = sorted(await tasks(browser), key=lambda one: str(one["name"]))
    assert [one["name"] for one in (first, second)] == ["Maja Exempelsson", "Nils Testberg"]
    assert (first["state"], first["informed_at"], first["is_protected"]) == ("open", None, False)
    async with await desk.browser() as another:
        await another.log_in("asa")
        (of_mats,) = await tasks(another)
        for path, more in (("informed", {}), ("answer", {"wants": False})):
            assert (await another.ask("POST", f"/api/meeting-tasks/{path}", {"task": first["task"]} | more))[0] == 403
    await browser.post("/api/meeting-tasks/informed", {"task": first["task"]})
    assert {one["state"] for one in await tasks(browser)} == {"open", "offered"}
    await browser.post("/api/meeting-tasks/answer", {"task": first["task"], "wants": True})
    await browser.post("/api/meeting-tasks/answer", {"task": second["task"], "wants": False})
    assert await tasks(browser) == []
    assert (await browser.ask("POST", "/api/meeting-tasks/informed", {"task": of_mats["task"]}))[0] == 403
    assert (await browser.ask("POST", "/api/meeting-tasks/informed", {"task": "tsk_" + "0" * 32}))[0] == 404
    noted = await read(desk)
    assert {one for one in noted if one[0] == "asa"} == {("asa", "meeting_tasks", "demo-03")}
    changes = [(reader, subject) for reader, what, subject in noted if what == "meeting_task_change"]
    assert changes == [("bo", "demo-01"), ("bo", "demo-01"), ("bo", "demo-02")]


async def test_a_protected_persons_is_for_the_cleared_only(
    desk: DeskWorld, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sick(desk, PROTECTED, "nora")
    async with await desk.browser() as cleared:
        await cleared.log_in("carin")
        (task,) = await tasks(cleared)
        assert task["is_protected"] and task["name"]
    monkeypatch.setitem(HANDLERS, BO, "nora")
    await browser.log_in("bo")
    assert await tasks(browser) == []
    said = {"task": task["task"], "wants": True}
    assert (await browser.ask("POST", "/api/meeting-tasks/answer", said))[0] == 403
    assert [reader for reader, *_ in await read(desk)] == ["carin"]


async def test_an_agent_who_meets_nobody_has_none(
    desk: DeskWorld, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sick(desk, "demo-01", "nobody-we-know")
    monkeypatch.delitem(HANDLERS, BO)
    await browser.log_in("bo")
    assert await tasks(browser) == [] == await read(desk)
