"""What the parts that deal with single calls write into the log, as their source says: each line tells whose call it is."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ABOUT_CALLS = (
    "telephony/asterisk/adapter.py",
    "telephony/asterisk/calls.py",
    "telephony/asterisk/incoming.py",
    "telephony/asterisk/legs.py",
    "telephony/asterisk/counting.py",
    "telephony/asterisk/spool.py",
    "ivr/*.py",
    "skills_routing/line/*.py",
    "app/obeying.py",
)
"""Rooms that are taken away leave nothing here to look at."""

ABOUT_NO_CALL = {
    "switch_not_reached",
    "switch_not_counted",
    "ivr.redis_unavailable",
    "a notice is up",
    "a notice is taken down",
    "a notice has ended by itself",
    "a notice ends soon; put it up again if it still is true",
    "contacts were dealt out in a batch",
    "the line is made by somebody else, or was emptied again",
    "the line was made from SQL",
}
IDS = {"contact", "contacts", "leg", "lane", "call"}
"""Any of these tells whose call it is; a lane has the name of a contact or of a leg."""

_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


@dataclass(frozen=True)
class Written:
    """One call of a logger: where, its message, and the names of what it says besides."""

    place: str
    message: str
    fields: frozenset[str]


def of_calls() -> Iterator[Written]:
    """Go through what is logged of calls."""
    for file in sorted(file for pattern in ABOUT_CALLS for file in ROOT.glob(pattern)):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _is_log(node.func):
                one = _written(f"{file.relative_to(ROOT)}:{node.lineno}", node)
                if one.message not in ABOUT_NO_CALL:
                    yield one


def _is_log(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr in _LEVELS
        and isinstance(function.value, ast.Name)
        and function.value.id in ("log", "_log")
    )


def _written(place: str, call: ast.Call) -> Written:
    message = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    fields = {keyword.arg for keyword in call.keywords if keyword.arg}
    for keyword in call.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Call) and isinstance(keyword.value.func, ast.Name):
            fields |= {"contacts"} if keyword.value.func.id == "_of_what" else set()
    return Written(place, str(message), frozenset(fields))
