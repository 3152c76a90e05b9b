"""Structured logs: one JSON object a line, one contact id through all of them, nothing secret in any (I-24)."""

import logging
import sys
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

import structlog

from app.redaction import any_of, redacted

_log = structlog.get_logger()


def set_up_logs(process: str, level: str = "INFO", *, secrets: Iterable[str] = ()) -> None:
    """Have this process write its log lines to standard error, as JSON, with nothing secret in them.

    ``secrets`` are the system's own, from its settings: they are hidden wherever they stand.
    """
    own = any_of(secrets)

    def redact(_logger: Any, _name: str, line: Mapping[str, Any]) -> Mapping[str, Any]:
        return redacted(line, secrets=own)

    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[structlog.types.Processor] = [redact, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    foreign = _ForeignLines(sys.stderr)
    foreign.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[foreign], level=max(logging.WARNING, logging.getLevelName(level)), force=True)


class _ForeignLines(logging.StreamHandler[Any]):
    """Writes what libraries log."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a line could not be written, instead of printing what was in it."""
        _log.error("A line of a library could not be written.", library=record.name)


def log_what_ends_the_process() -> None:
    """Have errors that nobody caught written as lines of the log, too, instead of as a bare trace with its texts."""

    def of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            _log.critical("The process ends by an error that nobody caught.", exc_info=(kind, error, trace))

    def of_thread(ended: threading.ExceptHookArgs) -> None:
        if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
            _log.error("A thread ended by an error.", exc_info=(ended.exc_type, ended.exc_value, ended.exc_traceback))

    def of_nobody(lost: Any) -> None:
        _log.error("An error could not be raised to anybody.", exc_info=lost.exc_value or False)

    sys.excepthook, threading.excepthook, sys.unraisablehook = of_process, of_thread, of_nobody
