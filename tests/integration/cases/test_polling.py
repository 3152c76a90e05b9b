"""Events that the agency's systems cannot tell us of are asked for: each has its effect once, and none is passed over."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from cases.adapters.http import HttpRegister
from cases.events import CaseEventKind
from cases.events_store import place, read_at
from cases.polling import Page, Polling
from cases.taking_in import CaseEvents
from core.ids import Subject
from storage.database import Database
from storage.outbox import outbox
from tests.fakes.clock import HandClock

TOKEN = "a token for this test"


class Feed:
    """The agency's list of events, two on a page. ``fault`` is a status that it answers with."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.fault = 0
        self.asked: list[str] = []

    def happens(self, name: str, **more: Any) -> None:
        told = {"id": name, "type": "case.decided", "data": {"subject": "demo-01", "benefit": "barnbidrag"}}
        self.rows.append(told | more)

    async def events(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.query["after"])
        if self.fault or request.headers["Authorization"] != f"Bearer {TOKEN}":
            return web.Response(status=self.fault or 401)
        begin = int(request.query["after"] or 0)
        page = self.rows[begin : begin + 2]
        return web.json_response({"events": page, "next": str(begin + len(page)) if page or begin else ""})


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def agency() -> Feed:
    return Feed()


@pytest.fixture
async def register(agency: Feed, clock: HandClock) -> AsyncIterator[HttpRegister]:
    app = web.Application()
    app.router.add_get("/v1/events", agency.events)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with HttpRegister(url=f"http://127.0.0.1:{runner.addresses[0][1]}", token=TOKEN, clock=clock) as register:
        yield register
    await runner.cleanup()


def polling(database: Database, clock: HandClock, register: HttpRegister, holder: str = "one") -> Polling:
    events = CaseEvents(database=database, clock=clock)
    return Polling(feed=register, events=events, database=database, clock=clock, holder=holder)


async def told(database: Database) -> int:
    async with database.reading() as tx:
        return len((await tx.execute(outbox.select().where(outbox.c.name == "CaseEventReceived"))).all())


async def test_events_are_read_on_from_where_the_last_process_was(
    database: Database, clock: HandClock, register: HttpRegister, agency: Feed
) -> None:
    for number in range(5):
        agency.happens(f"e{number}")
    assert await polling(database, clock, register).run_due() == 5
    agency.happens("e5", type="payment.set", data={"subject": "demo-01", "benefit": "barnbidrag", "on": "2026-12-21"})
    clock.pass_time(minutes=1)
    assert await polling(database, clock, register, "two").run_due() == 1
    assert await polling(database, clock, register, "two").run_due() == 0
    assert (await told(database), agency.asked[:4]) == (6, ["", "2", "4", "5"])


async def test_one_that_was_told_before_or_is_read_again_has_no_second_effect(
    database: Database, clock: HandClock, register: HttpRegister, agency: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.happens("w0")
    agency.happens("e1")
    events = CaseEvents(database=database, clock=clock)
    await events.take(told_as="w0", kind=CaseEventKind.DECIDED, subject=Subject("demo-01"), benefit="barnbidrag")

    async def dies(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("cases.events_store.keep_place", dies)  # killed when all is taken in, and the place not kept
        await polling(database, clock, register).run_due()
    assert await told(database) == 2
    assert await polling(database, clock, register).run_due() == 0
    assert await told(database) == 2


async def test_one_that_cannot_be_read_holds_up_none_that_come_after_it(
    database: Database, clock: HandClock, register: HttpRegister, agency: Feed
) -> None:
    agency.happens("e0", type="case.unheard_of")
    agency.happens("e1", data={"subject": "<script>", "benefit": "barnbidrag"})
    agency.happens("e2", type="payment.set")  # without its day
    sick = {"subject": "demo-01", "benefit": "sjukpenning"}
    agency.happens("e3", type="case.sick_since", data=sick)
    agency.happens("e4", type="case.sick_since", data=sick | {"on": "9999-12-31"})  # no calendar counts on from there
    agency.happens("e5", type="case.sick_since", data=sick | {"on": "2026-09-01", "handler": "<b>"})
    agency.happens("e6")
    assert await polling(database, clock, register).run_due() == 1


async def answered_at(database: Database) -> datetime | None:
    async with database.reading() as tx:
        return await read_at(tx)


async def test_it_is_known_when_the_systems_last_answered_also_while_nothing_is_new(
    database: Database, clock: HandClock, register: HttpRegister, agency: Feed
) -> None:
    assert await answered_at(database) is None
    await polling(database, clock, register).run_due()
    first = clock.now()
    assert await answered_at(database) == first
    clock.pass_time(seconds=40)
    await polling(database, clock, register).run_due()
    assert await answered_at(database) == first, "noted once a minute"
    clock.pass_time(seconds=40)
    await polling(database, clock, register).run_due()
    assert await answered_at(database) == clock.now()
    agency.fault = 503
    last = clock.now()
    clock.pass_time(minutes=10)
    await polling(database, clock, register).run_due()
    assert await answered_at(database) == last


async def test_systems_that_do_not_answer_are_left_alone_and_nothing_is_passed_over(
    database: Database, clock: HandClock, register: HttpRegister, agency: Feed
) -> None:
    agency.happens("e0")
    agency.fault = 503
    for _ in range(9):
        assert await polling(database, clock, register).run_due() == 0
    assert len(agency.asked) == 5, "the breaker is open"
    agency.fault = 0
    clock.pass_time(seconds=16)
    assert await polling(database, clock, register).run_due() == 1


async def test_only_one_process_reads_at_a_time(
    database: Database, clock: HandClock, register: HttpRegister, agency: Feed
) -> None:
    agency.happens("e0")
    assert await polling(database, clock, register).run_due() == 1
    agency.happens("e1")
    assert await polling(database, clock, register, "two").run_due() == 0
    clock.pass_time(seconds=31)
    assert await polling(database, clock, register, "two").run_due() == 1


async def test_one_that_was_so_slow_that_another_took_over_does_not_put_the_place_back(
    database: Database, clock: HandClock, register: HttpRegister, agency: Feed
) -> None:
    agency.happens("e0")
    agency.happens("e1")

    class Slow:
        """Answers the first process when its lease has run out and another has read on."""

        async def events(self, *, after: str) -> Page:
            page = await register.events(after=after)
            clock.pass_time(seconds=31)
            agency.happens("e2")
            assert await polling(database, clock, register, "two").run_due() == 3
            return page

    late = Polling(
        feed=Slow(), events=CaseEvents(database=database, clock=clock), database=database, clock=clock, holder="one"
    )
    with capture_logs() as lines:
        assert await late.run_due() == 0
    assert [line["event"] for line in lines] == ["cases.late_at_reading"]
    async with database.reading() as tx:
        assert await place(tx) == "3"
    assert await told(database) == 3
