"""Read the numbers that the switch's safety net kept while nobody steered the calls, so that none is forgotten.

A file is one call, written line by line by the dialplan: ``called``, ``at``, ``number`` (the last one counts), ``wrong`` (of the
number that was keyed in last: the one that the caller has rung from counts again), ``end``;
``waits`` and ``served`` (the last one counts) of a caller to whom nothing could be promised and who stayed.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from core.errors import KundcenterError

GIVEN_UP_AFTER = timedelta(minutes=10)
"""A file without an end that has not grown for so long belongs to a call that died with the switch."""

_LINE = re.compile(r"(called|at|number|wrong|waits|served|end)(?: (\+?[0-9]{1,20}))?")
_NUMBER = re.compile(r"(?:\+|0|46)[0-9]{6,14}")
"""What can be a telephone's number: whoever hears us only then may have gone on with keying a personnummer."""
_log = structlog.get_logger()


@dataclass(frozen=True)
class StrandedCall:
    """A caller whom nobody could serve. ``number`` is empty when it was withheld and none was keyed in.

    ``name`` is unique to the call and the same at every reading: the key against importing it twice. One who
    ``was_served`` stayed until a controller took the call, which then is a contact like any other.
    """

    number: str
    called: str
    at: datetime
    name: str
    was_served: bool = False

    def __repr__(self) -> str:
        return f"StrandedCall(name={self.name!r}, at={self.at.isoformat()})"


def read_stranded(text: str, *, name: str, written_at: datetime) -> tuple[StrandedCall, bool]:
    """Read one file, and tell whether it is finished; lines that are not understood are skipped.

    ``written_at`` stands in for a missing or impossible time.
    """
    values, numbers = {"called": "", "at": ""}, [""]
    finished = was_served = False
    for line in text.splitlines():
        found = _LINE.fullmatch(line.strip())
        key, value = (found.group(1), found.group(2) or "") if found else ("", "")
        match key:
            case "called" | "at":
                values[key] = value or values[key]
            case "number":
                numbers.append(value if _NUMBER.fullmatch(value) else "")
            case "wrong":
                del numbers[2:]  # the first is the one that they ring from
            case "waits" | "served":
                was_served = key == "served"
            case "end":
                finished = True
    number = next(filter(None, reversed(numbers)), "")
    seconds = values["at"]
    at = datetime.fromtimestamp(int(seconds), UTC) if re.fullmatch("[0-9]{1,10}", seconds) else written_at
    return StrandedCall(number, values["called"], at, name, was_served), finished


async def import_stranded(
    spool: Path, handle: Callable[[StrandedCall], Awaitable[None]], *, now: datetime
) -> list[StrandedCall]:
    """Hand each finished file to ``handle``, oldest first, and remove it once that has returned; return these calls.

    A file of a caller who was served in the end is only removed.
    When ``handle`` raises one of our errors the file stays for the next time. ``handle`` may be given the same call
    twice (a crash between its commit and the removal), and tells so by ``name``.
    """
    imported = []
    for path, call in _finished(spool, now=now):
        try:
            if not call.was_served:
                await handle(call)
        except KundcenterError as error:
            _log.warning("stranded_call_not_imported", call=call.name, reason=type(error).__name__)
            continue
        path.unlink(missing_ok=True)
        if not call.was_served:
            imported.append(call)
    return imported


def _finished(spool: Path, *, now: datetime) -> list[tuple[Path, StrandedCall]]:
    found = []
    for path in spool.glob("*.call"):
        try:
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            with path.open("r", encoding="ascii", errors="replace") as file:
                text = file.read(4096)
        except FileNotFoundError:  # another process was quicker
            continue
        call, finished = read_stranded(text, name=path.stem, written_at=written_at)
        if finished or now - written_at > GIVEN_UP_AFTER:
            found.append((path, call))
    return sorted(found, key=lambda pair: (pair[1].at, pair[1].name))
