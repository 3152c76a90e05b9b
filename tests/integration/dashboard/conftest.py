"""The desk as a fixture, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from storage.database import Database
from tests.builders.desk_world import Browser, DeskWorld, open_desk_world


@pytest.fixture
async def desk(database: Database, redis: Redis, valkey_url: str) -> AsyncIterator[DeskWorld]:
    async with open_desk_world(database, redis, valkey_url) as desk:
        yield desk


@pytest.fixture
async def browser(desk: DeskWorld) -> AsyncIterator[Browser]:
    async with await desk.browser() as browser:
        yield browser
