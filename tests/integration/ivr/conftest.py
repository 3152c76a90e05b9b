"""The fixture ``world``: a caller's world with a controller in it, on each kind of database."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from storage.database import Database
from tests.integration.ivr.world import World


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    world = World(database, redis)
    await world.start()
    await world.codes()
    yield world
    await world.stop()
