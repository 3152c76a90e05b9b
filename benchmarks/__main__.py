"""Runs every benchmark, one after the other, and shows in one table which bounds hold.

``make bench`` runs them all, ``make bench NAME=…`` one by itself. What each says is shown as it comes; the last
line of each is the JSON object that the table is made from. It ends with 1 when a bound does not hold anywhere.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LONGEST_SECONDS = 1800


@dataclass(frozen=True)
class Run:
    """How one benchmark went. ``said`` is its last line, empty when there was none."""

    name: str
    seconds: float
    status: int
    said: dict[str, Any]

    @property
    def holds(self) -> bool:
        """Whether every bound holds, and the benchmark came to its end."""
        return self.status == 0 and self.said.get("holds") is True


def names() -> list[str]:
    """Return every benchmark: each module of this folder is one."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py"))


def run(name: str) -> Run:
    """Run one in a process of its own, and show what it says."""
    print(f"\n== {name}", flush=True)
    began, last = time.monotonic(), ""
    command = ["timeout", str(LONGEST_SECONDS), sys.executable, "-u", "-m", f"benchmarks.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return Run(name, time.monotonic() - began, process.returncode, read_last(last))


def read_last(line: str) -> dict[str, Any]:
    """Return the JSON object that ends a benchmark; nothing when the line is not one."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) and {"bench", "figures", "bounds", "holds"} <= said.keys() else {}


def table(runs: list[Run]) -> list[str]:
    """Return a line for each bound: the figure, what it is held to, and whether it holds."""
    lines = [f"{'benchmark':<14} {'figure':<38} {'measured':>12}  {'bound':<14} "]
    for one in runs:
        if not one.said:
            lines.append(f"{one.name:<14} ended with status {one.status} and said nothing that could be read")
        for name, bound in one.said.get("bounds", {}).items():
            lines.append(_row(one, name, bound))
    return lines


def _row(one: Run, name: str, bound: dict[str, float]) -> str:
    (kind, limit), figure = next(iter(bound.items())), one.said["figures"][name]
    sign, kept = {
        "at_most": ("<=", figure <= limit),
        "at_least": (">=", figure >= limit),
        "must_fail_at_most": ("must be >", figure > limit),
        "must_fail_at_least": ("must be <", figure < limit),
    }[kind]
    verdict = "" if kept else "DOES NOT HOLD"
    return f"{one.name:<14} {name:<38} {figure:>12}  {f'{sign} {limit:g}':<14} {verdict}"


def main(some: list[str]) -> int:
    runs = [run(name) for name in some]
    print("\n" + "\n".join(table(runs)))
    for one in runs:
        print(f"{one.name:<14} {one.seconds:6.0f} s  {'holds' if one.holds else 'DOES NOT HOLD'}")
    everything = all(one.holds for one in runs)
    print(f"{len(runs)} benchmarks in {sum(one.seconds for one in runs) / 60:.1f} min")
    print(json.dumps({"bench": "all", "seconds": {one.name: round(one.seconds) for one in runs}, "holds": everything}))
    return 0 if everything else 1


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Every benchmark, and one table.")
    options.add_argument("names", nargs="*", help="only these; all when none is named")
    chosen = options.parse_args().names
    if unknown := set(chosen) - set(names()):
        options.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    sys.exit(main(chosen or names()))
