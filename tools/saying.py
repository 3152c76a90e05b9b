"""How the parts of the set-up speak to whoever waits for them, and run other programs."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Say = Callable[[str], None]

ROOT = Path(__file__).resolve().parent.parent
_one_line_at_a_time = threading.Lock()


class SetupError(Exception):
    """A part of the set-up did not work; the message says which, and what to do."""


def say_as(name: str) -> Say:
    """Return a function that writes one line under this name."""

    def say(line: str) -> None:
        with _one_line_at_a_time:
            sys.stderr.write(f"{name:>9} | {line}\n")
            sys.stderr.flush()

    return say


def run(
    command: Sequence[str | Path],
    say: Say,
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    quietly: bool = False,
) -> None:
    """Run a program and pass on what it writes, line by line, or ``quietly`` only when it fails.

    Raises :class:`SetupError` when it does.
    """
    words = [str(word) for word in command]
    process = subprocess.Popen(
        words,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    kept: list[str] = []
    with process:
        for line in process.stdout or ():
            if line.strip():
                (kept.append if quietly else say)(line.rstrip())
    if process.returncode != 0:
        for line in kept[-40:]:
            say(line)
        raise SetupError(f"{Path(words[0]).name} {' '.join(words[1:4])} … ended with {process.returncode}.")
