"""What is said of processes holds for those there are."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import typer

from app.cli.main import commands
from tests.architecture.tree import ROOT, called, calls

APP = ROOT / "app"
SEVERAL = ("sweeper", "web", "worker")
"""Any number of each may run. There is one active controller."""


UNTIL_STOPPED = {"run", "phone", "asterisk", "switch", "web", "worker", "sweeper"}
"""Commands that print nothing for a program to read."""


def commands_of(command: Any, *name: str) -> Iterator[tuple[str, Any]]:
    """Yield each command that does something, by all its words."""
    if not hasattr(command, "commands"):
        yield " ".join(name), command
        return
    for word, below in command.commands.items():
        yield from commands_of(below, *name, word)


def test_every_command_that_prints_what_it_found_or_did_prints_json_when_asked() -> None:
    without = {
        name
        for name, command in commands_of(typer.main.get_command(commands))
        if not any("--json" in option.opts for option in command.params)
    }
    assert without == UNTIL_STOPPED


def tasks_of(process: str) -> Iterator[str]:
    """Yield what is done again and again in a process, as the log names it."""
    for call in calls(APP / f"{process}.py"):
        if called(call) == "every":
            yield ast.unparse(call.args[1]).removeprefix("f").strip("'")


def test_of_every_task_it_is_told_what_keeps_two_processes_from_doing_it_twice() -> None:
    [table] = re.findall(r"\n\| task.+\n\|-.+\n((?:\|.+\n)+)", (APP / "README.md").read_text("utf-8"))
    told = [name for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1]) if name != "web"]
    assert sorted(told) == sorted({task for process in SEVERAL for task in tasks_of(process)})
