"""Structured logs: one JSON object a line, one contact id through all of them, nothing secret in any (I-24)."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_PERSONNUMMER = re.compile(r"(?<![0-9a-z])(?:[0-9]{2})?[0-9]{6}[-+ ]?[0-9]{4}(?![0-9])")
_NUMBER = re.compile(r"(?<![0-9a-zA-Z_])(\+|00)?[0-9][0-9 -]{6,}[0-9]")
_SECRET_FIELDS = frozenset({"digits", "code", "personnummer", "password", "token", "text", "note", "secret", "body"})
_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}|(?:[0-9]{10}\.[0-9]+)")


def scrub(text: str) -> str:
    """Return the text with whatever looks like a personnummer, a code or a phone number hidden; our ids stay."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group())
        return f"\x00{len(kept) - 1}\x00"

    guarded = _ID.sub(keep, text)
    guarded = _NUMBER.sub("[nummer]", _PERSONNUMMER.sub("[nummer]", guarded))
    return re.sub(r"\x00([0-9]+)\x00", lambda found: kept[int(found.group(1))], guarded)


def _redact(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for key, value in line.items():
        if key in _SECRET_FIELDS:
            line[key] = "[dolt]"
        elif isinstance(value, str) and key not in ("timestamp", "level"):
            line[key] = scrub(value)
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**9:
            line[key] = "[nummer]"
    return line


def set_up_logs(process: str, level: str = "INFO") -> None:
    """Have this process write its log lines to standard error, as JSON, scrubbed."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    foreign = logging.StreamHandler(sys.stderr)
    foreign.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[foreign], level=max(logging.WARNING, logging.getLevelName(level)), force=True)
