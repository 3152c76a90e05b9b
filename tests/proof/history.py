"""What the harness saw, line by line, in the order in which it saw it. A run that fails leaves it as a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class History:
    """Writes lines; ``t`` is when, in the proof's seconds, and ``a`` (where there is one) when it was asked."""

    def __init__(self, path: Path, elapsed: Callable[[], float]) -> None:
        self.path = path
        self.lines: list[Line] = []
        self._elapsed = elapsed
        self._file = path.open("w", encoding="utf-8", buffering=1 << 16)

    def write(self, kind: str, **fields: Any) -> None:
        line = {"t": round(self._elapsed(), 3), "kind": kind, **fields}
        self.lines.append(line)
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[Line]:
    """Read a history that a run left."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
