"""How waits are recorded, and what was foreseen held against the truth, on the real line and both databases."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from core.ids import AgentId, ContactId
from skills_routing.agents.desk import newcomers_line
from skills_routing.forecast.estimates import OneQueue
from skills_routing.forecast.forecasting import Forecasting, Rhythm
from skills_routing.forecast.history import History
from skills_routing.forecast.history_store import Memory, app_queue_says, read_history
from skills_routing.forecast.live_waits import LiveWaits
from skills_routing.forecast.told_store import waits_told
from skills_routing.forecast.wait_store import waits
from skills_routing.forecast.waits import Waits
from skills_routing.model import AgentState, read_requirement
from telephony.model import EndCause
from tests.integration.skills_routing.world import ASA, CARIN, Caller, World, configuration, until

SJUK = "sjuk:1,svenska:1"
BOSTAD = "bostad:1,svenska:1"
MINUTES = timedelta(minutes=1)


class Watch:
    """One process that foresees, and one that looks."""

    def __init__(self, world: World, *, holder: str = "one", rhythm: Rhythm | None = None) -> None:
        self.world = world
        self.live = LiveWaits(world.redis)
        self.waits = Waits(live=self.live, database=world.database, clock=world.time)
        self.passed: list[tuple[ContactId, timedelta]] = []
        self.forecasting = Forecasting(
            live=self.live,
            database=world.database,
            clock=world.time,
            chance=random.Random(11).random,
            holder=holder,
            newcomers=lambda: {newcomers_line(queue) for queue in configuration().queues.values()},
            forecast_passed=self.forecast_passed,
            rhythm=rhythm or Rhythm(share=1.0),
        )

    async def forecast_passed(self, contact: ContactId, expected: timedelta) -> None:
        self.passed.append((contact, expected))


async def row_of(world: World, contact: ContactId) -> Any:
    async with world.database.reading() as tx:
        return (await tx.execute(select(waits).where(waits.c.contact == contact))).one_or_none()


async def until_recorded(world: World, caller: Caller, **wanted: object) -> Any:
    async def there() -> bool:
        row = await row_of(world, caller.contact)
        return row is not None and all(getattr(row, name) == value for name, value in wanted.items())

    await until(there)
    return await row_of(world, caller.contact)


async def lived_through(world: World, line: str, handlings: Sequence[float], *, ago: timedelta = 5 * MINUTES) -> None:
    """As if so many callers had been served in this line already, each after half a minute."""
    ended_at = world.time.now() - ago
    row = {"queue": line.partition(":")[0], "line": line, "head_start_seconds": 0.0, "sure": False, "how": "served"}
    rows = [
        {
            **row,
            "contact": f"before_{line}_{ago.total_seconds()}_{number}",
            "entered_at": ended_at - timedelta(hours=2),
            "ended_at": ended_at,
            "waited_seconds": 30.0,
            "handled_at": ended_at,
            "handling_seconds": handling,
        }
        for number, handling in enumerate(handlings)
    ]
    async with world.database.transaction() as tx:
        await tx.execute(insert(waits), rows)


def handlings(mean: float = 300, count: int = 200) -> list[float]:
    chance = random.Random(1)
    return [chance.gauss(mean, mean / 6) for _ in range(count)]


async def history(world: World, *lines: str, memory: Memory = Memory()) -> History:  # noqa: B008 - frozen
    async with world.database.reading() as tx:
        return await read_history(tx, lines, now=world.time.now(), memory=memory)


async def talks_no_more(world: World, agent: AgentId) -> None:
    """The agent's talk ends, is wrapped up, and the next caller is offered."""
    contact = (await world.desk(agent)).talk
    assert contact is not None
    await world.routing.hang_up(agent, contact=contact.contact)
    await world.until_state(agent, AgentState.WRAP_UP)
    await world.routing.wrap_up(agent, contact=contact.contact, code="besked")


async def waiting_behind(world: World, count: int) -> list[Caller]:
    """Asa and Carin talk; so many wait."""
    for agent in (ASA, CARIN):
        await world.talk("sjuk", agent)
    world.time.advance(1)
    return [await world.caller("sjuk") for _ in range(count)]


# --- what is written ----------------------------------------------------------------------------------------------


async def test_an_answered_wait_and_the_work_after_it_are_recorded(world: World) -> None:
    caller = await world.caller("sjuk", waited=60)
    world.time.advance(40)
    await world.ready(ASA)
    world.time.advance(4)
    await world.answers(ASA)
    row = await until_recorded(world, caller, how="served")
    assert (row.queue, row.line) == ("sjuk", SJUK)
    assert (row.waited_seconds, row.answering_seconds, row.head_start_seconds) == (44, 4, 60)
    assert row.rest_seconds is None and row.foreseen_at is None
    world.time.advance(200)
    caller.phone.hang_up()
    await world.until_state(ASA, AgentState.WRAP_UP)
    world.time.advance(25)
    await world.wrap_up(ASA, caller)
    row = await row_of(world, caller.contact)
    assert row.handling_seconds == 225
    assert row.handled_at == world.time.now()


async def test_who_hangs_up_and_who_chooses_something_else_are_told_apart(world: World) -> None:
    gone, rung_back = await world.caller("sjuk"), await world.caller("sjuk")
    world.time.advance(30)
    gone.phone.hang_up()
    await world.routing.leave(rung_back.contact, reason="callback")
    assert (await until_recorded(world, gone, how="hung_up")).waited_seconds == 30
    assert (await until_recorded(world, rung_back, how="left")).waited_seconds == 30
    assert (await row_of(world, gone.contact)).handling_seconds is None


async def test_a_caller_who_comes_back_to_the_line_was_answered_the_first_time(world: World) -> None:
    caller = await world.talk("sjuk", ASA)
    first = await until_recorded(world, caller, how="served")
    world.time.advance(50)
    world.cut(world.phone(ASA), EndCause.FAULT)
    await world.until_ledger(caller, "waiting")
    watch = Watch(world)
    await lived_through(world, SJUK, handlings())
    await watch.forecasting.run_due()
    again = await row_of(world, caller.contact)
    assert (again.how, again.waited_seconds, again.foreseen_at) == ("served", first.waited_seconds, None)


# --- what forecasts go by -----------------------------------------------------------------------------------------


async def test_what_was_measured_is_read_line_by_line_and_no_further_back_than_asked(world: World) -> None:
    await lived_through(world, SJUK, [100.0] * 40)
    await lived_through(world, BOSTAD, [400.0] * 40)
    await lived_through(world, SJUK, [9999.0] * 40, ago=timedelta(days=15))
    found = await history(world, SJUK, BOSTAD)
    assert {found.handling(read_requirement(SJUK), chance / 10) for chance in range(10)} == {100.0}
    assert {found.handling(read_requirement(BOSTAD), chance / 10) for chance in range(10)} == {400.0}
    few = await history(world, SJUK, memory=Memory(handlings=10))
    assert not few.knows_enough()


async def test_a_wrap_up_that_somebody_went_home_from_does_not_count_for_ever(world: World) -> None:
    await lived_through(world, SJUK, [60_000.0] * 40)
    assert (await history(world, SJUK)).handling(read_requirement(SJUK), 0.5) == 7200


async def test_patience_is_all_the_time_waited_divided_by_those_who_hung_up(world: World) -> None:
    await lived_through(world, SJUK, [100.0] * 100)
    assert (await history(world, SJUK)).patience is None, "nobody hung up yet"
    async with world.database.transaction() as tx:
        gave_up = waits.c.contact.in_([f"before_{SJUK}_300.0_{number}" for number in range(25)])
        await tx.execute(update(waits).where(gave_up).values(how="hung_up", waited_seconds=10.0))
    assert (await history(world, SJUK)).patience == pytest.approx((75 * 30 + 25 * 10) / 25)


async def test_who_came_in_ahead_of_others_in_the_last_hour_is_expected_to_go_on_doing_so(world: World) -> None:
    for waited in (20, 22, 1800, 2200, 0):
        caller = await world.caller("sjuk", waited=waited)
        caller.phone.hang_up()
        await until_recorded(world, caller, how="hung_up")
    found = (await history(world, SJUK)).passing
    assert [(one.requirement.line, round(one.per_second * 3600), one.head_start.total_seconds()) for one in found] == [
        (SJUK, 2, 21),
        (SJUK, 2, 2000),
    ]
    world.time.advance(3700)
    assert not (await history(world, SJUK)).passing


async def test_app_queue_would_say_what_its_formula_says_of_the_same_calls(world: World) -> None:
    queue, chance = OneQueue(), random.Random(4)
    for number in range(60):
        wait = chance.expovariate(1 / 90)
        queue.answered(wait=wait)
        world.time.advance(10)
        await lived_through(world, SJUK, [100.0], ago=timedelta(seconds=0))
        async with world.database.transaction() as tx:
            newest = waits.c.ended_at == world.time.now()
            values = {"waited_seconds": wait, "contact": f"c{number}"}
            await tx.execute(update(waits).where(newest).values(**values))
    await lived_through(world, BOSTAD, [100.0] * 50, ago=timedelta(seconds=0))
    async with world.database.reading() as tx:
        assert await app_queue_says(tx, SJUK, memory=Memory()) == pytest.approx(queue.app_queue(), abs=1)
        assert await app_queue_says(tx, "ingen:1", memory=Memory()) == 0


# --- how good it was ----------------------------------------------------------------------------------------------


async def tell(world: World, watch: Watch, caller: Caller, low: int, high: int) -> None:
    await watch.waits.told(caller.contact, low_minutes=low, high_minutes=high, at=world.time.now())


async def test_each_range_that_was_said_is_held_against_what_followed(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    served, gives_up, stays = await waiting_behind(world, 3)
    watch = Watch(world)
    await watch.forecasting.run_due()
    first = (await watch.waits.of(served.contact)).foreseen
    assert first is not None
    world.time.advance(60)
    for caller in (served, gives_up):
        await tell(world, watch, caller, 2, 5)
        await tell(world, watch, caller, 2, 5)  # a fact may be told twice
    world.time.advance(60)
    await tell(world, watch, served, 3, 5)
    world.time.advance(120)
    await talks_no_more(world, CARIN)
    await world.answers(CARIN)
    await until_recorded(world, served, how="served")
    world.time.advance(3600)
    gives_up.phone.hang_up()
    await until_recorded(world, gives_up, how="hung_up")
    found = await watch.waits.accuracy(last=timedelta(days=1))
    assert (found.foreseen, found.served, found.gave_up, found.still_waiting) == (3, 1, 1, 1)
    assert (found.told, found.silent, found.promised) == (2, 1, 0)
    assert (found.spoken, found.spoken_served, found.spoken_gave_up, found.spoken_waiting) == (3, 2, 1, 0)
    assert (found.inside, found.outlasted) == (0.5, 1), "180 s were between 2 and 5 minutes, 120 s are not 3"
    assert found.compared == 2 and found.error == pytest.approx(abs(first.expected.total_seconds() - 240), abs=0.01)
    app_queue = OneQueue()
    for wait in [30.0] * 38 + [0.0, 0.0]:  # those who talk now did not wait
        app_queue.answered(wait=wait)
    said = app_queue.app_queue()
    assert found.app_queue_error == pytest.approx((abs(180 - said) + abs(120 - said)) / 2)
    assert found.error_over_app_queue == pytest.approx(found.error / found.app_queue_error)
    assert (found.first_compared, found.first_app_queue_error) == (1, pytest.approx(240 - said))
    assert found.first_error == pytest.approx(abs(first.expected.total_seconds() - 240), abs=0.01)
    assert (await watch.waits.accuracy(last=timedelta(days=1), queue="sjuk")) == found
    assert (await watch.waits.accuracy(last=timedelta(days=1), queue="bostad")).foreseen == 0
    assert (await watch.waits.accuracy(last=timedelta(minutes=10))).foreseen == 0
    assert stays


async def test_who_is_to_be_rung_back_is_told_nothing_and_is_in_no_figure(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    await waiting_behind(world, 1)
    await world.promise("sjuk", waited=30)
    watch = Watch(world)
    await watch.forecasting.run_due()
    world.time.advance(1)
    found = await watch.waits.accuracy(last=timedelta(days=1))
    assert (found.foreseen, found.promised, found.still_waiting) == (1, 1, 1)


async def test_what_was_said_to_somebody_who_is_no_longer_there_counts_for_nothing(world: World) -> None:
    await lived_through(world, SJUK, handlings())
    [caller] = await waiting_behind(world, 1)
    watch = Watch(world)
    await watch.forecasting.run_due()
    at = world.time.now()
    world.time.advance(30)
    caller.phone.hang_up()
    await until_recorded(world, caller, how="hung_up")
    await watch.waits.told(caller.contact, low_minutes=0, high_minutes=1, at=at)  # heard of late
    await tell(world, watch, caller, 0, 1)  # said into nothing
    await watch.waits.told(ContactId("con_unknown"), low_minutes=0, high_minutes=1, at=at)
    found = await watch.waits.accuracy(last=timedelta(days=1))
    assert (found.spoken, found.spoken_gave_up, found.told, found.silent) == (1, 1, 1, 0)


async def test_who_comes_back_after_a_talk_that_was_cut_off_is_told_anew_and_that_counts(world: World) -> None:
    caller = await world.talk("sjuk", CARIN)
    watch = Watch(world)
    world.cut(world.phone(CARIN), EndCause.FAULT)
    await world.until_ledger(caller, "waiting")
    await tell(world, watch, caller, 0, 1)
    world.time.advance(90)
    caller.phone.hang_up()
    await world.until_gone(caller)

    async def over() -> bool:
        async with world.database.reading() as tx:
            rows = (await tx.execute(select(waits_told))).all()
        return [(row.rest_seconds, row.how) for row in rows] == [(90.0, "hung_up")]

    await until(over)


async def test_with_nothing_to_measure_by_there_is_no_figure(world: World) -> None:
    found = await Watch(world).waits.accuracy(last=timedelta(days=1))
    assert (found.foreseen, found.inside, found.error, found.error_over_app_queue, found.silent_share) == (
        *(0, None, None, None, None),
    )


async def test_old_waits_are_forgotten(world: World) -> None:
    await lived_through(world, SJUK, [100.0] * 5, ago=timedelta(days=91))
    await lived_through(world, SJUK, [100.0] * 3)
    assert await Watch(world).waits.forget(older_than=timedelta(days=90)) == 5
