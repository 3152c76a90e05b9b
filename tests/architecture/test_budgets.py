"""A file is at most 400 lines, a function at most 50, and no branchier than 8. Beyond that a second concept hides."""

import ast
import re
import tomllib

import pytest

from tests.architecture.tree import ROOT, files, named, python_files, syntax

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50


def test_no_file_is_longer_than_400_lines() -> None:
    written = [*python_files(), *files("dashboard/web", ".ts", ".vue", ".css"), *files("skills_routing", ".lua")]
    long = {
        named(file): lines for file in written if (lines := len(file.read_text("utf-8").splitlines())) > LINES_OF_A_FILE
    }
    assert not long


def test_no_function_is_longer_than_50_lines() -> None:
    long = {
        f"{named(file)}:{node.name}": lines
        for file in python_files()
        if "versions" not in file.parts  # a migration is a list of columns
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LINES_OF_A_FUNCTION
    }
    assert not long


@pytest.mark.parametrize("rule", ["C901", "DTZ", "TID251", "D1", "T20", "S", "ASYNC"])
def test_ruff_checks_the_rules_that_we_count_on(rule: str) -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert rule in lint["select"]
    assert rule not in lint["ignore"]
    assert lint["mccabe"]["max-complexity"] == 8


def test_nothing_is_excused_from_the_budgets_or_from_being_handed_the_clock() -> None:
    excuse = re.compile(r"# noqa[:] .*(C901|TID251|DTZ)")
    excused = [
        f"{named(file)}:{number}"
        for file in python_files()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if excuse.search(line)
    ]
    assert not excused
