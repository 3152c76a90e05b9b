"""The process that does what has been woken up. A wake is a hint: whatever is due stands in SQL (DESIGN §5)."""

import asyncio
from collections.abc import Mapping

from app import ring_backs, texts
from app.metrics import publish
from app.periodic import every, until_stopped
from app.reloading import Reloader
from app.settings import Settings
from app.wiring import FACT_ID, TELL_AGAIN, Rooms, rooms_of
from storage.job_queue import JobFunction, run_worker


async def work(settings: Settings) -> None:
    """Run jobs until told to stop."""
    async with rooms_of(settings) as rooms:
        stop = asyncio.Event()

        try:
            await until_stopped(
                run_worker(settings.live_url, functions=functions_of(rooms), stop=stop),
                every(2, "learn notices", rooms.learn_notices),
                every(5, "publish figures", lambda: publish(rooms.redis, "worker", rooms.figures.registry)),
                Reloader(rooms).run(),
                rooms.dispatcher.run(),
            )
        finally:
            stop.set()


def functions_of(rooms: Rooms) -> Mapping[str, JobFunction]:
    """Return all that a worker runs; each bears being run twice."""

    async def tell_again(fact: str) -> None:
        await rooms.dispatcher.tell_again(int(fact.removeprefix(FACT_ID)))

    async def bring_in(callback: str) -> None:
        await ring_backs.bring_in(rooms, callback)

    async def send_text(message: str) -> None:
        await rooms.sms.send(message)

    return {TELL_AGAIN: tell_again, ring_backs.BRING_IN: bring_in, texts.SEND: send_text}
