"""Readiness turns false within 5 s of the death of anything that we depend on, and true again after it; liveness stays (I-35).

The whole web application over a real socket, on real stores that are moved away, locked, stopped or killed under it.
"""

import asyncio
import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from redis import Redis

from app.controller import _take_events, _tell_alive
from app.dashboard_wiring import make_dashboard
from app.health import SWITCH_ALIVE_KEY
from app.periodic import every
from app.safety import complete
from app.settings import Settings, SwitchKind
from app.web import create_app
from app.wiring import Rooms, rooms_of
from storage.migrate import upgrade
from storage.redis import EmbeddedStore
from telephony.asterisk.adapter import AsteriskSwitch
from telephony.ports import Switch
from telephony.simulator.line_simulator import LineSimulator
from tests.asterisk import RealClock, TestSwitch, speech_for_tests
from tests.builders.desk_world import served
from tests.fakes.tcp_proxy import TcpProxy
from tests.fixtures_storage import fresh_postgresql

WITHIN_SECONDS = 5.0


class Watched:
    """The application as a load balancer sees it."""

    def __init__(self, rooms: Rooms, url: str, session: aiohttp.ClientSession) -> None:
        self.rooms = rooms
        self._url = url
        self._session = session

    async def is_ready(self) -> dict[str, str]:
        await self._becomes(200)
        return await self._parts()

    async def is_not_ready(self, part: str) -> str:
        """Wait until it says that it is not ready, because of this part alone, and return what it says of it."""
        await self._becomes(503)
        parts = await self._parts()
        assert [name for name, word in parts.items() if word != "ok"] == [part]
        async with self._session.get(f"{self._url}/health/live") as answer:
            assert answer.status == 200
        return parts[part]

    async def _becomes(self, status: int) -> None:
        deadline = time.monotonic() + WITHIN_SECONDS
        seen = 0
        while seen != status:
            async with self._session.get(f"{self._url}/health/ready") as answer:
                seen = answer.status
            assert time.monotonic() < deadline, f"still {seen} after {WITHIN_SECONDS} s"
            await asyncio.sleep(0.05)

    async def _parts(self) -> dict[str, str]:
        async with self._session.get(f"{self._url}/health/ready") as answer:
            return dict((await answer.json())["parts"])


@pytest.fixture
def live_store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "live")
    store.start()
    yield store
    store.stop()


@asynccontextmanager
async def serving(
    tmp_path: Path, store: EmbeddedStore, *, database_url: str = "", switch: Switch | None = None
) -> AsyncIterator[Watched]:
    """Serve the application; without a ``switch`` somebody else says all the while that one is connected."""
    settings = Settings(
        demo=True, switch=SwitchKind.SIMULATOR, state_dir=tmp_path / "state", redis_url=store.url,
        database_url=database_url,
    )  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        rooms = await stack.enter_async_context(rooms_of(complete(settings), switch=switch))
        await upgrade(rooms.database)
        app = create_app(rooms, make_dashboard(rooms, stack))
        url, _ = await stack.enter_async_context(served(app))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=4)))
        if switch is None:
            with Redis(unix_socket_path=str(store.socket)) as client:
                client.set(SWITCH_ALIVE_KEY, "1")
        yield Watched(rooms, url, session)


async def test_with_the_file_of_the_database_moved_away(tmp_path: Path, live_store: EmbeddedStore) -> None:
    async with serving(tmp_path, live_store) as watched:
        await watched.is_ready()
        os.rename(tmp_path / "state", tmp_path / "elsewhere")
        await watched.is_not_ready("database")
        os.rename(tmp_path / "elsewhere", tmp_path / "state")
        await watched.is_ready()


async def test_with_another_file_in_the_place_of_the_database(tmp_path: Path, live_store: EmbeddedStore) -> None:
    file = tmp_path / "state" / "kundcenter.db"
    async with serving(tmp_path, live_store) as watched:
        await watched.is_ready()
        os.rename(file, tmp_path / "ours.db")
        (tmp_path / "another.db").touch()
        os.rename(tmp_path / "another.db", file)
        await watched.is_not_ready("database")
        assert file.stat().st_size == 0
        os.rename(tmp_path / "ours.db", file)
        await watched.is_ready()


async def test_with_the_database_locked_by_somebody_else(tmp_path: Path, live_store: EmbeddedStore) -> None:
    async with serving(tmp_path, live_store) as watched:
        await watched.is_ready()
        other = sqlite3.connect(tmp_path / "state" / "kundcenter.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await watched.is_not_ready("database")
        other.rollback()
        other.close()
        await watched.is_ready()


async def test_with_postgresql_gone(tmp_path: Path, live_store: EmbeddedStore, postgresql_url: str) -> None:
    async with behind_a_cable(postgresql_url) as (proxy, url), serving(tmp_path, live_store, database_url=url) as it:
        await it.is_ready()
        proxy.refuses = True
        proxy.cut()
        await it.is_not_ready("database")
        proxy.refuses = False
        await it.is_ready()


async def test_with_postgresql_standing_still(tmp_path: Path, live_store: EmbeddedStore, postgresql_url: str) -> None:
    async with behind_a_cable(postgresql_url) as (proxy, url), serving(tmp_path, live_store, database_url=url) as it:
        await it.is_ready()
        proxy.hold_back()
        for _ in range(3):  # whoever asks again and again does not use up what there is
            assert "2 s" in await it.is_not_ready("database")
        proxy.let_go()
        await it.is_ready()


@asynccontextmanager
async def behind_a_cable(postgresql_url: str) -> AsyncIterator[tuple[TcpProxy, str]]:
    url = await fresh_postgresql(postgresql_url)
    parts = urlsplit(url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    async with TcpProxy(socket) as proxy:
        yield proxy, f"postgresql+psycopg://{parts.username}@127.0.0.1:{proxy.port}{parts.path}"


async def test_with_the_live_store_killed(tmp_path: Path, live_store: EmbeddedStore) -> None:
    async with serving(tmp_path, live_store) as watched:
        await watched.is_ready()
        os.kill(number_of(live_store), signal.SIGKILL)
        await watched.rooms.redis.aclose()
        parts = await not_ready_at_all(watched)
        assert parts["database"] == "ok"
        live_store.start()
        with Redis(unix_socket_path=str(live_store.socket)) as client:
            client.set(SWITCH_ALIVE_KEY, "1")
        await watched.is_ready()


async def test_with_the_live_store_standing_still(tmp_path: Path, live_store: EmbeddedStore) -> None:
    async with serving(tmp_path, live_store) as watched:
        await watched.is_ready()
        number = number_of(live_store)
        os.kill(number, signal.SIGSTOP)
        try:
            parts = await not_ready_at_all(watched)
            assert parts["database"] == "ok"
        finally:
            os.kill(number, signal.SIGCONT)
        await watched.is_ready()


async def not_ready_at_all(watched: Watched) -> dict[str, str]:
    """Without the live store nobody knows of a switch either."""
    await watched._becomes(503)
    parts = await watched._parts()
    assert {name for name, word in parts.items() if word != "ok"} == {"live_store", "switch"}
    return parts


def number_of(store: EmbeddedStore) -> int:
    with Redis(unix_socket_path=str(store.socket)) as client:
        return int(client.info("server")["process_id"])


async def test_with_the_switch_gone_and_with_the_switch_standing_still(
    tmp_path: Path, live_store: EmbeddedStore, real_asterisk: TestSwitch
) -> None:
    async with TcpProxy(real_asterisk.settings.http_port) as proxy:
        switch = AsteriskSwitch(
            base_url=f"http://127.0.0.1:{proxy.port}",
            user=real_asterisk.settings.ari_user,
            password=real_asterisk.settings.ari_password,
            speech=speech_for_tests(real_asterisk.home, tmp_path),
            clock=RealClock(),
        )
        async with serving(tmp_path, live_store, switch=switch) as watched, steering(watched.rooms, switch):
            await watched.is_ready()
            proxy.refuses = True
            proxy.cut()
            assert "switch" in await watched.is_not_ready("switch")
            proxy.refuses = False
            await watched.is_ready()
            proxy.hold_back()
            await watched.is_not_ready("switch")
            proxy.let_go()
            await watched.is_ready()
        await switch.close()


@asynccontextmanager
async def steering(rooms: Rooms, switch: Switch) -> AsyncIterator[None]:
    """Do what the controller does as long as the block runs."""
    connected = asyncio.Event()
    works = (
        _take_events(rooms, switch, connected),
        every(1, "tell that we live", lambda: _tell_alive(rooms, switch, connected)),
    )
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_controller_that_says_nothing_more_is_missed(tmp_path: Path, live_store: EmbeddedStore) -> None:
    async with serving(tmp_path, live_store) as watched:
        connected = asyncio.Event()
        connected.set()
        switch = LineSimulator(clock=RealClock(), new_id=lambda prefix: f"{prefix}_1")
        await _tell_alive(watched.rooms, switch, connected)
        await watched.is_ready()
        assert "controller" in await watched.is_not_ready("switch")
