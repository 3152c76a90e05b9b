"""Rooms: each tells what it is for, stands alone where it can, and can be taken away."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOMS, ROOT, importers, imports, named, python_files, syntax

DELETABLE = ("callbacks", "dashboard", "meetings", "sms", "webhooks")
"""Rooms that no other room imports: the product loses what they do, and nothing else."""

LOAD_WITHOUT = """
import importlib, sys

class Deleted:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"{name} has been deleted")

sys.meta_path.insert(0, Deleted())
for name in sys.argv[2:]:
    importlib.import_module(name)
"""


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


@pytest.mark.thorough
@pytest.mark.parametrize("room", DELETABLE)
def test_the_rest_still_loads_when_a_room_is_deleted(room: str) -> None:
    """With the room gone, and the files of app that need it, every other module must load."""
    gone = _of_app({one for module in importers(room) for one in {module, *imports().find_downstream_modules(module)}})
    modules = {_module(file) for file in python_files(*PACKAGES) if "migrations" not in file.parts}
    left = sorted(module for module in modules - gone if module.split(".")[0] != room)
    answer = subprocess.run(
        [sys.executable, "-c", LOAD_WITHOUT, room, *left], cwd=ROOT, capture_output=True, text=True, check=False
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
