"""An operator changes files and a supervisor speaks to callers while somebody waits: the product as it runs."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from tests.fixtures_running import both_switches
from tests.journeys.test_waiting_in_the_line import asks_for
from tests.journeys.world import World
from tests.running import ROOT, System, eventually

TAKEN_UP = "a changed configuration is in use"
TEXT = "Just nu är det strömavbrott i Östersund."


def kundcenter(system: System, *arguments: str) -> str:
    """Run the command as an operator does beside the running system."""
    environment = {**os.environ, "KC_STATE_DIR": str(system.state)}
    done = subprocess.run(  # noqa: PLW1510 - what it says is part of the failure
        [sys.executable, "-m", "app", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(system: System, event: str) -> int:
    """How many of our processes have logged this."""
    return sum(line.get("event") == event for line in system.log_lines())


async def all_take_it_up(system: System, *, before: int) -> None:
    """Wait until all four processes go by changed files. The controller has prompts spoken first, for up to 30 s."""
    await eventually(lambda: told(system, TAKEN_UP) >= before + 4, within=60, what="all take it up")


@pytest.fixture
async def files(system: System) -> AsyncIterator[System]:
    """The files of the running system, as they were when the story is over, and taken up by all."""
    kept = {path: path.read_text("utf-8") for path in system.config.rglob("*.yaml")}
    yield system
    changed, before = (
        {path: text for path, text in kept.items() if path.read_text("utf-8") != text},
        told(system, TAKEN_UP),
    )
    for path, text in changed.items():
        path.write_text(text, "utf-8")
    if changed:
        await all_take_it_up(system, before=before)


@both_switches
async def test_files_change_while_a_caller_waits_and_the_caller_notices_nothing(world: World, files: System) -> None:
    system, caller = world.system, world.caller(2)
    await asks_for(caller, "2")
    await caller.is_waiting()
    since = caller.row["waiting_since"]
    before = told(system, TAKEN_UP)
    queues, wording = system.config / "queues.yaml", system.config / "wording" / "sv.yaml"
    queues.write_text(queues.read_text("utf-8").replace("{sv: Sjuk, en: Illness}", "{sv: Sjukdom, en: Illness}"))
    wording.write_text(re.sub(r'welcome: ".*"', 'welcome: "Välkommen till oss."', wording.read_text("utf-8")))
    await all_take_it_up(system, before=before)
    assert not caller.row["outcome"] and caller.row["waiting_since"] == since
    newcomer = world.caller(3)
    await newcomer.call()
    await newcomer.hears("Välkommen till oss.")
    await newcomer.hang_up()
    asa = await world.agent("asa")
    await asa.sees_offer()
    await asa.accept()
    await caller.is_connected()
    await caller.hang_up()
    await asa.wrap_up("finished")
    assert await caller.outcome() == "answered"


@both_switches
async def test_an_emergency_is_put_up_from_the_command_line_and_the_next_caller_hears_it_first(world: World) -> None:
    system, caller = world.system, world.caller(4)
    said = kundcenter(system, "emergency", "on", "--entry-point", "national", "--message", TEXT)
    assert TEXT in said
    try:
        assert TEXT in kundcenter(system, "emergency", "show")
        await eventually(lambda: _hears_it(world), within=20, what="a new caller hears it")
    finally:
        assert "no more" in kundcenter(system, "emergency", "off", "--entry-point", "national")
    await asks_for(caller, "2")
    await caller.is_waiting()
    await caller.hang_up()


async def _hears_it(world: World) -> bool:
    caller = world.caller(5)
    await caller.call()
    try:
        await caller.hears(TEXT, within=3)
        await caller.hears("Välkommen till")
    except TimeoutError:
        return False
    finally:
        await caller.hang_up()
    return True
