"""Any command of ``kundcenter`` refuses a wrong setting in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("command", "variable", "value", "said"),
    [
        (["flow", "graph"], "KC_WEB_PORT", "abc", "must be a whole number from 1 to 65535."),
        (["sms", "threads"], "KC_SWITCH", "foo", "must be asterisk or simulator."),
        (["worker"], "KC_PEPPER_FILE", "/nope", "the file that it names cannot be read: No such file or directory."),
    ],
)
def test_a_command_names_the_wrong_setting_without_a_trace(
    tmp_path: Path, command: list[str], variable: str, value: str, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", *command],
        cwd=ROOT, env={**os.environ, "KC_STATE_DIR": str(tmp_path), variable: value},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"- {variable}: {said}" in done.stderr
    assert "Traceback" not in done.stderr and not done.stdout
