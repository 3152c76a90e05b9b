"""The repository as these tests read it: its files, its syntax trees and who imports whom."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "telephony",
    "identity",
    "cases",
    "contacts",
    "citizen_pages",
    "callbacks",
    "sms",
    "meetings",
    "webhooks",
    "ivr",
    "skills_routing",
    "dashboard",
)
PACKAGES = ("core", "storage", *ROOMS, "app")
CODE = (*PACKAGES, "tests", "tools", "benchmarks")
NOT_OURS = {"node_modules", "dist", "__pycache__", ".vite"}


def files(folder: str, *suffixes: str) -> Iterator[Path]:
    """Yield the files below a folder of the repository that somebody wrote, in order."""
    for file in sorted((ROOT / folder).rglob("*")):
        if file.suffix in suffixes and file.is_file() and not NOT_OURS & set(file.parts):
            yield file


def python_files(*folders: str) -> list[Path]:
    return [file for folder in folders or CODE for file in files(folder, ".py")]


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


@functools.cache
def syntax(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def strings(file: Path) -> Iterator[ast.Constant]:
    """Yield each string of a file that is not a docstring."""
    docstrings = {
        id(node.value)
        for node in ast.walk(syntax(file))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def called(node: ast.Call) -> str:
    """Return the last word of what a call calls: ``get`` for ``router.get(…)``."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(syntax(file)) if isinstance(node, ast.Call))


@functools.cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        *PACKAGES, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def importers(module: str) -> set[str]:
    """Return the modules of ours that import this module or anything in it."""
    graph = imports()
    inside = {module, *graph.find_descendants(module)} if module in graph.modules else set()
    return {importer for one in inside for importer in graph.find_modules_that_directly_import(one)} - inside


def committed(*patterns: str) -> list[Path]:
    """Return the files that git knows, those not yet committed included."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]
