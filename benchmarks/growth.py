"""How the time of a decision grows with the number of agents and callers, on the real line in Valkey.

From 100 to 100,000 free agents and as many waiting callers (whom none of those agents can serve), a few agents take
calls in turn. Two decisions are timed: an agent becomes free among all the callers, and a caller comes in among all the
agents. The time inside the server is what must not grow; the rate is what one client sees, one call after the other,
beside a function that does nothing, and beside one that does the least that any decision must: look, take out,
reserve, tell, and one that makes, with no rule at all, the twenty calls that an offer needs (``kept``). A decision is one command that makes an offer, its facts read included. A line that is searched from end to end must break each bound (negative control).
Run: ``make bench NAME=growth``; ``--largest 10000`` is shorter. The last line is one JSON object.
"""

import argparse
import asyncio
import itertools
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.lines.measured_lag import START
from benchmarks.lines.report import Bound, report
from core.ids import AgentId
from skills_routing.line.line_facts import Kind, LineFact
from skills_routing.line.live_line import GENERATION, Command, Decision, LiveLine, library
from skills_routing.model import Policy, instant
from storage.redis import EmbeddedStore, blocking, live

SIZES = (100, 1_000, 10_000, 100_000)
BENEFITS = ("foralder", "sjuk", "bostad", "funktionsnedsattning", "allmant")
ROUNDS = 600
TRIVIAL = "#!lua name=kc_trivial\nredis.register_function('trivial', function() return 'ok' end)\n"
FLOOR = """#!lua name=kc_floor
redis.register_function('floor', function(_, argv)
  local first = redis.call('ZRANGE', 'kc:floor:line', 0, 0)[1]
  redis.call('ZREM', 'kc:floor:line', first)
  redis.call('HSET', 'kc:floor:agent', 'state', 'RESERVED', 'contact', first, 'since', argv[1])
  redis.call('XADD', 'kc:floor:feed', 'MAXLEN', '~', '10000', '*', 'agent', 'asa', 'contact', first)
  redis.call('ZADD', 'kc:floor:line', argv[1], first)
  return first
end)
"""
KEPT = """#!lua name=kc_kept
redis.register_function('kept', function(_, argv)
  local call, at = redis.call, argv[1]
  call('GET', 'kc:generation')
  local agent, done = call('HGETALL', 'kc:agent:taker0'), call('HGETALL', 'kc:kept:contact')
  call('DEL', 'kc:kept:done')
  call('SREM', 'kc:kept:contacts', 'con1')
  call('ZADD', 'kc:kept:leases', at, 'taker0')
  call('SMEMBERS', 'kc:serves:kept')
  local first = call('ZRANGE', 'kc:floor:line', 0, 0, 'WITHSCORES')[1]
  call('ZRANGE', 'kc:floor:other', 0, 0, 'WITHSCORES')
  call('HGETALL', 'kc:kept:contact')
  call('INCR', 'kc:kept:token')
  call('ZREM', 'kc:floor:line', first)
  call('ZREM', 'kc:kept:waiting', first)
  call('HSET', 'kc:kept:offer', 'state', 'PENDING', 'contact', first, 'agent', 'taker0', 'token', at, 'leg', first,
    'made_at', at, 'expires_at', at)
  call('ZADD', 'kc:kept:offers', at, 'off1')
  call('ZREM', 'kc:kept:idle', 'taker0')
  call('HSET', 'kc:kept:agent', 'state', 'RESERVED', 'reason', '', 'since', at, 'contact', first, 'idle_since', at)
  call('HSET', 'kc:kept:contact', 'state', 'offered', 'at', at, 'agent', 'taker0', 'offer', 'off1', 'token', at)
  call('XADD', 'kc:kept:feed', 'MAXLEN', '~', '10000', '*', 'agent', 'taker0')
  call('ZADD', 'kc:floor:line', at, first)
  return first
end)
"""
SEARCH = """#!lua name=kc_search
redis.register_function('search', function()
  local first
  for _, one in ipairs(redis.call('ZRANGE', 'kc:line:sjuk:1,svenska:1', 0, -1, 'WITHSCORES')) do
    if not first or one < first then first = one end
  end
  return first
end)
"""


@dataclass
class Timed:
    """Seconds of one kind of call: as the client sees it, and inside the server."""

    outside: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)


class Bench:
    """The line at one size after the other; what is there stays there."""

    def __init__(self, url: str) -> None:
        self.redis: Any = live(url)
        self.filling: Any = blocking(url)
        numbers = itertools.count(1)
        self.numbers = numbers
        policy = Policy(lease=timedelta(days=9), many=0)
        self.line = LiveLine(redis=self.redis, new_id=lambda name: f"{name}_{next(numbers)}", policy=policy)
        self.now = instant(START)
        self.size = 0
        self.asks_server = False
        self.calls = itertools.count(1)
        self.offers: list[LineFact] = []

    async def open(self) -> None:
        await self.redis.set(GENERATION, 1)
        for text in (TRIVIAL, SEARCH, FLOOR, KEPT):
            await self.redis.function_load(text)
        await self.run(Command.KNOW_LINES, "*")
        await self.redis.zadd("kc:floor:line", {f"con{number}": number for number in range(1000)})
        for number, benefit in enumerate(BENEFITS):  # those who take the calls: they can do what callers wait for
            await self.run(Command.KNOW_AGENT, f"taker{number}", f"{benefit}:4,svenska:5", 0, 1)

    async def run(self, command: Command, *own: str | int) -> Decision:
        decision = await self.line.run(command, *own, now=self.now)
        self.offers += [fact for fact in decision.facts if fact.fact is Kind.OFFER_MADE]
        return decision

    async def grow(self, size: int) -> None:
        """Add agents who are free (they speak Finnish, and nobody asks for it) and callers who wait in ten lines."""
        commands: list[tuple[Command, tuple[str | int, ...]]] = []
        for number in range(self.size, size):
            agent = f"agent{number:06d}"
            profile = f"{BENEFITS[number % 5]}:{1 + number % 3},finska:5"
            commands += [
                (Command.KNOW_AGENT, (agent, profile, number % 7, 1)),
                (Command.CHOOSE_STATE, (agent, "READY", "")),
            ]
            commands.append((Command.ENTER, self.caller(number)))
        for start in range(0, len(commands), 1500):
            await self.send(commands[start : start + 1500])
        self.size = size

    async def send(self, commands: list[tuple[Command, tuple[str | int, ...]]]) -> None:
        name, _ = library()
        pipe = self.filling.pipeline(transaction=False)
        for command, own in commands:
            offer = f"off_{next(self.numbers)}"
            pipe.fcall(f"{name}_{command}", 0, START, offer, self.line._rules, "", *own)
        for answer in await pipe.execute():
            assert answer.startswith("ok"), answer

    def caller(self, number: int) -> tuple[str | int, ...]:
        line = f"{BENEFITS[number % 5]}:{1 + number // 5 % 2},svenska:1"
        contact = f"con{number:07d}"
        return contact, f"leg_{contact}", "kö", line, START + number, START + number

    async def serve(self, offer: LineFact) -> None:
        """The agent takes the call and ends it, up to the wrap-up."""
        await self.run(Command.TAKE, offer.offer, offer.token)
        await self.run(Command.PART, offer.contact, offer.offer, "citizen")

    async def measure(self) -> dict[str, Timed]:
        """Time the decisions, in turns with a call that does nothing."""
        found = {name: Timed() for name in ("freed", "arrived", "trivial", "floor", "kept", "searched")}
        for number in range(len(BENEFITS)):
            await self.run(Command.CHOOSE_STATE, f"taker{number}", "READY", "")
        assert len(self.offers) == len(BENEFITS)
        for round_ in range(ROUNDS):
            self.asks_server = round_ % 2 == 0
            offer = self.offers.pop(0)
            await self.serve(offer)
            await self.time(found["freed"], self.run(Command.WRAP_UP, offer.agent, offer.contact, "READY", ""))
            await self.time(found["trivial"], self.redis.fcall("trivial", 0, *["argument"] * 8))
            await self.time(found["floor"], self.redis.fcall("floor", 0, *[str(round_)] * 8))
            await self.time(found["kept"], self.redis.fcall("kept", 0, *[str(round_)] * 8))
            await self.run(Command.ENTER, *self.caller(1_000_000 + next(self.calls)))  # as many wait as before
            await self.arrival(found["arrived"], 5_000_000 + next(self.calls))
            if round_ % 15 == 0:  # an odd number, so that it is timed both inside and outside
                await self.time(found["searched"], self.redis.fcall("search", 0))
        for offer in self.offers:
            await self.serve(offer)
            await self.run(Command.WRAP_UP, offer.agent, offer.contact, "NOT_READY", "")
        self.offers.clear()
        return found

    async def arrival(self, timed: Timed, number: int) -> None:
        """A caller comes in whom thousands of free agents could serve, is served, and the agent is free again."""
        contact, leg, queue, _, rank, since = self.caller(number)
        line = f"{BENEFITS[number % 5]}:1,finska:1"
        await self.time(timed, self.run(Command.ENTER, contact, leg, queue, line, rank, since))
        offer = self.offers.pop()
        assert offer.contact == contact
        await self.serve(offer)
        await self.run(Command.WRAP_UP, AgentId(offer.agent), contact, "READY", "")

    async def time(self, timed: Timed, call: Any) -> None:
        """Time inside and outside by turns: asking the server for its clock in between would disturb the other."""
        if self.asks_server:
            before = await self.inside()
            await call
            timed.inside.append((await self.inside() - before) / 1e6)
        else:
            began = time.perf_counter()
            await call
            timed.outside.append(time.perf_counter() - began)

    async def inside(self) -> int:
        return int((await self.redis.info("commandstats")).get("cmdstat_fcall", {}).get("usec", 0))


def exponent(by_size: dict[int, float]) -> float:
    """Return the slope of time over size, both as logarithms (least squares)."""
    points = [(math.log(size), math.log(seconds)) for size, seconds in by_size.items()]
    middle = [statistics.mean(side) for side in zip(*points, strict=True)]
    above = sum((x - middle[0]) * (y - middle[1]) for x, y in points)
    return above / sum((x - middle[0]) ** 2 for x, _y in points)


def rate(name: str, other: str, sizes: Iterable[dict[str, Timed]]) -> float:
    """Return how many of one call are done in the time of one of the other: the middle of what each size shows."""
    ratios = [statistics.median(timed[other].outside) / statistics.median(timed[name].outside) for timed in sizes]
    return round(statistics.median(ratios), 3)


async def measure_all(url: str, sizes: list[int]) -> dict[int, dict[str, Timed]]:
    bench, found = Bench(url), {}
    await bench.open()
    for size in sizes:
        await bench.grow(size)
        found[size] = await bench.measure()
    await bench.redis.aclose()
    await bench.filling.aclose()
    return found


def main(largest: int) -> int:
    sizes = [size for size in SIZES if size <= largest]
    with tempfile.TemporaryDirectory(prefix="kc-bench-") as folder:
        store = EmbeddedStore(Path(folder))
        try:
            found = asyncio.run(measure_all(store.start(), sizes))
        finally:
            store.stop()
    figures: dict[str, object] = {}
    for name in ("freed", "arrived", "searched"):
        inside = {size: statistics.median(timed[name].inside) for size, timed in found.items()}
        figures |= {f"{name}_us_inside_{size}": round(seconds * 1e6) for size, seconds in inside.items()}
        figures[f"{name}_exponent"] = round(exponent(inside), 3)
    last = found[sizes[-1]]
    figures["trivial_us_outside"] = round(statistics.median(last["trivial"].outside) * 1e6)
    for name in ("freed", "arrived", "floor", "kept"):
        figures[f"{name}_rate_over_trivial"] = rate(name, "trivial", found.values())
        figures[f"{name}_us_outside"] = round(statistics.median(last[name].outside) * 1e6)
    for name in ("freed", "arrived"):
        figures[f"{name}_rate_over_kept"] = rate(name, "kept", found.values())
    for other in ("kept", "trivial"):
        figures[f"searched_rate_over_{other}"] = rate("searched", other, [last])
    bounds = {
        "freed_exponent": Bound(at_most=0.15),
        "arrived_exponent": Bound(at_most=0.15),
        "searched_exponent": Bound(must_fail_at_most=0.15),
        "freed_rate_over_kept": Bound(at_least=0.5),
        "arrived_rate_over_kept": Bound(at_least=0.5),
        "freed_rate_over_trivial": Bound(at_least=0.3),
        "arrived_rate_over_trivial": Bound(at_least=0.3),
        "searched_rate_over_kept": Bound(must_fail_at_least=0.5),
        "searched_rate_over_trivial": Bound(must_fail_at_least=0.3),
    }
    return report("growth", figures, bounds)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--largest", type=int, default=SIZES[-1])
    sys.exit(main(arguments.parse_args().largest))
