"""``kundcenter flow lint``, as an operator runs it, on a folder that was edited."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "config", tmp_path / "config")


def edit(file: Path, pattern: str, new: str) -> None:
    text, changed = re.subn(pattern, new, file.read_text("utf-8"))
    assert changed
    file.write_text(text, "utf-8")


def lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "app", "flow", "lint", "--config", str(folder)],
        cwd=ROOT, env={**os.environ, "KC_STATE_DIR": str(folder.parent / "state")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_what_we_ship_can_be_served(folder: Path) -> None:
    status, said = lint(folder)
    assert status == 0 and said.startswith("0 errors")


def test_english_callers_whom_nobody_could_serve_are_found_in_each_queue(folder: Path) -> None:
    edit(folder / "demo" / "agents.yaml", r", engelska: 4", "")
    status, said = lint(folder)
    assert status == 1
    for queue in ("foralder", "sjuk", "bostad", "funktionsnedsattning", "allmant"):
        assert f"no agent can serve the queue {queue} in en: nobody has engelska (level 1)" in said
    assert " in sv:" not in said


def test_skills_that_no_one_agent_has_together_are_named(folder: Path) -> None:
    edit(folder / "demo" / "agents.yaml", r"sjuk: 2, bostad: 2,", "bostad: 2,")  # Åsa is left, who speaks no English
    status, said = lint(folder)
    assert status == 1
    assert "no agent can serve the queue sjuk in en: nobody has all of engelska (level 1), sjuk (level 1)" in said
    assert "queue bostad" not in said


def test_numbers_that_never_open_are_found_and_no_skill_is_blamed(folder: Path) -> None:
    edit(folder / "demo" / "agents.yaml", r", engelska: 4", "")
    edit(folder / "opening_hours.yaml", r'(day): \["[0-9:-]+"\]', r"\1: []")
    status, said = lint(folder)
    assert status == 1
    assert "opening_hours.yaml: entry_points: no number opens within a year" in said
    assert "nobody has" not in said
