"""A test that the machine cannot run says so, and continuous integration does not let it pass for that."""

import ast

import pytest

from tests import needs
from tests.architecture.tree import calls, named, python_files, syntax


def test_a_missing_program_skips_the_test_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install no-such-package"):
        needs.program("no-such-program", package="no-such-package")


def test_a_missing_program_fails_the_test_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"):
        needs.program("no-such-program")


def test_a_browser_is_asked_for_only_where_one_is_opened() -> None:
    """Stories on the real switch in which nobody opens a page are told without one."""
    asking = {
        named(file)
        for file in python_files("tests")
        for call in calls(file)
        if ast.unparse(call.func) == "needs.chromium"
    }
    importing = {
        named(file)
        for file in python_files("tests")
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.ImportFrom)
        and node.module == "tests.needs"
        and "chromium" in {alias.name for alias in node.names}
    }
    assert asking | importing == {"tests/builders/browser.py"}
