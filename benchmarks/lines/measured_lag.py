"""How long the real line takes to decide, on a real Valkey: from asking until the answer is here."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from skills_routing.line.line_facts import Kind
from skills_routing.line.live_line import GENERATION, Command, LiveLine
from skills_routing.model import Policy, instant, milliseconds
from storage.redis import EmbeddedStore, live

START = milliseconds(datetime(2026, 11, 24, 7, tzinfo=UTC))


def decision_seconds(samples: int) -> list[float]:
    """Return the time of so many decisions for an agent who becomes free while somebody waits."""
    with tempfile.TemporaryDirectory(prefix="kc-bench-") as folder:
        store = EmbeddedStore(Path(folder))
        url = store.start()
        try:
            return asyncio.run(_measure(url, samples))
        finally:
            store.stop()


async def _measure(url: str, samples: int) -> list[float]:
    redis, numbers = live(url), itertools.count(1)
    line = LiveLine(redis=redis, new_id=lambda name: f"{name}_{next(numbers)}", policy=Policy(lease=timedelta(days=9)))
    await redis.set(GENERATION, 1)
    now = instant(START)
    await line.run(Command.KNOW_AGENT, "asa", "svenska:5", 0, 1, now=now)
    decision = await line.run(Command.CHOOSE_STATE, "asa", "READY", "", now=now)
    found = []
    for number in range(samples):
        for one in (f"c{number}a", f"c{number}b"):
            entered = await line.run(Command.ENTER, one, f"leg_{one}", "q", "svenska:1", START, START, now=now)
            decision = entered if entered.facts and entered.facts[-1].fact is Kind.OFFER_MADE else decision
        for _ in range(2):
            offer = next(fact for fact in decision.facts if fact.fact is Kind.OFFER_MADE)
            await line.run(Command.TAKE, offer.offer, offer.token, now=now)
            await line.run(Command.PART, offer.contact, offer.offer, "citizen", now=now)
            began = time.perf_counter()
            decision = await line.run(Command.WRAP_UP, "asa", offer.contact, "READY", "", now=now)
            if any(fact.fact is Kind.OFFER_MADE for fact in decision.facts):
                found.append(time.perf_counter() - began)
    await redis.aclose()
    return found


def drawn(lags: list[float], chance: Callable[[], float]) -> Callable[[], float]:
    """Return a lag that is one of these each time it is asked."""
    return lambda: lags[int(chance() * len(lags))]
