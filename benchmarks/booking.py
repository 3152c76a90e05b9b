"""Booking under contention beside bare INSERTs, and a search over the whole country.

A booking takes a handler, a room and a citizen for an hour (twelve quarters), in one transaction with the meeting and its
fact, while others want the same times of the same offices. Beside it, in turns in the same run, as many bare INSERTs of
one row with a unique key, each in a transaction of its own, as many at once. Then the next ten free times over 300
offices and ninety days, a third of which is booked, while others book; and how the time of a
search grows from 30 offices to 300 (about linearly; a square would be 2). The negative control reads all that is booked at every search.
Run: ``make bench NAME=booking``; ``--postgresql URL`` for a server instead of SQLite. The last line is one JSON object.
"""

import argparse
import asyncio
import itertools
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Column, MetaData, String, Table, insert

from benchmarks.lines.report import Bound, report
from core.clock import STOCKHOLM
from core.ids import AgentId, PersonId
from core.phone import PhoneNumber
from meetings import store
from meetings.configuration import load_register
from meetings.diaries import Diaries
from meetings.errors import TimeTakenError
from meetings.hours import Window, local_day, quarter_of
from meetings.model import Choice, Meeting, MeetingId, Parts, State, Wish
from meetings.part import AHEAD_DAYS
from meetings.register import Handler, MeetingType, Mode, Office, Register, Room
from meetings.search import Busy, free, resources
from meetings.service import Meetings
from storage.database import Database
from storage.schema import metadata
from tests.builders.meetings import meetings_over

CONFIG = Path(__file__).parents[1] / "config"
NOW = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)
OFFICES, HANDLERS, ROOMS, DAYS = 300, 5, 4, 90
SIZES = (30, 100, 300)
AT_ONCE, WANT, WANTED_BY, ROUNDS = 20, 600, 5, 6
"""Each time is wanted by five at once, and four can have it."""
FILLED = 0.33
SEARCHES = 300
MOST_SECONDS = 0.05

_own = MetaData()
bare = Table("bench_bare", _own, Column("key", String(60), primary_key=True), Column("value", String(60)))

BOUNDS = {
    "booking ÷ bare INSERT": Bound(at_least=0.2),
    "a time had by two": Bound(at_most=0),
    "search, 300 offices, p99 s": Bound(at_most=MOST_SECONDS),
    "growth of a search with offices, exponent": Bound(at_most=1.3),
    "without diaries in memory, p50 s": Bound(must_fail_at_most=MOST_SECONDS),
}


Done = TypeVar("Done")


class Clock:
    def now(self) -> datetime:
        return NOW


def country(offices: int) -> Register:
    """Return so many offices like the first that we ship, each with handlers and rooms of its own."""
    shipped = load_register(
        offices=(CONFIG / "offices.yaml").read_text("utf-8"), types=(CONFIG / "meeting_types.yaml").read_text("utf-8")
    )
    office, handler, room = shipped.offices["norrby"], shipped.handlers["mats"], shipped.rooms["norrby-2"]  # type: ignore[index]
    all_offices: dict[str, Office] = {}
    handlers: dict[str, Handler] = {}
    rooms: dict[str, Room] = {}
    for number in range(offices):
        name = f"o{number:03d}"
        all_offices[name] = replace(office, office=name)
        for one in range(HANDLERS):
            handlers[f"{name}h{one}"] = replace(
                handler, handler=f"{name}h{one}", offices=(name,), number=PhoneNumber("+46701740661")
            )
        for one in range(ROOMS):
            rooms[f"{name}r{one}"] = replace(room, room=f"{name}r{one}", office=name)
    return replace(shipped, offices=all_offices, handlers=handlers, rooms=rooms)  # type: ignore[arg-type]


class Bench:
    """One database, and the register of a country."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.numbers = itertools.count(1)
        self.register = country(OFFICES)
        self.meetings = self.of(self.register)

    def of(self, register: Register) -> Meetings:
        def new_id(prefix: str) -> str:
            return f"{prefix}_{next(self.numbers)}"

        return meetings_over(self.database, Clock(), new_id, offices=register)

    async def open(self) -> None:
        async with self.database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
            await connection.run_sync(_own.create_all)

    async def rates(self) -> tuple[float, float, int, float]:
        """Return bookings and bare INSERTs a second, in turns, how many times were had by two, and the share of tries that had one."""
        ours: list[float] = []
        theirs: list[float] = []
        had: set[tuple[str, datetime, str]] = set()
        double = tries = 0
        found = await self.meetings.times(self.wish(offices=tuple(self.register.offices)[:10]), most=2_000)
        at_nine_and_one = [one for one in found if one.starts_at.astimezone(STOCKHOLM).hour in (9, 13)]
        times = [one for one in at_nine_and_one if one.starts_at.minute == 0][: WANT // WANTED_BY]
        await self.at_once([self.insert for _ in range(50)])
        for _round in range(ROUNDS):
            here = times[_round::ROUNDS]
            wanted = [self.booking(one) for one in here for _ in range(WANTED_BY)]
            began, rows = time.perf_counter(), await self.at_once(wanted)
            booked = [one for one in rows if one is not None]
            ours.append((time.perf_counter() - began) / len(booked))
            tries += len(wanted)
            for one in booked:
                double += one in had
                had.add(one)
            began = time.perf_counter()
            await self.at_once([self.insert for _ in booked])
            theirs.append((time.perf_counter() - began) / len(booked))
        return 1 / statistics.mean(ours), 1 / statistics.mean(theirs), double, len(had) / tries

    def wish(self, offices: tuple[str, ...] = ()) -> Wish:
        return Wish(type="kundmote", person=PersonId(f"per_{next(self.numbers)}"), offices=offices)

    def booking(self, at: Choice) -> Callable[[], Awaitable[tuple[str, datetime, str] | None]]:
        async def book() -> tuple[str, datetime, str] | None:
            try:
                row = await self.meetings.book(self.wish(), at, by="citizen")
            except TimeTakenError:
                return None
            return row.parts.staff[0], row.starts_at, row.office

        return book

    async def insert(self) -> None:
        number = next(self.numbers)
        async with self.database.transaction() as tx:
            await tx.execute(insert(bare), {"key": f"key_{number}", "value": f"value_{number}"})

    async def at_once(self, deeds: list[Callable[[], Awaitable[Done]]]) -> list[Done]:
        left, done = iter(deeds), list[Done]()

        async def one() -> None:
            for deed in left:
                done.append(await deed())

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        return done

    async def fill(self) -> None:
        """Have a third of the country's hours booked, evenly over offices and days."""
        chance = random.Random(1)
        kind = self.register.types["kundmote"]
        first = local_day(NOW)
        for office in list(self.register.offices)[10:]:  # of the others the times to book are
            rows: list[Meeting] = []
            for day in range(1, DAYS):
                at = datetime.combine(first + timedelta(days=day), datetime.min.time(), tzinfo=STOCKHOLM)
                if at.weekday() >= 5:
                    continue
                for hour, handler in itertools.product((9, 10, 13, 14), range(HANDLERS)):
                    if handler < ROOMS and chance.random() < FILLED:
                        rows.append(self.row(kind, office, handler, at.replace(hour=hour).astimezone(UTC)))
            await self.write(office, rows)

    def row(self, kind: MeetingType, office: str, handler: int, at: datetime) -> Meeting:
        wish, choice = Wish(type=kind.type), Choice(starts_at=at, office=office, mode=Mode.PHYSICAL)
        parts = Parts(staff=(AgentId(f"{office}h{handler}"),), room=f"{office}r{handler}")
        name = MeetingId(f"mtg_f{next(self.numbers)}")
        return replace(self.meetings._new(name, wish, choice, parts, by="fill"), state=State.BOOKED, held_until=None)

    async def write(self, office: str, rows: list[Meeting]) -> None:
        async with self.database.transaction() as tx:
            page = (await store.turn_page(tx, [office]))[office]
            await tx.execute(insert(store.meetings), [{**store.columns(row), "change": page} for row in rows])
            taken = [
                {"resource": name, "quarter": quarter_of(row.starts_at) + more, "meeting": row.meeting}
                for row in rows
                for name in resources(row.parts, None)
                for more in range(row.quarters)
            ]
            await tx.execute(insert(store.meeting_quarters), taken)

    async def searches(self) -> tuple[float, list[float]]:
        """Return how long the first look takes, and how long each search, with a booking by somebody else in between."""
        began = time.perf_counter()
        await self.meetings.times(self.wish())
        first, other, found = time.perf_counter() - began, self.of(self.register), list[float]()
        for number in range(SEARCHES):
            at = (await other.times(self.wish(offices=(f"o{number % OFFICES:03d}",)), most=1))[0]
            await other.book(self.wish(), at, by="citizen")
            needs = frozenset({"step_free"}) if number % 2 else frozenset[str]()
            wish = replace(self.wish(), needs=needs, mode=Mode.PHYSICAL if number % 3 else None)
            began = time.perf_counter()
            times = await self.meetings.times(wish, most=10)
            found.append(time.perf_counter() - began)
            assert len(times) == 10
        return first, found

    async def without_diaries(self) -> list[float]:
        found = list[float]()
        for _ in range(3):
            forgetful = self.of(self.register)
            began = time.perf_counter()
            await forgetful.times(self.wish())
            found.append(time.perf_counter() - began)
        return found

    async def growth(self) -> tuple[float, dict[int, float]]:
        """Return the exponent of the time of a search with the number of offices, and of each the median in seconds."""
        window = Window(local_day(NOW), AHEAD_DAYS)
        busy = await Diaries(self.database).busy(window, now=NOW)
        kind, medians = self.register.types["kundmote"], dict[int, float]()
        for size in SIZES:
            register = country(size)
            tries = [self.pure(register, kind, busy, window) for _ in range(60)]
            medians[size] = statistics.median(tries[10:])
        exponent = math.log(medians[SIZES[-1]] / medians[SIZES[0]]) / math.log(SIZES[-1] / SIZES[0])
        return exponent, medians

    def pure(self, register: Register, kind: MeetingType, busy: Busy, window: Window) -> float:
        began = time.perf_counter()
        free(register, kind, self.wish(), window=window, busy=busy, earliest=NOW, most=10)
        return time.perf_counter() - began

    async def all_taken(self) -> float:
        window = Window(local_day(NOW), AHEAD_DAYS)
        busy = dict.fromkeys((f"handler:{name}" for name in self.register.handlers), -1)
        return self.pure(self.register, self.register.types["kundmote"], busy, window)


async def measure(url: str) -> dict[str, object]:
    database = Database(url)
    bench = Bench(database)
    await bench.open()
    ours, theirs, double, share = await bench.rates()
    print(f"bookings a second: {ours:.0f}; bare INSERTs: {theirs:.0f}", flush=True)
    await bench.fill()
    first, found = await bench.searches()
    exponent, medians = await bench.growth()
    control = await bench.without_diaries()
    taken = await bench.all_taken()
    await database.close()
    return {
        "bookings a second": round(ours),
        "bare INSERTs a second": round(theirs),
        "booking ÷ bare INSERT": round(ours / theirs, 3),
        "share of tries that had their time": round(share, 2),
        "a time had by two": double,
        "first look of a process s": round(first, 2),
        "search, 300 offices, p50 s": round(statistics.median(found), 4),
        "search, 300 offices, p99 s": round(sorted(found)[int(len(found) * 0.99)], 4),
        "search when everything is taken s": round(taken, 4),
        **{f"the search itself, {size} offices, p50 s": round(one, 5) for size, one in medians.items()},
        "growth of a search with offices, exponent": round(exponent, 2),
        "without diaries in memory, p50 s": round(statistics.median(control), 3),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--postgresql", default="", help="the address of an empty database instead of SQLite")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.postgresql or f"sqlite+aiosqlite:///{folder}/bench.db"
        return report("booking", asyncio.run(measure(url)), BOUNDS)


if __name__ == "__main__":
    sys.exit(main())
