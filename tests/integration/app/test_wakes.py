"""A promise that is due is brought in by a wake at once, and by the sweeper when the wake is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app import ring_backs
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.wiring import Rooms, rooms_of
from app.worker import functions_of
from callbacks.model import CallbackState
from callbacks.store import callbacks
from core.ids import CallbackId
from storage.job_queue import run_worker
from storage.redis import LiveStoreUnavailableError
from storage.schema import metadata
from tests.integration.callbacks.asking import promised
from tests.running import eventually


@pytest.fixture
async def rooms(tmp_path: Path, redis: Redis, valkey_url: str) -> AsyncIterator[Rooms]:
    settings = complete(Settings(demo=True, switch=SwitchKind.SIMULATOR, state_dir=tmp_path, redis_url=valkey_url))
    async with rooms_of(settings) as made:
        async with made.database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        yield made


async def state_of(rooms: Rooms, callback: CallbackId) -> str:
    async with rooms.database.reading() as tx:
        return str((await tx.execute(select(callbacks.c.state).where(callbacks.c.callback == callback))).scalar_one())


async def test_a_promise_is_in_the_line_as_soon_as_a_worker_is_woken(rooms: Rooms) -> None:
    callback = CallbackId(await promised(rooms.callbacks, rooms.contacts))
    await rooms.dispatcher.settled()
    assert await rooms.jobs.waiting() == 1
    await ring_backs.wake(rooms, callback)
    assert await rooms.jobs.waiting() == 1, "the same attempt is asked for once"
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(rooms.settings.live_url, functions=functions_of(rooms), stop=stop))

    async def is_in_line() -> bool:
        return await state_of(rooms, callback) == CallbackState.IN_LINE

    try:
        await eventually(is_in_line, within=15, what="the worker brings it in")
    finally:
        stop.set()
        await worker


async def test_what_is_not_due_or_is_over_wakes_nobody(rooms: Rooms) -> None:
    callback = CallbackId(await promised(rooms.callbacks, rooms.contacts))
    await rooms.dispatcher.settled()
    await rooms.callbacks.cancel(callback, by="citizen")
    before = await rooms.jobs.waiting()
    await ring_backs.wake(rooms, callback)
    await ring_backs.bring_in(rooms, callback)
    assert await rooms.jobs.waiting() == before
    assert await state_of(rooms, callback) == CallbackState.CANCELLED


async def test_with_redis_gone_a_promise_is_made_all_the_same_and_the_sweeper_brings_it_in(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object, **__: object) -> bool:
        raise LiveStoreUnavailableError("ConnectionError")

    monkeypatch.setattr(rooms.jobs, "wake", gone)
    callback = CallbackId(await promised(rooms.callbacks, rooms.contacts))
    await ring_backs.wake(rooms, callback)
    assert await rooms.callbacks.due() == 1
    assert await state_of(rooms, callback) == CallbackState.IN_LINE
