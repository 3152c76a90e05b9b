"""Where what was fetched or can be made again is kept; also asked before any package is installed (tools/setup.py)."""

import os
import sys
from pathlib import Path


def default_cache() -> Path:
    """Return the folder that serves unless ``KC_CACHE_DIR`` names another: ``~/.cache/kundcenter``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kundcenter"


def chosen_cache() -> Path:
    """Return the folder that ``KC_CACHE_DIR`` names, else the default one."""
    named = os.environ.get("KC_CACHE_DIR")
    return Path(named) if named else default_cache()


if __name__ == "__main__":
    sys.stdout.write(f"{chosen_cache()}\n")
