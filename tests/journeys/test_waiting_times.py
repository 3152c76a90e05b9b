"""Citizens who are told how long it takes, or are told nothing that nobody is sure of."""

import sqlite3
from datetime import UTC, datetime, timedelta

from tests.fixtures_running import both_switches
from tests.journeys.test_talking_to_an_agent import asks_for
from tests.journeys.world import World
from tests.running import System, eventually

SJUK = "sjuk:1,svenska:1"


def lived_through(system: System, count: int) -> None:
    """As if so many talks about illness had been had today, of about four minutes each."""
    at = int((datetime.now(UTC) - timedelta(hours=1)).timestamp() * 1_000_000)
    rows = [(f"con_before{number}", "sjuk", SJUK, at, at, at, 200.0 + number % 80) for number in range(count)]
    connection = sqlite3.connect(system.database, timeout=10)
    with connection:
        connection.executemany(
            "INSERT OR IGNORE INTO waits (contact, queue, line, entered_at, head_start_seconds, sure, ended_at, how,"
            " waited_seconds, handled_at, handling_seconds) VALUES (?, ?, ?, ?, 0, 0, ?, 'served', 60, ?, ?)",
            rows,
        )
    connection.close()


@both_switches
async def test_when_nobody_is_at_work_a_caller_hears_the_place_and_no_time(world: World) -> None:
    caller = world.caller(1)
    await asks_for(caller, "2")
    await caller.hears("Du är först i kön.", within=25)
    await caller.press("1")
    await caller.hears("Ska vi ringa när det är din tur? Tryck", within=20)
    assert not [one for one in caller.heard if one["text"].startswith("Väntetiden")]


@both_switches
async def test_a_caller_who_waits_hears_between_how_many_minutes_and_the_truth_is_written_beside_it(
    world: World,
) -> None:
    talks, waits, asa = world.caller(2), world.caller(3), await world.agent("asa")
    await asks_for(talks, "2")
    await asa.sees_offer()
    await asa.accept()
    await talks.is_connected()
    lived_through(world.system, 400)
    await eventually(lambda: world.redis.exists("kc:foreseen"), within=30, what="waits are foreseen")
    await asks_for(waits, "2")
    await waits.hears("Du är först i kön.", within=25)
    said = await waits.hears("Väntetiden är", within=85)
    assert "minut" in said
    contact = waits.row["contact"]

    await talks.hang_up()
    await asa.wrap_up("finished")
    await asa.sees_offer()
    await asa.accept()
    await waits.is_connected()

    def row() -> dict[str, object]:
        return world.system.rows("SELECT * FROM waits WHERE contact = ?", contact)[0]

    await eventually(lambda: row()["how"] == "served", within=10, what="the true wait is written")
    told = world.system.rows("SELECT * FROM waits_told WHERE contact = ?", contact)
    assert told and all(one["how"] == "served" and one["app_queue_seconds"] is not None for one in told)
    assert row()["sure"] and 0 < row()["rest_seconds"] <= row()["waited_seconds"]
    await waits.hang_up()
    await asa.wrap_up("finished")
    await eventually(lambda: row()["handling_seconds"], within=10, what="the work on it is written")
