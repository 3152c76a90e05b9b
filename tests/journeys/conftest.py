"""The fixtures ``desk`` and ``page``: the desk's rooms behind a real socket, and a browser in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page
from redis.asyncio import Redis

from storage.database import Database
from storage.schema import metadata
from tests.builders.browser import chromium, new_page, no_complaints
from tests.builders.desk_world import DeskWorld, open_desk_world


@pytest.fixture
async def desk(tmp_path: Path, redis: Redis, valkey_url: str) -> AsyncIterator[DeskWorld]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/kc.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with open_desk_world(database, redis, valkey_url) as desk:
        yield desk
    await database.close()


@pytest.fixture
async def page(desk: DeskWorld) -> AsyncIterator[Page]:
    """A page whose test fails when the browser has complained of anything."""
    async with chromium() as browser:
        page = await new_page(browser, desk.url)
        yield page
        await no_complaints(page)
