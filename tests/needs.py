"""What a test needs of the machine. Missing, it is skipped with a sentence; in continuous integration it fails."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def missing(what: str) -> NoReturn:
    """End this test (or fixture) because the machine lacks something."""
    if in_ci():
        pytest.fail(f"Missing: {what}", pytrace=False)
    pytest.skip(f"Not tested here, for want of: {what}")


def program(name: str, *, package: str = "") -> Path:
    """Return where a program is."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} (as root: apt install {package or name})")
    return Path(found)


def sipp() -> Path:
    """Return SIPp, a caller over real SIP."""
    return program("sipp", package="sip-tester")


def chromium() -> Path:
    """Return Chromium, an agent's browser."""
    return program("chromium")


def web_pages() -> Path:
    """Return the folder of the built web pages."""
    built = Path(__file__).parents[1] / "dashboard" / "web" / "dist"
    if not (built / "index.html").exists():
        missing("the web pages (make web)")
    return built
