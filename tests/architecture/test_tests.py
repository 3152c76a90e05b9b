"""What every test keeps to: a name that is a sentence, waiting for a condition and not for a time, real parts."""

import ast

import pytest

from tests.architecture.tree import called, calls, named, python_files, syntax

FILES = python_files("tests")


def test_a_test_is_named_by_a_sentence() -> None:
    short = [
        f"{named(file)}:{node.name}"
        for file in FILES
        if file.name.startswith("test_")
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and node.name.count("_") < 2
    ]
    assert not short


def test_no_test_sleeps_for_a_second_or_more() -> None:
    sleepers = [
        f"{named(file)}:{call.lineno}"
        for file in FILES
        for call in calls(file)
        if called(call) == "sleep"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, int | float)
        and call.args[0].value >= 1
    ]
    assert not sleepers


def test_no_test_replaces_a_real_part_by_a_mock() -> None:
    mocking = [
        named(file)
        for file in FILES
        for node in ast.walk(syntax(file))
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith(("unittest.mock", "mock", "pytest_mock"))
        )
        or (
            isinstance(node, ast.Import)
            and any(alias.name.startswith(("unittest.mock", "mock")) for alias in node.names)
        )
    ]
    assert not mocking


def test_unit_tests_touch_no_store_and_no_network() -> None:
    touching = [
        f"{named(file)}: {fixture}"
        for file in FILES
        if "/unit/" in str(file)
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for fixture in {argument.arg for argument in node.args.args}
        & {"database", "redis", "valkey_url", "real_asterisk"}
    ]
    assert not touching


def test_a_test_is_skipped_only_for_what_the_machine_lacks() -> None:
    """Through ``tests/needs.py``, which fails in continuous integration: nothing goes untested there unnoticed."""
    skipping = [
        f"{named(file)}:{call.lineno}"
        for file in FILES
        if file.name != "needs.py" and file.parent.name != "architecture"
        for call in calls(file)
        if called(call) in {"skip", "skipif", "importorskip", "xfail"}
    ]
    assert not skipping


def test_what_belongs_together_runs_in_one_process(request: pytest.FixtureRequest) -> None:
    """Several whole systems at once would make every story slow, and nobody would see why."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@architecture"), request.node.nodeid
