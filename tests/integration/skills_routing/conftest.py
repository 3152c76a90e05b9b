"""The call centre as a fixture, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from storage.database import Database
from tests.integration.skills_routing.world import World, open_world


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    async with open_world(database, redis) as world:
        yield world
