"""``kundcenter routing accuracy`` says how good what callers were told of their waits was, ``sites`` how long they were."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from app.cli.routing import routing_commands
from app.system import SystemClock
from skills_routing.forecast.told_store import waits_told
from skills_routing.forecast.wait_store import waits
from storage.database import Database
from storage.schema import metadata


def row(number: int, **values: Any) -> dict[str, Any]:
    """A wait that was foreseen an hour ago to take between 2 and 5 minutes; app_queue would have said 10."""
    at = SystemClock().now() - timedelta(hours=1)
    usual = {
        "contact": f"con_{number}", "queue": "sjuk", "line": "sjuk:1,svenska:1", "entered_at": at,
        "head_start_seconds": 0.0, "foreseen_at": at, "sure": True, "low_minutes": 2, "high_minutes": 5,
        "expected_seconds": 200.0, "app_queue_seconds": 600.0, "ended_at": at, "how": "served", "waited_seconds": 240.0,
        "rest_seconds": 240.0,
    }  # fmt: skip
    return usual | values


ROWS = [
    *(row(number) for number in range(8)),
    row(8, rest_seconds=400.0),
    row(9, rest_seconds=60.0),
    row(10, how="hung_up", rest_seconds=500.0),
    row(11, sure=False, low_minutes=None, high_minutes=None, expected_seconds=None, queue="bostad"),
    row(12, ended_at=None, how="", waited_seconds=None, rest_seconds=None, sure=False),
    row(13, rest_seconds=9.0, promised=True),
]


def told(number: int, rest: float | None = 240.0, how: str = "served", **values: Any) -> dict[str, Any]:
    """A range of 2 to 5 minutes that was said at once; app_queue would have said 10."""
    usual = {
        "contact": f"con_{number}", "told_at": SystemClock().now() - timedelta(hours=1), "low_minutes": 2,
        "high_minutes": 5, "expected_seconds": 200.0, "app_queue_seconds": 600.0, "rest_seconds": rest, "how": how,
    }  # fmt: skip
    return usual | values


TOLD = [
    *(told(number) for number in range(8)),
    told(8, 400.0),
    told(9, 60.0),
    told(10, 500.0, "hung_up"),
    told(12, None, ""),
]


async def fill(url: str, rows: list[dict[str, Any]]) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        for one in rows:
            await connection.execute(insert(waits).values(**one))
        for one in TOLD:
            await connection.execute(insert(waits_told).values(**one))
    await database.close()


def accuracy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, rows: list[dict[str, Any]] = ROWS,
    command: str = "accuracy",
) -> str:  # fmt: skip
    tmp_path.mkdir(exist_ok=True)
    url = f"sqlite+aiosqlite:///{tmp_path}/kc.db"
    asyncio.run(fill(url, rows))
    monkeypatch.setenv("KC_DATABASE_URL", url)
    result = CliRunner().invoke(routing_commands, [command, *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_says_in_words_how_good_the_forecasts_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = accuracy(tmp_path, monkeypatch)
    assert said.splitlines() == [
        "13 callers waited: 11 were served, 1 gave up first, 1 still wait.",
        "12 were told a time; 1 (8%) were told none, because nobody was sure.",
        "A range was said 12 times: 10 times to somebody who was served, 1 who gave up, 1 who still wait.",
        "80% of the 10 came true.",
        "On average what was behind each range was 66 s from the truth, app_queue's average would have been 362 s "
        "(0.18 of it), over the same 10.",
        "On average the first forecast was 66 s from the truth, app_queue's average would have been 362 s "
        "(0.18 of it), over the same 10.",
        "1 times somebody gave up who had waited longer than they were told.",
        "1 promises to ring back stood in the line besides, and are not counted here.",
    ]


def test_it_prints_json_of_one_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(accuracy(tmp_path, monkeypatch, "--json", "--queue", "bostad", "--days", "1"))
    assert (found["foreseen"], found["silent"], found["inside"], found["error"]) == (1, 1, None, None)
    assert (found["queue"], found["days"], found["silent_share"]) == ("bostad", 1, 1.0)


def test_when_nobody_has_waited_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [row(1, foreseen_at=SystemClock().now() - timedelta(days=3))]
    assert accuracy(tmp_path, monkeypatch, "--days", "2", rows=old) == "Nobody has waited in that time.\n"


def test_waits_are_told_by_site_and_those_of_sites_with_few_agents_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(1, site="norr"), row(2, site="syd", waited_seconds=60.0)]
    said = accuracy(tmp_path, monkeypatch, rows=rows, command="sites")
    assert said == "Sites with fewer than 5 agents: 2 served, mean wait 150 s, nine of ten within 240 s.\n"
    [found] = json.loads(accuracy(tmp_path / "other", monkeypatch, "--json", rows=rows[:1], command="sites"))
    assert found == {"site": "", "served": 1, "mean": 240.0, "p90": 240.0}


def test_when_nobody_was_served_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert accuracy(tmp_path, monkeypatch, rows=[row(1, how="hung_up")], command="sites") == (
        "Nobody was served in that time.\n"
    )
