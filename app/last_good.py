"""Keeps what the configuration last was when it could be used: a process that dies while a file is broken comes back.

Invented persons are not kept: their numbers and codes stay in the one file that says that they are invented.
"""

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path

import structlog

from app.configuration import PERSONS, Configuration, Texts, configured, read_texts
from app.demo import as_demo
from app.settings import Settings
from core.errors import ConfigurationError

_NAME = "configuration-in-use.json"

log = structlog.get_logger()


def configuration_to_start_with(settings: Settings) -> Configuration:
    """Return what the folder says, or, when it cannot be used, what was in use before.

    Raises :class:`ConfigurationError` with every fault when there is nothing to fall back to.
    """
    texts = read_texts(settings.config_dir)
    try:
        return fitted(settings, configured(texts))
    except ConfigurationError as error:
        kept = _kept(settings.state_dir)
        if not kept:
            raise
        log.error("the configuration cannot be used; what was in use before is used", faults=error.faults)
    try:
        return replace(fitted(settings, configured({**kept, PERSONS: texts.get(PERSONS)})), is_fallback=True)
    except ConfigurationError:
        raise ConfigurationError(faults=_faults(texts)) from None


def fitted(settings: Settings, configuration: Configuration) -> Configuration:
    """Return the configuration as these settings want it: a demo is open at all hours."""
    return as_demo(configuration) if settings.demo and settings.demo_always_open else configuration


def keep(folder: Path, texts: Texts) -> None:
    """Keep what is in use from now on. Several processes may do so at once: they keep the same."""
    written = folder / f"{_NAME}.{os.getpid()}"
    handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({name: text for name, text in texts.items() if name != PERSONS}, file, ensure_ascii=False)
    written.replace(folder / _NAME)


def _kept(folder: Path) -> dict[str, str | None]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else {}
    return {}


def _faults(texts: Texts) -> tuple[str, ...]:
    try:
        configured(texts)
    except ConfigurationError as error:
        return error.faults
    return ()
