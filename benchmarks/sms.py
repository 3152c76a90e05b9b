"""Texts: how many a second are accepted and sent, against a bare loop that posts to the same provider; and what is lost.

The provider is a double in a process of its own, which answers as fast as it can. The bare loop posts the same texts and
keeps nothing: one after the other, and as many at once as we send. Ours writes the attempt and the result of each text, on
SQLite with full durability. A provider that answers at once is the hardest to keep up with: all that is left is work of one
thread, and half of ours is the bare post. Then 10,000 texts go by two providers that lose replies after taking the text, refuse, and double and
reorder their receipts: each must be there once, in the right state (a room that sends again at every lost reply has to
break that: negative control). Last, 50 texts a second come in for 20 s. Run: ``make bench NAME=sms``.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import structlog
from fastapi import FastAPI

from app.system import SystemClock, new_id
from benchmarks.lines.report import Bound, report
from core.language import Language
from core.phone import PhoneNumber
from sms.adapters.elks import ElksProvider, ElksWebhook
from sms.api.webhooks import make_webhook_router
from sms.model import Attempt, Message, Purpose
from sms.ports import NotTakenError, UnclearError
from sms.results import Result
from sms.routes import Route
from sms.sending import AT_ONCE
from sms.service import Sms
from sms.wording import Texts, load_texts
from storage.database import Database
from storage.schema import metadata
from tests.builders.desk_world import served
from tests.builders.lossy_world import FICTION, OURS, SECRET, lossy_world
from tests.fakes import elks as fake
from tests.fakes.texting import serving

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
TEXTS = load_texts(Path("config/sms.yaml").read_text("utf-8"))
ROUNDS, EACH = 3, 2_000
A_SECOND, SECONDS = 50, 20


@asynccontextmanager
async def fresh_database() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/kc.db")
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        yield database
        await database.close()


def provide(tell: Connection) -> None:
    """Be the provider, in a process of its own, until killed."""

    async def run() -> None:
        async with serving(fake.Elks()) as elks:
            tell.send(elks.url)
            await asyncio.Event().wait()

    asyncio.run(run())


@asynccontextmanager
async def provider_elsewhere() -> AsyncIterator[str]:
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=provide, args=(theirs,), daemon=True)
    process.start()
    try:
        yield await asyncio.to_thread(ours.recv)
    finally:
        process.kill()
        process.join()


def uncapped(texts: Texts) -> Texts:
    policy = replace(texts.policy, number_per_day=10**6, range_per_hour=10**6, all_per_hour=10**6)
    return replace(texts, policy=policy)


async def bare(url: str, many: int, *, at_once: int = 1) -> float:
    """Post so many texts, one after the other or some at once, and return how many a second."""
    headers = {"Authorization": aiohttp.encode_basic_auth(fake.USERNAME, fake.PASSWORD)}
    left = iter(range(many))
    text = TEXTS.write("help", Language.SWEDISH, {"number": "0771-524 524"}).text

    async def posts(session: aiohttp.ClientSession) -> None:
        for number in left:
            form = {"from": OURS.e164, "to": f"+46{FICTION[number % len(FICTION)]}", "message": text}
            async with session.post(f"{url}/a1/sms", data=form) as answer:
                await answer.json()

    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:
        began = time.perf_counter()
        await asyncio.gather(*(posts(session) for _ in range(at_once)))
        return many / (time.perf_counter() - began)


async def ours(url: str, many: int) -> tuple[float, float]:
    """Mean to send so many texts and send them; return how many a second of each."""
    async with fresh_database() as database:
        provider = ElksProvider(url=url, username=fake.USERNAME, password=fake.PASSWORD, sender=OURS)
        sms = Sms(
            database=database, clock=SystemClock(), new_id=new_id, texts=uncapped(TEXTS), own_number="0771-524 524",
            routes=[Route(provider=provider, per_second=1_000_000)],
        )  # fmt: skip
        began = time.perf_counter()
        for number in range(many):
            async with database.transaction() as tx:
                made = await sms.intend(
                    tx, purpose=Purpose.ANSWER, subject=str(number), name="help",
                    number=PhoneNumber(f"+46{FICTION[number % len(FICTION)]}"),
                )  # fmt: skip
                assert isinstance(made, Message)
        meant = time.perf_counter()
        assert await sms.send_due() == many
        sent = time.perf_counter()
        await sms.close()
        return many / (meant - began), many / (sent - meant)


class SendsAgain(Sms):
    """A room that takes a lost reply for a text that was not taken."""

    async def _ask(self, row: Message, attempt: Attempt) -> Result:
        result = await super()._ask(row, attempt)
        is_unclear = isinstance(result.answer, UnclearError)
        return Result(result.message, attempt, NotTakenError("lost")) if is_unclear else result


async def losses(many: int, kind: type[Sms] = Sms) -> int:
    """Send so many by providers that lose things, print what was lost, and return what went wrong with us."""
    async with fresh_database() as database, lossy_world(database, TEXTS, kind=kind) as world:
        world.receipts_are_late = kind is not Sms  # one that comes in time tells even such a room that it was taken
        await world.mean(many)
        await world.settle()
        found = await world.count(many)
    print("\n".join(found.table(many)))
    return found.not_sent + found.sent_twice + found.wrong_states


async def coming_in(a_second: int, seconds: float) -> Sequence[float]:
    """Have texts come in at an even pace, and return how long each took, in milliseconds."""
    async with fresh_database() as database:
        sms = Sms(database=database, clock=SystemClock(), new_id=new_id, texts=TEXTS, own_number="0771-524 524")
        app = FastAPI()
        app.include_router(make_webhook_router(sms=sms, hooks=[ElksWebhook(secret=SECRET)]))
        async with served(app) as (url, _), aiohttp.ClientSession() as session:
            return await _posted_at(f"{url}/webhooks/sms/46elks/texts?key={SECRET}", session, a_second, seconds)


async def _posted_at(url: str, session: aiohttp.ClientSession, a_second: int, seconds: float) -> Sequence[float]:
    loop = asyncio.get_running_loop()
    began, took = loop.time(), list[float]()

    async def post(number: int, due: float) -> None:
        form = {"id": f"s{number}", "from": f"+46{FICTION[number % len(FICTION)]}", "message": "Hej, ring mig"}
        async with session.post(url, data=urlencode(form), headers=_FORM) as answer:
            assert answer.status == 200
        took.append((loop.time() - due) * 1000)  # from when it was due: nobody waits for whoever is slow

    tasks = []
    for number in range(int(a_second * seconds)):
        due = began + number / a_second
        await asyncio.sleep(max(0.0, due - loop.time()))
        tasks.append(asyncio.create_task(post(number, due)))
    await asyncio.gather(*tasks)
    return sorted(took)


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def measure(share: float) -> int:
    many = max(200, round(EACH * share))
    figures: dict[str, float] = {}
    async with provider_elsewhere() as url:
        await bare(url, 200)  # so that nobody is cold
        rounds = [
            (await bare(url, many), await bare(url, many, at_once=AT_ONCE), *await ours(url, many))
            for _ in range(ROUNDS)
        ]
    loop, at_once, meant, sent = (statistics.median(column) for column in zip(*rounds, strict=True))
    figures |= {"bare_loop_a_second": loop, "bare_at_once_a_second": at_once}
    figures |= {"meant_a_second": meant, "sent_a_second": sent}
    figures["sent_over_bare_loop"] = statistics.median(one[3] / one[0] for one in rounds)
    figures["sent_over_bare_at_once"] = statistics.median(one[3] / one[1] for one in rounds)
    figures["lost_doubled_or_wrong"] = await losses(max(300, round(10_000 * share)))
    figures["of_a_room_that_sends_again"] = await losses(300, SendsAgain)
    took = await coming_in(A_SECOND, SECONDS * share)
    for name, part in (("p50", 0.5), ("p99", 0.99), ("max", 1)):
        figures[f"webhook_{name}_ms"] = took[min(len(took) - 1, int(len(took) * part))]
    bounds = {
        "sent_over_bare_loop": Bound(at_least=0.5),
        "sent_over_bare_at_once": Bound(at_least=0.2),
        "lost_doubled_or_wrong": Bound(at_most=0),
        "of_a_room_that_sends_again": Bound(must_fail_at_most=0),
        "webhook_p50_ms": Bound(at_most=50),
        "webhook_p99_ms": Bound(at_most=300),
        "webhook_max_ms": Bound(at_most=2_000),
    }
    return report("sms", {name: round(value, 4) for name, value in figures.items()}, bounds)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--share", type=float, default=1.0)
    sys.exit(asyncio.run(measure(arguments.parse_args().share)))
