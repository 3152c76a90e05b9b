"""``kundcenter config check`` names every fault, and tells by how much anybody in the line can be passed."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.config import config_commands

pytestmark = pytest.mark.thorough

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(CONFIG, tmp_path / "config")


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def check(folder: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(config_commands, ["check", "--config", str(folder), *more])
    return result.exit_code, result.output


def test_a_folder_that_can_be_used_says_so_and_that_nobody_passes(folder: Path) -> None:
    status, said = check(folder)
    assert status == 0
    assert "Ingen som ringer passeras av den som kommer senare" in said
    assert "Den som har skrivit kan passeras av den som ringer högst 14400 s senare." in said
    assert said.endswith("The configuration can be used.\n")


def test_the_bound_of_each_pair_is_told_with_its_reason(folder: Path) -> None:
    edit(folder, "queues.yaml", "head_start_seconds: 0", "head_start_seconds: 60\n    head_starts: {returned: 300}")
    _, said = check(folder)
    assert "Den som väntar i Sjuk kan passeras av den i Barn och familj som kommer högst 60 s senare" in said
    assert "högst 300 s senare (efter ett brutet samtal)" in said
    assert "Den som väntar i Barn och familj kan passeras av den i Sjuk" not in said
    _, told = check(folder, "--json")
    assert {"waiting": "foralder", "passing": "foralder", "seconds": 240, "reason": "returned"} in json.loads(told)[
        "bounds"
    ]


def test_tables_that_run_out_are_a_warning_and_the_folder_can_be_used(folder: Path) -> None:
    days = folder / "payment_days.yaml"
    days.write_text(days.read_text("utf-8").replace("2026", "2001").replace("2027", "2002"), "utf-8")
    status, said = check(folder)
    assert status == 0 and said.endswith("The configuration can be used.\n")
    assert "warning: config/payment_days.yaml: barnbidrag: there is no table for" in said
    _, told = check(folder, "--json")
    assert len(json.loads(told)["warnings"]) == 7


def test_a_queue_in_which_no_time_can_be_chosen_is_a_warning_with_file_and_field(folder: Path) -> None:
    assert "warning: config/callbacks.yaml" not in check(folder)[1], "each queue that we ship has its plan"
    edit(folder, "callbacks.yaml", "  bostad:\n    planned:\n", "  bostad:\n    capacity: 0\nunused:\n")
    text = (folder / "callbacks.yaml").read_text("utf-8")
    before, _, rest = text.partition("unused:\n")
    (folder / "callbacks.yaml").write_text(before + rest[rest.index("  funktionsnedsattning:") :], "utf-8")
    status, said = check(folder)
    assert status == 0 and said.endswith("The configuration can be used.\n")
    assert "warning: config/callbacks.yaml: queues: bostad: capacity: in bostad callers have no time to choose" in said
    assert any("bostad callers have no time" in one for one in json.loads(check(folder, "--json")[1])["warnings"])


def test_every_fault_in_every_file_is_named_and_the_exit_status_says_so(folder: Path) -> None:
    edit(folder, "queues.yaml", "skill: bostad,", "skill: bostadd,")
    edit(folder, "demo/persons.yaml", "benefit: bostadsbidrag", "benefit: slott")
    (folder / "desk.yaml").unlink()
    status, said = check(folder)
    assert status == 1
    for file in ("config/queues.yaml: queue bostad:", "config/demo/persons.yaml: person demo-03:", "config/desk.yaml:"):
        assert file in said
    assert "3 faults. Nothing of it is used until this is mended" in said
    status, told = check(folder, "--json")
    assert status == 1 and len(json.loads(told)["faults"]) == 3 and json.loads(told)["ok"] is False


def test_a_flow_in_which_a_caller_would_be_caught_is_a_fault_too(folder: Path) -> None:
    edit(folder, "flows/main.yaml", "next: talk/which", "next: nowhere/at_all")
    status, said = check(folder)
    assert status == 1 and "config/flows/main.yaml: main/menu: choices" in said
