"""Promises to ring back, when there are very many, and when far too many people ring.

*Many*: 50,000 promises are stored, and 2,000 of them come due within one minute, on the machine's own clock, with a real
Valkey and SQLite, in one process that plays the agents and citizens, too. Each must be dialled within that minute, once,
and by rank.

*Five-fold*: for an hour (virtual time) five times as many people ring as the agents can talk with; three in five ask to be
rung back. Everything is the product's own: IVR, line, promises, ledger; only speech and the exchange are simulated. In the
end every contact has its one outcome, they add up, nobody was refused, and no promise is open, doubled or forgotten.

*Connected*: on a real Asterisk, from the citizen's answer (or, rung before an agent, from their key) until they hear an
agent: 99 in 100 within two seconds, and not with so much delay on our cable to the switch (negative control).
Run: ``make bench NAME=callbacks``. The last line is one JSON object. ``python -m benchmarks.callbacks --keep DIR`` keeps what
it has written, and says how to have ``kundcenter ledger check`` look into the books of the hour.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import structlog

from benchmarks.lines.report import Bound, report
from benchmarks.promises.connected import WITHIN, connected
from benchmarks.promises.many import many_due
from benchmarks.promises.overload import STARTS_AT, overload

BOUNDS = {
    "due_started_in_the_minute": Bound(at_least=1.0),
    "due_dialled_twice": Bound(at_most=0),
    "due_out_of_order": Bound(at_most=0),
    "overload_offered_of_capacity": Bound(at_least=4.75),
    "overload_refused": Bound(at_most=0),
    "overload_unaccounted": Bound(at_most=0),
    "overload_ledger_faults": Bound(at_most=0),
    "overload_promises_open": Bound(at_most=0),
    "overload_promises_talked_twice": Bound(at_most=0),
    "connected_agent_first_p99_seconds": Bound(at_most=WITHIN),
    "connected_citizen_first_p99_seconds": Bound(at_most=WITHIN),
    "connected_late_p50_seconds": Bound(must_fail_at_most=WITHIN),
    "connected_not_kept": Bound(at_most=0),
    "connected_ledger_faults": Bound(at_most=0),
}


async def _measure(folder: Path) -> dict[str, object]:
    figures = {**await many_due(folder / "many"), **await overload(folder / "overload")}
    return {**figures, **await connected(folder / "connected")}


def _measured(keep: Path | None) -> dict[str, object]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="kc-bench-", ignore_cleanup_errors=True) as folder:
            return asyncio.run(_measure(Path(folder)))
    figures = asyncio.run(_measure(keep))
    since, until = STARTS_AT.date() - timedelta(days=1), STARTS_AT.date() + timedelta(days=2)
    state = (keep / "overload" / "state").resolve()
    print(f"KC_STATE_DIR={state} kundcenter ledger check --since {since} --until {until}")
    return figures


def main() -> int:
    """Measure, and say what holds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # some 50 lines a promise
    options = argparse.ArgumentParser(description="Promises to ring back, when there are far too many.")
    options.add_argument(
        "--keep", type=Path, metavar="DIR", help="a folder that there is not yet, to keep the books in"
    )
    return report("callbacks", _measured(options.parse_args().keep), BOUNDS)


if __name__ == "__main__":
    sys.exit(main())
