"""The settings of the system that runs from this state folder, so that one can look at it without setting them again."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.settings import Settings

_NAME = "running.json"


@contextlib.contextmanager
def remembered(settings: Settings) -> Iterator[None]:
    """Keep these settings, but no secret, in the state folder while the block runs."""
    secret = {name for name in type(settings).model_fields if hasattr(getattr(settings, name), "get_secret_value")}
    path = settings.state_dir / _NAME
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # the URL of a database may hold a password
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(settings.model_dump_json(exclude=secret, indent=2))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def present_settings() -> Settings:
    """Return the settings of this process; what it was not told, it takes from the system that runs here."""
    own = Settings()
    running = _read(own.state_dir / _NAME)
    told = {name for name in running if f"KC_{name.upper()}" in os.environ}
    return Settings(**{name: value for name, value in running.items() if name not in told})


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
