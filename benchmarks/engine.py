"""How many calls a second the pure engine walks through, beside reading an event log of the same length as JSON.

The ratio says whether the engine will ever be what a caller waits for: reading the events at all costs about as much.
Run: ``make bench NAME=engine``. The last line is one JSON object.
"""

import json
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.lines.report import Bound, report
from core.ids import ContactId, LegId
from ivr.flow import FlowBook
from ivr.flow_file import load_book
from ivr.model import Phase, Position
from ivr.rehearsal import OPEN, Rehearsal, made_up
from ivr.wording_file import load_wordings

CONFIG = Path(__file__).parent.parent / "config"
JOURNEYS = 400
ROUNDS = 9
LEAST_RATIO = 0.02
LEAST_A_SECOND = 200
"""Far above what a switch can carry: the busiest hour of the agency has about three calls a second (FACTS §2.2)."""


def read(folder: str) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (CONFIG / folder).glob("*.yaml")}


def journey(book: FlowBook) -> Rehearsal:
    """A citizen hears when the money comes, after pressing a wrong key once."""
    position = Position(
        contact=ContactId("con_1"), leg=LegId("leg_1"), arrived_at=datetime(2026, 11, 24, 9, tzinfo=UTC)
    )
    call = Rehearsal(book, position, made_up(OPEN))
    for keys in ("7", "1", "199107172380", "274913"):
        call.press(keys)
    call.silence()
    call.press("2")
    call.silence()
    if call.position.phase is not Phase.ENDED:
        raise SystemExit(f"the journey did not come to its end, but to {call.position.node}")
    return call


def event_log(call: Rehearsal) -> list[str]:
    """The same journey as a log of JSON lines: one for each event and each action."""
    return [
        json.dumps(
            {
                "kind": type(action).__name__,
                "leg": call.position.leg,
                "occurred_at": "2026-11-24T09:00:00+00:00",
                "said": [{"text": one.text, "wording": one.wording} for one in getattr(action, "utterances", ())],
            }
        )
        for action in call.actions
        for _event_and_action in range(2)
    ]


def seconds(work: object, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()  # type: ignore[operator]
    return time.perf_counter() - began


def main() -> int:
    wordings = load_wordings(read("wording"))
    book = load_book(read("flows"), wordings=wordings)
    lines = event_log(journey(book))
    engine, reading = [], []
    for _ in range(ROUNDS):  # in turns, so that a busy machine slows both
        engine.append(seconds(lambda: journey(book), JOURNEYS) / JOURNEYS)
        reading.append(seconds(lambda: [json.loads(line) for line in lines], JOURNEYS) / JOURNEYS)
    ratio = statistics.median(mine / other for mine, other in zip(engine, reading, strict=True))
    figures: dict[str, object] = {
        "journeys_per_second": round(1 / statistics.median(engine)),
        "microseconds_per_journey": round(statistics.median(engine) * 1e6),
        "microseconds_to_read_its_log": round(statistics.median(reading) * 1e6),
        "speed_against_reading_the_log": round(1 / ratio, 3),
        "log_lines": len(lines),
    }
    bounds = {
        "speed_against_reading_the_log": Bound(at_least=LEAST_RATIO),
        "journeys_per_second": Bound(at_least=LEAST_A_SECOND),
    }
    return report("engine", figures, bounds)


if __name__ == "__main__":
    sys.exit(main())
