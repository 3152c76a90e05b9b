"""Rooms: each tells what it is for, stands alone where it can, and can be taken away."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOMS, ROOT, importers, imports, named, python_files, syntax

DELETABLE = ("callbacks", "dashboard", "meetings", "sms", "webhooks")
"""Rooms that no other room imports: the product loses what they do, and nothing else."""

WITHOUT = """
import importlib, sys
import pytest

room, modules, tests = (part.split() for part in sys.argv[1:])

class Deleted:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in room:
            raise ModuleNotFoundError(f"{name} has been deleted")

class Quick:
    def pytest_collection_modifyitems(self, items):
        one_of_each = {item.path: item for item in reversed(items)}
        items[:] = one_of_each.values()

sys.meta_path.insert(0, Deleted())
ended = pytest.main(["-q", "-p", "no:cacheprovider", "-m", "not thorough", *tests], plugins=[Quick()])
for name in modules:
    importlib.import_module(name)
sys.exit(ended)
"""
"""Collects all these tests, runs one of each file, and loads these modules, without the room."""


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


HANDED_ON = {"telephony/asterisk/install.py": "apt-get is started with the machine's proxy and sign-in"}
"""Where a room passes the environment on to a program, as it is, and why."""


def test_only_app_reads_the_environment_and_hands_each_room_what_it_needs() -> None:
    reading = {
        named(file)
        for file in python_files(*PACKAGES)
        for node in ast.walk(syntax(file))
        if getattr(node, "attr", getattr(node, "id", getattr(node, "name", ""))) in ("environ", "environb", "getenv")
    }
    assert {one for one in reading if not one.startswith("app/")} == set(HANDED_ON)


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
def test_the_rest_loads_and_its_unit_tests_pass_when_a_room_is_deleted(room: str) -> None:
    """With the room and its tests gone, and with them the files of app that need it, all that is left must go on."""
    gone = _gone_with(room)
    modules = {_module(file) for file in python_files(*PACKAGES) if "migrations" not in file.parts}
    left = sorted(module for module in modules - gone if module.split(".")[0] != room)
    assert {other for other in ROOMS if other != room} <= set(left)
    tests = [
        file
        for file in python_files("tests/unit")
        if file.name.startswith("test_")
        and not file.is_relative_to(ROOT / "tests" / "unit" / room)
        and not any(name in gone or name.split(".")[0] == room for name in _needed(file))
    ]
    assert {other for other in ROOMS if other != room} <= {file.parent.name for file in tests}
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT, room, " ".join(left), " ".join(map(named, tests))],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]


def _gone_with(room: str) -> set[str]:
    """Return the modules of app that cannot be without the room: its lines in app, and what stands on them."""
    return _of_app({one for module in importers(room) for one in {module, *imports().find_downstream_modules(module)}})


def _of_app(modules: set[str]) -> set[str]:
    return {module for module in modules if module.split(".")[0] == "app"}


def _needed(file: Path) -> set[str]:
    """Return what a file of tests imports, by itself or through other files of tests."""
    found: set[str] = set()
    ahead = [file]
    while ahead:
        new = _imported(ahead.pop()) - found
        found |= new
        of_tests = (ROOT / f"{name.replace('.', '/')}.py" for name in new if name.startswith("tests."))
        ahead += [one for one in of_tests if one.exists()]
    return found


def _module(file: Path) -> str:
    return named(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found
