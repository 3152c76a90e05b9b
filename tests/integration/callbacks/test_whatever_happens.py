"""Whatever happens to promises, in any order and with processes dying in between, I-11 to I-15 hold and each one ends."""

import asyncio
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.schema import metadata
from tests.fakes.clock import START
from tests.fixtures_storage import fresh_postgresql
from tests.integration.callbacks.promise_life import HAPPENINGS, PromiseLife

OFTEN = [*["request", "due", "dial", "missed", "time"] * 5, *["would_rather_be_rung_now"] * 4]
"""What must come together, for a promise to go all its way."""

STEPS = 120

BEGINNINGS = (START, datetime(2026, 10, 24, 14, 0, tzinfo=UTC), datetime(2027, 3, 27, 14, 0, tzinfo=UTC))
"""An ordinary Monday, and the Saturdays before the nights in which the clock is put back and forward."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "postgresql":
        yield asyncio.run(fresh_postgresql(request.getfixturevalue("postgresql_url")))
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite+aiosqlite:///{Path(folder) / 'kc.db'}"


@pytest.mark.thorough
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a story is its seed: there is no shorter one
)
@given(seed=st.integers(0, 2**32))
def test_every_promise_is_kept_given_up_or_cancelled_once_and_nobody_is_rung_wrongly(url: str, seed: int) -> None:
    asyncio.run(_live(url, random.Random(seed)))


async def _live(url: str, chance: random.Random) -> None:
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.run_sync(metadata.create_all)
        life = PromiseLife(database, chance.choice(BEGINNINGS))
        for _ in range(STEPS):
            await life.happen(chance.choice([*HAPPENINGS, *OFTEN]), chance.randrange(20), chance.randrange(20))
        await life.end_well()
    finally:
        await database.close()
