"""``kundcenter flow …`` and ``kundcenter phone`` as somebody at a terminal meets them."""

import asyncio
import json
import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.flow import flow_commands
from tests.integration.ivr.world import CONFIG
from tests.patience import at_most

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the configuration, to be broken."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def flow(*arguments: str, stdin: str = ""):
    return runner.invoke(flow_commands, list(arguments), input=stdin)


def test_what_we_ship_is_without_fault() -> None:
    result = flow("lint")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("0 errors, 0 to think about")


def test_a_fault_is_told_by_file_node_and_field_and_ends_in_one(folder: Path) -> None:
    path = folder / "flows" / "talk.yaml"
    path.write_text(path.read_text("utf-8").replace("meanwhile: callback/while_waiting", "meanwhile: callback/nowhere"))
    result = flow("lint", "--config", str(folder))
    assert result.exit_code == 1
    assert "error: config/flows/talk.yaml: talk/anyone: meanwhile: there is no node callback/nowhere" in result.output
    told = json.loads(flow("lint", "--config", str(folder), "--json").output)
    assert {one["node"] for one in told if one["field"] == "meanwhile"} == {"talk/anyone"}


def test_a_file_that_cannot_be_read_is_told_too(folder: Path) -> None:
    (folder / "flows" / "talk.yaml").write_text("flow: [")
    result = flow("lint", "--config", str(folder))
    assert result.exit_code == 1
    assert "talk.yaml" in result.output


def test_a_queue_that_no_agent_can_serve_is_told(folder: Path) -> None:
    path = folder / "demo" / "agents.yaml"
    path.write_text(path.read_text("utf-8").replace("funktionsnedsattning: 4, ", ""))
    assert "no agent can serve the queue funktionsnedsattning in sv" in flow("lint", "--config", str(folder)).output


def test_a_number_that_never_opens_serves_nobody(folder: Path) -> None:
    path = folder / "opening_hours.yaml"
    text = path.read_text("utf-8").replace('"08:00-20:00"', "").replace('"10:00-16:00"', "")
    text = text.replace('"08:00-17:00"', "")
    path.write_text(text)
    assert (
        "no number opens within a year, so no agent ever serves a caller"
        in flow("lint", "--config", str(folder)).output
    )


def test_a_recording_is_looked_for_where_it_belongs(folder: Path) -> None:
    before = flow("lint", "--config", str(folder), "--all").output
    (folder / "prompts" / "sv").mkdir()
    (folder / "prompts" / "sv" / "welcome.wav").write_bytes(b"RIFF")
    after = flow("lint", "--config", str(folder), "--all").output
    assert "info: config/wording/sv.yaml: welcome: no recording" in before
    assert "info: config/wording/sv.yaml: welcome: no recording" not in after


def test_a_call_can_be_walked_through_without_a_telephone() -> None:
    result = flow("simulate", "1", "199107172380", "274913", "-", "2", "-")
    assert "Din nästa utbetalning av barnbidrag" in result.output
    assert result.output.rstrip().endswith("the call is over")


def test_a_call_can_be_walked_through_line_by_line() -> None:
    result = flow("simulate", "--closed", stdin="4\n1\n\n\n")
    assert "Vi ringer upp dig." in result.output
    assert result.output.rstrip().endswith("the call is over")


def test_a_walk_can_be_read_by_a_program() -> None:
    told = json.loads(flow("simulate", "8", "4", "2", "--json").output)
    assert (told["language"], told["queue"], told["phase"]) == ("en", "sjuk", "waiting")


def test_an_unknown_result_is_refused_with_what_there_is() -> None:
    result = flow("simulate", "1", "--result", "verify_code=maybe")
    assert "verify_code: verified, wrong, cannot_see" in str(result.exception)


def test_flows_are_drawn_for_people_and_programs() -> None:
    assert flow("graph").output.startswith("flowchart TD")
    assert flow("graph", "--dot").output.startswith("digraph")
    ways = json.loads(flow("graph", "--json").output)
    assert {"from": "main/menu", "to": "talk/which", "label": "4"} in ways


def test_the_terminal_telephone_reaches_the_whole_system() -> None:
    command = [sys.executable, "-m", "app", "phone", "1", "199107172380", "274913", "2"]
    result = subprocess.run(
        command, cwd=CONFIG.parent, capture_output=True, text=True, timeout=at_most(40), check=False
    )
    assert result.returncode == 0, result.stderr
    assert "Din nästa utbetalning av barnbidrag kommer" in result.stdout
    assert "Kan vi hjälpa dig med något mer?" in result.stdout
    assert "Hej då!" in result.stdout
    assert result.stdout.rstrip().endswith("the call is over\nIn the books: self_served")


async def test_at_a_terminal_one_types_keys_waits_for_somebody_and_hangs_up() -> None:
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "app", "phone", "--caller", ""]
    process = await asyncio.create_subprocess_exec(*command, cwd=CONFIG.parent, stdin=end, stdout=end, stderr=end)
    os.close(end)
    person = Terminal(terminal)
    try:
        assert "Maja Exempelsson" in await person.reads_until("  > ")
        assert "A telephone has the keys 0-9" in await person.types("hallå")
        assert "Tryck in ditt personnummer" in await person.types("1")
        assert "Tryck in din personliga kod" in await person.types("19910717-2380")
        answer = await person.types("274913")
        assert "Din nästa utbetalning av barnbidrag kommer" in answer
        assert "Kan vi hjälpa dig med något mer?" in answer
        assert "No agent works in this world." in await person.types("0", until="Du är först i kön.")
        assert "the call is over" in await person.types("q", until="In the books: ")
        assert (await person.reads_until("abandoned_recovered")).strip() == "abandoned_recovered"
        assert await asyncio.wait_for(process.wait(), at_most(20)) == 0
    finally:
        if process.returncode is None:
            process.kill()
        os.close(terminal)


class Terminal:
    """Somebody in front of a terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._shown = ""

    async def types(self, text: str, *, until: str = "  > ") -> str:
        os.write(self._descriptor, f"{text}\n".encode())
        return await self.reads_until(until)

    async def reads_until(self, mark: str, *, within: float = 20) -> str:
        """Return what was shown up to this, and go on behind it."""
        async with asyncio.timeout(at_most(within)):
            while mark not in self._shown:
                if select.select([self._descriptor], [], [], 0)[0]:
                    self._shown += os.read(self._descriptor, 65_536).decode()
                await asyncio.sleep(0.01)
        before, _, self._shown = self._shown.partition(mark)
        return before + mark
