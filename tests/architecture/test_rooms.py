"""Rooms: each tells what it is for, stands alone where it can, and can be taken away."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOMS, ROOT, importers, imports, named, python_files, syntax

DELETABLE = ("callbacks", "dashboard")
"""Rooms that no other room imports: the product loses what they do, and nothing else."""


@pytest.mark.parametrize("room", [*ROOMS, "core", "storage"])
def test_a_room_tells_in_at_most_60_lines_what_it_is_for(room: str) -> None:
    readme = ROOT / room / "README.md"
    assert readme.exists(), f"{room} has no README.md"
    text = readme.read_text("utf-8")
    assert 5 <= len(text.splitlines()) <= 60
    assert text.startswith("# ")


def test_every_module_says_why_it_exists() -> None:
    silent = [named(file) for file in python_files() if file.stat().st_size and not ast.get_docstring(syntax(file))]
    assert not silent


def test_no_room_is_reached_from_itself() -> None:
    graph = imports()
    leads_to = {
        room: {
            other
            for other in PACKAGES
            if other != room and graph.direct_import_exists(importer=room, imported=other, as_packages=True)
        }
        for room in PACKAGES
    }
    for room in PACKAGES:
        seen: set[str] = set()
        ahead = set(leads_to[room])
        while ahead:
            seen |= ahead
            ahead = {further for one in ahead for further in leads_to[one]} - seen
        assert room not in seen, f"{room} leads back to itself"


@pytest.mark.parametrize("room", DELETABLE)
def test_only_app_knows_a_room_that_can_be_taken_away(room: str) -> None:
    others = {module for module in importers(room) if not module.startswith("app.")}
    assert not others
    assert len(_of_app(importers(room))) <= 8, "its lines in app are spread over too many files"


@pytest.mark.parametrize("room", DELETABLE)
def test_the_unit_tests_of_other_rooms_do_not_need_a_room_that_can_be_taken_away(room: str) -> None:
    tests = [file for file in python_files("tests") if file.is_relative_to(ROOT / "tests" / "unit")]
    needy = [
        named(file)
        for file in tests
        if not file.is_relative_to(ROOT / "tests" / "unit" / room)
        and not file.is_relative_to(ROOT / "tests" / "unit" / "app")
        and any(name.split(".")[0] == room for name in _imported(file))
    ]
    assert not needy


@pytest.mark.parametrize("room", DELETABLE)
def test_the_rest_still_loads_when_a_room_is_deleted(room: str, tmp_path: Path) -> None:
    """Copy all but the room, and but the files of app that need it; every other module must load."""
    gone = _of_app({one for module in importers(room) for one in {module, *imports().find_downstream_modules(module)}})
    for package in PACKAGES:
        if package != room:
            shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "web"))
    left = [
        module
        for file in python_files(*PACKAGES)
        if (tmp_path / named(file)).exists() and (module := _module(file)) not in gone and ".migrations" not in module
    ]
    load = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    answer = subprocess.run(
        [sys.executable, "-c", load, *left], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert {other for other in ROOMS if other != room} <= set(left)


def _of_app(modules: set[str]) -> set[str]:
    return {module for module in modules if module.split(".")[0] == "app"}


def _module(file: Path) -> str:
    return named(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found
